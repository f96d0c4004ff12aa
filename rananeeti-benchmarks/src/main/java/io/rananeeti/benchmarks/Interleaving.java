package io.rananeeti.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Gives each of several subjects one turn in each round, in an order drawn anew, so that the noise
 * of the machine meets all alike. What is compared are ratios within one round. Not thread-safe.
 */
public final class Interleaving {

  private static final int WARM_UP_ROUNDS = 1;

  private final int rounds;
  private final Random order;

  /**
   * So many rounds for each cell, and one before them that does not count.
   *
   * @param seed of the order within a round
   */
  public Interleaving(int rounds, long seed) {
    this.rounds = rounds;
    this.order = new Random(seed);
  }

  /** Runs all rounds of one cell. */
  public <T> void run(Collection<T> subjects, Turn<T> turn) throws Exception {
    for (int round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
      List<T> shuffled = new ArrayList<>(subjects);
      Collections.shuffle(shuffled, order);
      for (T subject : shuffled) {
        turn.take(subject, round >= WARM_UP_ROUNDS);
      }
    }
  }

  /** One turn of one subject. */
  @FunctionalInterface
  public interface Turn<T> {

    /**
     * Measures the subject.
     *
     * @param counts whether the result does
     */
    void take(T subject, boolean counts) throws Exception;
  }
}
