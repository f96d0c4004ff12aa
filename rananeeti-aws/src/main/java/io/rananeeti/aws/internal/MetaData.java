package io.rananeeti.aws.internal;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What can be said of a service in the words of JDBC, without asking it. */
final class MetaData extends JdbcFace {

  private final BufferedConnection connection;

  private MetaData(BufferedConnection connection) {
    super(connection.service());
    this.connection = connection;
  }

  static DatabaseMetaData open(BufferedConnection connection) {
    return new MetaData(connection).as(DatabaseMetaData.class);
  }

  @Override
  protected @Nullable Object call(Object self, Method method, @Nullable Object[] args)
      throws SQLException {
    return switch (method.getName()) {
      case "getConnection" -> connection.proxy();
      case "getDatabaseProductName" -> service().name();
      case "getDatabaseProductVersion" -> service().version();
      case "getDriverName" -> service().driver();
      case "getDriverVersion" -> "0.1";
      case "getURL" -> connection.url();
      case "getIdentifierQuoteString" -> "\"";
      case "getJDBCMajorVersion" -> 4;
      case "getJDBCMinorVersion" -> 3;
      case "getDefaultTransactionIsolation" -> Connection.TRANSACTION_READ_COMMITTED;
      case "getResultSetHoldability" -> ResultSet.CLOSE_CURSORS_AT_COMMIT;
      case "supportsTransactions", "supportsSavepoints", "supportsBatchUpdates" -> true;
      case "supportsTransactionIsolationLevel" ->
          (int) given(args) <= Connection.TRANSACTION_READ_COMMITTED;
      case "supportsResultSetType" -> (int) given(args) == ResultSet.TYPE_FORWARD_ONLY;
      default -> byType(method);
    };
  }

  private @Nullable Object byType(Method method) throws SQLException {
    Class<?> type = method.getReturnType();
    if (type == boolean.class) {
      return false;
    }
    if (type == int.class) {
      return 0;
    }
    if (type == long.class) {
      return 0L;
    }
    if (type == String.class) {
      return "";
    }
    throw unsupported("DatabaseMetaData." + method.getName());
  }

  @Override
  public String toString() {
    return "DatabaseMetaData of " + service().name();
  }
}
