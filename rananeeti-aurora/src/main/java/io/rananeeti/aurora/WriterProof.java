package io.rananeeti.aurora;

import io.rananeeti.store.Writer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * What a physical connection has to show before first use: that it speaks to a writer, and which
 * one (R2 a).
 *
 * @param writer the system identifier, the timeline and, on Aurora, the instance; its lineage is
 *     the timeline
 * @param synchronousCommit the session's setting
 * @param pid the server's process, as the server says
 * @param user as whom the session has logged in
 * @param searchPath with which it has begun
 * @param timeZone with which it has begun
 */
record WriterProof(
    Writer writer,
    String synchronousCommit,
    int pid,
    String user,
    String searchPath,
    String timeZone) {

  private static final String IDENTITY =
      "SELECT s.system_identifier,"
          + " CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE pg_catalog.substr("
          + "pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) END,"
          + " pg_catalog.current_setting('transaction_read_only'),"
          + " pg_catalog.current_setting('synchronous_commit'),"
          + " pg_catalog.pg_backend_pid(),"
          + " pg_catalog.to_regproc('pg_catalog.aurora_db_instance_identifier') IS NOT NULL,"
          + " session_user, pg_catalog.current_setting('search_path'),"
          + " pg_catalog.current_setting('TimeZone'),"
          + " pg_catalog.to_regclass('rananeeti.epoch') IS NOT NULL"
          + " FROM pg_catalog.pg_control_system() AS s";

  private static final String EPOCH = "SELECT epoch FROM rananeeti.epoch";

  private static final String INSTANCE = "SELECT pg_catalog.aurora_db_instance_identifier()";

  /**
   * Asks; the connection is in auto-commit mode, and its reads are limited.
   *
   * @param withEpoch whether the epoch is of interest (R3), which costs a round trip; else it is 0
   * @throws SQLException 25006 if the server is no writer
   */
  static WriterProof ask(Connection connection, boolean withEpoch) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(IDENTITY)) {
      answer.next();
      String timeline = answer.getString(2);
      if (timeline == null || answer.getString(3).equals("on")) {
        throw new SQLTransientConnectionException("the server is read-only, no writer", "25006");
      }
      String instance = answer.getBoolean(6) ? "@" + instance(connection) : "";
      String identity = answer.getString(1) + ":" + timeline + instance;
      long epoch = withEpoch && answer.getBoolean(10) ? epoch(connection) : 0;
      return new WriterProof(
          new Writer(identity, epoch, Long.parseLong(timeline, 16)),
          answer.getString(4),
          answer.getInt(5),
          answer.getString(7),
          answer.getString(8),
          answer.getString(9));
    }
  }

  private static long epoch(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(EPOCH)) {
      return answer.next() ? answer.getLong(1) : 0;
    }
  }

  private static @Nullable String instance(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(INSTANCE)) {
      answer.next();
      return answer.getString(1);
    }
  }

  /** Whether a commit on such a session returns before it is on disk (C8). */
  boolean commitsWithoutWaiting() {
    return synchronousCommit.equals("off");
  }
}
