package io.rananeeti.benchmarks.jdbc;

import io.rananeeti.benchmarks.Quartiles;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What one contender has reached in one cell, round by round. Not thread-safe. */
final class Scores {

  private static final double NANOS_PER_MICRO = 1_000;

  private final List<Double> rates = new ArrayList<>();
  private final List<Double> medians = new ArrayList<>();
  private final List<Double> tails = new ArrayList<>();
  private final List<Double> allocated = new ArrayList<>();
  private double roundTrips = Double.NaN;

  void add(Load.Result result) {
    Histogram latencies = result.latencies();
    rates.add(result.perSecond());
    medians.add(latencies.getValueAtPercentile(50) / NANOS_PER_MICRO);
    tails.add(latencies.getValueAtPercentile(99) / NANOS_PER_MICRO);
    allocated.add(result.bytesPerCall());
  }

  void roundTrips(double perTransaction) {
    roundTrips = perTransaction;
  }

  /** Transactions a second. */
  Quartiles rate() {
    return Quartiles.of(rates);
  }

  Quartiles rateTo(Scores base) {
    return Quartiles.ofRatios(rates, base.rates);
  }

  /** Microseconds. */
  Quartiles median() {
    return Quartiles.of(medians);
  }

  /** The 99th percentile, in microseconds. */
  Quartiles tail() {
    return Quartiles.of(tails);
  }

  Quartiles tailTo(Scores base) {
    return Quartiles.ofRatios(tails, base.tails);
  }

  /** Bytes that a caller allocates for a transaction. */
  Quartiles allocated() {
    return Quartiles.of(allocated);
  }

  /** Counted for each transaction; not a number where they were not counted. */
  double roundTrips() {
    return roundTrips;
  }
}
