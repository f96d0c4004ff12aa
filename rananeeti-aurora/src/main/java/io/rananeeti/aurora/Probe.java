package io.rananeeti.aurora;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Writer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * Asks for a writable writer on a connection of its own, kept between the calls. Returns within the
 * time given even where nothing answers. Sees to it that sessions of broken connections, which the
 * server may keep for hours, do not hold their locks. Thread-safe; one call at a time.
 */
final class Probe {

  private final Endpoint endpoint;
  private final String applicationName;
  private final Sessions sessions;
  private final Zombies zombies;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable PgConnection kept;
  private @Nullable Session session;

  Probe(Endpoint endpoint, String applicationName, Sessions sessions, Zombies zombies) {
    this.endpoint = endpoint;
    this.applicationName = applicationName;
    this.sessions = sessions;
    this.zombies = zombies;
  }

  /** The writer. */
  Writer probe(Duration timeout) throws StoreException {
    long end = System.nanoTime() + timeout.toNanos();
    if (!lockUntil(end)) {
      throw new StoreException(Failure.UNREACHABLE, "08001", "another probe is under way", null);
    }
    try {
      return ask(end);
    } catch (SQLException e) {
      drop();
      throw Wording.exception("probe of " + endpoint, Classifier.classifyOwn(e), e);
    } finally {
      lock.unlock();
    }
  }

  /** A kept connection that breaks proves nothing about the server of now: a new one is asked. */
  private Writer ask(long end) throws SQLException {
    PgConnection connection = kept;
    if (connection != null) {
      try {
        return ask(connection, end);
      } catch (SQLException e) {
        drop();
        if (System.nanoTime() - end >= 0) {
          throw e;
        }
      }
    }
    connection = endpoint.open(applicationName, left(end));
    session = sessions.add(connection);
    kept = connection;
    return ask(connection, end);
  }

  private Writer ask(PgConnection connection, long end) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, (int) left(end).toMillis());
    Writer writer = WriterProof.ask(connection).writer();
    zombies.endForgotten(connection);
    return writer;
  }

  private boolean lockUntil(long end) {
    try {
      return lock.tryLock(left(end).toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(1), end - System.nanoTime()));
  }

  private void drop() {
    if (session != null) {
      session.abort();
    }
    session = null;
    kept = null;
  }

  /** Closes its connection. */
  void close() {
    lock.lock();
    try {
      drop();
    } finally {
      lock.unlock();
    }
  }
}
