package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the tests of the protocol's rules share: a platform in memory, and orders for it.
 *
 * <p>What closes a gate keeps an interrupt for later, so a test that stalls there is left behind on
 * a thread of its own.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
abstract class PlatformRules {

  /** Loses everything that was not forced. */
  static final RandomGenerator WORST = () -> 0L;

  static final String INSERT = "INSERT INTO orders VALUES (?, ?)";

  final ManualSeams seams = new ManualSeams(1);
  final InMemoryDatabase database = new InMemoryDatabase(seams);
  private @Nullable ManualPlatform opened;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  PlatformRules() {}

  @BeforeEach
  void createTables() {
    database.createTable("orders");
    database.createTableWithoutKey("events");
  }

  @AfterEach
  @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  void close() {
    if (opened != null) {
      opened.close();
    }
  }

  ManualPlatform manual() {
    return Objects.requireNonNull(opened);
  }

  DataPlatform platform() {
    return manual().platform();
  }

  void open() throws Exception {
    open(UnaryOperator.identity());
  }

  /** Opens it and waits until it is up. */
  void open(UnaryOperator<DataPlatform.Builder> settings) throws Exception {
    openInTheDark(settings);
    manual().awaitState(Availability.UP);
  }

  void openInTheDark(UnaryOperator<DataPlatform.Builder> settings) {
    opened = ManualPlatform.open(database, seams, directory, settings);
  }

  /** The database can't be reached from here on, and the platform knows. */
  void outage() throws Exception {
    database.faults().unreachable(true);
    try (PlatformConnection connection = manual().connect()) {
      manual().ticking(() -> insert(connection, INSERT, "noticed", "the outage"));
    }
    manual().awaitState(Availability.DOWN);
  }

  /** An outage that nobody has written into. */
  void quietOutage() throws Exception {
    database.faults().unreachable(true);
    manual().awaitState(Availability.DOWN);
  }

  /** All faults end, and everything that waits is applied. */
  void recover() throws Exception {
    database.faults().heal();
    manual().drain();
  }

  void reopen() throws Exception {
    manual().reopen();
  }

  Receipt order(String id, String item) throws SQLException {
    return commit(connection -> insert(connection, INSERT, id, item));
  }

  /** An order that has to wait for the clock. */
  Receipt slowOrder(String id, String item) throws Exception {
    return manual().ticking(() -> order(id, item));
  }

  Receipt event(String... values) throws SQLException {
    return commit(connection -> insert(connection, "INSERT INTO events VALUES (?)", values));
  }

  Receipt keyed(String key, String id, String item) throws SQLException {
    return commit(
        connection -> {
          connection.setClientInfo("rananeeti.ordering-key", key);
          insert(connection, INSERT, id, item);
        });
  }

  /** What a transaction does. */
  @FunctionalInterface
  interface Work {
    void on(PlatformConnection connection) throws SQLException;
  }

  /** Runs it in a transaction of its own, once, and commits. */
  Receipt commit(Work work) throws SQLException {
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      work.on(connection);
      connection.commit();
      return Objects.requireNonNull(connection.receipt());
    }
  }

  static int insert(Connection connection, String sql, String... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  static List<String> read(Connection connection, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static String stateOf(Throwable failure) {
    return failure instanceof SQLException sql ? String.valueOf(sql.getSQLState()) : "" + failure;
  }

  List<String> orders() {
    return database.texts("orders");
  }

  List<String> events() {
    return database.texts("events");
  }

  void awaitAlarm(String text) throws Exception {
    manual()
        .await(
            "an alarm with " + text,
            () -> manual().health().alarms().stream().anyMatch(alarm -> alarm.contains(text)));
  }

  /** Until somebody waits for a lock of the database; the clock stands still. */
  void awaitWhoWaitsForALock() {
    long end = System.nanoTime() + ManualPlatform.STALL.toNanos();
    while (database.waiting() == 0) {
      assertThat(System.nanoTime()).as("nobody waits for a lock").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  void awaitDeadLetters(int count) throws Exception {
    manual().await("dead letters", () -> platform().deadLetters().list().size() == count);
  }
}
