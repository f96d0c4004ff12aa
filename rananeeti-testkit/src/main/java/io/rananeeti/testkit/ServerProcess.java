package io.rananeeti.testkit;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;

/**
 * One way to have a server of AWS's kind: local, in a container, or somebody else's. Thread-safe.
 */
interface ServerProcess extends AutoCloseable {

  URI endpoint();

  /** Starts it on its data and port, unless it runs, and waits until it answers. */
  void start();

  void stop();

  void kill();

  void pause();

  void resume();

  boolean isRunning();

  boolean canBeKilled();

  /** Ends it, unless it is somebody else's. */
  @Override
  void close();

  /**
   * Whether anything answers there, be it with an error: what is asked is no request of its
   * protocol.
   */
  static boolean answers(URI endpoint, int millis) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) endpoint.toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(millis);
      connection.setReadTimeout(millis);
      try {
        return connection.getResponseCode() > 0;
      } finally {
        connection.disconnect();
      }
    } catch (IOException unreachable) {
      return false;
    }
  }
}
