package io.rananeeti.s3;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import org.jspecify.annotations.Nullable;

/** What can be said of S3 in the words of JDBC, without asking it. */
final class MetaData implements InvocationHandler {

  private final S3Connection connection;

  private MetaData(S3Connection connection) {
    this.connection = connection;
  }

  static DatabaseMetaData open(S3Connection connection) {
    return (DatabaseMetaData)
        Proxy.newProxyInstance(
            MetaData.class.getClassLoader(),
            new Class<?>[] {DatabaseMetaData.class},
            new MetaData(connection));
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> "DatabaseMetaData of S3";
      case "isWrapperFor" -> ((Class<?>) Proxies.given(args)).isInstance(self);
      case "unwrap" -> Proxies.unwrap(self, (Class<?>) Proxies.given(args));
      case "getConnection" -> connection.proxy();
      case "getDatabaseProductName" -> "S3";
      case "getDatabaseProductVersion" -> "2006-03-01";
      case "getDriverName" -> "rananeeti-s3";
      case "getDriverVersion" -> "0.1";
      case "getURL" -> connection.store().url();
      case "getIdentifierQuoteString" -> "\"";
      case "getJDBCMajorVersion" -> 4;
      case "getJDBCMinorVersion" -> 3;
      case "getDefaultTransactionIsolation" -> Connection.TRANSACTION_READ_COMMITTED;
      case "getResultSetHoldability" -> ResultSet.CLOSE_CURSORS_AT_COMMIT;
      case "supportsTransactions", "supportsSavepoints", "supportsBatchUpdates" -> true;
      case "supportsTransactionIsolationLevel" ->
          (int) Proxies.given(args) <= Connection.TRANSACTION_READ_COMMITTED;
      case "supportsResultSetType" -> (int) Proxies.given(args) == ResultSet.TYPE_FORWARD_ONLY;
      default -> byType(method);
    };
  }

  private static @Nullable Object byType(Method method) throws Throwable {
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
    throw Proxies.unsupported("DatabaseMetaData." + method.getName());
  }
}
