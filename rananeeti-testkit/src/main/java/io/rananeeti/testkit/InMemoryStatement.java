package io.rananeeti.testkit;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A statement of the driver. Owned by the thread that uses it. */
final class InMemoryStatement implements InvocationHandler {

  private final Connection connection;
  private final InMemorySession session;
  private final @Nullable String text;
  private final TreeMap<Integer, String> parameters = new TreeMap<>();
  private final List<List<String>> batch = new ArrayList<>();
  private @Nullable ResultSet result;
  private long count = -1;
  private boolean closed;

  private InMemoryStatement(Connection connection, InMemorySession session, @Nullable String text) {
    this.connection = connection;
    this.session = session;
    this.text = text;
  }

  static Statement plain(Connection connection, InMemorySession session) {
    return proxy(Statement.class, new InMemoryStatement(connection, session, null));
  }

  static Statement prepared(Connection connection, InMemorySession session, String text) {
    return proxy(PreparedStatement.class, new InMemoryStatement(connection, session, text));
  }

  private static Statement proxy(Class<? extends Statement> type, InMemoryStatement handler) {
    return (Statement)
        Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws SQLException {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    String name = method.getName();
    return switch (name) {
      case "execute", "executeUpdate", "executeLargeUpdate", "executeQuery" -> run(name, args);
      case "executeBatch", "executeLargeBatch" -> runBatch(name.equals("executeLargeBatch"));
      case "addBatch" -> batch.add(List.copyOf(parameters.values()));
      case "getResultSet" -> result;
      case "getUpdateCount" -> (int) count;
      case "getLargeUpdateCount" -> count;
      case "getMoreResults" -> noMore();
      case "getConnection" -> connection;
      case "isClosed" -> closed || session.isClosed();
      case "close" -> close();
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> "InMemoryStatement[" + text + "]";
      case "getWarnings", "clearWarnings", "cancel" -> null;
      case "setFetchSize", "setMaxRows", "setQueryTimeout", "setPoolable" -> null;
      case "getFetchSize" -> 0;
      case "clearParameters" -> clear();
      case "clearBatch" -> clearBatch();
      default -> parameter(method, args);
    };
  }

  private @Nullable Object parameter(Method method, @Nullable Object[] args) throws SQLException {
    boolean setter =
        method.getDeclaringClass() == PreparedStatement.class
            && method.getName().startsWith("set")
            && args.length >= 2
            && args[0] instanceof Integer;
    if (!setter) {
      throw InMemoryConnection.unsupported(method);
    }
    String value = method.getName().equals("setNull") ? "null" : String.valueOf(args[1]);
    parameters.put((Integer) args[0], value);
    return null;
  }

  private Object run(String name, @Nullable Object[] args) throws SQLException {
    if (closed) {
      throw new SQLException("this statement is closed", "55000");
    }
    String sql = text == null ? String.valueOf(args[0]) : text;
    noMore();
    answer(session.execute(InMemorySql.parse(sql), List.copyOf(parameters.values())));
    ResultSet rows = result;
    return switch (name) {
      case "execute" -> rows != null;
      case "executeQuery" -> rows == null ? InMemoryResult.of(List.of()) : rows;
      case "executeUpdate" -> (int) count;
      default -> count;
    };
  }

  private void answer(InMemoryAnswer answer) {
    count = answer.count();
    result = answer.rows() == null ? null : InMemoryResult.of(answer.rows());
  }

  private Object runBatch(boolean large) throws SQLException {
    long[] counts = new long[batch.size()];
    try {
      for (int i = 0; i < counts.length; i++) {
        counts[i] = session.execute(InMemorySql.parse(String.valueOf(text)), batch.get(i)).count();
      }
    } catch (SQLException e) {
      throw new BatchUpdateException(e.getMessage(), e.getSQLState(), 0, new int[0], e);
    } finally {
      batch.clear();
    }
    return large ? counts : Arrays.stream(counts).mapToInt(Math::toIntExact).toArray();
  }

  private Object noMore() {
    result = null;
    count = -1;
    return false;
  }

  private @Nullable Object clear() {
    parameters.clear();
    return null;
  }

  private @Nullable Object clearBatch() {
    batch.clear();
    return null;
  }

  private @Nullable Object close() {
    closed = true;
    return null;
  }
}
