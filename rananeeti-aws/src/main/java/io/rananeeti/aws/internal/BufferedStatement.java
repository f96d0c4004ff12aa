package io.rananeeti.aws.internal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
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
import java.util.NavigableSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a {@link BufferedConnection}: a write goes into its buffer and answers 1, which
 * the commit verifies. Used by one thread.
 *
 * @param <V> a parameter's value, as the store takes it
 */
public abstract class BufferedStatement<V> extends JdbcFace {

  private final BufferedConnection connection;
  private final Class<? extends Statement> type;
  private final @Nullable String text;
  private final Statement proxy;
  private final TreeMap<Integer, V> parameters = new TreeMap<>();
  private final List<List<V>> batch = new ArrayList<>();
  private final Map<String, Object> options = new HashMap<>();
  private long count = -1;
  private boolean closed;

  /**
   * A statement, open.
   *
   * @param text of one that is prepared
   */
  protected BufferedStatement(
      BufferedConnection connection, Class<? extends Statement> type, @Nullable String text) {
    super(connection.service());
    this.connection = connection;
    this.type = type;
    this.text = text;
    this.proxy = as(type);
  }

  /** The statement as JDBC has it. */
  public final Statement proxy() {
    return proxy;
  }

  /** Its text; null if it is not prepared. */
  protected final @Nullable String text() {
    return text;
  }

  /** Runs a text, and returns whether it has rows. */
  protected abstract boolean execute(String sql) throws SQLException;

  /** Runs a query. */
  protected abstract ResultSet query(@Nullable Object[] args) throws SQLException;

  /** Runs a text that has no rows, and returns the count. */
  protected abstract long update(String sql) throws SQLException;

  /** Runs the batch, and returns how many it had; each counts as one. */
  protected abstract int runBatch() throws SQLException;

  /** Adds a text to the batch. */
  protected abstract void addText(@Nullable Object[] args) throws SQLException;

  /**
   * A parameter's value.
   *
   * @param setter the method that gives it
   * @param args what that was given
   */
  protected abstract V value(String setter, @Nullable Object[] args) throws SQLException;

  @Override
  protected final @Nullable Object call(Object self, Method method, @Nullable Object[] args)
      throws Throwable {
    return switch (method.getName()) {
      case "close" -> close();
      case "isClosed" -> closed;
      default -> {
        if (closed) {
          throw new SQLException("this statement is closed", "55000");
        }
        yield open(self, method, args);
      }
    };
  }

  /** Any method of an open statement. */
  protected @Nullable Object open(Object self, Method method, @Nullable Object[] args)
      throws Throwable {
    String name = method.getName();
    return switch (name) {
      case "getConnection" -> connection.proxy();
      case "execute" -> execute(textOf(args));
      case "executeQuery" -> query(args);
      case "executeUpdate" -> (int) update(textOf(args));
      case "executeLargeUpdate" -> update(textOf(args));
      case "addBatch" -> addBatch(args);
      case "clearBatch" -> clearBatch();
      case "executeBatch" -> ones(new int[runBatch()]);
      case "executeLargeBatch" -> ones(new long[runBatch()]);
      case "clearParameters" -> clearParameters();
      case "getResultSet", "getWarnings", "clearWarnings" -> null;
      case "getUpdateCount" -> (int) count;
      case "getLargeUpdateCount" -> count;
      case "getMoreResults" -> moreResults();
      case "enquoteLiteral", "enquoteIdentifier", "isSimpleIdentifier", "enquoteNCharLiteral" ->
          InvocationHandler.invokeDefault(self, method, args);
      default -> setOrGet(name, args);
    };
  }

