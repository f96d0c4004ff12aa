package io.rananeeti.testkit;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * A fault set up at a {@link FaultProxy}: it waits for its message, and tells what has become of
 * it. Thread-safe.
 */
public final class Fault {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Message message;
  private final Verb verb;
  private final Duration delay;
  private final BooleanSupplier chance;

  private long remaining;
  private int triggered;
  private int delivered;
  private int undelivered;

  Fault(Message message, Verb verb, Duration delay, long times, BooleanSupplier chance) {
    this.message = message;
    this.verb = verb;
    this.delay = delay;
    this.remaining = times;
    this.chance = chance;
  }

  /** What a fault does to the connection. */
  enum Verb {
    RESET,
    CUT_BEFORE,
    CUT_AFTER,
    LOSE_REPLY,
    DELIVER_LATE
  }

  /** Returns how often this fault has struck: how often the client's connection was cut by it. */
  public int triggered() {
    return read(() -> triggered);
  }

  /**
   * Waits until this fault has struck at least once.
   *
   * @throws TestkitException if it has not within the limit
   */
  public void awaitTriggered(Duration limit) throws InterruptedException {
    await(() -> triggered > 0, limit, "was not triggered");
  }

  /**
   * Waits until this fault has struck at least once, and the server is done with all that reached
   * it each time: it has answered, or has closed its end of the connection. What a COMMIT under way
   * became is then fact.
   *
   * @throws TestkitException if the server is not done within the limit, or the request could not
   *     be delivered, because the server or the proxy ended first
   */
  public void awaitDelivered(Duration limit) throws InterruptedException {
    await(() -> triggered > 0 && delivered + undelivered >= triggered, limit, "was not delivered");
    if (read(() -> undelivered) > 0) {
      throw new TestkitException(
          this
              + ": the request could not be delivered, because the server or the proxy ended first");
    }
  }

  /** Lets the fault strike no more. What it holds is still delivered. */
  public void cancel() {
    lock.lock();
    try {
      remaining = 0;
    } finally {
      lock.unlock();
    }
  }

  Verb verb() {
    return verb;
  }

  Duration delay() {
    return delay;
  }

  /** Takes one of the times that this fault may strike, if the message is the one. */
  boolean strikes(FrontendMessage candidate) {
    if (!message.matches(candidate)) {
      return false;
    }
    lock.lock();
    try {
      boolean strikes = remaining > 0 && chance.getAsBoolean();
      remaining -= strikes ? 1 : 0;
      return strikes;
    } finally {
      lock.unlock();
    }
  }

  boolean isSpent() {
    lock.lock();
    try {
      return remaining == 0;
    } finally {
      lock.unlock();
    }
  }

  void recordTriggered() {
    change(() -> triggered++);
  }

  void recordOutcome(boolean reachedServer) {
    change(
        () -> {
          delivered += reachedServer ? 1 : 0;
          undelivered += reachedServer ? 0 : 1;
        });
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private int read(IntSupplier value) {
    lock.lock();
    try {
      return value.getAsInt();
    } finally {
      lock.unlock();
    }
  }

  private void await(BooleanSupplier condition, Duration limit, String failure)
      throws InterruptedException {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          throw new TestkitException(this + " " + failure + " within " + limit);
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    String seconds = delay.isZero() ? "" : " by " + delay.toMillis() + " ms";
    return "fault " + verb + seconds + " at " + message;
  }
}
