package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.DeadLetter;
import io.rananeeti.Receipt;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long content beside the log is kept, and when it goes. */
final class SpoolRulesTest extends PlatformRules {

  /** Larger than what an entry may have on the simulated disk. */
  private static final String LONG = "\u0928".repeat(700_000);

  private static final long BYTES = 2_100_000;

  SpoolRulesTest() {}

  private long spooled() {
    return platform().health().spooledBytes();
  }

  private void awaitSpooled(long bytes) throws Exception {
    manual().await("the spool has " + bytes + " bytes", () -> spooled() == bytes);
  }

  @Test
  void whatWaitsKeepsItsContentThroughAnyCrashAndGivesItUpWhenItIsApplied() throws Exception {
    open();
    outage();
    assertThat(order("a", LONG).status()).isEqualTo(Receipt.Status.ACCEPTED);
    order("b", LONG);
    assertThat(spooled()).isEqualTo(BYTES);

    manual().crash(WORST);
    reopen();
    assertThat(spooled()).isEqualTo(BYTES);
    recover();

    assertThat(orders()).contains("a=" + LONG, "b=" + LONG);
    awaitSpooled(0);
    manual().crash(WORST);
    reopen();
    manual().drain();
    assertThat(spooled()).isZero();
    assertThat(orders()).hasSize(3);
  }

  @Test
  void aDeadLetterKeepsItsContentUntilItIsRetriedOrDiscarded() throws Exception {
    open();
    outage();
    database.faults().refuse(row -> row.values().contains("a") || row.values().contains("b"));
    order("a", LONG);
    order("b", LONG + LONG);
    order("c", LONG + LONG + LONG);
    recover();
    awaitDeadLetters(2);
    awaitSpooled(3 * BYTES);

    manual().kill();
    reopen();
    manual().drain();
    assertThat(spooled()).isEqualTo(3 * BYTES);
    DeadLetter first = platform().deadLetters().list().get(0);
    DeadLetter second = platform().deadLetters().list().get(1);
    platform().deadLetters().discard(second.id(), "ann", "not needed");
    awaitSpooled(BYTES);
    database.faults().refuse(row -> false);
    platform().deadLetters().retry(first.id(), "ann", "again");
    manual().drain();

    awaitSpooled(0);
    assertThat(orders()).contains("a=" + LONG).hasSize(3);
  }

  /** What is kept for another region is applied again to a writer that lacks it. */
  @Test
  void theTailKeepsWhatIsTooLargeForItsEntries() throws Exception {
    open(settings -> settings.retain(Duration.ofHours(1)));
    database.lagStandby(true);
    assertThat(order("a", LONG).status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(order("b", "small").status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(spooled()).isEqualTo(BYTES);
    assertThat(manual().health().alarms()).isEmpty();
    manual().kill();
    reopen();
    manual().drain();
    assertThat(spooled()).isEqualTo(BYTES);

    database.promoteStandby("writer-2");
    manual().await("the loss is noticed", () -> orders().size() == 2);
    manual().drain();

    assertThat(orders()).containsExactly("a=" + LONG, "b=small");
    assertThat(spooled()).isEqualTo(BYTES);
  }

  @Test
  void aLogThatIsSharedTakesNoContentAndSaysSo() throws Exception {
    InMemorySharedStorage shared = new InMemorySharedStorage(seams);
    open(settings -> settings.sharedLog(shared.node("one")));
    outage();

    assertThatThrownBy(() -> manual().ticking(() -> order("a", LONG)))
        .hasRootCauseMessage("a record too large for the log, which takes 1048576 bytes at most")
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("54000"));
    assertThat(spooled()).isZero();
    recover();
  }
}
