package io.rananeeti.testkit;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A DynamoDB on 127.0.0.1, to be killed, paused and started again on the same data and port.
 *
 * <pre>{@code
 * try (DynamoServer server = DynamoServer.builder().start()) {
 *   ... // put an item through a client of server.endpoint()
 *   server.kill();
 *   server.start();
 * }
 * }</pre>
 *
 * <h2>Which server</h2>
 *
 * <ol>
 *   <li>If {@link Builder#directory(Path)} is given: DynamoDB Local, in that directory.
 *   <li>Else, if the environment names one in {@code RANANEETI_TEST_DYNAMODB_ENDPOINT} ({@code
 *       http://host:port}): that one. It can only be used; see {@link #canBeKilled()}. The
 *       credentials are those of {@code AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY}, the
 *       region that of {@code AWS_REGION}, where they are set.
 *   <li>Else, if the system property {@code test.containers.dynamodb} is set: LocalStack in a
 *       container (the property's value is the image; empty or {@code true} means {@code
 *       localstack/localstack:4.0}). Needs Docker, and the dependency {@code
 *       org.testcontainers:testcontainers-localstack}, which is optional here. A container that is
 *       killed has lost its data.
 *   <li>Else: DynamoDB Local in a temporary directory, deleted at {@link #close()}.
 * </ol>
 *
 * <h2>DynamoDB Local</h2>
 *
 * <p>It comes under a licence of Amazon's, for development and tests. So it is no dependency of the
 * test kit: the system property {@code rananeeti.test.dynamodb-local} names a directory with its
 * jars ({@code docs/testkit.md} says how to get them). It runs in a child JVM, listens on 127.0.0.1
 * only, takes any credentials, shares its tables among all of them and among all regions, and sends
 * no telemetry. The child ends when this JVM ends, even if this one is killed.
 *
 * <p>Thread-safe. {@link #isRunning()} never waits for long; the verbs that change something wait
 * for each other, and return when what they promise is so. Failures are {@link TestkitException}s
 * that say what to do.
 */
public final class DynamoServer extends AwsServer {

  static final String ENDPOINT = "RANANEETI_TEST_DYNAMODB_ENDPOINT";

  private DynamoServer(ServerProcess process) {
    super(process);
  }

  /** Returns a builder with the defaults: a temporary directory, a free port. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Ends it with SIGKILL and returns when it has ended. DynamoDB Local answers before it has
   * written: what it answered last may be gone after the next {@link #start()}, which DynamoDB
   * never does. Whoever needs what was answered, {@linkplain #stop() stops} or {@linkplain #pause()
   * pauses} it.
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
    private boolean inMemory;
    private int port;

    private Builder() {}

    /**
     * Keeps the data in this directory, which is created with mode 0700 and outlives {@link
     * DynamoServer#close()}. It holds {@code data}, {@code tmp} and {@code server.log}. Default: a
     * temporary directory.
     */
    public Builder directory(Path directory) {
      this.directory = directory;
      return this;
    }

    /** Whether the data are lost when it ends; faster. Default: false. */
    public Builder inMemory(boolean inMemory) {
      this.inMemory = inMemory;
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
    public DynamoServer start() {
      return new DynamoServer(open(ENDPOINT, new DynamoLocal(inMemory), directory, port));
    }
  }
}
