package io.rananeeti.testkit.simulation;

import java.util.function.LongFunction;

/**
 * Runs one seed and answers its complaints, one a line. Made by the loader of the code that it is
 * to run, and known to its caller by types of Java alone.
 */
public final class PlantedRun implements LongFunction<String>, AutoCloseable {

  /** A seed above it is one of nodes that share their logs. */
  static final long SHARED = 1_000_000;

  private final Directories directories = new Directories();

  /** With a directory of its own. */
  public PlantedRun() {}

  @Override
  public String apply(long seed) {
    SimulatedRun run =
        seed > SHARED
            ? SimulatedRun.shared(seed - SHARED, false, directories)
            : new SimulatedRun(seed, false, directories);
    run.run();
    return String.join(System.lineSeparator(), run.complaints());
  }

  @Override
  public void close() {
    directories.close();
    Carriers.end();
  }
}
