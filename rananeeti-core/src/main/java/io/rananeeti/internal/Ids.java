package io.rananeeti.internal;

import io.rananeeti.TransactionId;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives ids of this incarnation (I1), and knows which of them somebody still works on: committing,
 * or in doubt. What the log has taken over is no longer open here. Thread-safe.
 */
final class Ids {

  private final UUID incarnation;
  private final AtomicLong last = new AtomicLong();
  private final ConcurrentSkipListSet<Long> open = new ConcurrentSkipListSet<>();

  Ids(UUID incarnation) {
    this.incarnation = incarnation;
  }

  UUID incarnation() {
    return incarnation;
  }

  /**
   * Draws the next id, which is open from here on. Under a lock, so that no smaller number appears
   * as open after {@link #firstOpen()} has passed it.
   */
  synchronized TransactionId next() {
    long number = last.incrementAndGet();
    open.add(number);
    return new TransactionId(incarnation, number);
  }

  /** An id for a transaction that did nothing; never open. */
  synchronized TransactionId unused() {
    return new TransactionId(incarnation, last.incrementAndGet());
  }

  /** Whether this incarnation has not given the id yet. */
  synchronized boolean isToCome(TransactionId id) {
    return id.incarnation().equals(incarnation) && id.number() > last.get();
  }

  /** The id is settled, or in the log's hands. */
  void closed(TransactionId id) {
    open.remove(id.number());
  }

  boolean isOpen(TransactionId id) {
    return id.incarnation().equals(incarnation) && open.contains(id.number());
  }

  /** No open id, and no id to come, has a smaller number. Others are closed meanwhile. */
  synchronized long firstOpen() {
    Long first = open.ceiling(0L);
    return first == null ? last.get() + 1 : first;
  }
}
