package io.rananeeti.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * One way to have a PostgreSQL server: embedded, in a container, or somebody else's. Thread-safe.
 */
interface PostgresProcess extends AutoCloseable {

  Endpoint endpoint();

  /**
   * Starts the server on its data and port, unless it runs, and waits until it accepts connections.
   */
  void start();

  void stop();

  void kill();

  void pause();

  void resume();

  boolean isRunning();

  boolean canBeKilled();

  boolean adopted();

  /** Ends what {@link PostgresServer#close()} ends. */
  @Override
  void close();

  /**
   * Where and as whom to connect.
   *
   * @param parameters what follows the database in a JDBC URL: empty, or {@code ?name=value&...}
   */
  record Endpoint(
      String host, int port, String database, String parameters, String user, String password) {

    String url(String name) {
      return "jdbc:postgresql://" + host + ":" + port + "/" + name + parameters;
    }

    /** Whether somebody can log in there now. */
    boolean accepts() {
      try (Connection connection = DriverManager.getConnection(url(database), login())) {
        return connection.isValid(5);
      } catch (SQLException e) {
        return false;
      }
    }

    Properties login() {
      Properties login = new Properties();
      login.setProperty("user", user);
      login.setProperty("password", password);
      return login;
    }

    @Override
    public String toString() {
      return user + "@" + host + ":" + port + "/" + database;
    }
  }
}
