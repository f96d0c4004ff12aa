package io.rananeeti.aurora;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;

/**
 * Where the database is and how it is spoken to: the application's URL with its properties, and our
 * defaults for those that it does not name. Immutable. Shows no credentials.
 */
final class Endpoint {

  /** How URLs begin that are for PostgreSQL. */
  static final String PREFIX = "jdbc:postgresql:";

  private final String url;
  private final Properties properties;

  private Endpoint(String url, Properties properties) {
    this.url = url;
    this.properties = properties;
  }

  /**
   * Reads the URL.
   *
   * @throws IllegalArgumentException if it is none of PostgreSQL; the message does not hold it, as
   *     it may hold a password
   */
  static Endpoint of(String url, @Nullable String user, @Nullable String password) {
    return of(url, new Properties(), user, password);
  }

  /** Reads the URL, and properties of the driver beside it; what the URL says comes first. */
  static Endpoint of(
      String url, Properties beside, @Nullable String user, @Nullable String password) {
    Properties given = url.startsWith(PREFIX) ? Driver.parseURL(url, beside) : null;
    if (given == null) {
      throw new IllegalArgumentException(
          "not a URL of the form jdbc:postgresql://host:port/database?property=value");
    }
    Properties properties = new Properties();
    given.stringPropertyNames().forEach(name -> properties.put(name, given.getProperty(name)));
    set(properties, PGProperty.USER, user);
    set(properties, PGProperty.PASSWORD, password);
    addDefaults(properties);
    refuseSecretsInPlaces(url);
    if (PGProperty.READ_ONLY.getBoolean(properties)) {
      throw new IllegalArgumentException(
          "readOnly=true can't be a property of the platform's connections: call setReadOnly(true) on those that only read");
    }
    if ("ignore".equals(PGProperty.READ_ONLY_MODE.getOrDefault(properties))) {
      throw new IllegalArgumentException(
          "readOnlyMode=ignore would let read-only transactions write behind the platform's back: leave it out");
    }
    int query = url.indexOf('?');
    return new Endpoint(query < 0 ? url : url.substring(0, query), properties);
  }

  /** A password where the driver looks for a host or a database would be shown as one of these. */
  private static void refuseSecretsInPlaces(String url) {
    int query = url.indexOf('?');
    String place = query < 0 ? url : url.substring(0, query);
    if (place.indexOf('@') >= 0 || place.indexOf(';') >= 0) {
      throw new IllegalArgumentException(
          "a URL of PostgreSQL has no @ and no ; before its ?: user and password are properties, as in ?user=...&password=...");
    }
  }

  private static void addDefaults(Properties properties) {
    String hosts = String.valueOf(properties.getProperty(PGProperty.PG_HOST.getName()));
    properties.putIfAbsent(PGProperty.TCP_KEEP_ALIVE.getName(), "true");
    properties.putIfAbsent(PGProperty.CONNECT_TIMEOUT.getName(), "2");
    if (hosts.contains(",")) {
      properties.putIfAbsent(PGProperty.TARGET_SERVER_TYPE.getName(), "primary");
    }
    if (PGProperty.SSL.getOrNull(properties) == null && isAmazon(hosts)) {
      properties.putIfAbsent(PGProperty.SSL_MODE.getName(), "verify-full");
    }
  }

  private static boolean isAmazon(String hosts) {
    return Arrays.stream(hosts.toLowerCase(Locale.ROOT).split(","))
        .anyMatch(
            host -> host.endsWith(".rds.amazonaws.com") || host.endsWith(".rds.amazonaws.com.cn"));
  }

  private static void set(Properties properties, PGProperty property, @Nullable String value) {
    if (value != null) {
      properties.setProperty(property.getName(), value);
    }
  }

  /** The value of a property, null where neither the URL nor we set it. */
  @Nullable String property(PGProperty property) {
    return property.getOrNull(properties);
  }

  /** The settings in the property {@code options}, such as {@code -c app.tenant=a}. */
  Map<String, String> options() {
    return StartupOptions.settings(PGProperty.OPTIONS.getOrNull(properties));
  }

  /** Whether batches come back without their counts. */
  boolean rewritesBatches() {
    return PGProperty.REWRITE_BATCHED_INSERTS.getBoolean(properties);
  }

  /**
   * Opens a connection, and returns or throws within the time given even where nothing answers. Its
   * reads are limited to that time too, until the caller says otherwise.
   */
  PgConnection open(String applicationName, Duration timeout) throws SQLException {
    long millis = Math.max(1, timeout.toMillis());
    String seconds = Long.toString((millis + 999) / 1000);
    Properties limited = new Properties();
    limited.putAll(properties);
    limited.setProperty(PGProperty.APPLICATION_NAME.getName(), applicationName);
    limited.setProperty(
        PGProperty.LOGIN_TIMEOUT.getName(), "%d.%03d".formatted(millis / 1000, millis % 1000));
    // An attempt that was given up ends by itself, instead of reading from a stopped server for
    // ever.
    limited.setProperty(PGProperty.SOCKET_TIMEOUT.getName(), seconds);
    PgConnection connection = connect(limited);
    connection.setNetworkTimeout(Runnable::run, (int) millis);
    return connection;
  }

  /** The limit on reads that the application asked for in the URL, zero for none. */
  int readTimeoutMillis() throws SQLException {
    return PGProperty.SOCKET_TIMEOUT.getInt(properties) * 1000;
  }

  private PgConnection connect(Properties limited) throws SQLException {
    Connection connection = null;
    try {
      connection = new Driver().connect(url, limited);
    } catch (SQLException e) {
      throw "99999".equals(e.getSQLState()) ? notConnected(e) : e;
    }
    if (connection == null) {
      throw notConnected(null);
    }
    return connection.unwrap(PgConnection.class);
  }

  private SQLException notConnected(@Nullable SQLException cause) {
    return new SQLNonTransientConnectionException("could not connect to " + url, "08001", cause);
  }

  @Override
  public String toString() {
    return url;
  }
}
