package io.rananeeti.internal.lincheck;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuarantee;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jspecify.annotations.Nullable;

/**
 * How much Lincheck explores. It draws scenarios and interleavings from seeds of its own that never
 * change, so a run explores the same ones every time; the profile {@code full} explores more.
 */
public final class Exploration {

  /** What Lincheck says where it saw that nothing moves any more. */
  public static final String HUNG = "hung";

  /** What it says where no order of the operations explains the results. */
  public static final String NOT_LINEARIZABLE = "Invalid execution results";

  /** What it says where a check at the end of a scenario failed. */
  public static final String INVALID = "Validation function";

  private static final boolean FULL = Boolean.getBoolean("rananeeti.test.full");
  private static final int SCENARIOS = FULL ? 60 : 4;
  private static final int INTERLEAVINGS = FULL ? 600 : 60;
  private static final int RUNS = FULL ? 5_000 : 200;
  private static final int PATIENCE = 20;

  private Exploration() {}

  /** Random scenarios of three threads, each in many interleavings, against a specification. */
  public static ModelCheckingOptions of(Class<?> specification) {
    return options(specification)
        .iterations(SCENARIOS)
        .invocationsPerIteration(INTERLEAVINGS)
        .threads(3)
        .actorsBefore(1);
  }

  /** One operation in each of two threads, in more interleavings. */
  public static ModelCheckingOptions deep(Class<?> specification) {
    return options(specification)
        .iterations(1)
        .invocationsPerIteration(RUNS)
        .threads(2)
        .actorsBefore(0);
  }

  /**
   * As many scenarios, each in far more interleavings: what is broken ends with its first fault.
   */
  public static ModelCheckingOptions patiently(Class<?> specification) {
    return of(specification).invocationsPerIteration(INTERLEAVINGS * PATIENCE);
  }

  /** As {@link #deep}, in far more interleavings. */
  public static ModelCheckingOptions deepAndPatiently(Class<?> specification) {
    return deep(specification).invocationsPerIteration(RUNS * PATIENCE * PATIENCE / 4);
  }

  private static ModelCheckingOptions options(Class<?> specification) {
    return new ModelCheckingOptions()
        .actorsPerThread(1)
        .actorsAfter(0)
        .minimizeFailedScenario(false)
        .sequentialSpecification(specification)
        .addGuarantee(unwatched());
  }

  /** Explores the interleavings of what this starts, many runs. */
  public static void explore(Runnable oneRun) {
    Lincheck.runConcurrentTest(RUNS, oneRun);
  }

  /** As {@link #explore}, far more runs: what is broken ends with its first fault. */
  public static void explorePatiently(Runnable oneRun) {
    Lincheck.runConcurrentTest(RUNS * PATIENCE, oneRun);
  }

  /** That Lincheck finds fault, of this kind, and can tell how it came. */
  public static void refuted(Runnable exploration, String kind) {
    assertThatThrownBy(exploration::run)
        .isInstanceOf(LincheckAssertionError.class)
        .hasMessageContaining(kind)
        .hasMessageContaining("The following interleaving leads to the error");
  }

  /** That Lincheck finds fault, of whatever kind. */
  public static void refuted(Runnable exploration) {
    refuted(exploration, "");
  }

  /** Runs them side by side, to their ends; the failure of one is thrown here. */
  public static void together(Runnable... bodies) {
    Body[] each = new Body[bodies.length];
    Thread[] threads = new Thread[bodies.length];
    for (int i = 0; i < bodies.length; i++) {
      each[i] = new Body(bodies[i]);
      threads[i] = new Thread(each[i]);
    }
    for (Thread thread : threads) {
      thread.start();
    }
    for (int i = 0; i < bodies.length; i++) {
      await(threads[i]);
      each[i].throwFailure();
    }
  }

  private static void await(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Keeps the failure of a thread: Lincheck sees that of the first one only. */
  private static final class Body implements Runnable {

    private final Runnable body;
    private volatile @Nullable RuntimeException failure;

    Body(Runnable body) {
      this.body = body;
    }

    @Override
    public void run() {
      try {
        body.run();
      } catch (RuntimeException e) {
        failure = e;
      }
    }

    void throwFailure() {
      RuntimeException thrown = failure;
      if (thrown != null) {
        throw new IllegalStateException(thrown.getMessage(), thrown);
      }
    }
  }

  /** Encoding, files and log lines are no place where threads meet. */
  private static ManagedStrategyGuarantee unwatched() {
    return ManagedStrategyGuaranteeKt.forClasses(
            name ->
                name.startsWith("io.rananeeti.internal.codec.")
                    || name.equals("io.rananeeti.internal.log.Proof")
                    || name.startsWith("io.rananeeti.internal.log.Frame")
                    || name.startsWith("io.rananeeti.internal.log.Framing")
                    || name.startsWith("io.rananeeti.internal.log.LogScan")
                    || name.startsWith("org.slf4j.")
                    || name.startsWith("ch.qos.logback."))
        .allMethods()
        .ignore();
  }
}
