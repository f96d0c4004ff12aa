package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Adoption;
import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Health;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.Message;
import io.rananeeti.testkit.PostgresServer;
import io.rananeeti.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole platform on a real PostgreSQL that is killed, hangs, and loses replies. */
@SuppressWarnings("NullAway") // the platform is opened by each test
class PlatformIT {

  private static final Duration STALL = Duration.ofMinutes(1);

  /** Where none is meant, a slow machine is none. */
  private static final Duration NO_OUTAGE = Duration.ofSeconds(20);

  private static final String INSERT = "INSERT INTO orders (id, item) VALUES (?, ?)";

  private static PostgresServer server;

  private final BlockingQueue<Availability> changes = new LinkedBlockingQueue<>();
  private final SimulatedDisk disk = new SimulatedDisk();

  /** Short, so that an outage is noticed soon. */
  private Duration outageBudget = Duration.ofMillis(700);

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

  @Test
  void aHealthyCommitIsAppliedAndLeavesItsRowInTheLedger() throws Exception {
    outageBudget = NO_OUTAGE;
    open();

    Receipt receipt = order("a", "tea");

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(items()).containsExactly("a=tea");
    assertThat(ledger(receipt.id())).isEqualTo(1);
  }

  @Test
  void ordersTakenWhileTheDatabaseIsDeadArriveOnceAndInOrder() throws Exception {
    open();
    order("before", "tea");
    server.kill();

    List<Receipt> receipts = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      receipts.add(order("dark-%03d".formatted(i), "cake"));
    }

