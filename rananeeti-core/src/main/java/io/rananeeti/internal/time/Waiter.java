package io.rananeeti.internal.time;

import java.util.function.BooleanSupplier;

/**
 * A lock, and the only way to wait for something to become true under it.
 *
 * <p>Whoever changes what a condition reads does so under the lock and calls {@link #signalAll()}.
 * In production this is a lock and a list of those who wait; a simulator puts its own in its place
 * and decides who goes on. No lock of the platform is held during a call of a store, a storage or a
 * listener unless the class says so and why.
 */
public interface Waiter {

  /** Takes the lock; reentrant. */
  void lock();

  /** Gives the lock back. */
  void unlock();

  /**
   * Waits, with the lock released, until the condition holds or {@link Seams#nanoTime()} reaches
   * the deadline. The condition is called with the lock held and must not block.
   *
   * @param deadline in the nanoseconds of {@link Seams#nanoTime()}; {@link Deadline#NEVER} for none
   * @return whether the condition held at the end
   * @throws InterruptedException if the thread was interrupted before or while it waited
   */
  boolean await(BooleanSupplier condition, long deadline) throws InterruptedException;

  /** Lets all who wait look at their condition again; the caller holds the lock. */
  void signalAll();
}
