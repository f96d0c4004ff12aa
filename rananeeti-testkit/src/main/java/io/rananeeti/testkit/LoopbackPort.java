package io.rananeeti.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.random.RandomGenerator;

/**
 * Ports of 127.0.0.1 that stay ours while nobody listens on them.
 *
 * <p>They lie below the range from which operating systems take the local ports of outgoing
 * connections (from 32768 on Linux, from 49152 on macOS). A port from inside that range can be
 * taken by any client while its server is down; and a client that retries a port of 127.0.0.1 in
 * that range ends up connected to itself.
 */
final class LoopbackPort {

  private static final int LOWEST = 15_000;
  private static final int HIGHEST = 32_000;
  private static final int ATTEMPTS = 1_000;

  private LoopbackPort() {}

  /** Returns 127.0.0.1, whatever {@code localhost} means here. */
  static InetAddress address() {
    try {
      return InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }

  /**
   * Returns a port on which nobody listens now. Another program may take it before the caller does.
   */
  static int free() {
    RandomGenerator random = RandomGenerator.getDefault();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = random.nextInt(LOWEST, HIGHEST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new TestkitException(
        "no free port on 127.0.0.1 between %d and %d: end some of the programs that listen there"
            .formatted(LOWEST, HIGHEST));
  }

  static boolean isFree(int port) {
    return isFree(address(), port);
  }

  static boolean isFree(InetAddress address, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(address, port), 1);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
