package io.rananeeti.testkit.simulation;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine and Java version. Not
 * thread-safe; in a {@link Simulation} only one thread runs.
 */
final class SeededRandom implements RandomGenerator {

  private long state;

  SeededRandom(long seed) {
    state = seed;
  }

  @Override
  public long nextLong() {
    state += 0x9E3779B97F4A7C15L;
    long mixed = state;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  /** Evenly enough below this bound, in one step on every Java version. */
  @Override
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive: " + bound);
    }
    return (int) (((nextLong() >>> 32) * bound) >>> 32);
  }

  @Override
  public long nextLong(long bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive: " + bound);
    }
    return Math.floorMod(nextLong(), bound);
  }

  @Override
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** True once in so many times. */
  boolean oneIn(int times) {
    return nextInt(times) == 0;
  }

  /** One of these, each as often as any other. */
  <T> T oneOf(List<T> all) {
    return all.get(nextInt(all.size()));
  }
}
