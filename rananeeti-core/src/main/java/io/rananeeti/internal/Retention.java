package io.rananeeti.internal;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.TransactionLog;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the transactions of one store in the log while they are committed to it (C6), so that a
 * writer that turns out to lack them can be given them again.
 *
 * <p><b>Who dies when.</b> The entry has its place in the log before COMMIT is sent, and is on disk
 * before the application hears of the commit: so no acknowledged transaction is without an entry. A
 * mark that says "acknowledged" is written before that too, and not forced: a process that dies
 * leaves it, so an entry without a mark was never acknowledged; where the machine has died it may
 * have been, and counts as if. An entry whose COMMIT failed is voided by a mark that is on disk
 * before the application hears of the failure, or else it could be applied behind its back. One
 * whose outcome is open waits like any other that was accepted in doubt, and is settled in its
 * place of the log.
 *
 * <p>Where the log has no room, or ends, the commit goes on without it, and health counts it.
 * Thread-safe.
 */
final class Retention {

  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /**
   * An entry whose COMMIT is about to be sent.
   *
   * @param sent by the tail's time
   * @param over whether it is known what became of COMMIT
   */
  record Kept(long sequence, TransactionId id, long sent, Instant at, AtomicBoolean over) {}

  private final Desk desk;
  private final Tail tail;
  private final TransactionLog log;
  private final EarlyForce early;

  Retention(Desk desk, EarlyForce early) {
    this.desk = desk;
    this.early = early;
    this.tail = desk.tail();
    this.log = desk.journal().log();
  }

  boolean isOn() {
    return desk.journal().retains(desk.store().name());
  }

  /** The time before a COMMIT is sent that is not kept. */
  long sending() {
    return tail.sending();
  }

  /** Before COMMIT is sent; null if it can't be kept. */
  @Nullable Kept keep(LogRecord.Retained retained) {
    TransactionId id = retained.transaction().id();
    long floor = log.forced() + 1; // No release passes it meanwhile.
    tail.expect(floor);
    try {
      long sequence = desk.journal().appendThoughKept(retained);
      Kept kept =
          new Kept(
              sequence,
              id,
              tail.sending(sequence),
              retained.transaction().acceptedAt(),
              new AtomicBoolean());
      tail.saw(retained.seen());
      early.request(sequence);
      return kept;
    } catch (RananeetiException | IllegalArgumentException e) {
      desk.alarms()
          .raise("retain", "committed without being kept for other regions: " + e.getMessage());
    } finally {
      tail.expected(floor);
    }
    tail.notKept();
    return null;
  }

  /** COMMIT was answered. Returns once the entry is on disk; never throws. */
  void acknowledged(Kept kept) {
    kept.over().set(true);
    tail.acknowledged(kept.sequence(), kept.id(), kept.sent(), kept.at());
    try {
      mark(kept, Outcome.APPLIED);
      log.acknowledge(kept.sequence());
    } catch (RuntimeException e) { // Whatever it is, the transaction is committed.
      notOnDisk(e);
    }
  }

  /** Somebody else has settled it as committed. Returns once its entry is on disk; never throws. */
  void onDisk(Kept kept) {
    try {
      log.acknowledge(kept.sequence());
    } catch (RuntimeException e) {
      notOnDisk(e);
    }
  }

  private void notOnDisk(RuntimeException e) {
    desk.alarms()
        .raise("retain", "committed, but not kept on disk for other regions: " + e.getMessage());
    tail.notKept();
  }

  /**
   * COMMIT of one that is not kept was answered. It belongs to the frontier all the same, so that
   * its loss is noticed.
   *
   * @param unretainable whether that is because of what it did, and is not counted yet
   */
  void acknowledged(TransactionId id, long sent, boolean unretainable) {
    tail.acknowledged(0, id, sent, Instant.EPOCH);
    if (unretainable) {
      tail.notKept();
    }
  }

  /**
   * Nothing of it happened, and its entry will never be applied once this returns.
   *
   * @throws RananeetiException if that can't be written
   */
  void voided(Kept kept) {
    try {
      log.force(mark(kept, Outcome.ABORTED));
    } finally {
      tail.voided(kept.sequence());
    }
  }

  /** COMMIT has failed for certain; {@link #voided} comes once nobody waits at the gate for it. */
  void failed(Kept kept) {
    kept.over().set(true);
  }

  /** Whether it is still open what became of COMMIT. */
  boolean isOpen(Kept kept) {
    return !kept.over().get();
  }

  /** COMMIT was sent, and nobody knows. Called within the gate. */
  void doubted(Kept kept, boolean again) {
    tail.doubted(kept.sequence(), new Tail.Doubt(again, null));
    desk.journal().rememberAccepted(kept.id(), Outcome.IN_DOUBT);
    desk.backlog().again(kept.sequence(), kept.at());
  }

  /**
   * One in doubt was settled, and its application hears of it. What was aborted or refused can't be
   * applied any more where the ledger says so; the mark says so where the ledger is lost.
   */
  void settled(Kept kept, Settlement settlement) {
    try {
      if (settlement.outcome() == Outcome.APPLIED) {
        acknowledged(kept);
      } else {
        voided(kept);
      }
    } catch (RananeetiException e) {
      LOG.warn("transaction={} is settled, and the log can't be told", kept.id(), e);
    }
    desk.journal().remember(kept.id(), settlement.outcome());
    desk.backlog().settled(kept.sequence(), false);
  }

  private long mark(Kept kept, Outcome outcome) {
    return desk.journal().mark(kept.sequence(), kept.id(), outcome, kept.at());
  }
}
