package io.rananeeti.internal.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a statement answers about itself before the driver has made one. */
final class Defaults {

  private Defaults() {}

  /**
   * The answer to a getter.
   *
   * @param configured what the setter of that name was given last, null if it was not called
   * @param creation the arguments of the call that created the statement
   * @param holdability of the connection then
   */
  static Object of(
      String getter, @Nullable Object configured, @Nullable Object[] creation, int holdability)
      throws SQLException {
    if (configured != null) {
      return configured;
    }
    return switch (getter) {
      case "getFetchSize", "getMaxRows", "getMaxFieldSize", "getQueryTimeout" -> 0;
      case "getFetchDirection" -> ResultSet.FETCH_FORWARD;
      case "getResultSetType" -> numbered(creation, 0, ResultSet.TYPE_FORWARD_ONLY);
      case "getResultSetConcurrency" -> numbered(creation, 1, ResultSet.CONCUR_READ_ONLY);
      case "getResultSetHoldability" -> numbered(creation, 2, holdability);
      case "isPoolable" -> creation.length > 0 && creation[0] instanceof String;
      case "isCloseOnCompletion" -> false;
      default -> throw new SQLException(getter + " before the statement was run", "55000");
    };
  }

  /** The given one of type, concurrency and holdability, wherever they stand after the text. */
  private static int numbered(@Nullable Object[] creation, int which, int otherwise) {
    int offset = creation.length > 0 && creation[0] instanceof String ? 1 : 0;
    boolean given = creation.length - offset >= 2 && creation.length - offset > which;
    return given && creation[offset + which] instanceof Integer number ? number : otherwise;
  }
}
