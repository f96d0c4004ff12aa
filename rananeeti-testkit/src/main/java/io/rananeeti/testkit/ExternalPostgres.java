package io.rananeeti.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Somebody else's server, named by the environment: used, never ended. */
final class ExternalPostgres implements PostgresProcess {

  static final String URL_VARIABLE = "RANANEETI_TEST_POSTGRES_URL";
  static final String USER_VARIABLE = "RANANEETI_TEST_POSTGRES_USER";
  static final String PASSWORD_VARIABLE = "RANANEETI_TEST_POSTGRES_PASSWORD";

  private static final Pattern URL =
      Pattern.compile(
          "jdbc:postgresql://(?<host>[^/:,?]+|\\[[0-9a-fA-F:]+])(:(?<port>\\d{1,5}))?/(?<database>[^/?]+)(?<parameters>(\\?.*)?)");
  private static final int DEFAULT_PORT = 5432;
  private static final int PROBE_SECONDS = 5;

  private final Endpoint endpoint;

  private ExternalPostgres(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  static boolean isNamedBy(Map<String, String> environment) {
    return !environment.getOrDefault(URL_VARIABLE, "").isBlank();
  }

  static ExternalPostgres from(Map<String, String> environment) {
    Matcher url = URL.matcher(environment.getOrDefault(URL_VARIABLE, ""));
    if (!url.matches()) {
      throw new TestkitException(
          URL_VARIABLE
              + " is no JDBC URL of one PostgreSQL server: use jdbc:postgresql://host:port/database");
    }
    String port = url.group("port");
    return new ExternalPostgres(
        new Endpoint(
            url.group("host"),
            port == null ? DEFAULT_PORT : Integer.parseInt(port),
            url.group("database"),
            url.group("parameters"),
            environment.getOrDefault(USER_VARIABLE, "postgres"),
            environment.getOrDefault(PASSWORD_VARIABLE, "")));
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void start() {
    SQLException failure = probe();
    if (failure != null) {
      throw new TestkitException(
          "the server of "
              + URL_VARIABLE
              + " ("
              + endpoint
              + ") cannot be reached: start it, or unset the variable",
          failure);
    }
  }

  private @Nullable SQLException probe() {
    try (Connection connection =
        DriverManager.getConnection(endpoint.url(endpoint.database()), login())) {
      return connection.isValid(PROBE_SECONDS)
          ? null
          : new SQLException("the connection is not valid");
    } catch (SQLException e) {
      return e;
    }
  }

  private Properties login() {
    Properties login = endpoint.login();
    login.setProperty("loginTimeout", Integer.toString(PROBE_SECONDS));
    return login;
  }

  @Override
  public void stop() {
    throw untouchable("stopped");
  }

  @Override
  public void kill() {
    throw untouchable("killed");
  }

  @Override
  public void pause() {
    throw untouchable("paused");
  }

  @Override
  public void resume() {
    throw untouchable("resumed");
  }

  private static UnsupportedOperationException untouchable(String verb) {
    return new UnsupportedOperationException(
        "the server of %s cannot be %s from here: ask canBeKilled() first, or unset the variable for an embedded one"
            .formatted(URL_VARIABLE, verb));
  }

  @Override
  public boolean isRunning() {
    return probe() == null;
  }

  @Override
  public boolean canBeKilled() {
    return false;
  }

  @Override
  public boolean adopted() {
    return true;
  }

  @Override
  public void close() {
    // Nothing was opened here, and the server is not ours to end.
  }
}
