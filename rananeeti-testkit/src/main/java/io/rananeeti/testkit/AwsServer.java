package io.rananeeti.testkit;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the servers that stand in for services of AWS's have in common. Thread-safe. */
abstract class AwsServer implements AutoCloseable {

  /** Access key and secret of a server of ours. */
  static final String KEY = "rananeeti";

  private final ServerProcess process;

  AwsServer(ServerProcess process) {
    this.process = process;
  }

  /**
   * The server that the environment, a property or nobody asks for, running.
   *
   * @param variable that names somebody else's
   * @param local the one of this machine; its short name is the service's, and the end of the
   *     property that asks for a container
   * @param directory only a local one has; null for a temporary one
   * @param port 0 for a free one
   */
  static ServerProcess open(
      String variable, LocalServer.Program local, @Nullable Path directory, int port) {
    if (directory == null && ExternalServer.isNamedBy(variable, System.getenv())) {
      ExternalServer external = ExternalServer.from(variable, System.getenv());
      external.start();
      return external;
    }
    String property = "test.containers." + local.prefix();
    String image = System.getProperty(property);
    if (directory == null && image != null && !image.equals("false")) {
      return container(local.prefix(), property, image, port);
    }
    return LocalServer.open(local, directory, port);
  }

  private static ServerProcess container(String service, String property, String image, int port) {
    try {
      return ContainerServer.open(service, property, image, port);
    } catch (NoClassDefFoundError e) {
      throw new TestkitException(
          "the property %s needs the dependency org.testcontainers:testcontainers-localstack"
              .formatted(property),
          e);
    }
  }

  /** The port that a builder was given. */
  static int checkedPort(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port=" + port + " is not between 0 and 65535");
    }
    return port;
  }

  /** Returns where a client finds it; stays the same as long as this object lives. */
  public URI endpoint() {
    return process.endpoint();
  }

  /** Returns the port; of an endpoint that names none, that of its scheme. */
  public int port() {
    URI endpoint = endpoint();
    return endpoint.getPort() >= 0
        ? endpoint.getPort()
        : "https".equals(endpoint.getScheme()) ? 443 : 80;
  }

  /** Returns a region that it takes. */
  public String region() {
    return fromEnvironment("AWS_REGION", "us-east-1");
  }

  /** Returns an access key that it takes. */
  public String accessKey() {
    return fromEnvironment("AWS_ACCESS_KEY_ID", KEY);
  }

  /** Returns the secret of that access key. */
  public String secretKey() {
    return fromEnvironment("AWS_SECRET_ACCESS_KEY", KEY);
  }

  private String fromEnvironment(String variable, String otherwise) {
    String value = canBeKilled() ? "" : System.getenv().getOrDefault(variable, "");
    return value.isBlank() ? otherwise : value;
  }

  /**
   * Starts it on the same data and port, if it does not run, and returns when it answers. Waits up
   * to two minutes.
   */
  public void start() {
    process.start();
  }

  /**
   * Ends it in order and returns when it has ended. If it is paused, it is resumed for it.
   *
   * @throws UnsupportedOperationException if it was named by the environment
   */
  public void stop() {
    process.stop();
  }

  /** {@linkplain #stop() Stops} it, if it runs, and {@linkplain #start() starts} it again. */
  public void restart() {
    stop();
    start();
  }

  /**
   * Ends it with SIGKILL and returns when it has ended.
   *
   * @throws UnsupportedOperationException if it was named by the environment
   */
  public void kill() {
    process.kill();
  }

  /**
   * Stops it where it is (SIGSTOP): connections stay open, and nothing is answered.
   *
   * @throws UnsupportedOperationException if it was named by the environment
   */
  public void pause() {
    process.pause();
  }

  /**
   * Lets it go on (SIGCONT).
   *
   * @throws UnsupportedOperationException if it was named by the environment
   */
  public void resume() {
    process.resume();
  }

  /**
   * Whether it lives; one that is paused does. Of one named by the environment: whether it answers.
   */
  public boolean isRunning() {
    return process.isRunning();
  }

  /**
   * Whether {@link #kill()}, {@link #stop()}, {@link #pause()} and {@link #resume()} work: not on
   * one named by the environment.
   */
  public boolean canBeKilled() {
    return process.canBeKilled();
  }

  /**
   * Kills it, and deletes a temporary directory; one named by the environment is left alone. A
   * second call does nothing.
   */
  @Override
  public void close() {
    process.close();
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + endpoint() + "]";
  }
}
