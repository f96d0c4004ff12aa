package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Adoption;
import io.rananeeti.Availability;
import io.rananeeti.DeadLetter;
import io.rananeeti.Health;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** C6, R1 to R5: what was acknowledged and lost by the store is applied again. */
final class RetentionRulesTest extends PlatformRules {

  RetentionRulesTest() {}

  private void openRetaining() throws Exception {
    open(settings -> settings.retain(Duration.ofHours(1)));
  }

  private Health.Tail tail() {
    return Objects.requireNonNull(manual().health().tail());
  }

  /** The standby takes over with what it has, and the platform has recovered. */
  private void promote(String identity) throws Exception {
    long before = tail().appliedAgain();
    database.promoteStandby(identity);
    manual().await("the loss is noticed", () -> tail().appliedAgain() > before);
    manual().drain();
  }

  @Test
  void whatTheStandbyLacksIsAppliedAgainInOrder() throws Exception {
    openRetaining();
    order("a", "tea");
    database.lagStandby(true);
    Receipt lost = order("b", "tea");
    commit(
        connection -> {
          read(connection, "SELECT * FROM orders");
          insert(connection, "UPDATE orders SET item = ? WHERE id = ?", "milk", "b");
        });
    assertThat(lost.status()).isEqualTo(Receipt.Status.APPLIED);

    promote("writer-2");

    assertThat(orders()).containsExactly("a=tea", "b=milk");
    assertThat(tail().appliedAgain()).isEqualTo(2);
    assertThat(database.ledger()).containsEntry(lost.id(), Outcome.APPLIED);
  }

  @Test
  void nothingNewIsLetInBeforeThat() throws Exception {
    openRetaining();
    database.lagStandby(true);
    order("a", "tea");
    database.promoteStandby("writer-2");

    Receipt next = slowOrder("b", "tea");
    manual().drain();

    assertThat(orders()).containsExactly("a=tea", "b=tea");
    assertThat(new ArrayList<>(database.ledger().keySet())).last().isEqualTo(next.id());
  }

  @Test
  void aLossIsNoticedThoughTheWriterSeemsTheSame() throws Exception {
    openRetaining();
    database.lagStandby(true);
    order("a", "tea");

    promote("writer-1");

    assertThat(orders()).containsExactly("a=tea");
  }

  @Test
  void afterTheDeathOfTheProcessTheLossIsFoundToo() throws Exception {
    openRetaining();
    database.lagStandby(true);
    order("a", "tea");
    commit(
        connection -> {
          read(connection, "SELECT * FROM orders");
          insert(connection, INSERT, "b", "tea");
        });
    manual().kill();
    database.promoteStandby("writer-2");

    reopen();
    manual().awaitState(Availability.UP);

    assertThat(orders()).containsExactly("a=tea", "b=tea");
  }

  @Test
  void afterTheDeathOfTheMachineTheLossIsFoundToo() throws Exception {
    openRetaining();
    database.lagStandby(true);
    order("a", "tea");
    order("b", "tea");
    manual().crash(WORST);
    database.promoteStandby("writer-2");

    reopen();
    manual().awaitState(Availability.UP);

    assertThat(orders()).containsExactly("a=tea", "b=tea");
  }

  @Test
  void whatWasAcceptedAndAppliedIsAppliedAgain() throws Exception {
    openRetaining();
    outage();
    order("a", "tea");
    keyed("k", "b", "tea");
    database.lagStandby(true);
    recover();
    List<String> before = orders();

    promote("writer-2");

    assertThat(orders()).containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  void aLetterThatWasRetriedIsAppliedAgain() throws Exception {
    openRetaining();
    outage();
    order("a", "tea");
    database.faults().heal();
    database.renameTable("orders", "elsewhere");
    database.createTable("orders");
    database.lagStandby(true);
    try (var other = database.connect()) {
      insert(other, INSERT, "a", "taken");
    }
    awaitDeadLetters(1);
    manual().awaitState(Availability.UP);
    try (var other = database.connect()) {
      insert(other, "DELETE FROM orders WHERE id = ?", "a");
    }
    DeadLetter letter = platform().deadLetters().list().get(0);
    platform().deadLetters().retry(letter.id(), "ann", "freed");
    manual().drain();
    assertThat(orders()).contains("a=tea");

    promote("writer-2");

    assertThat(orders()).contains("a=tea");
    assertThat(platform().deadLetters().list()).isEmpty();
  }

  @Test
  void whatFailedAtCommitIsNotAppliedAgain() throws Exception {
    openRetaining();
    order("a", "tea");
    database.lagStandby(true);
    assertThatThrownBy(
            () ->
                commit(
                    connection -> {
                      insert(connection, INSERT, "b", "tea");
                      database.faults().refuseByCommit(row -> row.values().contains("b"));
                    }))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("23514"));
    order("c", "tea");

    promote("writer-2");

    assertThat(orders()).containsExactly("a=tea", "c=tea");
  }

