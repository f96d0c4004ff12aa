package io.rananeeti.internal.shared;

import io.rananeeti.internal.time.Seams;
import java.time.Duration;

/**
 * How long this process was awake, for whoever waits for an answer: a process that is stopped, or
 * whose machine is, finds after its sleep that nobody has answered for long, though nobody was
 * asked.
 *
 * <p>No clock tells that. So somebody has to {@link #nanos() look} all the time, also while others
 * wait for an answer, and between two looks only so much counts as can be between them when nobody
 * sleeps. On a machine that is very busy less counts than was waited. Thread-safe.
 */
final class Awake {

  private final Seams seams;
  private final long most;
  private long last;
  private long total;

  /**
   * Of a process that is awake now.
   *
   * @param most that counts between two looks
   */
  Awake(Seams seams, Duration most) {
    this.seams = seams;
    this.most = most.toNanos();
    this.last = seams.nanoTime();
  }

  /** How long it was awake since it was made. */
  long nanos() {
    return until(seams.nanoTime());
  }

  private synchronized long until(long now) {
    long passed = now - last;
    if (passed > 0) {
      total += Math.min(passed, most);
      last = now;
    }
    return total;
  }
}
