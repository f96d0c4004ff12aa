package io.rananeeti.aurora.internal;

/**
 * When a connection last heard from its server. A server that answers anybody is alive, however
 * long the others wait. Written by whoever reads from the socket, read by any thread.
 */
public final class Pulse {

  private volatile long heard = System.nanoTime();

  /** Something was read. */
  void beat() {
    heard = System.nanoTime();
  }

  /** Whether something was read at or after this value of {@link System#nanoTime()}. */
  public boolean heardSince(long nanoTime) {
    return heard - nanoTime >= 0;
  }
}
