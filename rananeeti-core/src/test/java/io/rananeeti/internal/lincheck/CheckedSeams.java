package io.rananeeti.internal.lincheck;

import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Seams for a model checker: the locks of production, or broken ones, while time stands still and
 * chance is a constant. Threads are the test's own.
 *
 * <p>Lincheck watches a class from when watched code makes one of it, and does not see that behind
 * a constructor reference: hence the {@code switch}.
 */
public final class CheckedSeams implements Seams {

  private static final long START = 1L << 40;

  private enum Locks {
    SOUND,
    UNLOCKED,
    FORGETFUL
  }

  private final Locks locks;

  private CheckedSeams(Locks locks) {
    this.locks = locks;
  }

  /** With the locks of production. */
  public static CheckedSeams sound() {
    return new CheckedSeams(Locks.SOUND);
  }

  /** With locks that keep nobody out. */
  public static CheckedSeams unlocked() {
    return new CheckedSeams(Locks.UNLOCKED);
  }

  /** With locks that lose signals. */
  public static CheckedSeams forgetful() {
    return new CheckedSeams(Locks.FORGETFUL);
  }

  @Override
  public Instant now() {
    return Instant.EPOCH;
  }

  @Override
  public long nanoTime() {
    return START;
  }

  @Override
  public Waiter newWaiter() {
    return switch (locks) {
      case SOUND -> Seams.system().newWaiter();
      case UNLOCKED -> new UnlockedWaiter();
      case FORGETFUL -> new ForgetfulWaiter();
    };
  }

  @Override
  public Running start(String name, Runnable body) {
    throw new UnsupportedOperationException(name);
  }

  @Override
  public RandomGenerator random() {
    return () -> 7;
  }
}
