package io.rananeeti.benchmarks;

import io.rananeeti.Durability;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Map;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures all subjects in turns, in one process, by {@link Interleaving}. JMH starts and stops the
 * threads of each turn; {@link Window} counts.
 */
final class Rounds {

  private final Plan plan;
  private final PrintStream out;
  private final Interleaving interleaving;
  private long written;

  private Rounds(Plan plan, PrintStream out) {
    this.plan = plan;
    this.out = out;
    this.interleaving = new Interleaving(plan.rounds(), plan.seed());
  }

  /** Runs what the arguments say, see {@link Plan}, and prints it. */
  public static void main(String[] arguments) throws Exception {
    run(Plan.of(arguments), System.out);
  }

  /** Returns the number of cells that were measured. */
  static int run(Plan plan, PrintStream out) throws Exception {
    System.setProperty("jmh.ignoreLock", "true");
    return new Rounds(plan, out).run();
  }

  private int run() throws Exception {
    out.println(plan);
    int cells = 0;
    for (Durability durability : plan.levels()) {
      for (int size : plan.sizes()) {
        for (int threads : plan.threads()) {
          measure(new Cell(durability, size, threads));
          cells++;
        }
      }
    }
    out.printf("written: %.1f GiB%n", written / (double) (1L << 30));
    return cells;
  }

  private void measure(Cell cell) throws Exception {
    Path directory = Directories.make(plan.directory());
    Map<Kind, Turns> all = new EnumMap<>(Kind.class);
    try {
      for (Kind kind : plan.kinds()) {
        if (kind.measures(cell.durability())) {
          Subject subject = kind.open(Directories.make(directory), cell);
          all.put(kind, new Turns(subject, new ArrayList<>(), new ArrayList<>()));
        }
      }
      interleaving.run(all.values(), (turns, counts) -> take(cell, turns, counts));
      new Report(cell, all).print(out);
    } finally {
      for (Turns turns : all.values()) {
        turns.subject().close();
      }
      Directories.delete(directory);
    }
  }

  private void take(Cell cell, Turns turns, boolean counts) throws Exception {
    int entries = turns.subject().entriesPerCall(cell.threads());
    turn(cell, turns.subject());
    written += AppendBenchmark.WINDOW.calls() * entries * cell.size();
    if (counts) {
      turns.rates().add(AppendBenchmark.WINDOW.callsPerSecond() * entries);
      turns.allocated().add(AppendBenchmark.WINDOW.bytesPerCall());
    }
    turns.subject().release();
    if (written > plan.most()) {
      throw new IOException("as many bytes as the plan allows were written: " + written);
    }
  }

  private void turn(Cell cell, Subject subject) throws RunnerException {
    AppendBenchmark.given = subject;
    AppendBenchmark.WINDOW.clear();
    Options options =
        new OptionsBuilder()
            .include(AppendBenchmark.class.getName() + ".append$")
            .forks(0)
            .threads(subject.callers(cell.threads()))
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(plan.turn().toMillis()))
            .verbosity(VerboseMode.SILENT)
            .build();
    new Runner(options).run();
  }
}
