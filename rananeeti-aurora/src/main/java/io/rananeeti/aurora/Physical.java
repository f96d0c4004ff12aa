package io.rananeeti.aurora;

import io.rananeeti.aurora.internal.Pulse;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of the driver as it was opened.
 *
 * @param connection the driver's, on which all calls are made
 * @param wrapper the AWS wrapper's around it, null where there is none. It is held because one that
 *     nobody holds closes the driver's when it is collected, and used for nothing else: a wrapper
 *     that exchanged the driver's connection behind our back would run on one that has proven
 *     nothing (R2)
 * @param pulse beats when the server says something
 */
record Physical(PgConnection connection, @Nullable Connection wrapper, Pulse pulse) {

  private static final Logger LOG = LoggerFactory.getLogger(Physical.class);

  /** Closes the socket, whoever reads from it, and lets the wrapper forget it. Never throws. */
  void abort() {
    pulse.stop();
    try {
      connection.abort(Runnable::run);
      if (wrapper != null) {
        wrapper.close();
      }
    } catch (SQLException e) {
      LOG.debug("a broken connection could not be closed in order: {}", e.getMessage());
    }
  }
}
