package io.rananeeti.aurora;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.pool.HikariPool;
import io.rananeeti.store.StoreHost;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HikariCP over our physical connections. Thread-safe.
 *
 * <p>{@link HikariPool} is used without its data source, because the former takes a time limit with
 * each call and the latter one for all. It keeps no idle minimum: a pool that fills itself sleeps
 * longer and longer between its attempts while the database is gone, and that sleep would be added
 * to the recovery. For the same reason {@link #renew} puts a new pool in the place of the old one.
 */
final class Pool {

  private static final Logger LOG = LoggerFactory.getLogger(Pool.class);

  /** How often a caller looks whether the pool that he waits at was renewed. */
  private static final long TURN_MILLIS = 200;

  private final String name;
  private final int size;
  private final DataSource physical;
  private final Sessions sessions;
  private final StoreHost host;
  private final ReentrantLock change = new ReentrantLock();
  private volatile Running current;
  private volatile boolean closed;

  Pool(String name, int size, DataSource physical, Sessions sessions, StoreHost host) {
    this.name = name;
    this.size = size;
    this.physical = physical;
    this.sessions = sessions;
    this.host = host;
    this.current = create();
  }

  private Running create() {
    Threads threads = new Threads("rananeeti-" + name + "-pool");
    HikariConfig config = new HikariConfig();
    config.setPoolName("rananeeti-" + name);
    config.setDataSource(physical);
    config.setAutoCommit(false);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    config.setValidationTimeout(1_000);
    config.setKeepaliveTime(30_000);
    config.setExceptionOverride(new Eviction(host, sessions));
    config.setThreadFactory(threads);
    config.validate();
    return new Running(new HikariPool(config), threads);
  }

  /** A connection within the time given, else 08001; at once if the pool is renewed meanwhile. */
  Connection connect(Duration timeout) throws SQLException {
    long end = System.nanoTime() + timeout.toNanos();
    HikariPool pool = current.pool();
    while (true) {
      long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
      try {
        Connection connection = pool.getConnection(Math.min(left, TURN_MILLIS));
        if (lend(connection, pool)) {
          return connection;
        }
      } catch (SQLException e) {
        if (left <= TURN_MILLIS || isOver(pool)) {
          throw noConnection(timeout, e);
        }
      }
    }
  }

  /** Nobody comes to those who wait at it any more. */
  private boolean isOver(HikariPool pool) {
    return closed || pool != current.pool() || Thread.currentThread().isInterrupted();
  }

  private SQLException noConnection(Duration timeout, SQLException cause) {
    return new SQLTransientConnectionException(
        "no connection to a writer of store %s within %s: %s"
            .formatted(name, timeout, reason(cause)),
        "08001",
        cause);
  }

  /** False for one that broke a moment ago, which the pool does not look at again so soon. */
  private boolean lend(Connection connection, HikariPool pool) {
    Session session = sessions.find(connection);
    if (session == null || !session.isOpen()) {
      pool.evictConnection(connection);
      return false;
    }
    session.lentBy(pool);
    return true;
  }

  private static String reason(SQLException failure) {
    return failure.getCause() instanceof SQLException cause
        ? Wording.describe(cause)
        : String.valueOf(failure.getMessage());
  }

  /** Takes a connection out of the pool that lent it, if it still is there. Never throws. */
  void evict(Connection connection) {
    Session session = sessions.find(connection);
    if (session == null) {
      dropBroken(connection);
      return;
    }
    HikariPool lender = session.giveUp();
    if (lender != null) {
      lender.evictConnection(connection);
    }
  }

  /** The pool looks at a broken connection when a call on it fails, and drops it. */
  private void dropBroken(Connection connection) {
    try (connection) {
      if (!connection.isClosed()) {
        connection.rollback();
      }
    } catch (SQLException e) {
      LOG.debug("{}: dropped a broken connection: {}", name, e.getMessage());
    }
  }

  /** Puts a fresh pool in place; the old one ends behind the caller's back. */
  void renew() {
    change.lock();
    try {
      if (!closed) {
        Running old = current;
        current = create();
        Thread thread = new Thread(() -> shutDown(old), "rananeeti-" + name + "-retire");
        thread.setDaemon(true);
        thread.start();
      }
    } finally {
      change.unlock();
    }
  }

  /** Closes all connections. */
  void close() {
    change.lock();
    try {
      closed = true;
      shutDown(current);
    } finally {
      change.unlock();
    }
  }

  private void shutDown(Running running) {
    try {
      running.threads().interrupt();
      running.pool().shutdown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.debug("{}: interrupted while a pool was shut down", name);
    }
  }

  /** A pool with its threads. */
  private record Running(HikariPool pool, Threads threads) {}

  /**
   * The threads of a pool. Interrupted, they stop to wait for the next attempt to connect, which a
   * pool that is shut down would wait for.
   */
  private static final class Threads implements ThreadFactory {

    private final String name;
    private final Set<Thread> started = ConcurrentHashMap.newKeySet();

    Threads(String name) {
      this.name = name;
    }

    @Override
    public Thread newThread(Runnable body) {
      started.removeIf(each -> each.getState() == Thread.State.TERMINATED);
      Thread thread = new Thread(body, name);
      thread.setDaemon(true);
      started.add(thread);
      return thread;
    }

    void interrupt() {
      started.forEach(Thread::interrupt);
    }
  }
}
