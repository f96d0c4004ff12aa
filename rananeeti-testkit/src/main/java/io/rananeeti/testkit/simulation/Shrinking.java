package io.rananeeti.testkit.simulation;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes a run that failed smaller: leaves out each fault without which it still fails, and tells
 * what is left.
 */
public final class Shrinking {

  private final long seed;
  private final Directories directories;
  private final Set<Integer> skipped = new TreeSet<>();

  /** For the run of this seed, from which nothing is left out yet. */
  public Shrinking(long seed, Directories directories) {
    this.seed = seed;
    this.directories = directories;
  }

  /** What failed, the trace of what is left of it, and the command that runs it again. */
  public String report() {
    int faults = run(false).faults();
    for (int fault = faults - 1; fault >= 0; fault--) {
      skipped.add(fault);
      if (run(false).complaints().isEmpty()) {
        skipped.remove(fault);
      }
    }
    SimulatedRun smallest = run(true);
    return "seed %d: %s%n%nwhat happened, without the faults %s that it does not need:%n%s%n%s%n"
        .formatted(seed, complaints(smallest), skipped, trace(smallest), command());
  }

  private SimulatedRun run(boolean told) {
    SimulatedRun run = new SimulatedRun(seed, told, directories, Set.copyOf(skipped));
    run.run();
    return run;
  }

  private static String complaints(SimulatedRun run) {
    return String.join(System.lineSeparator(), run.complaints());
  }

  /** Without who went on when. */
  private static String trace(SimulatedRun run) {
    List<String> lines = run.simulation().story().lines().toList();
    return lines.stream()
        .filter(line -> !line.contains(": goes on: "))
        .filter(line -> !line.contains(": ends "))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** One command that runs it again. */
  public String command() {
    String skip = skipped.stream().map(String::valueOf).collect(Collectors.joining(","));
    return "./mvnw -pl rananeeti-testkit -am verify -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false -DskipITs"
        + " -Drananeeti.simulation.seed=%d".formatted(seed)
        + (skip.isEmpty() ? "" : " -Drananeeti.simulation.skip=" + skip);
  }
}
