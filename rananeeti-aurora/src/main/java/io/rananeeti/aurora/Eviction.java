package io.rananeeti.aurora;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a pooled connection out of its pool. The socket is closed first; the next call on the
 * pool's own connection then fails with 08003, which makes the pool that it came from drop it, be
 * it the current one or one that is being retired.
 */
final class Eviction {

  private static final Logger LOG = LoggerFactory.getLogger(Eviction.class);

  private Eviction() {}

  /** Ends it. Never throws. */
  static void evict(Connection connection) {
    try (connection) {
      if (connection.isClosed()) {
        return;
      }
      connection.unwrap(PgConnection.class).abort(Runnable::run);
      connection.rollback();
    } catch (SQLException e) {
      LOG.debug("a connection was taken out of the pool: {}", e.getMessage());
    }
  }
}
