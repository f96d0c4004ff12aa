package io.rananeeti.testkit;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;

/** One way to have a DynamoDB: local, in a container, or somebody else's. Thread-safe. */
interface DynamoProcess extends AutoCloseable {

  URI endpoint();

  /** Starts it on its data and port, unless it runs, and waits until it answers. */
  void start();

  void stop();

  void kill();

  void pause();

  void resume();

  boolean isRunning();

  boolean canBeKilled();

  /** Ends what {@link DynamoServer#close()} ends. */
  @Override
  void close();

  /**
   * Whether anything answers there, be it with an error: DynamoDB knows no request without a body.
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
