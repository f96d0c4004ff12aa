package io.rananeeti.testkit;

import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Row locks, each held to the end of its transaction. Whoever comes second waits, up to its lock
 * timeout, until the first has ended; whoever would close a circle is told so at once. Guarded by
 * the database's waiter.
 */
final class InMemoryLocks {

  private final Seams seams;
  private final Waiter waiter;
  private final Map<Object, InMemoryTransaction> holders = new HashMap<>();
  private final Map<InMemoryTransaction, Object> waiting = new HashMap<>();

  InMemoryLocks(Seams seams, Waiter waiter) {
    this.seams = seams;
    this.waiter = waiter;
  }

  /** Takes the lock, or keeps it. */
  void acquire(InMemoryTransaction by, Object key) throws SQLException {
    Duration timeout = by.lockTimeout();
    long deadline = timeout == null ? Deadline.NEVER : Deadline.after(seams, timeout);
    while (!free(by, key)) {
      if (closesCircle(by, key)) {
        throw new SQLException("deadlock detected", "40P01");
      }
      boolean inTime = await(by, key, deadline);
      by.checkRunning();
      if (!inTime) {
        throw new SQLException("canceling statement due to lock timeout", "55P03");
      }
    }
    holders.put(key, by);
  }

  private boolean await(InMemoryTransaction by, Object key, long deadline) {
    waiting.put(by, key);
    try {
      return Uninterrupted.await(waiter, () -> free(by, key) || by.over(), deadline);
    } finally {
      waiting.remove(by);
    }
  }

  /** Gives back all that the transaction holds. */
  void release(InMemoryTransaction by) {
    holders.values().removeIf(holder -> holder == by);
    waiter.signalAll();
  }

  /** How many wait. */
  int waiting() {
    return waiting.size();
  }

  /** Whether it could take the lock at once. */
  boolean free(InMemoryTransaction by, Object key) {
    InMemoryTransaction holder = holders.get(key);
    return holder == null || holder == by;
  }

  private boolean closesCircle(InMemoryTransaction by, Object wanted) {
    @Nullable Object key = wanted;
    while (key != null) {
      InMemoryTransaction holder = holders.get(key);
      if (holder == by) {
        return true;
      }
      key = holder == null ? null : waiting.get(holder);
    }
    return false;
  }
}
