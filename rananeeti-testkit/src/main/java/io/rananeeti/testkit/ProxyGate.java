package io.rananeeti.testkit;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Where the bytes of a proxy wait: while it hangs, and for the delays. Thread-safe. */
final class ProxyGate {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean hanging;
  private volatile Duration toServer = Duration.ZERO;
  private volatile Duration toClient = Duration.ZERO;

  void hang(boolean hang) {
    lock.lock();
    try {
      hanging = hang;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void delay(Duration requests, Duration replies) {
    toServer = requests;
    toClient = replies;
  }

  Duration toServer() {
    return toServer;
  }

  Duration toClient() {
    return toClient;
  }

  /** Wakes all who wait here, so that they look at their own condition again. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits while the proxy hangs; returns early if nobody needs the bytes any more. */
  void pass(BooleanSupplier abandoned) throws InterruptedException {
    lock.lock();
    try {
      while (hanging && !abandoned.getAsBoolean()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a duration; returns early if nobody needs the bytes any more. */
  void linger(Duration duration, BooleanSupplier abandoned) throws InterruptedException {
    long left = duration.toNanos();
    if (left == 0) {
      return;
    }
    lock.lock();
    try {
      while (left > 0 && !abandoned.getAsBoolean()) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
