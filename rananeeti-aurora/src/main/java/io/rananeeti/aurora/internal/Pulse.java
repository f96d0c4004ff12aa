package io.rananeeti.aurora.internal;

import java.io.IOException;
import java.net.Socket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a connection last heard from its server. A server that answers anybody is alive, however
 * long the others wait. Written by whoever reads from the socket, read by any thread.
 */
public final class Pulse {

  private static final Logger LOG = LoggerFactory.getLogger(Pulse.class);

  private volatile long heard = System.nanoTime();
  private volatile @Nullable Socket socket;

  /** Of this socket. */
  void of(Socket made) {
    socket = made;
  }

  /**
   * Closes the socket below TLS, which would wait for whoever writes before it says good-bye. Wakes
   * who reads from it and who writes to it. Never throws.
   */
  public void stop() {
    Socket open = socket;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        LOG.debug("a socket could not be closed in order: {}", e.getMessage());
      }
    }
  }

  /** Something was read. */
  void beat() {
    heard = System.nanoTime();
  }

  /** Whether something was read at or after this value of {@link System#nanoTime()}. */
  public boolean heardSince(long nanoTime) {
    return heard - nanoTime >= 0;
  }
}
