package io.rananeeti.aurora;

import io.rananeeti.aurora.internal.Pulse;
import io.rananeeti.aurora.internal.PulseSockets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;

/**
 * Where the database is and how it is spoken to: the application's URL with its properties, and our
 * defaults for those that it does not name. Shows no credentials. Thread-safe.
 */
final class Endpoint {

  /** How URLs begin that are for PostgreSQL. */
  static final String PREFIX = "jdbc:postgresql:";

  /** How those begin that ask for the AWS wrapper, whatever the host. */
  static final String WRAPPED_PREFIX = "jdbc:aws-wrapper:postgresql:";

  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** The first connections look at the topology and fetch tokens or secrets as well. */
  private static final Duration WRAPPER_PATIENCE = Duration.ofSeconds(5);

  private final String url;
  private final Properties properties;
  private final @Nullable WrapperRoute wrapper;

  private Endpoint(String url, Properties properties, @Nullable WrapperRoute wrapper) {
    this.url = url;
    this.properties = properties;
    this.wrapper = wrapper;
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
    return of(url, beside, user, password, Access.PLAIN);
  }

  /** The same, with all that access to the database takes. */
  static Endpoint of(
      String url,
      Properties beside,
      @Nullable String user,
      @Nullable String password,
      Access access) {
    boolean asked = url.startsWith(WRAPPED_PREFIX);
    String plain = asked ? PREFIX + url.substring(WRAPPED_PREFIX.length()) : url;
    Properties properties = parse(plain, beside);
    set(properties, PGProperty.USER, user);
    set(properties, PGProperty.PASSWORD, password);
    if (asked) {
      toSeconds(properties);
    }
    addDefaults(properties, asked || access.authentication() != Authentication.PASSWORD);
    refuseSecretsInPlaces(plain);
    refuseReadOnly(properties);
    int query = plain.indexOf('?');
    String place = query < 0 ? plain : plain.substring(0, query);
    return new Endpoint(place, properties, WrapperRoute.to(properties, asked, access));
  }

  private static Properties parse(String url, Properties beside) {
    Properties given = url.startsWith(PREFIX) ? Driver.parseURL(url, beside) : null;
    if (given == null) {
      throw new IllegalArgumentException(
          "not a URL of the form jdbc:postgresql://host:port/database?property=value");
    }
    Properties properties = new Properties();
    given.stringPropertyNames().forEach(name -> properties.put(name, given.getProperty(name)));
    return properties;
  }

  /** Who writes a URL for the AWS wrapper counts in its milliseconds. */
  private static void toSeconds(Properties properties) {
    Stream.of(PGProperty.CONNECT_TIMEOUT, PGProperty.SOCKET_TIMEOUT)
        .filter(each -> each.getOrNull(properties) != null)
        .forEach(each -> set(properties, each, seconds(each, properties)));
  }

  private static String seconds(PGProperty timeout, Properties properties) {
    String millis = timeout.getOrNull(properties);
    try {
      return Long.toString((Long.parseLong(String.valueOf(millis)) + 999) / 1000);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is a number of milliseconds: %s".formatted(timeout.getName(), millis), e);
    }
  }

  private static void refuseReadOnly(Properties properties) {
    if (PGProperty.READ_ONLY.getBoolean(properties)) {
      throw new IllegalArgumentException(
          "readOnly=true can't be a property of the platform's connections: call setReadOnly(true) on those that only read");
    }
    if ("ignore".equals(PGProperty.READ_ONLY_MODE.getOrDefault(properties))) {
      throw new IllegalArgumentException(
          "readOnlyMode=ignore would let read-only transactions write behind the platform's back: leave it out");
    }
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

  /**
   * Ours, where the URL says nothing.
   *
   * @param atAmazon whether it is meant to be a database of Amazon, whatever its name
   */
  private static void addDefaults(Properties properties, boolean atAmazon) {
    String hosts = String.valueOf(properties.getProperty(PGProperty.PG_HOST.getName()));
    properties.putIfAbsent(PGProperty.TCP_KEEP_ALIVE.getName(), "true");
    properties.putIfAbsent(PGProperty.CONNECT_TIMEOUT.getName(), "2");
    if (hosts.contains(",")) {
      properties.putIfAbsent(PGProperty.TARGET_SERVER_TYPE.getName(), "primary");
    }
    if (PGProperty.SSL.getOrNull(properties) == null && (atAmazon || isAmazon(hosts))) {
      properties.putIfAbsent(PGProperty.SSL_MODE.getName(), "verify-full");
    }
  }

  private static boolean isAmazon(String hosts) {
    return Arrays.stream(hosts.split(",")).anyMatch(AmazonHost::isAmazon);
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
  Physical open(String applicationName, Duration timeout) throws SQLException {
    Pulse pulse = new Pulse();
    String key = PulseSockets.expect(pulse);
    try {
      Properties limited = new Properties();
      limited.putAll(properties);
      limited.setProperty(PGProperty.APPLICATION_NAME.getName(), applicationName);
      if (limited.putIfAbsent(PGProperty.SOCKET_FACTORY.getName(), PulseSockets.class.getName())
          == null) {
        limited.setProperty(PGProperty.SOCKET_FACTORY_ARG.getName(), key);
      }
      Physical opened =
          wrapper == null
              ? new Physical(connect(limited, timeout), null, pulse)
              : wrapper.open(limited, timeout, pulse);
      opened.connection().setNetworkTimeout(Runnable::run, (int) Math.max(1, timeout.toMillis()));
      return opened;
    } finally {
      PulseSockets.revoke(key);
    }
  }

  /** The limit on reads that the application asked for in the URL, zero for none. */
  int readTimeoutMillis() throws SQLException {
    return PGProperty.SOCKET_TIMEOUT.getInt(properties) * 1000;
  }

  private PgConnection connect(Properties limited, Duration timeout) throws SQLException {
    long millis = Math.max(1, timeout.toMillis());
    limited.setProperty(
        PGProperty.LOGIN_TIMEOUT.getName(), "%d.%03d".formatted(millis / 1000, millis % 1000));
    // An attempt that was given up ends by itself, instead of reading from a stopped server for
    // ever.
    limited.setProperty(PGProperty.SOCKET_TIMEOUT.getName(), Long.toString((millis + 999) / 1000));
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

  /** How long the opening of a connection may take, and its proof again. */
  Duration patience() {
    return wrapper == null ? PATIENCE : WRAPPER_PATIENCE;
  }

  /** Whether connections are opened by the AWS wrapper. */
  boolean isWrapped() {
    return wrapper != null;
  }

  /** Ends what was begun to follow the writer. */
  void close() {
    if (wrapper != null) {
      wrapper.close();
    }
  }

  @Override
  public String toString() {
    return url;
  }
}
