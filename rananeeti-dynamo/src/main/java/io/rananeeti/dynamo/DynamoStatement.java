package io.rananeeti.dynamo;

import io.rananeeti.dynamo.Parser.Parsed;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Blob;
import java.sql.Clob;
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
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A statement: a write becomes an action of the connection's transaction and answers 1, which the
 * commit verifies; a query is sent. Used by one thread.
 */
final class DynamoStatement implements InvocationHandler {

  private final DynamoConnection connection;
  private final Class<? extends Statement> type;
  private final @Nullable String text;
  private final Statement proxy;
  private final TreeMap<Integer, AttributeValue> parameters = new TreeMap<>();
  private final List<List<AttributeValue>> batch = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private final Map<String, Object> options = new HashMap<>();
  private @Nullable ResultSet rows;
  private long count = -1;
  private boolean closed;

  private DynamoStatement(
      DynamoConnection connection, Class<? extends Statement> type, @Nullable String text) {
    this.connection = connection;
    this.type = type;
    this.text = text;
    this.proxy =
        (Statement)
            Proxy.newProxyInstance(
                DynamoStatement.class.getClassLoader(), new Class<?>[] {type}, this);
  }

  static Statement open(
      DynamoConnection connection, Class<? extends Statement> type, @Nullable String text) {
    return new DynamoStatement(connection, type, text).proxy;
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
      case "toString" -> type.getSimpleName() + "[" + PartiqlLexer.masked(shown()) + "]";
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

  private String shown() {
    return text == null ? "" : text;
  }

  private @Nullable Object open(Object self, Method method, @Nullable Object[] args)
      throws Throwable {
    String name = method.getName();
    return switch (name) {
      case "getConnection" -> connection.proxy();
      case "execute" -> execute(textOf(args));
      case "executeQuery" -> query(textOf(args));
      case "executeUpdate" -> (int) update(textOf(args));
      case "executeLargeUpdate" -> update(textOf(args));
      case "addBatch" -> addBatch(args);
      case "clearBatch" -> clearBatch();
      case "executeBatch" -> Arrays.stream(runBatch()).mapToInt(n -> (int) n).toArray();
      case "executeLargeBatch" -> runBatch();
      case "clearParameters" -> clearParameters();
      case "getResultSet" -> rows;
      case "getUpdateCount" -> (int) count;
      case "getLargeUpdateCount" -> count;
      case "getMoreResults" -> moreResults();
      case "getWarnings", "clearWarnings", "cancel" -> name.equals("cancel") ? cancel() : null;
      case "getGeneratedKeys", "getMetaData", "getParameterMetaData" ->
          throw Proxies.unsupported("Statement." + name);
      case "enquoteLiteral", "enquoteIdentifier", "isSimpleIdentifier", "enquoteNCharLiteral" ->
          InvocationHandler.invokeDefault(self, method, args);
      default -> setOrGet(name, args);
    };
  }

  private @Nullable Object setOrGet(String name, @Nullable Object[] args) throws SQLException {
    if (name.startsWith("set") && args.length >= 2) {
      return set(name, args);
    }
    if (name.startsWith("set") || name.equals("closeOnCompletion")) {
      options.put(
          name.equals("closeOnCompletion") ? "CloseOnCompletion" : name.substring(3),
          args.length == 0 ? (Object) true : Proxies.given(args));
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
      case "isCloseOnCompletion" -> set != null;
      default -> throw Proxies.unsupported("Statement." + name);
    };
  }

  private @Nullable Object set(String name, @Nullable Object[] args) throws SQLException {
    if (!(args[0] instanceof Integer index) || index < 1) {
      throw new SQLException("parameters have numbers from 1 on", "22023");
    }
    parameters.put(
        index, name.equals("setNull") ? Values.of(null) : Values.of(read(Dates.given(name, args))));
    return null;
  }

  /** What streams and LOBs hold. */
  private static @Nullable Object read(@Nullable Object value) throws SQLException {
    try {
      if (value instanceof InputStream in) {
        return in.readAllBytes();
      }
      if (value instanceof Reader reader) {
        StringWriter all = new StringWriter();
        reader.transferTo(all);
        return all.toString();
      }
    } catch (IOException e) {
      throw new SQLDataException("a parameter's stream can't be read", "22023", e);
    }
    if (value instanceof Blob blob) {
      return blob.getBytes(1, (int) blob.length());
    }
    if (value instanceof Clob clob) {
      return clob.getSubString(1, (int) clob.length());
    }
    if (value instanceof java.sql.Array array) {
      return array.getArray();
    }
    return value;
  }

  private String textOf(@Nullable Object[] args) throws SQLException {
    if (args.length > 1
        && !(args[1] instanceof Integer none && none == Statement.NO_GENERATED_KEYS)) {
      throw Proxies.unsupported("generated keys: DynamoDB generates none");
    }
    if (args.length > 0 && text == null) {
      return (String) Proxies.given(args);
    }
    if (args.length > 0 || text == null) {
      throw new SQLException("a prepared statement has its text, others are given one", "42809");
    }
    return text;
  }

  private List<AttributeValue> row() throws SQLException {
    if (!parameters.isEmpty() && parameters.lastKey() != parameters.size()) {
      for (int i = 1; i <= parameters.lastKey(); i++) {
        if (!parameters.containsKey(i)) {
          throw new SQLException("no value is given for parameter " + i, "22023");
        }
      }
    }
    return new ArrayList<>(parameters.values());
  }

  private boolean execute(String sql) throws SQLException {
    forget();
    if (connection.control(sql)) {
      count = 0;
      return false;
    }
    Parsed parsed = StoreTexts.parse(sql);
    if (parsed.command() instanceof Command.Query) {
      rows = select(sql, parsed);
      return true;
    }
    write(sql, parsed, row());
    count = 1;
    return false;
  }

  private ResultSet query(String sql) throws SQLException {
    forget();
    Parsed parsed = StoreTexts.parse(sql);
    if (!(parsed.command() instanceof Command.Query)) {
      throw new SQLException("it returns no rows: " + PartiqlLexer.masked(sql), "07005");
    }
    ResultSet found = select(sql, parsed);
    rows = found;
    return found;
  }

  private long update(String sql) throws SQLException {
    forget();
    if (connection.control(sql)) {
      count = 0;
      return 0;
    }
    Parsed parsed = StoreTexts.parse(sql);
    if (parsed.command() instanceof Command.Query) {
      throw new SQLException("it returns rows: " + PartiqlLexer.masked(sql), "07005");
    }
    write(sql, parsed, row());
    count = 1;
    return 1;
  }

  private void write(String sql, Parsed parsed, List<AttributeValue> values) throws SQLException {
    connection.write(connection.store().operations().action(parsed, sql, values, true));
  }

  private ResultSet select(String sql, Parsed parsed) throws SQLException {
    List<AttributeValue> values = row();
    if (values.size() != parsed.parameters()) {
      throw new SQLException(
          "the statement has %d parameters, and %d are set: %s"
              .formatted(parsed.parameters(), values.size(), PartiqlLexer.masked(sql)),
          "22023");
    }
    int fetchSize = options.get("FetchSize") instanceof Integer size ? size : 0;
    long most =
        options.get("LargeMaxRows") instanceof Long large
            ? large
            : options.get("MaxRows") instanceof Integer max ? max : 0;
    return DynamoResultSet.open(proxy, new Pages(connection, sql, values, fetchSize), most);
  }

  private long[] runBatch() throws SQLException {
    forget();
    List<List<AttributeValue>> all = List.copyOf(batch);
    List<String> allTexts = List.copyOf(texts);
    clearBatch();
    if (text == null) {
      for (String sql : allTexts) {
        write(sql, StoreTexts.parse(sql), List.of());
      }
    } else {
      Parsed parsed = StoreTexts.parse(text);
      for (List<AttributeValue> values : all) {
        write(text, parsed, values);
      }
    }
    long[] counts = new long[text == null ? allTexts.size() : all.size()];
    Arrays.fill(counts, 1);
    return counts;
  }

  private @Nullable Object addBatch(@Nullable Object[] args) throws SQLException {
    if (args.length > 0) {
      texts.add((String) Proxies.given(args));
    } else {
      batch.add(row());
    }
    return null;
  }

  private @Nullable Object clearBatch() {
    batch.clear();
    texts.clear();
    return null;
  }

  private @Nullable Object clearParameters() {
    parameters.clear();
    return null;
  }

  private boolean moreResults() throws SQLException {
    forget();
    return false;
  }

  private void forget() throws SQLException {
    if (rows != null) {
      rows.close();
    }
    rows = null;
    count = -1;
  }

  private static @Nullable Object cancel() throws SQLException {
    throw Proxies.unsupported("Statement.cancel: calls end by the store's time-out");
  }

  private @Nullable Object close() throws SQLException {
    if (!closed) {
      forget();
      closed = true;
    }
    return null;
  }
}
