package io.rananeeti.internal;

import static io.rananeeti.internal.lincheck.Exploration.HUNG;
import static io.rananeeti.internal.lincheck.Exploration.NOT_LINEARIZABLE;
import static io.rananeeti.internal.lincheck.Exploration.explore;
import static io.rananeeti.internal.lincheck.Exploration.explorePatiently;
import static io.rananeeti.internal.lincheck.Exploration.refuted;
import static io.rananeeti.internal.lincheck.Exploration.together;

import io.rananeeti.Availability;
import io.rananeeti.internal.lincheck.CheckedSeams;
import io.rananeeti.internal.lincheck.Exploration;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The gate and the state machine behind it under Lincheck: whatever the threads do in whatever
 * order, commits and changes look as if they had happened one after another, nobody is inside while
 * the state changes, the observer is told each change in its order, and nobody waits for ever.
 */
final class GateLincheckTest {

  @Test
  void commitsAndChangesHappenOneAfterAnother() {
    check(GateOperations.Real.class);
  }

  @Test
  void aGateThatChecksWithoutTheLockIsRefuted() {
    refuted(() -> search(GateOperations.Unlocked.class));
  }

  @Test
  void aChangeThatDoesNotCloseTheGateIsRefuted() {
    refuted(() -> search(GateOperations.LooksAndLeaps.class), NOT_LINEARIZABLE);
  }

  @Test
  void aChangeToldAfterTheGateIsOpenIsRefuted() {
    refuted(() -> search(GateOperations.TellsLate.class), NOT_LINEARIZABLE);
  }

  @Test
  void aChangeThatIsNotToldIsRefuted() {
    refuted(() -> search(GateOperations.LosesAChange.class), NOT_LINEARIZABLE);
  }

  @Test
  void whoMeetsAtTheGateGoesOn() {
    explore(() -> meetAtTheGate(CheckedSeams.sound()));
  }

  @Test
  void aGateThatMissesSignalsIsRefuted() {
    refuted(() -> explorePatiently(() -> meetAtTheGate(CheckedSeams.forgetful())), HUNG);
  }

  @Test
  void noSuspicionStaysUnanswered() {
    explore(() -> suspectAndAnswer(CheckedSeams.sound()));
  }

  @Test
  void aSuspicionWhoseSignalIsMissedIsRefuted() {
    refuted(() -> explorePatiently(() -> suspectAndAnswer(CheckedSeams.forgetful())), HUNG);
  }

  @Test
  void whoWaitsForTheStoreGoesOnWhenItIsUp() {
    explore(() -> waitForTheStore(CheckedSeams.sound()));
  }

  @Test
  void whoMissesThatTheStoreIsUpIsRefuted() {
    refuted(() -> explorePatiently(() -> waitForTheStore(CheckedSeams.forgetful())), HUNG);
  }

  @Test
  void theEndReachesAllWhoWait() {
    explore(
        () -> {
          Gate gate = new Gate(CheckedSeams.sound(), (from, to) -> {});
          together(
              () -> uninterrupted(() -> gate.awaitUp(Deadline.NEVER)),
              () -> uninterrupted(() -> gate.awaitSuspicion(gate.suspicions(), Deadline.NEVER)),
              () -> gate.stop());
        });
  }

  private static void check(Class<? extends GateOperations> operations) {
    Exploration.of(GateOperations.Specification.class).actorsPerThread(2).check(operations);
  }

  private static void search(Class<? extends GateOperations> operations) {
    Exploration.patiently(GateOperations.Specification.class).actorsPerThread(2).check(operations);
  }

  /** A commit and a change of state: each may find the other there first. */
  private static void meetAtTheGate(Seams seams) {
    Gate gate = new Gate(seams, (from, to) -> {});
    together(
        () -> {
          gate.enter();
          gate.leave();
        },
        () -> {
          require(gate.close(Availability.DOWN), "it was not down");
          gate.open(Availability.RECOVERING);
        });
  }

  /** Two callers, and a probe that looks until it has answered both. */
  private static void suspectAndAnswer(Seams seams) {
    Gate gate = new Gate(seams, (from, to) -> {});
    long before = gate.suspicions();
    Runnable caller =
        () -> {
          long suspicion = gate.suspect();
          uninterrupted(() -> gate.awaitVerdict(suspicion, 1, Deadline.NEVER));
        };
    Runnable probe =
        () -> {
          long answered = before;
          while (answered < before + 2) {
            long asked = answered;
            uninterrupted(() -> gate.awaitSuspicion(asked, Deadline.NEVER));
            answered = gate.suspicions();
            gate.verdict(answered);
          }
        };
    together(caller, caller, probe);
  }

  /** A caller waits, the probe finds a writer, the drain declares the store up. */
  private static void waitForTheStore(Seams seams) {
    Gate gate = new Gate(seams, (from, to) -> {});
    together(
        () ->
            uninterrupted(
                () -> {
                  gate.awaitKnown(Deadline.NEVER);
                  require(gate.awaitUp(Deadline.NEVER), "went on while the store was not up");
                }),
        () -> {
          require(gate.close(Availability.DOWN), "it was not down");
          gate.open(Availability.RECOVERING);
        },
        () ->
            uninterrupted(
                () -> {
                  gate.pause(Availability.DOWN, Duration.ofDays(1));
                  require(gate.close(Availability.RECOVERING), "it was not recovering");
                  gate.open(Availability.UP);
                }));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static void uninterrupted(Waiting waiting) {
    try {
      waiting.run();
    } catch (InterruptedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private interface Waiting {
    void run() throws InterruptedException;
  }
}
