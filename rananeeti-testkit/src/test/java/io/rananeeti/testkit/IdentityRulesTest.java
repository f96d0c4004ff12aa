package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Adoption;
import io.rananeeti.Availability;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import java.time.Duration;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** I1 to I3: nobody mistakes one transaction, log or database for another. */
final class IdentityRulesTest extends PlatformRules {

  @Test
  void idsRepeatNeitherAfterARestartNorAfterALostDisk() throws Exception {
    open();
    Receipt first = order("a", "tea");
    manual().crash(WORST);
    reopen();
    manual().awaitState(Availability.UP);

    Receipt second = order("b", "tea");

    assertThat(second.id().number()).isEqualTo(first.id().number());
    assertThat(second.id().incarnation()).isNotEqualTo(first.id().incarnation());
    assertThat(orders()).containsExactly("a=tea", "b=tea");
  }

  @Test
  void anEntryKeepsTheIdThatItWasGivenThroughARestart() throws Exception {
    open();
    quietOutage();
    Receipt receipt = order("a", "tea");
    manual().crash(WORST);
    reopen();

    recover();

    assertThat(database.ledger()).containsEntry(receipt.id(), Outcome.APPLIED);
    assertThat(platform().outcome(receipt.id())).isEqualTo(Outcome.APPLIED);
    assertThat(orders()).containsExactly("a=tea");
  }

  @Test
  void aLogThatAsksForWhatTheLedgerHasForgottenIsNotAppliedAgain() throws Exception {
    open();
    quietOutage();
    Receipt receipt = order("a", "tea");
    manual().crash(WORST);
    database.rowsOfTheLedger().prune(receipt.id().incarnation(), Long.MAX_VALUE, Set.of(), true);
    database.faults().heal();

    reopen();

    awaitAlarm("forgotten");
    assertThat(orders()).isEmpty();
    assertThat(platform().deadLetters().list()).isEmpty();
    assertThat(manual().health().backlog()).isEqualTo(1);
  }

  @Test
  void aRebuiltDatabaseGetsNothingBeforeSomebodyDecides() throws Exception {
    open();
    quietOutage();
    order("a", "tea");
    database.wipeLedger();
    database.faults().heal();

    awaitAlarm("another history");

    assertThat(manual().health().availability()).isEqualTo(Availability.DOWN);
    assertThat(orders()).isEmpty();
    assertThat(order("b", "tea").status()).isEqualTo(Receipt.Status.ACCEPTED);

    platform().adopt(ManualPlatform.STORE, Adoption.APPLY, "ann", "rebuilt");
    manual().drain();
    assertThat(orders()).containsExactly("a=tea", "b=tea");
  }

  @Test
  void whatWasSetAsideIsADeadLetterAndCanBeRetried() throws Exception {
    open();
    quietOutage();
    Receipt receipt = order("a", "tea");
    database.wipeLedger();
    database.faults().heal();
    awaitAlarm("another history");

    platform().adopt(ManualPlatform.STORE, Adoption.SET_ASIDE, "ann", "rebuilt");
    manual().drain();

    assertThat(orders()).isEmpty();
    assertThat(platform().deadLetters().get(receipt.id()))
        .hasValueSatisfying(letter -> assertThat(letter.sqlState()).isEqualTo("55R03"));
    platform().deadLetters().retry(receipt.id(), "ann", "mended");
    manual().drain();
    assertThat(orders()).containsExactly("a=tea");
  }

  @Test
  void aRebuiltDatabaseStaysAnotherHistoryThroughARestart() throws Exception {
    open();
    quietOutage();
    order("a", "tea");
    database.wipeLedger();
    manual().crash(WORST);
    database.faults().heal();

    reopen();

    awaitAlarm("another history");
    assertThat(orders()).isEmpty();
  }

  @Test
  void anIncarnationThatLivedInTheDarkOnlyIsNotTakenForAnotherHistory() throws Exception {
    database.faults().unreachable(true);
    openInTheDark(UnaryOperator.identity());
    slowOrder("a", "tea");
    manual().crash(WORST);
    reopen();
    slowOrder("b", "tea");

    recover();

    assertThat(orders()).containsExactly("a=tea", "b=tea");
    assertThat(manual().health().alarms()).isEmpty();
  }

  @Test
  void aLetterIsNotLostByItsRetryWhenTheDatabaseWasRebuilt() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    recover();
    quietOutage();
    database.wipeLedger();
    database.faults().heal();
    awaitAlarm("another history");
    platform().adopt(ManualPlatform.STORE, Adoption.APPLY, "ann", "rebuilt");
    manual().awaitState(Availability.UP);
    database.faults().refuse(row -> false);

    Receipt retry = platform().deadLetters().retry(poison.id(), "ann", "mended");
    manual().drain();

    assertThat(platform().outcome(retry.id())).isEqualTo(Outcome.APPLIED);
    assertThat(orders()).containsExactly("a=arsenic");
  }

  @Test
  void anAdoptionReachesEntriesWhoseIncarnationTheLogHasForgotten() throws Exception {
    open();
    quietOutage();
    for (int i = 0; i < 600; i++) {
      event("settled");
    }
    int before = manual().disk().appends();
    recover();
    manual().tick(Duration.ofSeconds(11));
    manual().await("the log gives space back", () -> manual().disk().appends() < before);
    quietOutage();
    Receipt receipt = order("a", "tea");
    database.wipeLedger();
    manual().crash(WORST);
    database.faults().heal();
    reopen();
    awaitAlarm("another history");
    assertThat(platform().outcome(receipt.id())).isEqualTo(Outcome.ACCEPTED);

    platform().adopt(ManualPlatform.STORE, Adoption.APPLY, "ann", "rebuilt");
    manual().drain();

    assertThat(orders()).containsExactly("a=tea");
  }
}
