package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import io.rananeeti.testkit.InMemoryDatabase.Row;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** R1, R2 and D1 to D7: what waits is applied once, in order, as it was meant. */
final class DrainRulesTest extends PlatformRules {

  @Test
  void whatIsInDoubtIsSettledBeforeWhatWasAcceptedAfterIt() throws Exception {
    open();
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      insert(connection, "INSERT INTO events VALUES (?)", "in doubt");
      database.faults().loseReply(Step.COMMIT, Fate.LOST);
      database.faults().fail(Step.CONNECT, "08001", 1_000_000);
      database.faults().fail(Step.PROBE, "08001", 1_000_000);
      manual()
          .ticking(
              () -> {
                connection.commit();
                return true;
              });
    }
    event("second");
    event("third");

    recover();

    assertThat(events()).containsExactly("in doubt", "second", "third");
  }

  @Test
  void anotherWriterEndsAllOlderConnections() throws Exception {
    Semaphore ups = new Semaphore(0);
    open(builder -> builder.listener(countingUps(ups)));
    manual().await("it is told that it is up", ups::tryAcquire);
    try (PlatformConnection old = manual().connect()) {
      old.setAutoCommit(false);
      insert(old, INSERT, "a", "tea");
      database.failOver("writer-2");
      slowOrder("b", "tea");
      manual().await("the old connections are ended", () -> database.sessions() == 0);
      manual().await("it is up on the other writer", ups::tryAcquire);

      old.commit();

      assertThat(Objects.requireNonNull(old.receipt()).status()).isEqualTo(Receipt.Status.APPLIED);
    }
    manual().drain();
    assertThat(orders()).containsExactlyInAnyOrder("a=tea", "b=tea");
  }

  /** Health alone can't tell the {@code UP} before another writer is noticed from the one after. */
  private static PlatformListener countingUps(Semaphore ups) {
    return new PlatformListener() {
      @Override
      public void availability(String name, Availability from, Availability to) {
        if (to == Availability.UP) {
          ups.release();
        }
      }
    };
  }

  @Test
  void anotherWriterFreesWhoeverWaitsForACommitOnTheOldOne() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    recover();
    database.stallStandby(true);
    Thread application = started(() -> order("b", "tea"));
    manual().await("COMMIT waits", () -> waits(application, "awaitStandby"));
    Thread operator = started(() -> platform().deadLetters().discard(poison.id(), "ann", "bad"));
    manual().await("the gate is closed", () -> waits(operator, "close"));

    database.failOver("writer-2");

    awaitDeadLetters(0);
    database.stallStandby(false);
    manual().await("both are done", () -> !application.isAlive() && !operator.isAlive());
    manual().drain();
    assertThat(orders()).containsExactly("b=tea");
  }

  private interface Body {
    void run() throws Exception;
  }

  private static Thread started(Body body) {
    Thread thread =
        new Thread(
            () -> {
              try {
                body.run();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static boolean waits(Thread thread, String method) {
    return thread.getState() == Thread.State.WAITING
        && Stream.of(thread.getStackTrace()).anyMatch(f -> f.getMethodName().equals(method));
  }

  @Test
  void whatTheApplicationHadSetIsSetAgainWhereItIsApplied() throws Exception {
    open();
    quietOutage();
    try (PlatformConnection connection = manual().connect()) {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      run(connection, "SET app.tenant = 'north'");
      run(connection, "SET LOCAL app.clerk = 'ada'");
      insert(connection, INSERT, "a", "tea");
      connection.commit();
      insert(connection, INSERT, "b", "tea");
      connection.commit();
    }
    order("c", "tea");

    recover();

    assertThat(row("a").settings())
        .containsEntry("app.tenant", "north")
        .containsEntry("app.clerk", "ada")
        .containsEntry("transaction_isolation", "REPEATABLE_READ")
        .containsKey("rananeeti.accepted_at");
    assertThat(row("b").settings())
        .containsEntry("app.tenant", "north")
        .doesNotContainKey("app.clerk");
    assertThat(row("c").settings()).doesNotContainKey("app.tenant");
  }

  private Row row(String id) {
    return database.rows("orders").stream()
        .filter(row -> row.values().get(0).equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void setConfigIsContextLikeSet() throws Exception {
    open();
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      read(connection, "SELECT set_config('app.tenant', 'north', false)");
      try (PreparedStatement local =
          connection.prepareStatement("SELECT set_config('app.clerk', ?, true)")) {
        local.setString(1, "ada");
        local.executeQuery().close();
      }
      insert(connection, INSERT, "a", "tea");
      quietOutage();
      connection.commit();
      insert(connection, INSERT, "b", "tea");
      connection.commit();
    }

    recover();

    assertThat(row("a").settings())
        .containsEntry("app.tenant", "north")
        .containsEntry("app.clerk", "ada");
    assertThat(row("b").settings())
        .containsEntry("app.tenant", "north")
        .doesNotContainKey("app.clerk");
  }

  @Test
  void unkeyedTransactionsAreOneSequence() throws Exception {
    open();
    quietOutage();
    for (int i = 0; i < 700; i++) {
      order("%03d".formatted(i), "tea");
    }

    recover();

    assertThat(orders()).hasSize(700).isSorted();
  }

  @Test
  void aRefusedUnkeyedTransactionParksNothing() throws Exception {
    open();
    quietOutage();
    order("a", "tea");
    Receipt poison = order("b", "arsenic");
    order("c", "tea");
    keyed("k", "d", "tea");
    database.faults().refuse(row -> row.values().contains("arsenic"));

    recover();

    assertThat(orders()).containsExactlyInAnyOrder("a=tea", "c=tea", "d=tea");
    assertThat(platform().deadLetters().list())
        .extracting(DeadLetter::id)
        .containsExactly(poison.id());
    assertThat(order("e", "tea").status()).isEqualTo(Receipt.Status.APPLIED);
  }

  @Test
  void aKeyStaysParkedUntilItsLetterIsDealtWith() throws Exception {
    open();
    quietOutage();
    Receipt poison = keyed("k", "k1", "arsenic");
    keyed("k", "k2", "tea");
    keyed("other", "o1", "tea");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    database.faults().heal();
    manual().awaitState(Availability.UP);

    assertThat(orders()).containsExactly("o1=tea");
    assertThat(keyed("k", "k3", "tea").status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(keyed("other", "o2", "tea").status()).isEqualTo(Receipt.Status.APPLIED);
    database.faults().refuse(row -> false);

    platform().deadLetters().retry(poison.id(), "ann", "mended");
    manual().drain();

    assertThat(orders()).containsExactly("o1=tea", "o2=tea", "k1=arsenic", "k2=tea", "k3=tea");
    assertThat(keyed("k", "k4", "tea").status()).isEqualTo(Receipt.Status.APPLIED);
  }

  @Test
  void aKeyStaysParkedThroughACrash() throws Exception {
    open();
    quietOutage();
    Receipt poison = keyed("k", "k1", "arsenic");
    keyed("k", "k2", "tea");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    database.faults().heal();
    awaitDeadLetters(1);
    manual().awaitState(Availability.UP);
    manual().crash(WORST);
    reopen();
    manual().awaitState(Availability.UP);
    awaitDeadLetters(1);

    assertThat(keyed("k", "k3", "tea").status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(orders()).isEmpty();

    platform().deadLetters().discard(poison.id(), "ann", "not for our guests");
    manual().drain();
    assertThat(orders()).containsExactly("k2=tea", "k3=tea");
  }

  @Test
  void aRetryTakesItsPlaceBeforeWhatItParkedEvenThroughACrash() throws Exception {
    open();
    quietOutage();
    Receipt poison = keyed("k", "k1", "arsenic");
    keyed("k", "k2", "tea");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    database.faults().heal();
    awaitDeadLetters(1);
    manual().awaitState(Availability.UP);
    quietOutage();
    platform().deadLetters().retry(poison.id(), "ann", "mended");
    keyed("k", "k3", "tea");
    manual().crash(WORST);
    database.faults().refuse(row -> false);
    reopen();

    recover();

    assertThat(orders()).containsExactly("k1=arsenic", "k2=tea", "k3=tea");
  }

  @Test
  void eachMemberOfAGroupHasItsRowAndOnlyTheRefusedOneIsRefused() throws Exception {
    open();
    quietOutage();
    for (int i = 0; i < 100; i++) {
      order("%03d".formatted(i), i % 30 == 7 ? "arsenic" : "tea");
    }
    database.faults().refuse(row -> row.values().contains("arsenic"));

    recover();

    assertThat(orders()).hasSize(96).isSorted().noneMatch(order -> order.contains("arsenic"));
    assertThat(database.ledger().values().stream().filter(Outcome.APPLIED::equals)).hasSize(96);
    assertThat(database.ledger().values().stream().filter(Outcome.REFUSED::equals)).hasSize(4);
    assertThat(platform().deadLetters().list()).hasSize(4);
  }

  @Test
  void aStoreThatDoesNotAnswerIsNeverCountedAsAnAttempt() throws Exception {
    open();
    quietOutage();
    order("a", "tea");
    for (String state : new String[] {"08006", "57P01", "53300"}) {
      database.faults().fail(Step.STATEMENT, state, 4);
    }
    database.faults().unreachable(false);

    manual().drain();

    assertThat(orders()).containsExactly("a=tea");
    assertThat(platform().deadLetters().list()).isEmpty();
  }

  @Test
  void aStoreThatAsksToRetryIsAskedAgain() throws Exception {
    open();
    quietOutage();
    order("a", "tea");
    for (String state : new String[] {"40001", "40P01", "55P03"}) {
      database.faults().fail(Step.STATEMENT, state, 5);
      database.faults().fail(Step.SETTLE, state, 2);
    }
    database.faults().unreachable(false);

    manual().drain();

    assertThat(orders()).containsExactly("a=tea");
    assertThat(platform().deadLetters().list()).isEmpty();
  }

  @Test
  void anUnclearFailureIsTriedAFewTimesAndThenRefused() throws Exception {
    open();
    quietOutage();
    Receipt receipt = order("a", "tea");
    database.faults().fail(Step.STATEMENT, "57014", 100);
    database.faults().unreachable(false);

    manual().drain();

    assertThat(platform().deadLetters().get(receipt.id()))
        .hasValueSatisfying(letter -> assertThat(letter.sqlState()).isEqualTo("57014"));
    assertThat(orders()).isEmpty();
  }

  @Test
  void aMissingTableStopsTheDrainInsteadOfFillingTheDeadLetters() throws Exception {
    open();
    quietOutage();
    for (int i = 0; i < 5; i++) {
      order("%03d".formatted(i), "tea");
    }
    database.renameTable("orders", "moved");
    database.faults().heal();
    awaitAlarm("42P01");
    assertThat(platform().deadLetters().list()).isEmpty();

    database.renameTable("moved", "orders");
    manual().drain();

    assertThat(orders()).hasSize(5).isSorted();
    assertThat(manual().health().alarms()).isEmpty();
  }

  @Test
  void aSingleMissingTableIsThatTransactionsOwnFault() throws Exception {
    open();
    quietOutage();
    Receipt poison =
        commit(connection -> insert(connection, "INSERT INTO nowhere VALUES (?, ?)", "a", "b"));
    order("a", "tea");
    order("b", "tea");

    recover();

    assertThat(orders()).containsExactly("a=tea", "b=tea");
    assertThat(platform().deadLetters().list())
        .extracting(DeadLetter::id)
        .containsExactly(poison.id());
  }

  @Test
  void aRefusalOfAnotherKindIsNoEvidenceThatAMissingTableIsThatTransactionsOwnFault()
      throws Exception {
    open();
    quietOutage();
    order("a", "tea");
    event("arsenic");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    database.renameTable("orders", "moved");
    database.faults().heal();
    awaitAlarm("42P01");
    assertThat(platform().deadLetters().list()).isEmpty();

    database.renameTable("moved", "orders");
    manual().drain();

    assertThat(orders()).containsExactly("a=tea");
    awaitDeadLetters(1);
  }

  @Test
  void anInternalErrorStopsTheDrainWithAnAlarm() throws Exception {
    open();
    quietOutage();
    order("a", "tea");
    database.faults().fail(Step.LEDGER, "XX000", 1_000_000);
    database.faults().unreachable(false);
    awaitAlarm("XX000");
    assertThat(platform().deadLetters().list()).isEmpty();

    recover();

    assertThat(orders()).containsExactly("a=tea");
  }

  @Test
  void aBrokenPromiseIsADeadLetter() throws Exception {
    open();
    quietOutage();
    Receipt receipt =
        commit(
            connection ->
                assertThat(
                        insert(connection, "UPDATE orders SET v = ? WHERE k = ?", "tea", "nobody"))
                    .isEqualTo(1));

    recover();

    assertThat(platform().deadLetters().get(receipt.id()))
        .hasValueSatisfying(letter -> assertThat(letter.sqlState()).isEqualTo("44R01"));
  }

  @Test
  void aTextThatHasAnsweredAnotherCountIsPromisedNoMore() throws Exception {
    open();
    commit(connection -> insert(connection, "DELETE FROM orders WHERE k = ?", "nobody"));
    quietOutage();

    assertThatThrownBy(
            () ->
                commit(
                    connection -> insert(connection, "DELETE FROM orders WHERE k = ?", "nobody")))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("55R01"));
    Receipt unverified =
        commit(
            connection -> {
              connection.setClientInfo("rananeeti.update-counts", "unverified");
              insert(connection, "DELETE FROM orders WHERE k = ?", "nobody");
            });

    recover();
    assertThat(platform().outcome(unverified.id())).isEqualTo(Outcome.APPLIED);
    assertThat(platform().deadLetters().list()).isEmpty();
  }

  @Test
  void aFullLogRefusesAndLosesNothingItHasTaken() throws Exception {
    open();
    quietOutage();
    order("a", "tea");
    manual().disk().resize(1);

    assertThatThrownBy(() -> order("b", "tea"))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("53100"));

    manual().disk().resize(1L << 40);
    recover();
    assertThat(orders()).containsExactly("a=tea");
  }

  @Test
  void whatWasNotForcedIsNotAcknowledged() throws Exception {
    open();
    quietOutage();
    order("a", "tea");
    manual().disk().failForces(true);

    assertThatThrownBy(() -> order("b", "tea"))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("08007"));

    manual().crash(WORST);
    manual().disk().failForces(false);
    reopen();
    recover();
    assertThat(orders()).containsExactly("a=tea");
  }

  @Test
  void whatWasAcknowledgedIsOnDiskWhateverDies() throws Exception {
    open();
    quietOutage();
    for (int i = 0; i < 20; i++) {
      slowOrder("%03d".formatted(i), "tea");
      manual().crash(WORST);
      reopen();
    }

    recover();

    assertThat(orders()).hasSize(20).isSorted();
  }
}
