package io.rananeeti.benchmarks;

import java.util.List;

/**
 * The turns of one subject in one cell.
 *
 * @param rates entries a second, by round
 * @param allocated bytes allocated for each call by those who call, by round
 */
record Turns(Subject subject, List<Double> rates, List<Double> allocated) {

  Quartiles ratioTo(Turns base) {
    return Quartiles.ofRatios(rates, base.rates);
  }
}
