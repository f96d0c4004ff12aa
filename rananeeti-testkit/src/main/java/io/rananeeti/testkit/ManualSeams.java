package io.rananeeti.testkit;

import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Seams with real threads and a clock that only moves when a test ticks it; chance is seeded.
 * Thread-safe. Which thread runs next is up to the machine.
 */
public final class ManualSeams implements Seams {

  private static final long ORIGIN = Duration.ofDays(1).toNanos();

  private final Instant start;
  private final AtomicLong elapsed = new AtomicLong();
  private final RandomGenerator random;
  private final List<ManualWaiter> waiters = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  /** A clock that stands at the first of January 2026, and this seed. */
  public ManualSeams(long seed) {
    this(Instant.parse("2026-01-01T00:00:00Z"), seed);
  }

  /** A clock that stands at this moment, and this seed. */
  public ManualSeams(Instant start, long seed) {
    this.start = start;
    this.random = new Random(seed);
  }

  /** Moves the clock, and lets all who wait look at it. */
  public void tick(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("the clock never steps back: " + by);
    }
    elapsed.addAndGet(by.toNanos());
    waiters.forEach(ManualWaiter::lookAgain);
  }

  /** What threads that were started here have thrown, in order. */
  public List<Throwable> failures() {
    return List.copyOf(failures);
  }

  @Override
  public Instant now() {
    return start.plusNanos(elapsed.get());
  }

  @Override
  public long nanoTime() {
    return ORIGIN + elapsed.get();
  }

  @Override
  public Waiter newWaiter() {
    ManualWaiter waiter = new ManualWaiter();
    waiters.add(waiter);
    return waiter;
  }

  @Override
  public Running start(String name, Runnable body) {
    ManualThread running = new ManualThread();
    Thread thread = new Thread(() -> running.run(body), name);
    thread.setDaemon(true);
    running.thread = thread;
    thread.start();
    return running;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  private final class ManualThread implements Running {

    private final Waiter ended = newWaiter();
    private Thread thread = Thread.currentThread();
    private boolean over;

    @Override
    public void interrupt() {
      thread.interrupt();
    }

    @Override
    public boolean join(long deadline) throws InterruptedException {
      ended.lock();
      try {
        return ended.await(() -> over, deadline);
      } finally {
        ended.unlock();
      }
    }

    private void run(Runnable body) {
      try {
        body.run();
      } catch (RuntimeException | Error failure) {
        failures.add(failure);
      } finally {
        end();
      }
    }

    private void end() {
      ended.lock();
      try {
        over = true;
        ended.signalAll();
      } finally {
        ended.unlock();
      }
    }
  }

  private final class ManualWaiter implements Waiter {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @Override
    public void lock() {
      lock.lock();
    }

    @Override
    public void unlock() {
      lock.unlock();
    }

    @Override
    public boolean await(BooleanSupplier condition, long deadline) throws InterruptedException {
      while (!condition.getAsBoolean()) {
        if (deadline != Deadline.NEVER && nanoTime() >= deadline) {
          return false;
        }
        changed.await();
      }
      return true;
    }

    @Override
    public void signalAll() {
      changed.signalAll();
    }

    private void lookAgain() {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
