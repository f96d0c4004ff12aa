package io.rananeeti.internal;

import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Whether a person holds one store (R8): then nothing of the platform reaches for it, and its
 * database may be patched, moved or switched off without an alarm.
 *
 * <p>What is about to reach for the store says so first and looks then; who holds it says so first
 * and looks then whether anybody is at work. So no work begins once the hold is said and nobody is
 * at work any more. Thread-safe; waits for nobody.
 */
final class Holding {

  /** SQLSTATE of what was not tried because the store is held. */
  static final String HELD = "55R07";

  /** What reaches for the store. */
  interface Work<T> {
    T run() throws StoreException;
  }

  /** The same without a result. */
  interface Act {
    void run() throws StoreException;
  }

  private final AtomicInteger working = new AtomicInteger();
  private volatile LogRecord.@Nullable Held held;

  /** By whom and why; null if it is not held. */
  LogRecord.@Nullable Held held() {
    return held;
  }

  boolean isHeld() {
    return held != null;
  }

  /** Held from now on, as the log has it already; null: not any more. */
  void set(LogRecord.@Nullable Held now) {
    held = now;
  }

  /** Whether something that began before the hold still reaches for the store. */
  boolean isAtWork() {
    return working.get() > 0;
  }

  /**
   * Does it, unless the store is held.
   *
   * @throws StoreException {@link Failure#UNREACHABLE} if it is held, or what the work throws
   */
  <T> T work(Work<T> work) throws StoreException {
    working.incrementAndGet();
    try {
      LogRecord.Held now = held;
      if (now != null) {
        throw new StoreException(
            Failure.UNREACHABLE,
            HELD,
            "the store is held by %s: %s".formatted(now.by(), now.reason()),
            null);
      }
      return work.run();
    } finally {
      working.decrementAndGet();
    }
  }

  /** The same without a result. */
  void act(Act act) throws StoreException {
    work(
        () -> {
          act.run();
          return Boolean.TRUE;
        });
  }
}
