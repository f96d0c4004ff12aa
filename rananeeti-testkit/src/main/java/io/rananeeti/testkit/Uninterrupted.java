package io.rananeeti.testkit;

import io.rananeeti.internal.time.Waiter;
import java.util.function.BooleanSupplier;

/** Waits as a socket does: an interrupt does not end it, and is kept for later. */
final class Uninterrupted {

  private Uninterrupted() {}

  /** As {@link Waiter#await}, with the lock held. */
  static boolean await(Waiter waiter, BooleanSupplier condition, long deadline) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return waiter.await(condition, deadline);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
