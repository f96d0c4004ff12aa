package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.Health;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.PostgresServer;
import io.rananeeti.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What went wrong once, each named after it. */
@SuppressWarnings({"NullAway", "FutureReturnValueIgnored"})
class RegressionIT {

  private static final Duration STALL = Duration.ofSeconds(30);
  private static final String INSERT = "INSERT INTO orders (id, item) VALUES (?, ?)";

  private static PostgresServer server;

  private final SimulatedDisk disk = new SimulatedDisk();
  private FaultProxy proxy;
  private DataPlatform platform;
  @TempDir private Path directory;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.builder().start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void prepare() throws Exception {
    if (!server.isRunning()) {
      server.start();
    }
    server.execute(
        "DROP SCHEMA IF EXISTS rananeeti CASCADE",
        "DROP SCHEMA IF EXISTS other CASCADE",
        "DROP TABLE IF EXISTS orders",
        "CREATE TABLE orders (seq serial, id text PRIMARY KEY, item text)");
    proxy = FaultProxy.inFrontOf(server);
  }

  @AfterEach
  void close() {
    if (platform != null) {
      platform.close();
    }
    proxy.close();
  }

  /** A commit() after a 40001 in the middle must not return as if the rest was committed. */
  @Test
  void commitAfterABrokenTransactionDoesNotReturnNormally() throws Exception {
    open(10);
    awaitState(Availability.UP);
    try (Connection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(false);
      read(connection, "SELECT item FROM orders");
      insert(connection, "a", "tea");
      proxy.reset();
      assertThatThrownBy(() -> insert(connection, "b", "tea")).isInstanceOf(SQLException.class);

      assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
    }
  }

  /** Statements after the 40001 must not be committed as a transaction of their own. */
  @Test
  void whatFollowsABrokenTransactionIsNotCommittedWithoutItsBeginning() throws Exception {
    open(10);
    awaitState(Availability.UP);
    try (Connection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(false);
      read(connection, "SELECT item FROM orders");
      insert(connection, "a", "tea");
      proxy.reset();
      assertThatThrownBy(() -> insert(connection, "b", "tea")).isInstanceOf(SQLException.class);
      try {
        insert(connection, "c", "tea");
        connection.commit();
      } catch (SQLException expected) {
        assertThat(expected.getSQLState()).isNotEmpty();
      }
    }
    assertThat(items()).isEmpty();
  }

  /** A refused COMMIT of a transaction that has read gives its connection back. */
  @Test
  void aRefusedCommitAfterAReadGivesItsConnectionBack() throws Exception {
    server.execute(
        "ALTER TABLE orders ADD COLUMN parent text REFERENCES orders (id)"
            + " DEFERRABLE INITIALLY DEFERRED");
    open(1);
    awaitState(Availability.UP);
    try (Connection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(false);
      read(connection, "SELECT item FROM orders");
      try (Statement statement = connection.createStatement()) {
        statement.executeUpdate("INSERT INTO orders (id, parent) VALUES ('x', 'nobody')");
      }
      assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
    }
    try (Connection connection = platform.getConnection("orders")) {
      assertThat(read(connection, "SELECT item FROM orders")).isEmpty();
    }
  }

  /** An abort() gives the lingering connection free. */
  @Test
  void abortAfterAReadEndsThePhysicalConnection() throws Exception {
    open(1);
    awaitState(Availability.UP);
    Connection aborted = platform.getConnection("orders");
    read(aborted, "SELECT item FROM orders");
    aborted.abort(Runnable::run);
    aborted.close();
    try (Connection connection = platform.getConnection("orders")) {
      assertThat(read(connection, "SELECT item FROM orders")).isEmpty();
    }
  }

  /** A stray write in a read-only transaction is refused, and no outage. */
  @Test
  void aWriteInAReadOnlyTransactionIsRefusedAndNotApplied() throws Exception {
    open(10);
    awaitState(Availability.UP);
    try (Connection connection = platform.getConnection("orders")) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);

