package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.Message;
import io.rananeeti.testkit.PostgresServer;
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
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Intent keys on a real server (S6), with two nodes. */
@SuppressWarnings("NullAway") // the nodes are opened for each test
class IntentIT {

  /** A slow machine is none. */
  private static final Duration NO_OUTAGE = Duration.ofSeconds(20);

  private static PostgresServer server;

  private IntentNode ann;
  private IntentNode bob;
  @TempDir private Path directory;

  @BeforeAll
  static void startServer() throws SQLException {
    server = PostgresServer.builder().start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void open(TestInfo test) throws Exception {
    server.execute(
        "DROP SCHEMA IF EXISTS rananeeti CASCADE",
        "DROP TABLE IF EXISTS effects, orders",
        "CREATE TABLE effects (seq serial, name text NOT NULL CHECK (name <> 'arsenic'))",
        "CREATE TABLE orders (id int PRIMARY KEY, name text)");
    boolean bobGoesDown = test.getTags().contains(DropInFixture.OUTAGE);
    ann = new IntentNode("ann", server, directory.resolve("ann"), NO_OUTAGE);
    bob =
        new IntentNode(
            "bob", server, directory.resolve("bob"), bobGoesDown ? IntentNode.HASTY : NO_OUTAGE);
    ann.recover();
    bob.recover();
  }

  @AfterEach
  void close() {
    ann.close();
    bob.close();
  }

  @Test
  void theSameKeyIsAnsweredWithTheFirstReceiptOnBothNodes() throws Exception {
    Receipt first = ann.intended("k", effect("tea"));

    Receipt again = ann.intended("k", effect("tea"));
    Receipt fromBob = bob.intended("k", effect("tea"));

    assertThat(first.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(List.of(again.id(), fromBob.id())).containsOnly(first.id());
    assertThat(fromBob.status()).isEqualTo(Receipt.Status.APPLIED);
    refused("22R01", () -> bob.intended("k", effect("cake")));
    assertThat(effects()).containsExactly("tea");
    assertThat(bob.platform().receipt(IntentNode.STORE, "k").orElseThrow().id())
        .isEqualTo(first.id());
    assertThat(bob.platform().receipt(IntentNode.STORE, "other")).isEmpty();
  }

  @Test
  void whatWasCutBackToASavepointTakesNoKey() throws Exception {
    ann.intended(
        "k",
        connection -> {
          Savepoint savepoint = connection.setSavepoint();
          effect("tea").on(connection);
          connection.rollback(savepoint);
        });

    assertThat(bob.platform().receipt(IntentNode.STORE, "k")).isEmpty();
    assertThat(ann.intended("k", effect("cake")).status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(effects()).containsExactly("cake");
  }

  @Test
  @Tag(DropInFixture.OUTAGE)
  void anyTextIsAKey() throws Exception {
    for (String key :
        List.of("\u0928\u092e\u0938\u094d\u0924\u0947", "a\0b", "'; --", "x".repeat(255))) {
      Receipt first = ann.intended(key, effect("tea"));
      assertThat(bob.intended(key, effect("tea")).id()).isEqualTo(first.id());
      bob.goDown();
      Receipt dark = bob.intended(key, effect("tea"));
      bob.recover();
      assertThat(bob.platform().outcome(dark.id())).isIn(Outcome.DUPLICATE, Outcome.APPLIED);
    }
    assertThat(effects()).hasSize(4);
  }

  /** The first one's COMMIT is on its way, with its transaction open, when the second comes. */
  @Test
  void aLateCommitAndASecondOneAreOneEffect() throws Exception {
    Fault late = ann.proxy().on(pair()).deliverLate(Duration.ofMinutes(1));
    CompletableFuture<Receipt> first = async(() -> ann.intended("k", effect("tea")));
    late.awaitTriggered(IntentNode.STALL);

    Receipt ofBob = bob.intended("k", effect("tea"));
    Receipt ofAnn = first.get(60, TimeUnit.SECONDS);
    late.release();
    late.awaitOver(IntentNode.STALL);

    assertThat(List.of(ofAnn.id(), ofBob.id())).containsOnly(holder("k"));
    ann.recover();
    assertThat(effects()).containsExactly("tea");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lost", "cut before", "cut after"})
  void aCommitInDoubtTakesItsKeyWithIt(String how) throws Exception {
    switch (how) {
      case "lost" -> ann.proxy().on(pair()).loseReply();
      case "cut before" -> ann.proxy().on(pair()).cutBefore();
      default -> ann.proxy().on(pair()).cutAfter();
    }

    Receipt first = ann.intended("k", effect("tea"));

    assertThat(bob.intended("k", effect("tea")).id()).isEqualTo(holder("k"));
    assertThat(ann.intended("k", effect("tea")).id()).isEqualTo(first.id());
    ann.recover();
    assertThat(effects()).containsExactly("tea");
  }

  /** What one has inserted under its own id the other is about to insert too. */
  @Test
  @Tag(DropInFixture.OUTAGE)
  void whatWaitedForTheSameRowIsADuplicateAndNoDeadLetter() throws Exception {
    bob.goDown();
    Receipt waits = bob.intended("k", order(7));
    Receipt first = ann.intended("k", order(7));

    bob.recover();

    assertThat(bob.letters()).isEmpty();
    assertThat(bob.platform().outcome(waits.id())).isEqualTo(Outcome.DUPLICATE);
    assertThat(bob.platform().receipt(IntentNode.STORE, "k").orElseThrow().id())
        .isEqualTo(first.id());
    refused("23505", () -> bob.intended("k", order(7)));
  }

  @Test
  @Tag(DropInFixture.OUTAGE)
  void otherContentInTheDarkIsADeadLetterThatSaysWhy() throws Exception {
    bob.goDown();
    Receipt waits = bob.intended("k", effect("cake"));
    Receipt first = ann.intended("k", effect("tea"));

    bob.recover();

    assertThat(effects()).containsExactly("tea");
    assertThat(bob.platform().outcome(waits.id())).isEqualTo(Outcome.REFUSED);
    assertThat(bob.letters().get(0).sqlState()).isEqualTo("22R01");
    assertThat(bob.letters().get(0).reason()).contains(first.id().toString());
  }

  @Test
  @Tag(DropInFixture.OUTAGE)
  void aDeadLetterGivesItsKeyBackAndItsRetryIsADuplicateOfWhoCameFirst() throws Exception {
    bob.goDown();
    Receipt poison = bob.intended("k", effect("arsenic"));
    bob.recover();
    assertThat(bob.letters()).hasSize(1);
    assertThat(holders()).isZero();
    server.execute("ALTER TABLE effects DROP CONSTRAINT effects_name_check");

    Receipt first = ann.intended("k", effect("arsenic"));
    Receipt retry = bob.platform().deadLetters().retry(poison.id(), "ann", "again");
    bob.recover();

    assertThat(first.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(bob.platform().outcome(retry.id())).isEqualTo(Outcome.DUPLICATE);
    assertThat(bob.letters()).isEmpty();
    assertThat(effects()).containsExactly("arsenic");
  }

  @Test
  @Tag(DropInFixture.OUTAGE)
  void aDuplicateInAGroupSpoilsNothing() throws Exception {
    ann.intended("k2", effect("two"));
    bob.goDown();
    bob.intended("k1", effect("one"));
    Receipt two = bob.intended("k2", effect("two"));
    bob.intended("k3", effect("three"));
    bob.restart();

    bob.recover();

    assertThat(effects()).containsExactly("two", "one", "three");
    assertThat(bob.platform().outcome(two.id())).isEqualTo(Outcome.DUPLICATE);
    assertThat(bob.letters()).isEmpty();
  }

  @Test
  @Tag(DropInFixture.OUTAGE)
  void whatWaitsIsAnsweredAfterARestartInTheDark() throws Exception {
    bob.goDown();
    Receipt first = bob.intended("k", effect("tea"));
    bob.restart();
    bob.await(Availability.DOWN);

    Receipt again = bob.intended("k", effect("tea"));
    refused("22R01", () -> bob.intended("k", effect("cake")));

    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.status()).isEqualTo(Receipt.Status.ACCEPTED);
    bob.recover();
    assertThat(effects()).containsExactly("tea");
    assertThat(bob.intended("k", effect("tea")).status()).isEqualTo(Receipt.Status.APPLIED);
  }

  @Test
  @Tag(DropInFixture.OUTAGE)
  void theSameContentRunAndRecordedHasOneDigest() throws Exception {
    IntentNode.Work work =
        connection -> {
          run(connection, "SET LOCAL app.tenant = 'ann'");
          try (PreparedStatement statement =
              connection.prepareStatement("INSERT INTO effects (name) VALUES (?)")) {
            for (String name : List.of("a", "b")) {
              statement.setObject(1, name);
              statement.addBatch();
            }
            statement.executeBatch();
          }
          run(connection, "UPDATE effects SET name = 'c' WHERE name = 'a'");
        };
    Receipt first = ann.intended("k", work);
    assertThat(first.status()).isEqualTo(Receipt.Status.APPLIED);
    bob.goDown();
    Receipt waits = bob.intended("k", work);
    assertThat(waits.status()).isEqualTo(Receipt.Status.ACCEPTED);

    bob.recover();

    assertThat(bob.platform().outcome(waits.id())).isEqualTo(Outcome.DUPLICATE);
    assertThat(effects()).containsExactlyInAnyOrder("b", "c");
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        Connection.TRANSACTION_READ_COMMITTED,
        Connection.TRANSACTION_REPEATABLE_READ,
        Connection.TRANSACTION_SERIALIZABLE
      })
  void twoAtOnceHaveOneEffectAtEachIsolation(int isolation) throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    IntentNode.Work work =
        connection -> {
          connection.setTransactionIsolation(isolation);
          effect("tea").on(connection);
          meet(together);
        };

    CompletableFuture<Receipt> ofAnn = async(() -> ann.intended("k", work));
    CompletableFuture<Receipt> ofBob = async(() -> bob.intended("k", work));

    assertThat(ofAnn.get(60, TimeUnit.SECONDS).id())
        .isEqualTo(ofBob.get(60, TimeUnit.SECONDS).id())
        .isEqualTo(holder("k"));
    assertThat(effects()).containsExactly("tea");
  }

  @Test
  @Tag(DropInFixture.OUTAGE)
  void aRoleThatMayOnlyInsertTakesAKey() throws Exception {
    server.execute(
        "DROP ROLE IF EXISTS waiter",
        "CREATE ROLE waiter",
        "GRANT waiter TO CURRENT_USER",
        "GRANT INSERT ON effects TO waiter",
        "GRANT USAGE ON SEQUENCE effects_seq_seq TO waiter");
    IntentNode.Work work =
        connection -> {
          run(connection, "SET LOCAL ROLE waiter");
          effect("tea").on(connection);
        };

    Receipt first = ann.intended("k", work);
    bob.goDown();
    Receipt waits = bob.intended("k", work);
    bob.recover();

    assertThat(bob.intended("k", work).id()).isEqualTo(first.id());
    assertThat(bob.platform().outcome(waits.id())).isEqualTo(Outcome.DUPLICATE);
    refused("22R01", () -> ann.intended("k", effect("tea")));
    assertThat(effects()).containsExactly("tea");
    server.execute("DROP OWNED BY waiter", "DROP ROLE waiter");
  }

  @Test
  @Tag(DropInFixture.OUTAGE)
  void aKeyWhoseTimeIsOverIsTakenByTheNext() throws Exception {
    Receipt first = ann.intended("k", effect("tea"));
    Receipt second = ann.intended("l", effect("tea"));
    server.execute("UPDATE rananeeti.intent SET expires_at = now() - interval '1 second'");

    Receipt other = bob.intended("k", effect("cake"));
    bob.goDown();
    Receipt waits = bob.intended("l", effect("cake"));
    bob.recover();

    assertThat(other.id()).isNotEqualTo(first.id()).isEqualTo(holder("k"));
    assertThat(waits.id()).isNotEqualTo(second.id()).isEqualTo(holder("l"));
    assertThat(effects()).containsExactly("tea", "tea", "cake", "cake");
  }

  /**
   * An expired row that nobody has deleted yet stands in the way of one that can't be run again.
   */
  @Test
  void whoHasReadRetriesWhenTheKeyOfAnotherTimeStoodInTheWay() throws Exception {
    IntentNode.Work reading =
        connection -> {
          run(connection, "SELECT * FROM orders");
          effect("cake").on(connection);
        };
    ann.intended("k", effect("tea"));
    server.execute("UPDATE rananeeti.intent SET expires_at = now() - interval '1 second'");

    refused("40001", () -> bob.intended("k", reading));

    assertThat(bob.intended("k", reading).id()).isEqualTo(holder("k"));
    assertThat(effects()).containsExactly("tea", "cake");
  }

  @Test
  void whatCannotBeComparedIsRefusedByName() throws Exception {
    refused("0A000", () -> ann.intended("k", connection -> run(connection, "VACUUM effects")));
    refused(
        "0A000",
        () ->
            ann.intended(
                "k", connection -> run(connection, "INSERT INTO effects VALUES (1, 'a'); COMMIT")));
    refused(
        "0A000",
        () ->
            ann.intended(
                "k",
                connection -> {
                  connection.unwrap(org.postgresql.PGConnection.class);
                  effect("tea").on(connection);
                }));

    assertThat(effects()).isEmpty();
    assertThat(holders()).isZero();
  }

  /** What a function does is known by how it was called. */
  @Test
  void aFunctionThatWritesIsPartOfTheContent() throws Exception {
    server.execute(
        "CREATE OR REPLACE FUNCTION serve(what text) RETURNS text LANGUAGE sql AS"
            + " 'INSERT INTO effects (name) VALUES (what) RETURNING name'");
    ann.intended("k", serve("tea"));

    bob.intended("k", serve("tea"));
    refused("22R01", () -> bob.intended("k", serve("cake")));

    assertThat(effects()).containsExactly("tea");
  }

  @Test
  void expiredKeysAreDeletedInBatchesByAnyNode() throws Exception {
    ann.intended("k", effect("tea"));
    server.execute(
        "INSERT INTO rananeeti.intent SELECT CAST('old ' || n AS bytea), CAST('x' AS bytea),"
            + " gen_random_uuid(), n, now() - interval '1 minute' FROM generate_series(1, 12000) AS n");

    try (AuroraStore store = StoreFixture.store("orders", server)) {
      RecordingHost host = new RecordingHost();
      store.open(host);
      store.register(Set.of(), false);
      store.expireIntents(Set.of());
    }

    assertThat(holders()).isEqualTo(1);
  }

  private static Message pair() {
    return Message.running("INSERT INTO rananeeti.ledger \\(");
  }

  private static IntentNode.Work effect(String name) {
    return connection -> {
      try (PreparedStatement statement =
          connection.prepareStatement("INSERT INTO effects (name) VALUES (?)")) {
        statement.setString(1, name);
        statement.executeUpdate();
      }
    };
  }

  private static IntentNode.Work order(int id) {
    return connection -> run(connection, "INSERT INTO orders VALUES (" + id + ", 'tea')");
  }

  private static IntentNode.Work serve(String name) {
    return connection -> {
      try (PreparedStatement statement = connection.prepareStatement("SELECT serve(?)")) {
        statement.setString(1, name);
        statement.executeQuery();
      }
    };
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void refused(String state, Callable<Receipt> commit) {
    assertThatThrownBy(commit::call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }

  /** On a thread of its own: the common pool may have only one for all that wait for each other. */
  private static CompletableFuture<Receipt> async(Callable<Receipt> commit) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return commit.call();
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        task -> new Thread(task, "another client").start());
  }

  private static void meet(CyclicBarrier together) {
    try {
      together.await(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> effects() throws SQLException {
    List<String> names = new ArrayList<>();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT name FROM effects ORDER BY seq")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  private static long holders() throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM rananeeti.intent")) {
      row.next();
      return row.getLong(1);
    }
  }

  static @Nullable TransactionId holder(PostgresServer on, String key) throws SQLException {
    try (Connection connection = on.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT digest, incarnation, number FROM rananeeti.intent WHERE key = ?")) {
      statement.setBytes(1, IntentRow.key(key));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? IntentRow.holder(row, 1).id() : null;
      }
    }
  }

  private static @Nullable TransactionId holder(String key) throws SQLException {
    return holder(server, key);
  }
}
