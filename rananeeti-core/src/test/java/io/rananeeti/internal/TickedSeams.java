package io.rananeeti.internal;

import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** The machine's, but for clocks that only a test moves. */
final class TickedSeams implements Seams {

  static final Instant START = Instant.parse("2026-01-31T22:00:00Z");

  private final Seams system = Seams.system();
  private final AtomicLong elapsed = new AtomicLong();

  void tick(Duration by) {
    elapsed.addAndGet(by.toNanos());
  }

  @Override
  public Instant now() {
    return START.plusNanos(elapsed.get());
  }

  @Override
  public long nanoTime() {
    return Duration.ofDays(1).toNanos() + elapsed.get();
  }

  @Override
  public Waiter newWaiter() {
    return system.newWaiter();
  }

  @Override
  public Running start(String name, Runnable body) {
    return system.start(name, body);
  }

  @Override
  public RandomGenerator random() {
    return system.random();
  }
}
