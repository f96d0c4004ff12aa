package io.rananeeti.aurora;

import io.rananeeti.store.Writer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/** The physical connections of a store that are alive. Thread-safe. */
final class Sessions {

  private final Map<PgConnection, Session> sessions = new ConcurrentHashMap<>();
  private volatile boolean behindPooler;
  private volatile boolean leftBehind = true;

  /** Adds one, before its first statement. */
  Session add(Physical physical) {
    sessions.values().stream().filter(each -> !each.isOpen()).forEach(Session::abort);
    sessions.values().removeIf(each -> !each.isOpen());
    Session session = new Session(physical);
    sessions.put(physical.connection(), session);
    return session;
  }

  /**
   * Whether the writer has answered anybody since then. It is alive, though it may be too busy to
   * answer the others soon.
   */
  boolean heardSince(long nanoTime, Writer writer) {
    return sessions.values().stream().anyMatch(each -> each.heardSince(nanoTime, writer));
  }

  /**
   * What is kept beside a connection of the pool.
   *
   * @throws SQLException 08003 if it is closed
   */
  Session of(Connection pooled) throws SQLException {
    Session session = find(pooled);
    if (session == null) {
      throw new SQLException("not a living connection of this store", "08003");
    }
    return session;
  }

  /** The same, null if it is closed. */
  @Nullable Session find(Connection pooled) {
    try {
      return sessions.get(pooled.unwrap(PgConnection.class));
    } catch (SQLException e) {
      return null;
    }
  }

  /** Notes that the server's processes have other ids than those that the driver was told. */
  void behindPooler() {
    behindPooler = true;
  }

  /** Whether {@link #livePids} can be compared with what the server says. */
  boolean knowsPids() {
    return !behindPooler;
  }

  /** A connection broke, and the server may keep its session; as may that of an earlier process. */
  void mayHaveLeftBehind() {
    leftBehind = true;
  }

  /** Whether the server may still keep the session of a connection that is no more. */
  boolean leftBehind() {
    return leftBehind;
  }

  /** What was left behind is looked for from now on. */
  void searched() {
    leftBehind = false;
  }

  /** The server's processes of those alive. */
  List<Integer> livePids() {
    return sessions.values().stream().filter(Session::isOpen).map(Session::pid).toList();
  }

  /**
   * Closes all sockets. Each on a thread of its own: a TLS socket says good-bye when it is closed,
   * and must not keep the others waiting where the server reads nothing.
   */
  void sever() {
    mayHaveLeftBehind();
    List<Thread> threads = new ArrayList<>();
    for (Session session : sessions.values()) {
      Thread thread = new Thread(session::abort, "rananeeti-sever-" + session.pid());
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    for (Thread thread : threads) {
      await(Objects.requireNonNull(thread), end);
    }
  }

  private static void await(Thread thread, long end) {
    try {
      thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
