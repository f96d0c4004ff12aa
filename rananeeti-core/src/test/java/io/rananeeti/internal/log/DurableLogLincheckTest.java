package io.rananeeti.internal.log;

import static io.rananeeti.internal.lincheck.Exploration.HUNG;
import static io.rananeeti.internal.lincheck.Exploration.INVALID;
import static io.rananeeti.internal.lincheck.Exploration.refuted;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.rananeeti.internal.lincheck.Exploration;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * The group commit under Lincheck: whatever the threads do in whatever order, entries are numbered
 * one after another, what is acknowledged is on disk at that moment and found by the next open, and
 * nobody waits for ever, not even when a force fails.
 */
final class DurableLogLincheckTest {

  private static final String ON_DISK = "acknowledged and not on disk";
  private static final Logger LOG = (Logger) LoggerFactory.getLogger(DurableLog.class);

  /** Thousands of logs end here. */
  @BeforeAll
  static void silence() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void speakAgain() {
    LOG.setLevel(null);
  }

  @Test
  void whatIsAcknowledgedIsOnDiskAndInOrder() {
    check(LogOperations.Real.class);
  }

  @Test
  void aLogWithoutItsLocksIsRefuted() {
    refuted(() -> search(LogOperations.Unlocked.class));
  }

  @Test
  void theSketchOfTheGroupCommitIsSound() {
    check(LogOperations.Sketch.class);
  }

  @Test
  void anAcknowledgementBeforeTheForceReturnedIsRefuted() {
    refuted(() -> search(LogOperations.AcknowledgesBeforeTheForce.class), ON_DISK);
  }

  @Test
  void aGroupThatKeepsWhoCameTooLateIsRefuted() {
    refuted(() -> search(LogOperations.KeepsWhoCameTooLate.class), ON_DISK);
  }

  @Test
  void aLeaderThatWakesNobodyIsRefuted() {
    refuted(() -> searchDeep(LogOperations.WakesNobody.class), HUNG);
  }

  @Test
  void whoMeetsInAGroupGoesOn() {
    deep(LogOperations.RealCommits.class);
  }

  @Test
  void aLogThatMissesSignalsIsRefuted() {
    refuted(() -> searchDeep(LogOperations.ForgetfulCommits.class), HUNG);
  }

  @Test
  void aForceThatFailsReachesAllAndAcknowledgesNothing() {
    die(DyingDiskOperations.Real.class);
  }

  @Test
  void anAcknowledgementAfterAFailedForceIsRefuted() {
    refuted(() -> die(DyingDiskOperations.SwallowsAFailedForce.class), INVALID);
  }

  private static void check(Class<? extends LogOperations> operations) {
    Exploration.of(LogOperations.Specification.class).check(operations);
  }

  private static void deep(Class<? extends LogOperations> operations) {
    Exploration.deep(LogOperations.Specification.class).check(operations);
  }

  private static void search(Class<? extends LogOperations> operations) {
    Exploration.patiently(LogOperations.Specification.class).check(operations);
  }

  private static void searchDeep(Class<? extends LogOperations> operations) {
    Exploration.deepAndPatiently(LogOperations.Specification.class).check(operations);
  }

  /** Which of them are refused depends on the moment: there is nothing to compare with. */
  private static void die(Class<? extends DyingDiskOperations> operations) {
    Exploration.of(operations).verifier(EpsilonVerifier.class).check(operations);
  }
}
