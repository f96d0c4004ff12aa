package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** S1 to S5 and F1: what is in doubt is decided by a write, once and for ever. */
final class SettleRulesTest extends PlatformRules {

  private static final Duration HOUSEKEEPING = Duration.ofSeconds(11);

  @Test
  void aCommitWhoseReplyIsLostIsFoundAndNotRepeated() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.DONE);

    Receipt receipt = event("tea");

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(events()).containsExactly("tea");
    assertThat(platform().outcome(receipt.id())).isEqualTo(Outcome.APPLIED);
  }

  @Test
  void aCommitThatNeverArrivedIsAppliedInItsPlace() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.LOST);

    Receipt receipt = event("tea");

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(events()).containsExactly("tea");
  }

  @Test
  void aCommitThatArrivesAfterItWasSettledFailsOnTheLedger() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.LATE);

    Receipt receipt = event("tea");

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(database.late()).isEqualTo(1);
    assertThat(database.deliverLate()).isZero();
    assertThat(events()).containsExactly("tea");
  }

  @Test
  void aLateCommitThatMayNotBeAppliedAgainIsFencedForEver() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.LATE);

    assertThatThrownBy(
            () ->
                commit(
                    connection -> {
                      read(connection, "SELECT v FROM orders");
                      insert(connection, "INSERT INTO events VALUES (?)", "tea");
                    }))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("40001"));

    assertThat(database.ledger()).containsValue(Outcome.ABORTED);
    assertThat(database.deliverLate()).isZero();
    assertThat(events()).isEmpty();
  }

  @Test
  void aLateCommitThatHoldsALockIsEndedAndThenFenced() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.LATE);

    Receipt receipt = slowOrder("a", "tea");
    manual().drain();

    assertThat(receipt.status()).isIn(Receipt.Status.APPLIED, Receipt.Status.ACCEPTED);
    assertThat(database.deliverLate()).isZero();
    assertThat(orders()).containsExactly("a=tea");
  }

  @Test
  void aLateCommitThatArrivesWhileItIsSettledIsAppliedOnce() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.LATE);
    Receipt[] receipt = new Receipt[1];
    var settling =
        seams.start(
            "application",
            () -> {
              try {
                receipt[0] = order("a", "tea");
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    awaitWhoWaitsForALock();

    database.deliverLate();

    manual().ticking(() -> settling.join(Deadline.NEVER));
    manual().drain();
    assertThat(seams.failures()).isEmpty();
    assertThat(receipt[0]).isNotNull();
    assertThat(orders()).containsExactly("a=tea");
  }

  @Test
  void aSerializationFailureOfTheClaimRepeatsTheSettle() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.DONE);
    database.faults().fail(Step.LEDGER, "40001", 3);

    Receipt receipt = manual().ticking(() -> event("tea"));

    manual().drain();
    assertThat(receipt.status()).isIn(Receipt.Status.APPLIED, Receipt.Status.ACCEPTED);
    assertThat(events()).containsExactly("tea");
  }

  @Test
  void theReplyToTheSettlingItselfMayBeLostToo() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.LOST);
    database.faults().loseReply(Step.SETTLE, Fate.DONE);

    manual().ticking(() -> event("tea"));

    manual().drain();
    assertThat(events()).containsExactly("tea");
  }

  @Test
  void inDoubtWithoutAWriterGoesToTheLogUnderItsId() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.DONE);
    database.faults().fail(Step.CONNECT, "08001", 1_000_000);
    database.faults().fail(Step.PROBE, "08001", 1_000_000);
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      database.faults().heal();
      insert(connection, "INSERT INTO events VALUES (?)", "tea");
      database.faults().loseReply(Step.COMMIT, Fate.DONE);
      database.faults().fail(Step.CONNECT, "08001", 1_000_000);
      database.faults().fail(Step.PROBE, "08001", 1_000_000);

      manual()
          .ticking(
              () -> {
                connection.commit();
                return true;
              });

      Receipt receipt = Objects.requireNonNull(connection.receipt());
      assertThat(receipt.status()).isEqualTo(Receipt.Status.ACCEPTED);
      assertThat(platform().outcome(receipt.id())).isEqualTo(Outcome.IN_DOUBT);
      assertThat(database.ledger()).containsKey(receipt.id());
    }
    recover();
    assertThat(events()).containsExactly("tea");
  }

  @Test
  void whoMayNotBeDeferredIsToldThatNobodyKnowsAndCanAskLater() throws Exception {
    open();
    TransactionId before = event("first").id();
    TransactionId id = new TransactionId(before.incarnation(), before.number() + 1);
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.defer", "false");
      insert(connection, "INSERT INTO events VALUES (?)", "tea");
      database.faults().loseReply(Step.COMMIT, Fate.DONE);
      database.faults().fail(Step.CONNECT, "08001", 1_000_000);
      database.faults().fail(Step.PROBE, "08001", 1_000_000);

      assertThatThrownBy(
              () ->
                  manual()
                      .ticking(
                          () -> {
                            connection.commit();
                            return true;
                          }))
          .hasMessageContaining(id.toString())
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("08007"));
    }
    assertThat(platform().outcome(id)).isEqualTo(Outcome.IN_DOUBT);
    recover();
    assertThat(platform().outcome(id)).isEqualTo(Outcome.APPLIED);
    assertThat(events()).containsExactly("first", "tea");
  }

  @Test
  void aRefusalIsCommittedSoThatACrashBeforeItsMarkLosesNoCause() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    database.faults().heal();
    awaitDeadLetters(1);
    assertThat(database.ledger()).containsEntry(poison.id(), Outcome.REFUSED);
    database.faults().unreachable(true);
    manual().crash(WORST);
    database.faults().refuse(row -> false);
    reopen();

    recover();

    assertThat(platform().deadLetters().get(poison.id()))
        .hasValueSatisfying(letter -> assertThat(letter.sqlState()).isEqualTo("23514"));
    assertThat(orders()).isEmpty();
  }

  @Test
  void aMarkThatIsLostCostsAClaimAndNothingElse() throws Exception {
    open();
    quietOutage();
    event("tea");
    event("cake");
    recover();
    manual().crash(WORST);
    reopen();

    manual().drain();

    assertThat(events()).containsExactly("tea", "cake");
  }

  @Test
  void aDeferredConstraintIsARefusalLikeAnyOther() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    order("b", "tea");
    database.faults().refuseAtTheEnd(row -> row.values().contains("arsenic"));

    recover();

    assertThat(database.ledger()).containsEntry(poison.id(), Outcome.REFUSED);
    assertThat(platform().outcome(poison.id())).isEqualTo(Outcome.REFUSED);
    assertThat(orders()).containsExactly("b=tea");
  }

  @Test
  void aRefusalThatComesOnlyAtCommitLeavesARowToo() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    order("b", "tea");
    database.faults().refuseByCommit(row -> row.values().contains("arsenic"));

    recover();

    assertThat(database.ledger()).containsEntry(poison.id(), Outcome.REFUSED);
    assertThat(platform().deadLetters().get(poison.id())).isPresent();
    assertThat(orders()).containsExactly("b=tea");
  }

  @Test
  void aRetryIsANewEntryThatReplacesItsLetterOnce() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    recover();
    database.faults().refuse(row -> false);

    Receipt retry = platform().deadLetters().retry(poison.id(), "ann", "mended");

    assertThatThrownBy(() -> platform().deadLetters().retry(poison.id(), "ann", "mended"))
        .isInstanceOf(IllegalArgumentException.class);
    manual().drain();
    assertThat(orders()).containsExactly("a=arsenic");
    assertThat(database.ledger())
        .containsEntry(poison.id(), Outcome.REPLACED)
        .containsEntry(retry.id(), Outcome.APPLIED);
    assertThat(platform().outcome(poison.id())).isEqualTo(Outcome.REPLACED);
  }

  @Test
  void aCrashBetweenARetryAndItsMarkAppliesItOnce() throws Exception {
    open();
    quietOutage();
    Receipt poison = event("arsenic");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    recover();
    database.faults().refuse(row -> false);
    platform().deadLetters().retry(poison.id(), "ann", "mended");
    manual().drain();
    manual().crash(WORST);
    reopen();

    manual().drain();

    assertThat(events()).containsExactly("arsenic");
    assertThat(platform().deadLetters().list()).isEmpty();
    assertThat(platform().outcome(poison.id())).isEqualTo(Outcome.REPLACED);
  }

  @Test
  void aDiscardOutlivesACrash() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    recover();
    platform().deadLetters().discard(poison.id(), "ann", "not for our guests");
    manual().crash(WORST);
    reopen();
    manual().drain();

    assertThat(platform().deadLetters().list()).isEmpty();
    assertThat(platform().outcome(poison.id())).isEqualTo(Outcome.DISCARDED);
  }

  @Test
  void marksAreOnDiskBeforeTheirRowsAreForgotten() throws Exception {
    open();
    quietOutage();
    event("tea");
    recover();
    manual().tick(HOUSEKEEPING);
    manual().await("the ledger is pruned", () -> database.ledger().isEmpty());
    manual().crash(WORST);
    reopen();

    manual().drain();

    assertThat(events()).containsExactly("tea");
    assertThat(manual().health().alarms()).isEmpty();
  }

  @Test
  void manyRowsAreForgottenAtOnce() throws Exception {
    open();
    for (int i = 0; i < 10_000; i++) {
      event("tea");
    }

    long end = System.nanoTime() + ManualPlatform.STALL.toNanos();
    while (database.ledger().size() > 5_000) {
      assertThat(System.nanoTime()).as("pruned while no time passes").isLessThan(end);
    }
  }

  @Test
  void theRowOfALivingLetterIsNotForgotten() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    Receipt other = order("b", "tea");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    recover();

    manual().tick(HOUSEKEEPING);
    manual().await("the ledger is pruned", () -> !database.ledger().containsKey(other.id()));

    assertThat(database.ledger()).containsOnlyKeys(poison.id());
    database.faults().refuse(row -> false);
    platform().deadLetters().retry(poison.id(), "ann", "mended");
    manual().drain();
    assertThat(orders()).containsExactly("b=tea", "a=arsenic");
  }

  @Test
  void aRowThatFencesALateCommitIsNotForgotten() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.LATE);
    Receipt receipt = event("tea");

    manual().tick(HOUSEKEEPING);
    manual().await("the ledger is raised", () -> database.settledBelow(receipt.id()) > 1);

    assertThat(database.ledger()).containsKey(receipt.id());
    assertThat(database.deliverLate()).isZero();
    assertThat(events()).containsExactly("tea");
  }

  @Test
  void aRowThatALateCommitKeptIsForgottenThoughNothingElseHappens() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.LATE);
    Receipt receipt = event("tea");
    manual().tick(HOUSEKEEPING);
    manual().await("the ledger is raised", () -> database.settledBelow(receipt.id()) > 1);
    assertThat(database.deliverLate()).isZero();

    manual().tick(Duration.ofMinutes(11));

    manual().await("the ledger is pruned", () -> database.ledger().isEmpty());
  }

  @Test
  void theRowOfADiscardedLetterIsForgottenThoughNothingElseHappens() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    recover();
    manual().tick(HOUSEKEEPING);
    manual().await("the ledger is raised", () -> database.settledBelow(poison.id()) > 1);
    platform().deadLetters().discard(poison.id(), "ann", "nobody wants it");

    manual().tick(Duration.ofMinutes(11));

    manual().await("the ledger is pruned", () -> database.ledger().isEmpty());
  }

  @Test
  void aHangThatSwallowsACommitAndAwakesLaterAppliesItOnce() throws Exception {
    open();
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      insert(connection, "INSERT INTO events VALUES (?)", "tea");
      database.faults().hang(true);

      manual()
          .ticking(
              () -> {
                connection.commit();
                return true;
              });
    }
    assertThat(manual().health().availability()).isEqualTo(Availability.DOWN);
    assertThat(database.late()).isEqualTo(1);
    database.faults().hang(false);
    database.deliverLate();
    manual().drain();
    assertThat(events()).containsExactly("tea");
  }

  @Test
  void aCommitInDoubtWhoseWriterAnswersNothingUsefulEndsWhenThePlatformIsClosed() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.LOST);
    database.faults().fail(Step.LEDGER, "40001", 1_000_000);
    var committing = seams.start("application", this::eventOrError);
    manual().await("it is being settled", () -> database.faults().left(Step.LEDGER) < 1_000_000);

    platform().close();

    assertThat(manual().ticking(() -> committing.join(Deadline.NEVER))).isTrue();
  }

  private void eventOrError() {
    try {
      event("tea");
    } catch (SQLException e) {
      assertThat(stateOf(e)).isEqualTo("08007");
    }
  }
}
