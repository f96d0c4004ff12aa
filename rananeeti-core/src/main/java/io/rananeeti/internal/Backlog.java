package io.rananeeti.internal;

import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.time.Instant;
import java.util.BitSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of the log wait to be applied to one store: one bit an entry, so that a million of
 * them cost 125 KB. Also the place where the drain waits for more. Thread-safe.
 *
 * <p>Entries at or above {@link #seenUpTo()} have not been looked at yet; all accepted ones among
 * them wait. Below it, those whose bit is set wait. Besides them wait those that were said to wait
 * {@linkplain #again again}, wherever they stand: their COMMIT was sent, and its outcome is open,
 * or a writer has turned out to lack them.
 */
final class Backlog {

  private final Waiter waiter;
  private final BitSet waiting = new BitSet();
  private final SequenceSet again = new SequenceSet();
  private final SequenceSet aside = new SequenceSet();
  private long base = 1;
  private long seenUpTo = 1;
  private long count;
  private long accepted;
  private long applied;
  private long progress;
  private boolean units;
  private @Nullable Instant oldest;

  Backlog(Seams seams) {
    this.waiter = seams.newWaiter();
  }

  /** An entry is about to be appended. Comes before its id is closed, see {@link Ids}. */
  void expect(Instant acceptedAt) {
    expect(acceptedAt, false);
  }

  /** The same, of what may be a unit of work across stores. */
  void expect(Instant acceptedAt, boolean isAcrossStores) {
    locked(
        () -> {
          count++;
          units |= isAcrossStores;
          if (oldest == null) {
            oldest = acceptedAt;
          }
          return null;
        });
  }

  /** The entry was forced: the drain may look. */
  void accepted() {
    locked(
        () -> {
          accepted++;
          waiter.signalAll();
          return null;
        });
  }

  /** The append that was expected failed. */
  void unexpect() {
    locked(
        () -> {
          count--;
          if (count == 0) {
            oldest = null;
            units = false;
          }
          return null;
        });
  }

  /** An accepted entry found at open, not yet marked. */
  void found(long sequence, Instant acceptedAt) {
    found(sequence, acceptedAt, false);
  }

  /** The same, of what may be a unit of work across stores. */
  void found(long sequence, Instant acceptedAt, boolean isAcrossStores) {
    expect(acceptedAt, isAcrossStores);
    seen(sequence);
  }

  /** An entry that did not wait, or no more, waits from now on. */
  void again(long sequence, Instant acceptedAt) {
    locked(
        () -> {
          if (again.add(sequence)) {
            count++;
            oldest = oldest == null || acceptedAt.isBefore(oldest) ? acceptedAt : oldest;
            waiter.signalAll();
          }
          return null;
        });
  }

  /**
   * An accepted entry does not wait: its caller is committing it. Comes before the reader can see
   * it.
   */
  void setAside(long sequence) {
    locked(
        () -> {
          aside.add(sequence);
          accepted++;
          return null;
        });
  }

  /** Whether it was set aside, and not yet passed by the reader. */
  boolean isAside(long sequence) {
    return locked(() -> aside.contains(sequence));
  }

  /** What was set aside waits, since its caller has left it. */
  void leftAside(long sequence, Instant acceptedAt) {
    again(sequence, acceptedAt);
    locked(
        () -> {
          units |= count > 0;
          return null;
        });
  }

  /** Whether the entry waits because somebody has said so. */
  boolean waitsAgain(long sequence) {
    return locked(() -> again.contains(sequence));
  }

  /** The reader has come past this entry; it waits until {@link #settled}. */
  void seen(long sequence) {
    locked(
        () -> {
          waiting.set(offset(sequence));
          seenUpTo = Math.max(seenUpTo, sequence + 1);
          return null;
        });
  }

  /** The reader has come to this entry, and past everything below. */
  void passed(long sequence) {
    locked(
        () -> {
          if (seenUpTo == 1 && waiting.isEmpty()) {
            base = sequence;
          }
          seenUpTo = Math.max(seenUpTo, sequence + 1);
          aside.remove(sequence);
          return null;
        });
  }

  /**
   * Passes over everything up to this entry if nothing waits at all. It was in the log before this
   * call: whatever waits is counted before it is appended, so nothing that waits is below.
   */
  void passedIfIdle(long sequence) {
    locked(
        () -> {
          if (count == 0) {
            seenUpTo = Math.max(seenUpTo, sequence + 1);
            aside.removeBelow(seenUpTo);
          }
          return null;
        });
  }

  /** The entry is settled and marked. */
  void settled(long sequence, boolean wasApplied) {
    locked(
        () -> {
          if (again.remove(sequence)) {
            count--;
          }
          if (sequence >= base && waiting.get(offset(sequence))) {
            waiting.clear(offset(sequence));
            count--;
          }
          applied += wasApplied ? 1 : 0;
          progress++;
          if (count == 0) {
            oldest = null;
            units = false;
          }
          waiter.signalAll();
          return null;
        });
  }

  /** Whether units of work across stores may be among those that wait. */
  boolean holdsUnits() {
    return locked(() -> units);
  }

  /** Whether the entry waits. */
  boolean waits(long sequence) {
    return locked(
        () ->
            sequence >= seenUpTo
                || again.contains(sequence)
                || (sequence >= base && waiting.get(offset(sequence))));
  }

  /** Whether an entry waits that was looked at. */
  boolean waitsBelow(long sequence) {
    return locked(() -> sequence >= base && waiting.get(offset(sequence)));
  }

  /** Where a pass over all that waits begins. */
  long first() {
    return locked(
        () -> {
          int bit = waiting.nextSetBit(0);
          return Math.min(again.first(), bit < 0 ? seenUpTo : base + bit);
        });
  }

  long seenUpTo() {
    return locked(() -> seenUpTo);
  }

  /** The oldest waiting entry was accepted then. */
  void oldest(Instant acceptedAt) {
    locked(
        () -> {
          oldest = count == 0 ? null : acceptedAt;
          return null;
        });
  }

  @Nullable Instant oldest() {
    waiter.lock();
    try {
      return oldest;
    } finally {
      waiter.unlock();
    }
  }

  long count() {
    return locked(() -> count);
  }

  long acceptedSoFar() {
    return locked(() -> accepted);
  }

  long appliedSoFar() {
    return locked(() -> applied);
  }

  /** Waits until an entry is accepted or settled, or the deadline. */
  void awaitChange(long acceptedBefore, long deadline) throws InterruptedException {
    waiter.lock();
    try {
      waiter.await(() -> accepted != acceptedBefore, deadline);
    } finally {
      waiter.unlock();
    }
  }

  /** Waits until the drain has settled something more, or the deadline: back pressure. */
  void awaitProgress(long deadline) throws InterruptedException {
    waiter.lock();
    try {
      long before = progress;
      waiter.await(() -> progress != before || count == 0, deadline);
    } finally {
      waiter.unlock();
    }
  }

  /** Waits until an entry that was said to wait again is settled. */
  boolean awaitSettled(long sequence, long deadline) throws InterruptedException {
    waiter.lock();
    try {
      return waiter.await(() -> !again.contains(sequence), deadline);
    } finally {
      waiter.unlock();
    }
  }

  /** Waits until everything below this sequence number is settled. */
  boolean awaitSettledBelow(long sequence, long deadline) throws InterruptedException {
    waiter.lock();
    try {
      return waiter.await(() -> settledBelow(sequence), deadline);
    } finally {
      waiter.unlock();
    }
  }

  /** Forgets the bits below, all of which are settled. */
  void trim(long below) {
    locked(
        () -> {
          int shift = (int) Math.min(below - base, Integer.MAX_VALUE);
          if (shift >= 1 << 16 && waiting.previousSetBit(shift - 1) < 0) {
            BitSet kept = waiting.get(shift, Math.max(shift, waiting.length()));
            waiting.clear();
            waiting.or(kept);
            base += shift;
          }
          return null;
        });
  }

  private boolean settledBelow(long sequence) {
    int bit = waiting.nextSetBit(0);
    long firstWaiting = Math.min(again.first(), bit < 0 ? seenUpTo : base + bit);
    return count == 0 || firstWaiting >= sequence;
  }

  private int offset(long sequence) {
    return Math.toIntExact(sequence - base);
  }

  private <T extends @Nullable Object> T locked(Supplier<T> body) {
    waiter.lock();
    try {
      return body.get();
    } finally {
      waiter.unlock();
    }
  }
}
