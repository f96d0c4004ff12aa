package io.rananeeti.testkit.simulation;

import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * Runs one seed and answers its complaints, one a line. Made by the loader of the code that it is
 * to run, and known to its caller by types of Java alone.
 */
public final class PlantedRun implements LongFunction<String>, AutoCloseable {

  /** A seed above it is one of nodes that share their logs. */
  static final long SHARED = 1_000_000;

  /** A seed above it is one of units of work across stores. */
  static final long UNITS = 2_000_000;

  /** A seed above it is one of such nodes that lose a region. */
  static final long TAILS = 3_000_000;

  /** A seed above it is one of units of work of nodes that share their logs. */
  static final long UNITS_OF_NODES = 4_000_000;

  private final Directories directories = new Directories();

  /** With a directory of its own. */
  public PlantedRun() {}

  @Override
  public String apply(long seed) {
    SimulatedRun run = run(seed);
    run.run();
    return String.join(System.lineSeparator(), run.complaints());
  }

  /** Where the seeds of its kind begin. */
  static long base(long seed) {
    return LongStream.of(UNITS_OF_NODES, TAILS, UNITS, SHARED)
        .filter(base -> seed > base)
        .findFirst()
        .orElse(0);
  }

  private SimulatedRun run(long seed) {
    if (seed > UNITS_OF_NODES) {
      return SimulatedRun.ofUnitsOfNodes(seed - UNITS_OF_NODES, false, directories);
    }
    if (seed > TAILS) {
      return SimulatedRun.sharedTails(seed - TAILS, false, directories);
    }
    if (seed > UNITS) {
      return SimulatedRun.ofUnits(seed - UNITS, false, directories);
    }
    return seed > SHARED
        ? SimulatedRun.shared(seed - SHARED, false, directories)
        : new SimulatedRun(seed, false, directories);
  }

  @Override
  public void close() {
    directories.close();
    Carriers.end();
  }
}
