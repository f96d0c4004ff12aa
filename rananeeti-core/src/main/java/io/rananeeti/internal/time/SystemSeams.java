package io.rananeeti.internal.time;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The seams in production: a lock and threads. */
final class SystemSeams implements Seams {

  static final SystemSeams INSTANCE = new SystemSeams();

  private static final Logger LOG = LoggerFactory.getLogger(SystemSeams.class);

  private final SecureRandom random = new SecureRandom();
  private final long origin = System.nanoTime() - Duration.ofDays(1).toNanos();

  private SystemSeams() {}

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long nanoTime() {
    return System.nanoTime() - origin;
  }

  @Override
  public Waiter newWaiter() {
    return new SystemWaiter();
  }

  @Override
  public Running start(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler(
        (dead, failure) -> LOG.error("{}: thread ended by a failure", dead.getName(), failure));
    thread.start();
    return new RunningThread(thread);
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck")
  public void giveWay() {
    Thread.yield();
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  private record RunningThread(Thread thread) implements Running {

    @Override
    public void interrupt() {
      thread.interrupt();
    }

    @Override
    public boolean join(long deadline) throws InterruptedException {
      long left = Deadline.left(INSTANCE, deadline).toMillis();
      thread.join(Math.max(1, left));
      return !thread.isAlive();
    }
  }
}
