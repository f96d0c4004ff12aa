package io.rananeeti.benchmarks;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The turns of one subject in one cell.
 *
 * @param rates entries a second, by round
 * @param allocated bytes allocated for each call by those who call, by round
 */
record Turns(Subject subject, List<Double> rates, List<Double> allocated) {

  Quartiles ratioTo(Turns base) {
    List<Double> ratios =
        IntStream.range(0, rates.size())
            .mapToObj(round -> rates.get(round) / base.rates.get(round))
            .toList();
    return Quartiles.of(ratios);
  }
}
