package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Refusals;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The driver's answers to questions about the database; while detached, those last known. */
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
      case "unwrap" -> connection.unwrap(self, (Class<?>) args[0], Connection::getMetaData);
      case "isWrapperFor" ->
          connection.isWrapperFor(self, (Class<?>) args[0], Connection::getMetaData);
      default -> ask(method, args);
    };
  }

  private @Nullable Object ask(Method method, @Nullable Object[] args) throws Throwable {
    String key = LastKnown.key(method, args);
    if (key == null) {
      return askDriver(method, args);
    }
    LastKnown known = connection.sessions().lastKnown();
    Object last = connection.detached() ? known.get(key, method.getReturnType()) : null;
    if (last != null) {
      return last;
    }
    try {
      Object answer = askDriver(method, args);
      known.put(key, answer);
      return answer;
    } catch (SQLException e) {
      last =
          Refusals.DETACHED.equals(e.getSQLState()) ? known.get(key, method.getReturnType()) : null;
      if (last == null) {
        throw e;
      }
      return last;
    }
  }

  /** Within a transaction nothing else is asked: a failure would be the application's. */
  private @Nullable Object askDriver(Method method, @Nullable Object[] args) throws Throwable {
    boolean outside = !connection.inTransaction();
    ConnectionHandler.Question question =
        physical -> {
          DatabaseMetaData driver = physical.getMetaData();
          Object answer = ConnectionHandler.call(driver, method, args);
          if (outside) {
            connection.sessions().lastKnown().gather(driver);
          }
          return answer instanceof ResultSet rows
              ? StatementHandler.ofDriver(connection, physical, rows)
              : answer;
        };
    String what = "DatabaseMetaData." + method.getName();
    return LastKnown.key(method, args) == null
        ? connection.ask(what, question)
        : connection.askIfAttached(what, question);
  }
}
