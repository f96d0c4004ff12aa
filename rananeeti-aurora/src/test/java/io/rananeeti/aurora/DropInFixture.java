package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.UpdateCounts;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.PostgresServer;
import io.rananeeti.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** A platform on a real server, behind a proxy that breaks connections, used as a DataSource. */
@SuppressWarnings("NullAway") // the platform is opened for each test
abstract class DropInFixture {

  /** The tag of tests that mean an outage: they alone are in a hurry to notice one. */
  static final String OUTAGE = "outage";

  static final Duration STALL = Duration.ofMinutes(1);
  static final String INSERT = "INSERT INTO items (id, name) VALUES (?, ?)";

  /** For all that waits after an outage, with a force of the disk for each step. */
  private static final Duration DRAINED = Duration.ofMinutes(5);

  private static final long LOOK_AGAIN = 1_000_000;

  static PostgresServer server;

  private boolean meansAnOutage;
  FaultProxy proxy;
  DataPlatform platform;
  DataSource dataSource;
  final SimulatedDisk disk = new SimulatedDisk();
  @TempDir Path directory;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.builder().setting("max_prepared_transactions", "5").start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void open(TestInfo test) throws Exception {
    meansAnOutage = test.getTags().contains(OUTAGE);
    if (!server.isRunning()) {
      server.start();
    }
    server.execute("DROP SCHEMA IF EXISTS rananeeti CASCADE");
    emptyTables();
    proxy = FaultProxy.inFrontOf(server);
    open(2, UpdateCounts.PROMISE_ONE);
    awaitUp();
  }

  @AfterEach
  void closePlatform() {
    platform.close();
    proxy.close();
  }

  static void emptyTables() throws SQLException {
    server.execute(
        "DROP SCHEMA IF EXISTS other CASCADE",
        "CREATE SCHEMA other",
        "DROP TABLE IF EXISTS items, numbered, made CASCADE",
        "CREATE TABLE items (id int PRIMARY KEY, name text)",
        "CREATE TABLE numbered (id serial PRIMARY KEY, name text NOT NULL)",
        "CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'");
  }

  /** Nothing of it is leased, so that the numbers of what is compared have no gaps. */
  static void leaseNothingOfNumbered() throws SQLException {
    server.execute("ALTER SEQUENCE numbered_id_seq CYCLE");
  }

  void open(int poolSize, UpdateCounts counts) {
    DataPlatform.Builder builder =
        DataPlatform.builder("shop")
            .store(
                AuroraStore.builder("orders")
                    .url(url())
                    .user(server.user())
                    .password(server.password())
                    .poolSize(poolSize)
                    .build())
            .log(directory)
            .logStorage(disk)
            .outageBudget(outageBudget())
            .probeInterval(Duration.ofMillis(200))
            .updateCounts(counts);
    platform = (retains() ? builder.retain(Duration.ofHours(1)) : builder).open();
    dataSource = platform.dataSource("orders");
  }

  /**
   * Whether the platform retains; {@code -Drananeeti.retain=true} lets all of these tests do so.
   */
  boolean retains() {
    return Boolean.getBoolean("rananeeti.retain");
  }

  /** Where the platform finds the server; a test that breaks no connection goes there directly. */
  String url() {
    return proxy.url();
  }

  /** Short, so that an outage is noticed soon; to a test that means none a slow machine is none. */
  Duration outageBudget() {
    return meansAnOutage ? Duration.ofMillis(700) : Duration.ofSeconds(20);
  }

  void awaitUp() {
    await("the store is up", () -> availability() == Availability.UP);
  }

  /** Kills the server, and waits until the platform has noticed. */
  void outage() {
    assertThat(meansAnOutage).as("it is tagged, so that it does not wait for long").isTrue();
    server.kill();
    try (Connection connection = dataSource.getConnection()) {
      read(connection, "SELECT 1");
    } catch (SQLException e) {
      assertThat(e.getSQLState()).isIn("55R01", "40001");
    }
    await("the store is down", () -> availability() == Availability.DOWN);
  }

  void recover() throws InterruptedException {
    server.start();
    assertThat(platform.drain(DRAINED)).as(platform.health().toString()).isTrue();
    awaitUp();
  }

  Availability availability() {
    return platform.health().stores().get("orders").availability();
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + STALL.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      LockSupport.parkNanos(LOOK_AGAIN);
    }
  }

  static int run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return statement.getUpdateCount();
    }
  }

  static int insert(Connection connection, int id, String name) throws SQLException {
    try (var statement = connection.prepareStatement(INSERT)) {
      statement.setInt(1, id);
      statement.setString(2, name);
      return statement.executeUpdate();
    }
  }

  static List<String> read(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rest(rows);
    }
  }

  static List<String> rest(ResultSet rows) throws SQLException {
    List<String> values = new ArrayList<>();
    while (rows.next()) {
      values.add(rows.getString(1));
    }
    return values;
  }

  /** What stands in the table, asked beside the platform. */
  static List<String> items() throws SQLException {
    try (Connection connection = server.connect()) {
      return read(connection, "SELECT id || '=' || coalesce(name, '-') FROM items ORDER BY id");
    }
  }

  static void assertState(String sqlState, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(e.getSQLState()).as(e.toString()).isEqualTo(sqlState));
  }
}
