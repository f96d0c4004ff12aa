package io.rananeeti.benchmarks;

import java.io.PrintStream;
import java.util.Map;

/** The lines of one cell, each a row of a Markdown table. */
record Report(Cell cell, Map<Kind, Turns> all) {

  void print(PrintStream out) {
    Turns base = all.get(Kind.BARE);
    out.printf("%n| %s | entries/s | ratio to BARE (quartiles) | B/append |%n", cell);
    out.println("|---|---|---|---|");
    all.forEach((kind, turns) -> print(out, kind, turns, base == null ? turns : base));
    out.flush();
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
