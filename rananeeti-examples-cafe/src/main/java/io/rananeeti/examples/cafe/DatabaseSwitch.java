package io.rananeeti.examples.cafe;

import io.rananeeti.testkit.PostgresServer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills the embedded database as a crash does, and starts it again. Requests return at once; one
 * thread carries them out, one after another.
 */
final class DatabaseSwitch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DatabaseSwitch.class);

  /** What the database does. */
  enum Position {
    /** It runs. */
    RUNNING,
    /** It does not run. */
    DEAD,
    /** It has been told to start. */
    STARTING,
    /** It has been told to die. */
    DYING
  }

  private final PostgresServer server;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(work -> new Thread(work, "cafe-database-switch"));
  private volatile Position position = Position.RUNNING;

  DatabaseSwitch(PostgresServer server) {
    this.server = server;
  }

  /** What the database does now, by the operating system's word. */
  Position position() {
    Position known = position;
    if (known == Position.STARTING || known == Position.DYING) {
      return known;
    }
    return server.isRunning() ? Position.RUNNING : Position.DEAD;
  }

  /** SIGKILL to the postmaster and its backends. */
  void kill() {
    change(Position.DYING, server::kill, Position.DEAD);
  }

  /** Starts it on the same data and port. */
  void start() {
    change(Position.STARTING, server::start, Position.RUNNING);
  }

  private void change(Position meanwhile, Runnable action, Position after) {
    position = meanwhile;
    try {
      thread.execute(
          () -> {
            position = meanwhile;
            try {
              action.run();
            } catch (RuntimeException e) {
              log.warn("the embedded database could not be switched", e);
            } finally {
              position = after;
            }
          });
    } catch (RejectedExecutionException e) {
      position = after;
      log.info("the cafe is closing: the database is left as it is");
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