    assertThat(receipts).allMatch(receipt -> receipt.status() == Receipt.Status.ACCEPTED);
    assertThat(health().availability()).isEqualTo(Availability.DOWN);
    assertThat(health().backlog()).isEqualTo(300);
    assertThat(platform.outcome(receipts.get(0).id())).isEqualTo(Outcome.ACCEPTED);
    server.start();
    assertThat(platform.drain(STALL)).isTrue();
    awaitState(Availability.UP);
    assertThat(ids()).hasSize(301).isSorted();
    assertThat(platform.outcome(receipts.get(0).id())).isEqualTo(Outcome.APPLIED);
    assertThat(order("zz-after", "tea").status()).isEqualTo(Receipt.Status.APPLIED);
  }

  @Test
  void startedWithTheDatabaseDownTakesOrdersAndAppliesThemWhenItAppears() throws Exception {
    server.kill();
    open();

    Receipt receipt = order("a", "tea");

    assertThat(receipt.status()).isEqualTo(Receipt.Status.ACCEPTED);
    server.start();
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).containsExactly("a=tea");
  }

  @Test
  void whatWaitedWhenTheProcessDiedIsAppliedByTheNextOne() throws Exception {
    open();
    order("a", "tea");
    server.kill();
    Receipt receipt = order("b", "cake");
    disk.kill();
    platform.close();

    open();

    assertThat(platform.outcome(receipt.id())).isEqualTo(Outcome.ACCEPTED);
    server.start();
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).containsExactly("a=tea", "b=cake");
  }

  @Test
  void aCommitWhoseReplyIsLostIsSettledAndNotRepeated() throws Exception {
    outageBudget = NO_OUTAGE;
    open();
    order("warm", "up");
    Fault lost = proxy.on(Message.commit()).loseReply();

    Receipt receipt = order("a", "tea");

    assertThat(lost.triggered()).isEqualTo(1);
    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(items()).containsExactly("warm=up", "a=tea");
    assertThat(platform.outcome(receipt.id())).isEqualTo(Outcome.APPLIED);
  }

  @Test
  void aCommitThatArrivesLateIsFencedOrFound() throws Exception {
    open();
    order("warm", "up");
    Fault late = proxy.on(Message.commit()).deliverLate(Duration.ofMillis(1500));

    Receipt receipt = order("a", "tea");

    late.awaitOver(STALL);
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(receipt.status()).isIn(Receipt.Status.APPLIED, Receipt.Status.ACCEPTED);
    assertThat(items()).containsExactly("warm=up", "a=tea");
  }

  @Test
  void aConnectionThatBreaksInTheMiddleIsReplacedUnnoticed() throws Exception {
    outageBudget = NO_OUTAGE;
    open();
    order("warm", "up");
    proxy.on(Message.running("INSERT INTO orders.*")).reset();

    Receipt receipt = order("a", "tea");

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(items()).containsExactly("warm=up", "a=tea");
  }

  @Test
  void aTransactionThatHasReadIsNotRepeatedBehindTheApplicationsBack() throws Exception {
    outageBudget = NO_OUTAGE;
    open();
    order("warm", "up");

    try (Connection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(false);
      assertThat(read(connection, "SELECT item FROM orders")).containsExactly("up");
      proxy.reset();

      assertThatThrownBy(() -> insert(connection, "a", "tea"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
    }
    assertThat(items()).containsExactly("warm=up");
  }

  @Test
  void aPoisonOrderBecomesADeadLetterAndItsRetryIsApplied() throws Exception {
    open();
    order("warm", "up");
    server.kill();
    Receipt poison = order("poison", "arsenic");
    order("b", "cake");
    startUnreachable();
    server.execute("ALTER TABLE orders ADD CONSTRAINT harmless CHECK (item <> 'arsenic')");
    proxy.pass();

    assertThat(platform.drain(STALL)).isTrue();

    awaitState(Availability.UP);
    DeadLetter letter = platform.deadLetters().list().get(0);
    assertThat(letter.id()).isEqualTo(poison.id());
    assertThat(letter.sqlState()).isEqualTo("23514");
    assertThat(letter.reason()).contains("harmless").doesNotContain("arsenic");
    assertThat(items()).containsExactly("warm=up", "b=cake");
    assertThat(platform.outcome(poison.id())).isEqualTo(Outcome.REFUSED);

    server.execute("ALTER TABLE orders DROP CONSTRAINT harmless");
    Receipt retry = platform.deadLetters().retry(poison.id(), "ann", "mended");
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(platform.deadLetters().list()).isEmpty();
    assertThat(platform.outcome(poison.id())).isEqualTo(Outcome.REPLACED);
    assertThat(platform.outcome(retry.id())).isEqualTo(Outcome.APPLIED);
    assertThat(items()).containsExactly("warm=up", "b=cake", "poison=arsenic");
  }

  @Test
  void aRefusedKeyParksWhatFollowsItUntilItsLetterIsDealtWith() throws Exception {
    open();
    order("warm", "up");
    server.kill();
    Receipt poison = keyed("k", "k1", "arsenic");
    keyed("k", "k2", "tea");
    keyed("other", "o1", "tea");
    startUnreachable();
    server.execute("ALTER TABLE orders ADD CONSTRAINT harmless CHECK (item <> 'arsenic')");
    proxy.pass();
    awaitState(Availability.UP);

    assertThat(items()).containsExactlyInAnyOrder("warm=up", "o1=tea");
    assertThat(health().backlog()).isEqualTo(1);
    assertThat(keyed("k", "k3", "tea").status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(keyed("other", "o2", "tea").status()).isEqualTo(Receipt.Status.APPLIED);

    platform.deadLetters().discard(poison.id(), "ann", "not for our guests");
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(ids()).endsWith("k2", "k3").doesNotContain("k1");
    assertThat(platform.outcome(poison.id())).isEqualTo(Outcome.DISCARDED);
  }

  @Test
  void aMissingTableStopsTheDrainInsteadOfFillingTheDeadLetters() throws Exception {
    open();
    order("warm", "up");
    server.kill();
    for (int i = 0; i < 5; i++) {
      order("dark" + i, "tea");
    }
    startUnreachable();
    server.execute("ALTER TABLE orders RENAME TO moved");
    proxy.pass();
    awaitAlarm("42P01");

    assertThat(platform.deadLetters().list()).isEmpty();

    server.execute("ALTER TABLE moved RENAME TO orders");
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(ids()).hasSize(6);
  }

  @Test
  void aRebuiltDatabaseIsAnotherHistoryUntilTheOperatorDecides() throws Exception {
    open();
    order("warm", "up");
    server.kill();
    order("a", "tea");
    startUnreachable();
    server.execute("DROP SCHEMA rananeeti CASCADE");
    proxy.pass();
    awaitAlarm("history");

    assertThat(health().availability()).isEqualTo(Availability.DOWN);
    assertThat(items()).containsExactly("warm=up");

    platform.adopt("orders", Adoption.APPLY, "ann", "rebuilt");
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).containsExactly("warm=up", "a=tea");
  }

  @Test
  void aHungServerIsTheSameAsADeadOne() throws Exception {
    open();
    order("warm", "up");
    server.pause();
    try {
      assertThat(order("a", "tea").status()).isEqualTo(Receipt.Status.ACCEPTED);
    } finally {
      server.resume();
    }
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).containsExactly("warm=up", "a=tea");
  }

  @Test
  void autoCommitSurvivesToo() throws Exception {
    open();
    try (PlatformConnection connection = platform.getConnection("orders")) {
      insert(connection, "a", "tea");
      assertThat(connection.receipt().status()).isEqualTo(Receipt.Status.APPLIED);
      server.kill();
      insert(connection, "b", "cake");
      assertThat(connection.receipt().status()).isEqualTo(Receipt.Status.ACCEPTED);
      assertThat(connection.getWarnings().getSQLState()).isEqualTo("01R01");
      assertThatThrownBy(() -> read(connection, "SELECT item FROM orders"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55R01"));
    }
    server.start();
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).containsExactly("a=tea", "b=cake");
  }

  /** The server is back, but the platform can't reach it before {@code proxy.pass()}. */
  private void startUnreachable() {
    proxy.refuse();
    server.start();
  }

  private void open() throws InterruptedException {
    platform =
        DataPlatform.builder("cafe")
            .store(
                AuroraStore.builder("orders")
                    .url(proxy.url())
                    .user(server.user())
                    .password(server.password())
                    .build())
            .log(directory)
            .logStorage(disk)
            .outageBudget(outageBudget)
            .probeInterval(Duration.ofMillis(200))
            .listener(
                new PlatformListener() {
                  @Override
                  public void availability(String store, Availability from, Availability to) {
                    changes.add(to);
                  }
                })
            .open();
    if (server.isRunning()) {
      awaitState(Availability.UP);
    }
  }

  private Receipt order(String id, String item) throws SQLException {
    return platform.inTransaction(connection -> insert(connection, id, item)).receipt();
  }

  private Receipt keyed(String key, String id, String item) throws SQLException {
    return platform
        .inTransaction(
            connection -> {
              connection.setClientInfo("rananeeti.ordering-key", key);
              return insert(connection, id, item);
            })
        .receipt();
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
      return read(connection, "SELECT id || '=' || item FROM orders ORDER BY seq");
    }
  }

  private static List<String> ids() throws SQLException {
    try (Connection connection = server.connect()) {
      return read(connection, "SELECT id FROM orders ORDER BY seq");
    }
  }

  private static int ledger(TransactionId id) throws SQLException {
    try (Connection connection = server.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT count(*) FROM rananeeti.ledger WHERE incarnation = ? AND number = ?")) {
      statement.setObject(1, id.incarnation());
      statement.setLong(2, id.number());
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }

  private Health.StoreHealth health() {
    return platform.health().stores().get("orders");
  }

  private void awaitState(Availability wanted) throws InterruptedException {
    while (health().availability() != wanted) {
      assertThat(changes.poll(STALL.toSeconds(), TimeUnit.SECONDS))
          .as("the store becomes " + wanted)
          .isNotNull();
    }
  }

  private void awaitAlarm(String text) {
    long deadline = System.nanoTime() + STALL.toNanos();
    while (health().alarms().stream().noneMatch(alarm -> alarm.contains(text))) {
      assertThat(System.nanoTime()).as("an alarm with " + text).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
