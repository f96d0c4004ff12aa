package io.rananeeti.aurora;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.Writer;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * Asks for a writable writer on a connection of its own, kept between the calls. Returns within the
 * time given even where nothing answers; a connection that is being opened then is waited for by
 * the next call. Sees to it that sessions of broken connections, which the server may keep for
 * hours, do not hold their locks. Thread-safe; one call at a time.
 *
 * <p>A writer that leaves the probe without an answer but has answered a connection of the pool
 * meanwhile is overloaded, not gone: that counts as an answer.
 */
final class Probe {

  private final Endpoint endpoint;
  private final String applicationName;
  private final Sessions sessions;
  private final Zombies zombies;
  private final StoreHost host;
  private final FrontierProof frontier;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicReference<@Nullable Writer> proven = new AtomicReference<>();
  private @Nullable Physical kept;
  private @Nullable Opening opening;
  private @Nullable Writer last;

  /**
   * A probe.
   *
   * @param host is told that a connection was opened, or could not be, after the last call had
   *     ended: it is worth to call again
   */
  Probe(
      Endpoint endpoint,
      String applicationName,
      Sessions sessions,
      Zombies zombies,
      StoreHost host) {
    this.endpoint = endpoint;
    this.applicationName = applicationName;
    this.sessions = sessions;
    this.zombies = zombies;
    this.host = host;
    this.frontier = new FrontierProof(host);
  }

  /** The writer. */
  Writer probe(Duration timeout) throws StoreException {
    long begun = System.nanoTime();
    long end = begun + timeout.toNanos();
    if (!lockUntil(end)) {
      throw new StoreException(Failure.UNREACHABLE, "08001", "another probe is under way", null);
    }
    try {
      Writer writer = ask(end);
      last = writer;
      return writer;
    } catch (SQLException e) {
      drop();
      Writer busy = last;
      if (busy != null && !Classifier.isReadOnly(e) && sessions.heardSince(begun, busy)) {
        return busy;
      }
      last = null;
      throw Wording.exception("probe of " + endpoint, Classifier.classifyOwn(e), e);
    } finally {
      lock.unlock();
    }
  }

  /** A kept connection that breaks proves nothing about the server of now: a new one is asked. */
  private Writer ask(long end) throws SQLException {
    Physical asked = kept;
    if (asked != null) {
      try {
        return ask(asked.connection(), end);
      } catch (SQLException e) {
        drop();
        if (System.nanoTime() - end >= 0) {
          throw e;
        }
      }
    }
    kept = open(end);
    return Objects.requireNonNull(proven.get());
  }

  private Writer ask(PgConnection connection, long end) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, (int) left(end).toMillis());
    Writer writer = WriterProof.ask(connection, host.retains()).writer();
    frontier.look(connection, writer);
    zombies.endForgotten(connection);
    return writer;
  }

  /** An attempt that an earlier call left behind, if it fails, says nothing about now. */
  private Physical open(long end) throws SQLException {
    Opening left = opening;
    if (left != null) {
      try {
        return await(left, end);
      } catch (SQLException e) {
        if (System.nanoTime() - end >= 0) {
          throw e;
        }
      }
    }
    Opening begun = Opening.start(this::openProven, host::suspect);
    opening = begun;
    return await(begun, end);
  }

  /** Opens one and lets it prove its writer, as long as that may take. */
  private Physical openProven() throws SQLException {
    Physical physical = endpoint.open(applicationName, endpoint.patience());
    boolean shown = false;
    try {
      sessions.add(physical);
      Writer writer = WriterProof.ask(physical.connection(), host.retains()).writer();
      frontier.look(physical.connection(), writer);
      proven.set(writer);
      shown = true;
      return physical;
    } finally {
      if (!shown) {
        physical.abort();
      }
    }
  }

  private Physical await(Opening now, long end) throws SQLException {
    boolean over = true;
    try {
      Physical physical = now.await(end);
      over = physical != null;
      if (physical == null) {
        throw new SQLTransientConnectionException("no connection so far", "08001");
      }
      return physical;
    } finally {
      if (over) {
        opening = null;
      }
    }
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
    if (kept != null) {
      kept.abort();
    }
    kept = null;
  }

  /** Closes its connection, and the one that is being opened. */
  void close() {
    lock.lock();
    try {
      if (opening != null) {
        opening.abandon();
      }
      drop();
    } finally {
      lock.unlock();
    }
  }
}
