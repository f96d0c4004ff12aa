package io.rananeeti.internal.time;

import java.time.Duration;

/** Arithmetic on deadlines, in the nanoseconds of {@link Seams#nanoTime()}. */
public final class Deadline {

  /** A deadline that never comes. */
  public static final long NEVER = Long.MAX_VALUE;

  private Deadline() {}

  /** The moment this long after now. */
  public static long after(Seams seams, Duration duration) {
    return seams.nanoTime() + duration.toNanos();
  }

  /** What is left until then, zero once it has come. */
  public static Duration left(Seams seams, long deadline) {
    return deadline == NEVER
        ? Duration.ofNanos(NEVER)
        : Duration.ofNanos(Math.max(0, deadline - seams.nanoTime()));
  }
}
