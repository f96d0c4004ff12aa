package io.rananeeti.aurora;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.SQLExceptionOverride;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
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

  /** Ends a connection whenever what it was doing is open, and only then. */
  private static final SQLExceptionOverride EVICTION =
      new SQLExceptionOverride() {
        @java.lang.Override
        public Override adjudicate(SQLException failure) {
          return Classifier.breaks(failure) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
        }
      };

  private final String name;
  private final int size;
  private final DataSource physical;
  private final ReentrantLock change = new ReentrantLock();
  private volatile HikariPool current;
  private boolean closed;

  Pool(String name, int size, DataSource physical) {
    this.name = name;
    this.size = size;
    this.physical = physical;
    this.current = create();
  }

  private HikariPool create() {
    HikariConfig config = new HikariConfig();
    config.setPoolName("rananeeti-" + name);
    config.setDataSource(physical);
    config.setAutoCommit(false);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    config.setValidationTimeout(1_000);
    config.setKeepaliveTime(30_000);
    config.setExceptionOverride(EVICTION);
    config.validate();
    return new HikariPool(config);
  }

  /** A connection within the time given, else 08001. */
  Connection connect(Duration timeout) throws SQLException {
    try {
      return current.getConnection(Math.max(1, timeout.toMillis()));
    } catch (SQLException e) {
      throw new SQLTransientConnectionException(
          "no connection to a writer of store %s within %s: %s".formatted(name, timeout, reason(e)),
          "08001",
          e);
    }
  }

  private static String reason(SQLException failure) {
    return failure.getCause() instanceof SQLException cause
        ? Wording.describe(cause)
        : String.valueOf(failure.getMessage());
  }

  /** Puts a fresh pool in place; the old one ends behind the caller's back. */
  void renew() {
    change.lock();
    try {
      if (!closed) {
        HikariPool old = current;
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

  private void shutDown(HikariPool pool) {
    try {
      pool.shutdown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.debug("{}: interrupted while a pool was shut down", name);
    }
  }
}
