package io.rananeeti.examples.cafe;

import io.rananeeti.Availability;
import io.rananeeti.PlatformListener;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the cafe's table as soon as the database can be reached, on a connection of its own: a
 * database that is new may come up while orders wait for it already. Looks again whenever the
 * database has been away. One thread of its own does it.
 */
final class Schema implements PlatformListener, AutoCloseable {

  /** What makes the table. */
  static final List<String> DDL =
      List.of(
          "CREATE SCHEMA IF NOT EXISTS cafe",
          """
          CREATE TABLE IF NOT EXISTS cafe.ordersraw (
            ordrid serial PRIMARY KEY,
            ordrdgst char(20) UNIQUE NOT NULL,
            ordrname varchar(40) NOT NULL,
            ordrppl integer NOT NULL,
            ordrdttm timestamp(0) NOT NULL,
            ordrtxt varchar(200))""");

  /** What makes that of the receipts, where the cafe writes any. */
  static final List<String> RECEIPTS =
      List.of(
          "CREATE TABLE IF NOT EXISTS cafe.receipts ("
              + "ordrdgst char(20) PRIMARY KEY, objkey varchar(1024) NOT NULL)");

  private static final Logger log = LoggerFactory.getLogger(Schema.class);
  private static final String EXISTS = "SELECT to_regclass('cafe.%s') IS NOT NULL";
  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private final Database database;
  private final List<String> ddl;
  private final String last;
  private final AtomicBoolean warned = new AtomicBoolean();
  private volatile boolean present;

  private final Ticker ticker;

  /** Begins to look for the database. */
  Schema(Database database, boolean hasReceipts) {
    this.database = database;
    this.ddl = new ArrayList<>(DDL);
    this.last = hasReceipts ? "receipts" : "ordersraw";
    if (hasReceipts) {
      ddl.addAll(RECEIPTS);
    }
    this.ticker = Ticker.start("cafe-schema", INTERVAL, this::makeIfMissing);
  }

  @Override
  public void availability(String store, Availability from, Availability to) {
    if (to == Availability.DOWN) {
      present = false;
    }
  }

  private void makeIfMissing() {
    if (present) {
      return;
    }
    try {
      make();
      present = true;
    } catch (SQLException e) {
      report(e);
    }
  }

  private void make() throws SQLException {
    try (Connection connection = DriverManager.getConnection(database.url(), login());
        Statement statement = connection.createStatement()) {
      try (ResultSet exists = statement.executeQuery(EXISTS.formatted(last))) {
        if (exists.next() && exists.getBoolean(1)) {
          return;
        }
      }
      for (String sql : ddl) {
        statement.execute(sql);
      }
      log.info("the table cafe.{} was made", last);
    }
  }

  private Properties login() {
    Properties login = new Properties();
    login.setProperty("connectTimeout", "2");
    login.setProperty("socketTimeout", "10");
    login.setProperty("ApplicationName", "cafe-schema");
    if (database.user() != null) {
      login.setProperty("user", database.user());
    }
    if (database.password() != null) {
      login.setProperty("password", database.password());
    }
    return login;
  }

  private void report(SQLException failure) {
    if (INSUFFICIENT_PRIVILEGE.equals(failure.getSQLState()) && warned.compareAndSet(false, true)) {
      log.warn(
          "the cafe may not make its table: orders wait until somebody runs: {}",
          String.join("; ", ddl));
    } else {
      log.debug("the table can't be made yet, SQLSTATE {}", failure.getSQLState());
    }
  }

  @Override
  public void close() {
    ticker.close();
  }
}
