package io.rananeeti.internal.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The numbers that JDBC gives a statement when it is created. They are looked at then, since the
 * driver's statement is made when it is run.
 */
final class StatementOptions {

  private StatementOptions() {}

  /**
   * The arguments of a call that creates a statement: perhaps a text, then perhaps the type of its
   * result sets, their concurrency and their holdability.
   *
   * @throws SQLException 22023 if one of them is none of JDBC's
   */
  static void check(@Nullable Object[] args) throws SQLException {
    int first = args.length > 0 && args[0] instanceof String ? 1 : 0;
    if (args.length - first < 2) {
      return;
    }
    checkOneOf(
        "type of a result set",
        args[first],
        ResultSet.TYPE_FORWARD_ONLY,
        ResultSet.TYPE_SCROLL_INSENSITIVE,
        ResultSet.TYPE_SCROLL_SENSITIVE);
    checkOneOf(
        "concurrency of a result set",
        args[first + 1],
        ResultSet.CONCUR_READ_ONLY,
        ResultSet.CONCUR_UPDATABLE);
    if (args.length - first > 2) {
      checkHoldability(args[first + 2]);
    }
  }

  static void checkHoldability(@Nullable Object holdability) throws SQLException {
    checkOneOf(
        "holdability of a result set",
        holdability,
        ResultSet.HOLD_CURSORS_OVER_COMMIT,
        ResultSet.CLOSE_CURSORS_AT_COMMIT);
  }

  /**
   * The one argument of a setter of a statement.
   *
   * @throws SQLException 22023 if it takes no such number
   */
  static void checkSetter(String setter, @Nullable Object[] args) throws SQLException {
    if (setter.equals("setFetchDirection")) {
      checkOneOf(
          "fetch direction",
          args[0],
          ResultSet.FETCH_FORWARD,
          ResultSet.FETCH_REVERSE,
          ResultSet.FETCH_UNKNOWN);
    } else if (args.length == 1 && args[0] instanceof Number number && number.longValue() < 0) {
      throw new SQLException(setter + " takes no negative number", "22023");
    }
  }

  private static void checkOneOf(String what, @Nullable Object given, int... known)
      throws SQLException {
    for (int each : known) {
      if (Integer.valueOf(each).equals(given)) {
        return;
      }
    }
    throw new SQLException("there is no such " + what + ": " + given, "22023");
  }
}
