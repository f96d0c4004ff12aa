package io.rananeeti.benchmarks;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/** Median and quartiles, by linear interpolation. */
public record Quartiles(double lower, double median, double upper) {

  /** Of these values, of which there is one at least. */
  public static Quartiles of(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return new Quartiles(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  /** Of the ratios of one to the other, round by round. */
  public static Quartiles ofRatios(List<Double> values, List<Double> base) {
    return of(
        IntStream.range(0, values.size())
            .mapToObj(round -> values.get(round) / base.get(round))
            .toList());
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
