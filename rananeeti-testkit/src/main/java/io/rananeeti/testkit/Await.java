package io.rananeeti.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The one place that waits for something outside this JVM, which cannot signal: a process, a file,
 * a port.
 */
final class Await {

  private static final Duration INTERVAL = Duration.ofMillis(5);

  private Await() {}

  /**
   * Waits until the condition holds or the limit is over.
   *
   * @return whether the condition held
   * @throws TestkitException if the thread is interrupted; its interrupt flag stays set
   */
  static boolean until(BooleanSupplier condition, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new TestkitException("interrupted while waiting for the test server");
      }
      LockSupport.parkNanos(INTERVAL.toNanos());
    }
    return true;
  }
}
