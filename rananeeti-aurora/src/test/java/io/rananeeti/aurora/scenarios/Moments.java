package io.rananeeti.aurora.scenarios;

import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/** When what happens, drawn from a seed. For one thread. */
final class Moments {

  private final SplittableRandom random;
  private final boolean oneWay;

  Moments(Scenario scenario, long seed) {
    this.random = new SplittableRandom(seed * 31 + scenario.name().hashCode());
    this.oneWay = seed % 2 == 0;
  }

  /** Lets a while pass that is drawn between these; it is part of what is played. */
  void pass(long leastMillis, long mostMillis) {
    until(System.nanoTime() + random.nextLong(leastMillis * 1_000_000, mostMillis * 1_000_000 + 1));
  }

  /** One of two ways on; the next seed takes the other. */
  boolean oneWay() {
    return oneWay;
  }

  /** Returns at that time of {@link System#nanoTime()}. */
  static void until(long end) {
    long left = end - System.nanoTime();
    while (left > 0) {
      LockSupport.parkNanos(left);
      left = end - System.nanoTime();
    }
  }
}
