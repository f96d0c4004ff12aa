package io.rananeeti.benchmarks;

/**
 * What the callers of one turn have done together, from the moment the first of them began until
 * the last one ended. JMH's own score adds up each thread's rate over that thread's own time, which
 * is far too much where some of many threads get to run late. Thread-safe.
 */
public final class Window {

  private static final double NANOS = 1e9;

  private long calls;
  private long allocated;
  private long begun = Long.MAX_VALUE;
  private long ended = Long.MIN_VALUE;

  /** Begins anew. */
  public synchronized void clear() {
    calls = 0;
    allocated = 0;
    begun = Long.MAX_VALUE;
    ended = Long.MIN_VALUE;
  }

  /** Adds what one caller has done. */
  public synchronized void add(long callsMade, long bytesAllocated, long from, long to) {
    calls += callsMade;
    allocated += bytesAllocated;
    begun = Math.min(begun, from);
    ended = Math.max(ended, to);
  }

  /** All calls. */
  public synchronized long calls() {
    return calls;
  }

  /** Calls a second of all callers together. */
  public synchronized double callsPerSecond() {
    return calls * NANOS / (ended - begun);
  }

  /** Bytes that the callers have allocated for each call. */
  public synchronized double bytesPerCall() {
    return allocated / (double) calls;
  }
}
