package io.rananeeti.s3;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A statement: an operation becomes an action of the connection's transaction, and answers 1. */
final class S3Statement implements InvocationHandler {

  private final S3Connection connection;
  private final Class<? extends Statement> type;
  private final @Nullable String text;
  private final TreeMap<Integer, Object> parameters = new TreeMap<>();
  private final List<List<Object>> batch = new ArrayList<>();
  private final Map<String, Object> options = new HashMap<>();
  private long count = -1;
  private boolean closed;

  private S3Statement(
      S3Connection connection, Class<? extends Statement> type, @Nullable String text) {
    this.connection = connection;
    this.type = type;
    this.text = text;
  }

  static Statement open(
      S3Connection connection, Class<? extends Statement> type, @Nullable String text) {
    return (Statement)
        Proxy.newProxyInstance(
            S3Statement.class.getClassLoader(),
            new Class<?>[] {type},
            new S3Statement(connection, type, text));
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "close" -> close();
      case "isClosed" -> closed;
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> type.getSimpleName() + "[" + (text == null ? "" : text) + "]";
      case "isWrapperFor" -> ((Class<?>) Proxies.given(args)).isInstance(self);
      case "unwrap" -> Proxies.unwrap(self, (Class<?>) Proxies.given(args));
      default -> {
        if (closed) {
          throw new SQLException("this statement is closed", "55000");
        }
        yield open(self, method, args);
      }
    };
  }

  private @Nullable Object open(Object self, Method method, @Nullable Object[] args)
      throws Throwable {
    String name = method.getName();
    return switch (name) {
      case "getConnection" -> connection.proxy();
      case "execute" -> {
        run(textOf(args), row());
        yield false;
      }
      case "executeUpdate" -> (int) run(textOf(args), row());
      case "executeLargeUpdate" -> run(textOf(args), row());
      case "addBatch" -> addBatch(args);
      case "clearBatch" -> clear(batch);
      case "executeBatch" -> Arrays.stream(runBatch()).mapToInt(n -> (int) n).toArray();
      case "executeLargeBatch" -> runBatch();
      case "clearParameters" -> clearParameters();
      case "getResultSet", "getWarnings", "clearWarnings" -> null;
      case "getUpdateCount" -> (int) count;
      case "getLargeUpdateCount" -> count;
      case "getMoreResults" -> noMore();
      case "executeQuery" -> throw new SQLException(S3Texts.UNKNOWN, "42601");
      case "enquoteLiteral", "enquoteIdentifier", "isSimpleIdentifier", "enquoteNCharLiteral" ->
          InvocationHandler.invokeDefault(self, method, args);
      default -> setOrGet(name, args);
    };
  }

  private @Nullable Object setOrGet(String name, @Nullable Object[] args) throws SQLException {
    if (name.startsWith("set") && args.length >= 2) {
      return set(args);
    }
    if (name.startsWith("set")) {
      options.put(name.substring(3), args.length == 0 ? (Object) true : Proxies.given(args));
      return null;
    }
    Object set = options.get(name.startsWith("is") ? name.substring(2) : name.substring(3));
    return switch (name) {
      case "getFetchSize", "getMaxRows", "getMaxFieldSize", "getQueryTimeout" ->
          set == null ? 0 : set;
      case "getLargeMaxRows" -> set == null ? 0L : set;
      case "getFetchDirection" -> set == null ? ResultSet.FETCH_FORWARD : set;
      case "getResultSetType" -> ResultSet.TYPE_FORWARD_ONLY;
      case "getResultSetConcurrency" -> ResultSet.CONCUR_READ_ONLY;
      case "getResultSetHoldability" -> ResultSet.CLOSE_CURSORS_AT_COMMIT;
      case "isPoolable" -> set == null ? type != Statement.class : set;
      default -> throw Proxies.unsupported("Statement." + name);
    };
  }

  private @Nullable Object set(@Nullable Object[] args) throws SQLException {
    if (!(args[0] instanceof Integer index) || index < 1) {
      throw new SQLException("parameters have numbers from 1 on", "22023");
    }
    Object value = args[1];
    if (value == null) {
      throw new SQLException("operations of S3 have no nulls", "22004");
    }
    parameters.put(index, read(value));
    return null;
  }

  private static Object read(Object value) throws SQLException {
    try {
      if (value instanceof InputStream in) {
        return in.readAllBytes();
      }
    } catch (IOException e) {
      throw new SQLDataException("a parameter's stream can't be read", "22023", e);
    }
    return value instanceof Blob blob ? blob.getBytes(1, (int) blob.length()) : value;
  }

  private String textOf(@Nullable Object[] args) throws SQLException {
    if (args.length > 0 && text == null) {
      return (String) Proxies.given(args);
    }
    if (args.length > 0 || text == null) {
      throw new SQLException("a prepared statement has its text, others are given one", "42809");
    }
    return text;
  }

  private List<Object> row() {
    return new ArrayList<>(parameters.values());
  }

  private long run(String sql, List<Object> values) throws SQLException {
    count = 0;
    if (!connection.control(sql)) {
      connection.write(ActionText.action(sql, values));
      count = 1;
    }
    return count;
  }

  private long[] runBatch() throws SQLException {
    List<List<Object>> all = List.copyOf(batch);
    batch.clear();
    for (List<Object> values : all) {
      run(textOf(new Object[0]), values);
    }
    long[] counts = new long[all.size()];
    Arrays.fill(counts, 1);
    return counts;
  }

  private @Nullable Object addBatch(@Nullable Object[] args) throws SQLException {
    if (args.length > 0) {
      throw Proxies.unsupported("Statement.addBatch(String)");
    }
    batch.add(row());
    return null;
  }

  private static @Nullable Object clear(List<?> all) {
    all.clear();
    return null;
  }

  private @Nullable Object clearParameters() {
    parameters.clear();
    return null;
  }

  private boolean noMore() {
    count = -1;
    return false;
  }

  private @Nullable Object close() {
    closed = true;
    return null;
  }
}
