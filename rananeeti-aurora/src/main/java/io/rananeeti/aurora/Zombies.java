package io.rananeeti.aurora;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions of this node that the server still has and this process has not: left behind by a broken
 * connection or by an earlier process, they may hold locks, and may still have a COMMIT on its way.
 * Found by role, database and application name (which holds the log's id), and by not being among
 * the connections that live. Behind a pooler, which gives out process ids of its own, none is ever
 * found. Thread-safe.
 */
final class Zombies {

  private static final Logger LOG = LoggerFactory.getLogger(Zombies.class);

  private static final String OURS =
      " FROM pg_catalog.pg_stat_activity AS a"
          + " WHERE a.usename = session_user AND a.datname = pg_catalog.current_database()"
          + " AND a.application_name = ? AND a.pid <> pg_catalog.pg_backend_pid()"
          + " AND a.xact_start IS NOT NULL";

  private static final String FIND = "SELECT a.pid" + OURS;

  private static final String END =
      "SELECT a.pid, pg_catalog.pg_terminate_backend(a.pid)" + OURS + " AND a.pid = ANY (?)";

  /** A COMMIT that is late by less than this still finds its session. */
  private static final String END_IDLE =
      END
          + " AND a.state LIKE 'idle in transaction%'"
          + " AND a.state_change < pg_catalog.now() - pg_catalog.make_interval(secs => 5)";

  private final Endpoint endpoint;
  private final String applicationName;
  private final Sessions sessions;

  Zombies(Endpoint endpoint, String applicationName, Sessions sessions) {
    this.endpoint = endpoint;
    this.applicationName = applicationName;
    this.sessions = sessions;
  }

  /**
   * Those in a transaction. The living are looked up after the server has answered: whoever was
   * seen in a transaction was registered before it began one, so that no newcomer is taken for a
   * zombie.
   */
  List<Integer> find(Connection connection) throws SQLException {
    if (!sessions.knowsPids()) {
      return List.of();
    }
    List<Integer> pids = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, applicationName);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          pids.add(rows.getInt(1));
        }
      }
    }
    pids.removeAll(sessions.livePids());
    return pids;
  }

  /**
   * Ends those that have been idle in their transaction for 5 s, if any may have been left behind.
   * A transaction that is run again, by the platform or by the application, waits for the locks of
   * its first attempt, and nobody else ends that wait. Whoever may not end sessions is told in the
   * log, and is no worse off than without.
   *
   * @throws SQLException if the connection broke
   */
  void endForgotten(Connection connection) throws SQLException {
    if (!sessions.leftBehind()) {
      return;
    }
    try {
      sessions.searched();
      List<Integer> pids = find(connection);
      if (!pids.isEmpty()) {
        sessions.mayHaveLeftBehind();
        terminate(connection, END_IDLE, pids);
      }
    } catch (SQLException e) {
      sessions.mayHaveLeftBehind();
      if (Classifier.breaks(e)) {
        throw e;
      }
      LOG.warn("could not end the sessions that this node left behind: {}", Wording.describe(e));
    }
  }

  /** Ends them, on a connection of its own, because the pool's may all be waiting for them. */
  void end() {
    try {
      Physical physical = endpoint.open(applicationName, endpoint.patience());
      try (Connection connection = physical.connection()) {
        List<Integer> pids = find(connection);
        if (!pids.isEmpty()) {
          terminate(connection, END, pids);
        }
      } finally {
        physical.abort();
      }
    } catch (SQLException e) {
      LOG.warn("could not end the sessions that this node left behind: {}", Wording.describe(e));
    }
  }

  private void terminate(Connection connection, String which, List<Integer> pids)
      throws SQLException {
    pids.removeAll(sessions.livePids());
    List<Integer> ended = new ArrayList<>();
    Array array = connection.createArrayOf("integer", pids.toArray());
    try (PreparedStatement statement = connection.prepareStatement(which)) {
      statement.setString(1, applicationName);
      statement.setArray(2, array);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          ended.add(rows.getInt(1));
        }
      }
    }
    if (!ended.isEmpty()) {
      LOG.info("ended sessions that this node had left behind, pids={}", ended);
    }
  }
}
