package io.rananeeti.internal.time;

import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Everything through which the platform touches time, threads and chance. One instance a platform;
 * thread-safe.
 */
public interface Seams {

  /** Those of this machine. */
  static Seams system() {
    return SystemSeams.INSTANCE;
  }

  /** The wall clock: may step; for what people read, never for what is decided. */
  Instant now();

  /** A clock that never steps back, from an arbitrary origin that is well above zero. */
  long nanoTime();

  /** A new lock to wait under. */
  Waiter newWaiter();

  /**
   * Starts a daemon thread.
   *
   * @param body ends by itself; what it throws is logged
   * @return a handle to wait for its end
   */
  Running start(String name, Runnable body);

  /**
   * Lets other threads run first, if any is ready; only time may depend on it. Nothing by default.
   */
  default void giveWay() {}

  /** Unpredictable in production, seeded in a simulator. Thread-safe. */
  RandomGenerator random();

  /** A thread that was started. */
  interface Running {

    /** Interrupts what it waits for. */
    void interrupt();

    /**
     * Waits for its end.
     *
     * @return false if it still ran at the deadline
     */
    boolean join(long deadline) throws InterruptedException;
  }
}