  @Test
  void aLostReplyIsSettledInPlace() throws Exception {
    openRetaining();
    database.faults().loseReply(Step.COMMIT, Fate.DONE);
    Receipt done = slowOrder("a", "tea");
    database.faults().loseReply(Step.COMMIT, Fate.LOST);
    Receipt lost = slowOrder("b", "tea");
    manual().drain();

    assertThat(done.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(lost.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(orders()).containsExactly("a=tea", "b=tea");
  }

  @Test
  void whatTheStandbyHasIsKeptNoLonger() throws Exception {
    openRetaining();
    order("a", "tea");
    assertThat(tail().kept()).isEqualTo(1);

    manual().await("it is covered", () -> tail().kept() == 0);
    assertThat(tail().givenUp()).isZero();

    database.lagStandby(true);
    order("b", "tea");
    manual().tick(Duration.ofMinutes(2));
    manual().tick(Duration.ofMinutes(2));
    assertThat(tail().kept()).isEqualTo(1);

    manual().tick(Duration.ofHours(2));
    manual().await("the longest time is over", () -> tail().givenUp() == 1);
  }

  @Test
  void aStaleBranchIsNoWriterUntilSomebodySaysSo() throws Exception {
    openRetaining();
    order("a", "tea");
    database.withoutEpoch("writer-0");
    manual().awaitState(Availability.DOWN);
    awaitAlarm("stale branch");
    Receipt accepted = order("b", "tea");
    assertThat(accepted.status()).isEqualTo(Receipt.Status.ACCEPTED);

    platform().adopt(ManualPlatform.STORE, Adoption.APPLY, "ann", "the other region is gone");
    manual().drain();

    assertThat(orders()).contains("a=tea", "b=tea");
  }

  @Test
  void anIntentIsFulfilledOnceAgain() throws Exception {
    openRetaining();
    database.lagStandby(true);
    Receipt first = intended("request-1", "a");

    promote("writer-2");
    Receipt again = intended("request-1", "a");

    assertThat(again.id()).isEqualTo(first.id());
    assertThat(events()).containsExactly("a");
  }

  private Receipt intended(String key, String id) throws SQLException {
    return commit(
        connection -> {
          connection.setClientInfo("rananeeti.intent-key", key);
          insert(connection, "INSERT INTO events VALUES (?)", id);
        });
  }

  @Test
  void withoutRetentionNothingIsKept() throws Exception {
    open();
    order("a", "tea");

    assertThat(manual().health().tail()).isNull();
  }

  @Test
  void aConnectionOfTheOldWriterDoesNotCommitOnTheNewOne() throws Exception {
    openRetaining();
    database.lagStandby(true);
    order("a", "tea");
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      insert(connection, INSERT, "b", "tea");
      database.promoteStandby("writer-2");
      manual()
          .ticking(
              () -> {
                connection.commit();
                return true;
              });
    }
    manual().drain();

    assertThat(orders()).containsExactly("a=tea", "b=tea");
  }

  @Test
  void aQuestionWithoutAnAnswerCoversNothing() throws Exception {
    openRetaining();
    database.lagStandby(true);
    order("a", "tea");
    for (int i = 0; i < 8; i++) {
      manual().tick(Duration.ofSeconds(2));
      database.faults().fail(Step.LEDGER, "55P03", i == 4 ? 1 : 0);
    }

    assertThat(tail().kept()).isEqualTo(1);
  }

  @Test
  void whatIsRefusedWhenItIsAppliedAgainIsALetterThoughTheMachineDies() throws Exception {
    openRetaining();
    database.lagStandby(true);
    order("a", "tea");
    database.faults().refuse(row -> row.values().contains("a"));
    database.promoteStandby("writer-2");
    awaitDeadLetters(1);
    manual().crash(WORST);

    reopen();
    awaitDeadLetters(1);

    assertThat(orders()).isEmpty();
  }

  @Test
  void whatWasDiscardedThenIsNotAppliedAgain() throws Exception {
    openRetaining();
    database.lagStandby(true);
    order("a", "tea");
    database.faults().refuse(row -> row.values().contains("a"));
    database.promoteStandby("writer-2");
    database.lagStandby(true);
    awaitDeadLetters(1);
    DeadLetter letter = platform().deadLetters().list().get(0);
    platform().deadLetters().discard(letter.id(), "ann", "not for our guests");
    manual().kill();
    database.faults().refuse(row -> false);
    database.promoteStandby("writer-3");

    reopen();
    manual().awaitState(Availability.UP);
    manual().drain();

    assertThat(orders()).isEmpty();
  }

  @Test
  void aLetterWhoseRefusalIsLostCanBeRetried() throws Exception {
    openRetaining();
    order("a", "tea");
    database.lagStandby(true);
    outage();
    order("b", "tea");
    database.faults().heal();
    database.faults().refuse(row -> row.values().contains("b"));
    awaitDeadLetters(1);
    database.promoteStandby("writer-2");
    database.faults().refuse(row -> false);
    DeadLetter letter = platform().deadLetters().list().get(0);
    platform().deadLetters().retry(letter.id(), "ann", "allowed");
    manual().drain();

    assertThat(orders()).contains("a=tea", "b=tea");
  }
}
