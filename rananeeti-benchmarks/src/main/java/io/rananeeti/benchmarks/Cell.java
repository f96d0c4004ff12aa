package io.rananeeti.benchmarks;

import io.rananeeti.Durability;

/** One line of the result: who is measured against whom under the same conditions. */
record Cell(Durability durability, int size, int threads) {

  @Override
  public String toString() {
    return "%-7s %4d B %2d threads".formatted(durability, size, threads);
  }
}
