package io.rananeeti.testkit;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An S3 on 127.0.0.1, to be killed, paused and started again on the same data and port.
 *
 * <pre>{@code
 * try (S3Server server = S3Server.builder().start()) {
 *   ... // create a bucket, and put an object, through a client of server.endpoint()
 *   server.kill();
 *   server.start();
 * }
 * }</pre>
 *
 * <h2>Which server</h2>
 *
 * <ol>
 *   <li>If {@link Builder#directory(Path)} is given: S3Proxy, in that directory.
 *   <li>Else, if the environment names one in {@code RANANEETI_TEST_S3_ENDPOINT} ({@code
 *       http://host:port}): that one. It can only be used; see {@link #canBeKilled()}. The
 *       credentials are those of {@code AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY}, the
 *       region that of {@code AWS_REGION}, where they are set.
 *   <li>Else, if the system property {@code test.containers.s3} is set: LocalStack in a container
 *       (the property's value is the image; empty or {@code true} means {@code
 *       localstack/localstack:4.0}). Needs Docker, and the dependency {@code
 *       org.testcontainers:testcontainers-localstack}, which is optional here. A container that is
 *       killed has lost its data.
 *   <li>Else: S3Proxy in a temporary directory, deleted at {@link #close()}.
 * </ol>
 *
 * <h2>S3Proxy</h2>
 *
 * <p>It brings a web server and clients of several clouds. So it is no dependency of the test kit:
 * the system property {@code rananeeti.test.s3proxy} names a directory with its jars ({@code
 * docs/testkit.md} says how to get them). It runs in a child JVM, listens on 127.0.0.1 only, checks
 * signatures, and keeps each object as a file {@code data/<bucket>/<key>}, with what is known of it
 * in the file's extended attributes. The child ends when this JVM ends, even if this one is killed.
 *
 * <p>Thread-safe. {@link #isRunning()} never waits for long; the verbs that change something wait
 * for each other, and return when what they promise is so. Failures are {@link TestkitException}s
 * that say what to do.
 */
public final class S3Server extends AwsServer {

  static final String ENDPOINT = "RANANEETI_TEST_S3_ENDPOINT";

  private S3Server(ServerProcess process) {
    super(process);
  }

  /** Returns a builder with the defaults: a temporary directory, a free port. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Ends it with SIGKILL and returns when it has ended. What S3Proxy has answered is there after
   * the next {@link #start()}.
   *
   * @throws UnsupportedOperationException if it was named by the environment
   */
  @Override
  public void kill() {
    super.kill();
  }

  /** The settings of a server to be started. Not thread-safe. */
  public static final class Builder {

    private @Nullable Path directory;
    private int port;

    private Builder() {}

    /**
     * Keeps the data in this directory, which is created with mode 0700 and outlives {@link
     * S3Server#close()}. It holds {@code data}, {@code tmp} and {@code server.log}. Default: a
     * temporary directory.
     */
    public Builder directory(Path directory) {
      this.directory = directory;
      return this;
    }

    /**
     * Listens on this port, 1 to 65535. Default (0): a free one below the range of the operating
     * system's own choice, so that nobody takes it while the server is down.
     */
    public Builder port(int port) {
      this.port = checkedPort(port);
      return this;
    }

    /**
     * Starts it and returns when it answers.
     *
     * @throws TestkitException if it cannot be started; the message holds the end of its log and
     *     what to do
     */
    public S3Server start() {
      return new S3Server(open(ENDPOINT, new S3Proxy(KEY, KEY), directory, port));
    }
  }
}
