package io.rananeeti.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A fault set up at a {@link FaultProxy}: it waits for its message, and tells what has become of
 * it. Thread-safe.
 */
public final class Fault {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Aim aim;
  private final Verb verb;
  private final Duration delay;
  private final Runnable wake;

  private volatile boolean released;
  private @Nullable Object chosen;
  private long passing;
  private long remaining;
  private int triggered;
  private int delivered;
  private int undelivered;

  /**
   * A fault.
   *
   * @param wake lets those that wait for the delay look whether they still have to
   */
  Fault(Aim aim, Verb verb, Duration delay, Runnable wake) {
    this.aim = aim;
    this.verb = verb;
    this.delay = delay;
    this.wake = wake;
    this.passing = aim.passing();
    this.remaining = aim.times();
  }

  /** What a fault does to the connection. */
  enum Verb {
    RESET,
    CUT_BEFORE,
    CUT_AFTER,
    LOSE_REPLY,
    DELIVER_LATE,
    HANG
  }

  /**
   * Where and when a fault strikes.
   *
   * @param first chooses the connection; null if it may be any
   * @param passing how many messages are let pass before the first strike
   */
  record Aim(
      Message message, @Nullable Message first, long passing, long times, BooleanSupplier chance) {}

  /** Returns how often this fault has struck; counted before the client can notice. */
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
   * became is then fact. For {@link FaultPoint#hang(Duration)}: until the proxy passes again.
   *
   * @throws TestkitException if the server is not done within the limit, or the request could not
   *     be delivered, because the server or the proxy ended first
   */
  public void awaitDelivered(Duration limit) throws InterruptedException {
    if (!awaitOver(limit)) {
      throw new TestkitException(
          this
              + ": the request could not be delivered, because the server or the proxy ended first");
    }
  }

  /**
   * As {@link #awaitDelivered}, where it is no failure that the server ended the connection before
   * the request came: nothing of it can arrive any more.
   *
   * @return whether each request reached the server
   * @throws TestkitException if it is not over within the limit
   */
  public boolean awaitOver(Duration limit) throws InterruptedException {
    await(() -> triggered > 0 && delivered + undelivered >= triggered, limit, "was not delivered");
    return read(() -> undelivered) == 0;
  }

  /**
   * Ends the delay of {@link FaultPoint#deliverLate} or {@link FaultPoint#hang} at once: what is
   * held now goes on, and so does what would be held later.
   */
  public void release() {
    released = true;
    wake.run();
  }

  boolean isReleased() {
    return released;
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

  /** A request comes on a connection, and may choose it. */
  void sees(Object connection, List<FrontendMessage> request) {
    Message first = aim.first();
    if (first == null || request.stream().noneMatch(first::matches)) {
      return;
    }
    lock.lock();
    try {
      chosen = chosen == null ? connection : chosen;
    } finally {
      lock.unlock();
    }
  }

  /** Takes one of the times that this fault may strike, if the message is the one. */
  boolean strikes(Object connection, FrontendMessage candidate) {
    if (!aim.message().matches(candidate)) {
      return false;
    }
    lock.lock();
    try {
      return (aim.first() == null || chosen == connection) && remaining > 0 && strikesNow();
    } finally {
      lock.unlock();
    }
  }

  private boolean strikesNow() {
    if (passing > 0) {
      passing--;
      return false;
    }
    boolean strikes = aim.chance().getAsBoolean();
    if (strikes) {
      remaining--;
      chosen = null;
    }
    return strikes;
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
    return "fault " + verb + seconds + " at " + aim.message();
  }
}