      assertThatThrownBy(() -> insert(connection, "a", "tea"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
      connection.rollback();
    }
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).isEmpty();
  }

  /** Settings of one transaction don't leak into the next borrower's session. */
  @Test
  void settingsMadeWhileDetachedDoNotLeakIntoThePool() throws Exception {
    open(1);
    awaitState(Availability.UP);
    server.kill();
    awaitStateDown();
    try (Connection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET app.tenant = 'a'");
      }
      insert(connection, "a", "tea");
      server.start();
      awaitState(Availability.UP);
      connection.commit();
    }
    try (Connection connection = platform.getConnection("orders")) {
      assertThat(read(connection, "SELECT COALESCE(current_setting('app.tenant', true), '')"))
          .containsExactly("");
    }
  }

  /** Isolation set while detached is the one it is committed at. */
  @Test
  void isolationSurvivesReattaching() throws Exception {
    server.execute(
        "ALTER TABLE orders ALTER COLUMN item SET DEFAULT current_setting('transaction_isolation')");
    open(1);
    awaitState(Availability.UP);
    server.kill();
    awaitStateDown();
    try (Connection connection = platform.getConnection("orders")) {
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.executeUpdate("INSERT INTO orders (id) VALUES ('a')");
      }
      server.start();
      awaitState(Availability.UP);
      connection.commit();
    }
    assertThat(items()).containsExactly("a=serializable");
  }

  /** A retry() of a closed platform must not answer ACCEPTED. */
  @Test
  void aRetryAfterCloseIsNoReceipt() throws Exception {
    open(10);
    awaitState(Availability.UP);
    server.kill();
    Receipt poison = order("poison", "arsenic");
    proxy.refuse();
    server.start();
    server.execute("ALTER TABLE orders ADD CONSTRAINT harmless CHECK (item <> 'arsenic')");
    proxy.pass();
    assertThat(platform.drain(STALL)).isTrue();
    awaitState(Availability.UP);
    platform.close();

    assertThatThrownBy(() -> platform.deadLetters().retry(poison.id(), "ann", "mended"))
        .isInstanceOf(RuntimeException.class);
  }

  /** A commit in doubt ends when the platform is closed. */
  @Test
  void aCommitInDoubtEndsWhenThePlatformIsClosed() throws Exception {
    open(10);
    awaitState(Availability.UP);
    PlatformConnection connection = platform.getConnection("orders");
    connection.setAutoCommit(false);
    insert(connection, "a", "tea");
    server.pause();
    CompletableFuture<String> commit = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                connection.commit();
                commit.complete("receipt " + connection.receipt());
              } catch (SQLException e) {
                commit.complete(e.getSQLState());
              } catch (Throwable e) {
                commit.complete(e.toString());
              }
            });
    thread.setDaemon(true);
    thread.start();
    try {
      while (!commit.isDone() && !inCommit(thread)) {
        Thread.onSpinWait();
      }
      platform.close();
      assertThat(commit.get(STALL.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    } finally {
      server.resume();
    }
  }

  private static boolean inCommit(Thread thread) {
    for (StackTraceElement element : thread.getStackTrace()) {
      if (element.getClassName().endsWith("aurora.Session")
          && element.getMethodName().equals("commit")) {
        return true;
      }
    }
    return false;
  }

  /** After commit() of a transaction in which BEGIN came as text, auto-commit commits. */
  @Test
  void autoCommitWorksAfterABeginByText() throws Exception {
    open(10);
    awaitState(Availability.UP);
    try (Connection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("BEGIN");
      }
      insert(connection, "a", "tea");
      connection.commit();
      connection.setAutoCommit(true);
      assertThat(insert(connection, "b", "tea")).isEqualTo(1);
    }
    assertThat(items()).containsExactly("a=tea", "b=tea");
  }

  /** An idle connection that has read keeps no physical one. */
  @Test
  void anIdleConnectionDoesNotKeepOthersFromWorking() throws Exception {
    open(1);
    awaitState(Availability.UP);
    try (Connection idle = platform.getConnection("orders")) {
      idle.setAutoCommit(false);
      read(idle, "SELECT item FROM orders");
      idle.commit();
      assertThat(order("a", "tea").status()).isEqualTo(Receipt.Status.APPLIED);
    }
  }

  /** A rolled back SET is rolled back. */
  @Test
  void aRolledBackSettingIsGone() throws Exception {
    server.execute("CREATE SCHEMA other", "CREATE TABLE other.orders (LIKE public.orders)");
    open(10);
    awaitState(Availability.UP);
    try (Connection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET search_path TO other");
      }
      connection.rollback();
      try (Statement statement = connection.createStatement()) {
        statement.executeUpdate("INSERT INTO orders (seq, id) VALUES (1, 'a')");
      }
      connection.commit();
    }
    assertThat(items()).hasSize(1);
  }

  /** Rolling back to a savepoint that is gone is an SQLException. */
  @Test
  void aSavepointThatIsGoneIsAnSqlException() throws Exception {
    open(10);
    awaitState(Availability.UP);
    server.kill();
    awaitStateDown();
    try (Connection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(false);
      insert(connection, "a", "tea");
      Savepoint first = connection.setSavepoint();
      insert(connection, "b", "tea");
      Savepoint second = connection.setSavepoint();
      connection.rollback(first);
      assertThatThrownBy(() -> connection.rollback(second)).isInstanceOf(SQLException.class);
    }
  }

  /** What was rolled back to a shadowed savepoint is not applied. */
  @Test
  void releasingAShadowingSavepointUncoversTheOther() throws Exception {
    open(10);
    awaitState(Availability.UP);
    server.kill();
    awaitStateDown();
    try (Connection connection = platform.getConnection("orders");
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SAVEPOINT a");
      insert(connection, "x", "tea");
      statement.execute("SAVEPOINT a");
      insert(connection, "y", "tea");
      statement.execute("RELEASE SAVEPOINT a");
      statement.execute("ROLLBACK TO SAVEPOINT a");
      connection.commit();
    }
    server.start();
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).isEmpty();
  }

  /** In auto-commit mode a second statement leaves the first one's rows readable. */
  @Test
  void rowsStayReadableWhileAnotherStatementRuns() throws Exception {
    server.execute("INSERT INTO orders (id, item) VALUES ('a', 'tea'), ('b', 'tea')");
    open(10);
    awaitState(Availability.UP);
    try (Connection connection = platform.getConnection("orders");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM orders ORDER BY id")) {
      List<String> seen = new ArrayList<>();
      while (rows.next()) {
        seen.add(rows.getString(1));
        insert(connection, rows.getString(1) + "-copy", "tea");
      }
      assertThat(seen).containsExactly("a", "b");
    }
  }

  /** The outcome of a receipt that says applied is not aborted. */
  @Test
  void outcomeAgreesWithTheReceiptOfAReadingTransaction() throws Exception {
    open(10);
    awaitState(Availability.UP);
    Receipt receipt =
        platform.inTransaction(connection -> read(connection, "SELECT item FROM orders")).receipt();
    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(platform.outcome(receipt.id())).isNotEqualTo(Outcome.ABORTED);
  }

  /** A setting that makes the session read-only does not stop the drain for good. */
  @Test
  void oneEntryThatAnswers25006DoesNotBlockAllOthers() throws Exception {
    open(10);
    awaitState(Availability.UP);
    server.kill();
    awaitStateDown();
    try (Connection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET transaction_read_only = on");
      }
      assertThatThrownBy(() -> insert(connection, "a", "tea"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
      connection.rollback();
    }
    order("b", "tea");
    server.start();
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).contains("b=tea");
  }

  /** A replay that meets the same answer again and again ends within the budget. */
  @Test
  void aReplayThatIsNeverTakenEnds() throws Exception {
    open(10);
    awaitState(Availability.UP);
    CompletableFuture<String> end = new CompletableFuture<>();
    try (Connection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(false);
      insert(connection, "a", "tea");
      server.execute(
          "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
              + " $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$");
      proxy.reset();
      server.execute(
          "CREATE TRIGGER full_disk BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION full_disk()");
      Thread thread =
          new Thread(
              () -> {
                try {
                  insert(connection, "b", "tea");
                  connection.commit();
                  end.complete("committed");
                } catch (SQLException e) {
                  end.complete(e.getSQLState());
                }
              });
      thread.setDaemon(true);
      thread.start();
      try {
        assertThat(end.get(STALL.toSeconds(), TimeUnit.SECONDS)).isEqualTo("40001");
      } finally {
        server.execute("DROP TRIGGER full_disk ON orders");
      }
    }
  }

  /** One statement that always answers 53400 does not take the store away from all others. */
  @Test
  void oneStatementThatIsTooLargeDoesNotTakeTheStoreFromOthers() throws Exception {
    open(10);
    awaitState(Availability.UP);
    server.execute(
        "CREATE OR REPLACE FUNCTION too_large() RETURNS trigger LANGUAGE plpgsql AS"
            + " $$ BEGIN IF NEW.item = 'huge' THEN RAISE EXCEPTION 'temp_file_limit' USING ERRCODE"
            + " = '53400'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER too_large BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION too_large()");

    assertThatThrownBy(() -> order("huge", "huge"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("53400"));

    assertThat(health().availability()).isEqualTo(Availability.UP);
    try (Connection connection = platform.getConnection("orders")) {
      assertThat(read(connection, "SELECT item FROM orders")).isEmpty();
    }
  }

  /** A listener may use the platform. */
  @Test
  void aListenerThatUsesThePlatformDoesNotStopIt() throws Exception {
    Set<TransactionId> audits = ConcurrentHashMap.newKeySet();
    CountDownLatch audited = new CountDownLatch(20);
    open(
        10,
        new PlatformListener() {
          @Override
          public void applied(Receipt receipt) {
            if (!audits.remove(receipt.id())) {
              audits.add(audit(receipt).id());
              audited.countDown();
            }
          }
        });
    awaitState(Availability.UP);
    server.kill();
    awaitStateDown();
    for (int i = 0; i < 20; i++) {
      order("o-" + i, "tea");
    }

    server.start();

    assertThat(audited.await(STALL.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(platform.drain(STALL)).isTrue();
    awaitState(Availability.UP);
    assertThat(items()).hasSize(40);
  }

  private Receipt audit(Receipt receipt) {
    try {
      return order("audit-" + receipt.id(), "audit");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void open(int poolSize) {
    open(poolSize, new PlatformListener() {});
  }

  private void open(int poolSize, PlatformListener listener) {
    platform =
        DataPlatform.builder("cafe")
            .store(
                AuroraStore.builder("orders")
                    .url(proxy.url())
                    .user(server.user())
                    .password(server.password())
                    .poolSize(poolSize)
                    .build())
            .log(directory)
            .logStorage(disk)
            .listener(listener)
            .open();
  }

  private Receipt order(String id, String item) throws SQLException {
    return platform.inTransaction(connection -> insert(connection, id, item)).receipt();
  }

  private static int insert(Connection connection, String id, String item) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setString(1, id);
      statement.setString(2, item);
      return statement.executeUpdate();
    }
  }

  private static List<String> read(Connection connection, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  private static List<String> items() throws SQLException {
    try (Connection connection = server.connect()) {
      return read(connection, "SELECT id || '=' || item FROM public.orders ORDER BY seq");
    }
  }

  private Health.StoreHealth health() {
    return platform.health().stores().get("orders");
  }

  private void awaitStateDown() throws Exception {
    // somebody has to suspect the store; the probe looks every second
    awaitState(Availability.DOWN);
  }

  private void awaitState(Availability wanted) {
    long deadline = System.nanoTime() + STALL.toNanos();
    while (health().availability() != wanted) {
      assertThat(System.nanoTime()).as("the store becomes " + wanted).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
