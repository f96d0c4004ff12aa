package io.rananeeti.internal.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.DatabaseMetaData;
import org.jspecify.annotations.Nullable;

/** The driver's answers to questions about the database. */
final class MetaDataHandler implements InvocationHandler {

  private final ConnectionHandler connection;

  private MetaDataHandler(ConnectionHandler connection) {
    this.connection = connection;
  }

  static DatabaseMetaData open(ConnectionHandler connection) {
    return (DatabaseMetaData)
        Proxy.newProxyInstance(
            DatabaseMetaData.class.getClassLoader(),
            new Class<?>[] {DatabaseMetaData.class},
            new MetaDataHandler(connection));
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "getConnection" -> connection.proxy();
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> "DatabaseMetaData of " + connection.proxy();
      default ->
          connection.ask(
              "DatabaseMetaData." + method.getName(),
              physical -> ConnectionHandler.call(physical.getMetaData(), method, args));
    };
  }
}
