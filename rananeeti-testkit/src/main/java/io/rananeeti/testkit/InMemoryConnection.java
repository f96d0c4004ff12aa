package io.rananeeti.testkit;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Savepoint;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A connection of the driver: as much of JDBC as the platform uses. Owned by its user. */
final class InMemoryConnection implements InvocationHandler {

  /** A savepoint of this driver. */
  private record Named(int id) implements Savepoint {

    String sqlName() {
      return "jdbc_" + id;
    }

    @Override
    public int getSavepointId() {
      return id;
    }

    @Override
    public String getSavepointName() throws SQLException {
      throw new SQLException("an unnamed savepoint has no name", "3B000");
    }
  }

  private final InMemorySession session;
  private final AtomicInteger savepoints = new AtomicInteger();
  private int isolation = Connection.TRANSACTION_READ_COMMITTED;

  private InMemoryConnection(InMemorySession session) {
    this.session = session;
  }

  static Connection open(InMemorySession session) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            new InMemoryConnection(session));
  }

  /** The session behind a connection of this driver. */
  static InMemorySession session(Connection connection) {
    return ((InMemoryConnection) Proxy.getInvocationHandler(connection)).session;
  }

  static SQLException unsupported(Method method) {
    return new SQLFeatureNotSupportedException(
        "the database in memory has no %s.%s"
            .formatted(method.getDeclaringClass().getSimpleName(), method.getName()),
        "0A000");
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws SQLException {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "createStatement" -> InMemoryStatement.plain((Connection) self, session);
      case "prepareStatement" ->
          InMemoryStatement.prepared((Connection) self, session, String.valueOf(args[0]));
      case "getAutoCommit" -> session.isAutoCommit();
      case "isReadOnly" -> session.isReadOnly();
      case "getTransactionIsolation" -> isolation;
      case "isClosed" -> session.isClosed();
      case "isValid" -> !session.isClosed();
      case "isWrapperFor" -> false;
      case "getWarnings" -> null;
      case "setSavepoint" -> savepoint();
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> "InMemoryConnection";
      default -> change(method, args);
    };
  }

  private @Nullable Object change(Method method, @Nullable Object[] args) throws SQLException {
    switch (method.getName()) {
      case "setAutoCommit" -> session.autoCommit(Boolean.TRUE.equals(args[0]));
      case "setReadOnly" -> session.readOnly(Boolean.TRUE.equals(args[0]));
      case "setTransactionIsolation" -> isolation = args[0] instanceof Integer level ? level : 0;
      case "setSchema" -> session.settings().put("search_path", String.valueOf(args[0]));
      case "commit" -> session.commit();
      case "rollback" -> rollback(args);
      case "releaseSavepoint" -> run("RELEASE", args[0]);
      case "close" -> session.close();
      case "abort" -> session.sever();
      case "clearWarnings" -> {}
      default -> throw unsupported(method);
    }
    return null;
  }

  private void rollback(@Nullable Object[] args) throws SQLException {
    if (args.length == 0) {
      session.rollback();
    } else {
      run("ROLLBACK TO", args[0]);
    }
  }

  private Savepoint savepoint() throws SQLException {
    Named savepoint = new Named(savepoints.incrementAndGet());
    run("SAVEPOINT", savepoint);
    return savepoint;
  }

  private void run(String verb, @Nullable Object savepoint) throws SQLException {
    if (!(savepoint instanceof Named named)) {
      throw new SQLException("a savepoint of another driver", "3B001");
    }
    session.execute(InMemorySql.parse(verb + " " + named.sqlName()), java.util.List.of());
  }
}