  private @Nullable Object setOrGet(String name, @Nullable Object[] args) throws SQLException {
    if (name.startsWith("set") && args.length >= 2) {
      return set(name, args);
    }
    if (name.startsWith("set")) {
      return option(name.substring(3), args.length == 0 ? (Object) true : given(args));
    }
    Object set = option(name.startsWith("is") ? name.substring(2) : name.substring(3));
    return switch (name) {
      case "getFetchSize", "getMaxRows", "getMaxFieldSize", "getQueryTimeout" ->
          set == null ? 0 : set;
      case "getLargeMaxRows" -> set == null ? 0L : set;
      case "getFetchDirection" -> set == null ? ResultSet.FETCH_FORWARD : set;
      case "getResultSetType" -> ResultSet.TYPE_FORWARD_ONLY;
      case "getResultSetConcurrency" -> ResultSet.CONCUR_READ_ONLY;
      case "getResultSetHoldability" -> ResultSet.CLOSE_CURSORS_AT_COMMIT;
      case "isPoolable" -> set == null ? type != Statement.class : set;
      default -> throw unsupported("Statement." + name);
    };
  }

  /** Keeps what was set, by its name without the {@code set}. */
  protected final @Nullable Object option(String name, Object value) {
    options.put(name, value);
    return null;
  }

  /** What was set; null if nothing. */
  protected final @Nullable Object option(String name) {
    return options.get(name);
  }

  private @Nullable Object set(String name, @Nullable Object[] args) throws SQLException {
    if (!(args[0] instanceof Integer index) || index < 1) {
      throw new SQLException("parameters have numbers from 1 on", "22023");
    }
    parameters.put(index, value(name, args));
    return null;
  }

  /** What streams and LOBs of bytes hold; anything else as it is. */
  protected static Object bytesOf(Object value) throws SQLException {
    try {
      if (value instanceof InputStream in) {
        return in.readAllBytes();
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return value instanceof Blob blob ? blob.getBytes(1, (int) blob.length()) : value;
  }

  /** A parameter that failed while it was read. */
  protected static SQLException unreadable(IOException cause) {
    return new SQLDataException("a parameter's stream can't be read", "22023", cause);
  }

  /** The text to run, of these arguments. */
  protected String textOf(@Nullable Object[] args) throws SQLException {
    if (args.length > 0 && text == null) {
      return (String) given(args);
    }
    if (args.length > 0 || text == null) {
      throw new SQLException("a prepared statement has its text, others are given one", "42809");
    }
    return text;
  }

  /** The values that are set, in the order of their numbers. */
  protected final List<V> row() throws SQLException {
    checkSet(parameters.navigableKeySet());
    return new ArrayList<>(parameters.values());
  }

  /** Whether these are the numbers of a whole row. */
  protected void checkSet(NavigableSet<Integer> numbers) throws SQLException {}

  /** The rows of the batch, which is empty then. */
  protected final List<List<V>> takeBatch() {
    List<List<V>> all = List.copyOf(batch);
    clearBatch();
    return all;
  }

  private @Nullable Object addBatch(@Nullable Object[] args) throws SQLException {
    if (args.length > 0) {
      addText(args);
    } else {
      batch.add(row());
    }
    return null;
  }

  /** Forgets the batch. */
  protected @Nullable Object clearBatch() {
    batch.clear();
    return null;
  }

  private static int[] ones(int[] counts) {
    Arrays.fill(counts, 1);
    return counts;
  }

  private static long[] ones(long[] counts) {
    Arrays.fill(counts, 1);
    return counts;
  }

  private @Nullable Object clearParameters() {
    parameters.clear();
    return null;
  }

  private boolean moreResults() throws SQLException {
    forget();
    return false;
  }

  /** Says how many rows the last text has changed. */
  protected final long count(long rows) {
    count = rows;
    return rows;
  }

  /** Forgets the last results. */
  protected void forget() throws SQLException {
    count = -1;
  }

  private @Nullable Object close() throws SQLException {
    if (!closed) {
      forget();
      closed = true;
    }
    return null;
  }

  /** A text as it may be shown. */
  protected abstract String shown(String sql);

  @Override
  public final String toString() {
    return type.getSimpleName() + "[" + shown(text == null ? "" : text) + "]";
  }
}
