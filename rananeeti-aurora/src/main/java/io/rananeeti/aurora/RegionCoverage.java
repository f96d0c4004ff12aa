package io.rananeeti.aurora;

import io.rananeeti.store.Coverage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * How far the regions have come that may be promoted (R5): of an Aurora Global Database by {@code
 * aurora_global_db_status()}, of a plain PostgreSQL by its physical replication slots, which
 * remember a standby also while it is away. A server without slots may have standbys that nobody
 * knows of.
 */
final class RegionCoverage {

  private static final String IS_AURORA =
      "SELECT pg_catalog.to_regproc('pg_catalog.aurora_global_db_status') IS NOT NULL";

  /** The primary region has a lag of -1. One that has said nothing yet has nothing. */
  private static final String OF_AURORA =
      "SELECT coalesce(max(s.highest_lsn_written) FILTER (WHERE s.durability_lag_in_msec = -1), 0),"
          + " min(coalesce(s.highest_lsn_written, 0)) FILTER (WHERE s.durability_lag_in_msec IS DISTINCT FROM -1)"
          + " FROM pg_catalog.aurora_global_db_status() AS s";

  private static final String OF_POSTGRES =
      "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0'),"
          + " min(coalesce(pg_catalog.pg_wal_lsn_diff(s.restart_lsn, '0/0'), 0))"
          + " FROM pg_catalog.pg_replication_slots AS s WHERE s.slot_type = 'physical'";

  private RegionCoverage() {}

  static Coverage ask(Connection connection) throws SQLException {
    boolean aurora = isAurora(connection);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(aurora ? OF_AURORA : OF_POSTGRES)) {
      row.next();
      long written = row.getLong(1);
      long covered = row.getLong(2);
      if (row.wasNull()) {
        covered = aurora ? Long.MAX_VALUE : Coverage.UNKNOWN;
      }
      connection.rollback();
      return new Coverage(written, covered);
    }
  }

  private static boolean isAurora(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(IS_AURORA)) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
