package io.rananeeti.testkit.simulation;

import java.util.function.LongFunction;

/**
 * Runs one seed and answers its complaints, one a line. Made by the loader of the code that it is
 * to run, and known to its caller by types of Java alone.
 */
public final class PlantedRun implements LongFunction<String>, AutoCloseable {

  /** A seed above it is one of nodes that share their logs. */
  static final long SHARED = 1_000_000;

  /** A seed above it is one of units of work across stores. */
  static final long UNITS = 2_000_000;

  private final Directories directories = new Directories();

  /** With a directory of its own. */
  public PlantedRun() {}

  @Override
  public String apply(long seed) {
    SimulatedRun run = of(seed);
    run.run();
    return String.join(System.lineSeparator(), run.complaints());
  }

  private SimulatedRun of(long seed) {
    if (seed > UNITS) {
      return SimulatedRun.ofUnits(seed - UNITS, false, directories);
    }
    return seed > SHARED
        ? SimulatedRun.shared(seed - SHARED, false, directories)
        : new SimulatedRun(seed, false, directories);
  }

  /** What comes before the first seed of its kind. */
  static long base(long seed) {
    return seed > UNITS ? UNITS : seed > SHARED ? SHARED : 0;
  }

  @Override
  public void close() {
    directories.close();
    Carriers.end();
  }
}
