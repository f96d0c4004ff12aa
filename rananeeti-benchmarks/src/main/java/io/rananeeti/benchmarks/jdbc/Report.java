package io.rananeeti.benchmarks.jdbc;

import io.rananeeti.benchmarks.Quartiles;
import java.io.PrintStream;
import java.util.Map;

/** The lines of one cell, each a row of a Markdown table; the baseline is the first contender. */
record Report(Cell cell, Map<Contender, Scores> all) {

  void print(PrintStream out) {
    Contender base = all.keySet().iterator().next();
    out.printf(
        "%n| %s | transactions/s | to %s (quartiles) | p50 us | p99 us | p99 to %s | round trips | B |%n",
        cell, base, base);
    out.println("|---|---|---|---|---|---|---|---|");
    all.forEach(
        (contender, scores) -> print(out, contender, scores, all.getOrDefault(base, scores)));
    out.flush();
  }

  private static void print(PrintStream out, Contender contender, Scores scores, Scores base) {
    Quartiles ratio = scores.rateTo(base);
    out.printf(
        "| %s | %.0f | %.3f (%.3f-%.3f) | %.0f | %.0f | %.2f | %s | %.0f |%n",
        contender,
        scores.rate().median(),
        ratio.median(),
        ratio.lower(),
        ratio.upper(),
        scores.median().median(),
        scores.tail().median(),
        scores.tailTo(base).median(),
        Double.isNaN(scores.roundTrips()) ? "" : "%.2f".formatted(scores.roundTrips()),
        scores.allocated().median());
  }
}
