package io.rananeeti.testkit;

import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** For one thread: a wait moves the clock to its deadline at once. */
final class SteppingSeams implements Seams {

  private final RandomGenerator random;
  private long now = Duration.ofDays(1).toNanos();
  private Runnable meanwhile = () -> {};

  SteppingSeams(long seed) {
    random = new Random(seed);
  }

  /** What happens during each wait. */
  void meanwhile(Runnable happening) {
    meanwhile = happening;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH.plusNanos(now);
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public Waiter newWaiter() {
    return new Waiter() {
      @Override
      public void lock() {}

      @Override
      public void unlock() {}

      @Override
      public boolean await(BooleanSupplier condition, long deadline) {
        meanwhile.run();
        if (!condition.getAsBoolean()) {
          if (deadline == Deadline.NEVER) {
            throw new IllegalStateException("one thread waits for ever");
          }
          now = Math.max(now, deadline);
        }
        return condition.getAsBoolean();
      }

      @Override
      public void signalAll() {}
    };
  }

  @Override
  public Running start(String name, Runnable body) {
    throw new UnsupportedOperationException("one thread only");
  }

  @Override
  public RandomGenerator random() {
    return random;
  }
}
