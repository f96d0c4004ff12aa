package io.rananeeti.benchmarks;

import io.rananeeti.Durability;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures all subjects in turns, in one process: in each round each of them once, in an order
 * drawn anew, so that the noise of the machine meets all alike. What is compared are the ratios to
 * the baseline within one round. JMH does the threads, the windows and the counting of each turn.
 */
final class Rounds {

  private static final int WARM_UP_ROUNDS = 1;

  private final Plan plan;
  private final PrintStream out;
  private final Random order;
  private long written;

  private Rounds(Plan plan, PrintStream out) {
    this.plan = plan;
    this.out = out;
    this.order = new Random(plan.seed());
  }

  /** Runs what the arguments say, see {@link Plan}, and prints it. */
  public static void main(String[] arguments) throws IOException, RunnerException {
    run(Plan.of(arguments), System.out);
  }

  /** Returns the number of cells that were measured. */
  static int run(Plan plan, PrintStream out) throws IOException, RunnerException {
    System.setProperty("jmh.ignoreLock", "true");
    return new Rounds(plan, out).run();
  }

  private int run() throws IOException, RunnerException {
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

  private void measure(Cell cell) throws IOException, RunnerException {
    Path directory = Directories.make(plan.directory());
    Map<Kind, Turns> all = new EnumMap<>(Kind.class);
    try {
      for (Kind kind : plan.kinds()) {
        if (kind.measures(cell.durability())) {
          Subject subject = kind.open(Directories.make(directory), cell);
          all.put(kind, new Turns(subject, new ArrayList<>(), new ArrayList<>()));
        }
      }
      for (int round = 0; round < WARM_UP_ROUNDS + plan.rounds(); round++) {
        round(cell, all, round >= WARM_UP_ROUNDS);
      }
      new Report(cell, all).print(out);
    } finally {
      for (Turns turns : all.values()) {
        turns.subject().close();
      }
      Directories.delete(directory);
    }
  }

  private void round(Cell cell, Map<Kind, Turns> all, boolean counts)
      throws IOException, RunnerException {
    List<Turns> shuffled = new ArrayList<>(all.values());
    Collections.shuffle(shuffled, order);
    for (Turns turns : shuffled) {
      AppendBenchmark.ALLOCATED.reset();
      AppendBenchmark.CALLS.reset();
      double rate = turn(cell, turns.subject());
      long calls = AppendBenchmark.CALLS.sum();
      written += calls * turns.subject().entriesPerCall(cell.threads()) * cell.size();
      if (counts) {
        turns.rates().add(rate);
        turns.allocated().add(AppendBenchmark.ALLOCATED.sum() / (double) calls);
      }
      turns.subject().release();
      if (written > plan.most()) {
        throw new IOException("as many bytes as the plan allows were written: " + written);
      }
    }
  }

  /** Entries a second. */
  private double turn(Cell cell, Subject subject) throws RunnerException {
    AppendBenchmark.given = subject;
    long millis = plan.turn().toMillis();
    Options options =
        new OptionsBuilder()
            .include(AppendBenchmark.class.getName() + ".append$")
            .forks(0)
            .threads(subject.callers(cell.threads()))
            .warmupIterations(1)
            .warmupTime(TimeValue.milliseconds(Math.max(1, millis / 5)))
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(millis))
            .verbosity(VerboseMode.SILENT)
            .build();
    RunResult result = new Runner(options).runSingle();
    return result.getPrimaryResult().getScore() * subject.entriesPerCall(cell.threads());
  }
}
