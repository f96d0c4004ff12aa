package io.rananeeti.benchmarks;

import static java.util.Comparator.comparingDouble;

import java.io.PrintStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one cell, each a row of a Markdown table. The baseline is the bare file with the
 * highest median.
 */
record Report(Cell cell, Map<Kind, Turns> all) {

  void print(PrintStream out) {
    Kind base = fastestBare();
    out.printf("%n| %s | entries/s | ratio to %s (quartiles) | B/append |%n", cell, base);
    out.println("|---|---|---|---|");
    all.forEach((kind, turns) -> print(out, kind, turns, all.getOrDefault(base, turns)));
    out.flush();
  }

  private @Nullable Kind fastestBare() {
    return all.keySet().stream()
        .filter(Kind::isBare)
        .max(comparingDouble(this::median))
        .orElse(null);
  }

  private double median(Kind kind) {
    Turns turns = all.get(kind);
    return turns == null ? 0 : Quartiles.of(turns.rates()).median();
  }

  private static void print(PrintStream out, Kind kind, Turns turns, Turns base) {
    Quartiles rate = Quartiles.of(turns.rates());
    Quartiles ratio = turns.ratioTo(base);
    out.printf(
        "| %s | %.0f | %.2f (%.2f-%.2f) | %.0f |%n",
        kind,
        rate.median(),
        ratio.median(),
        ratio.lower(),
        ratio.upper(),
        Quartiles.of(turns.allocated()).median());
  }
}
