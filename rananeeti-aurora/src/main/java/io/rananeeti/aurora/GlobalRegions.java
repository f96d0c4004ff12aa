package io.rananeeti.aurora;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The regions of a Global Database, as one of its instances tells them. */
final class GlobalRegions {

  private static final String IS_GLOBAL =
      "SELECT pg_catalog.to_regproc('pg_catalog.aurora_global_db_instance_status') IS NOT NULL";

  private static final String REGIONS =
      "SELECT DISTINCT aws_region FROM pg_catalog.aurora_global_db_instance_status()"
          + " WHERE aws_region IS NOT NULL ORDER BY 1";

  private GlobalRegions() {}

  /** Those that no pattern of hosts covers; none if there are not several. */
  static List<String> without(List<String> hostPatterns, Connection connection)
      throws SQLException {
    List<String> regions = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      if (!isGlobal(statement)) {
        return List.of();
      }
      try (ResultSet rows = statement.executeQuery(REGIONS)) {
        while (rows.next()) {
          regions.add(rows.getString(1).toLowerCase(Locale.ROOT));
        }
      }
    }
    if (regions.size() > 1) {
      hostPatterns.forEach(pattern -> regions.remove(HostPattern.regionOf(pattern)));
    } else {
      regions.clear();
    }
    return regions;
  }

  private static boolean isGlobal(Statement statement) throws SQLException {
    try (ResultSet answer = statement.executeQuery(IS_GLOBAL)) {
      answer.next();
      return answer.getBoolean(1);
    }
  }
}
