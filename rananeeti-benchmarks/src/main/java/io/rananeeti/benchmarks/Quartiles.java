package io.rananeeti.benchmarks;

import java.util.Arrays;
import java.util.Collection;

/** Median and quartiles, by linear interpolation. */
record Quartiles(double lower, double median, double upper) {

  static Quartiles of(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return new Quartiles(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  private static double at(double[] sorted, double share) {
    if (sorted.length == 0) {
      throw new IllegalArgumentException("no values: " + Arrays.toString(sorted));
    }
    double place = share * (sorted.length - 1);
    int below = (int) place;
    double above = sorted[Math.min(below + 1, sorted.length - 1)];
    return sorted[below] + (place - below) * (above - sorted[below]);
  }
}
