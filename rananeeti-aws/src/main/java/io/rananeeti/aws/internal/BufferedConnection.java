package io.rananeeti.aws.internal;

import io.rananeeti.aws.internal.InFlight.Call;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What stands for a physical connection to a service that has none: the writes of a transaction
 * wait in a buffer, which the store's own class keeps, until the store commits them. Used by one
 * thread, but for {@link #end}.
 */
public abstract class BufferedConnection extends JdbcFace {

  private final Connection proxy = as(Connection.class);
  private final Map<String, Integer> savepoints = new LinkedHashMap<>();
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private boolean autoCommit;
  private boolean readOnly;
  private int isolation = Connection.TRANSACTION_READ_COMMITTED;
  private int networkTimeout;
  private volatile boolean closed;

  /** A connection to this service, open. */
  protected BufferedConnection(Service service) {
    super(service);
  }

  /** What is behind a connection that the store gave. */
  public static <T extends BufferedConnection> T of(Connection connection, Class<T> type) {
    if (Proxy.isProxyClass(connection.getClass())
        && type.isInstance(Proxy.getInvocationHandler(connection))) {
      return type.cast(Proxy.getInvocationHandler(connection));
    }
    throw new IllegalArgumentException("not a connection of this store");
  }

  /** The connection as JDBC has it. */
  public final Connection proxy() {
    return proxy;
  }

  /** Where the service is, for people. */
  protected abstract String url();

  /** A statement; one that is prepared has its text. */
  protected abstract Statement statement(Class<? extends Statement> type, @Nullable String text);

  /** How many writes the buffer has. */
  protected abstract int length();

  /** Forgets all writes but the first. */
  protected abstract void cut(int length);

  /** Why READ COMMITTED is the most. */
  protected abstract SQLException tooIsolated();

  @Override
  protected final @Nullable Object call(Object self, Method method, @Nullable Object[] args)
      throws SQLException {
    return switch (method.getName()) {
      case "close", "abort" -> end();
      case "isClosed" -> closed;
      case "isValid" -> !closed;
      default -> {
        checkOpen();
        yield open(method, args);
      }
    };
  }

  private @Nullable Object open(Method method, @Nullable Object[] args) throws SQLException {
    return switch (method.getName()) {
      case "createStatement" -> statement(Statement.class, null);
      case "prepareStatement" -> prepare(args);
      case "getAutoCommit" -> autoCommit;
      case "setAutoCommit" -> setAutoCommit((boolean) given(args));
      case "commit" -> commit();
      case "rollback" -> rollback(args);
      case "setReadOnly" -> setReadOnly((boolean) given(args));
      case "isReadOnly" -> readOnly;
      case "setTransactionIsolation" -> setIsolation((int) given(args));
      case "getTransactionIsolation" -> isolation;
      case "getMetaData" -> MetaData.open(this);
      case "setNetworkTimeout" -> setNetworkTimeout(args);
      case "getNetworkTimeout" -> networkTimeout;
      case "getHoldability" -> ResultSet.CLOSE_CURSORS_AT_COMMIT;
      case "getCatalog", "getSchema", "getWarnings", "clearWarnings" -> null;
      case "getTypeMap" -> Map.of();
      case "getClientInfo" -> args.length == 0 ? new Properties() : null;
      case "nativeSQL" -> given(args);
      default -> throw unsupported("Connection." + method.getName());
    };
  }

  /** A statement with the text that is the first argument. */
  protected PreparedStatement prepare(@Nullable Object[] args) throws SQLException {
    return (PreparedStatement) statement(PreparedStatement.class, String.valueOf(args[0]));
  }

  private void checkOpen() throws SQLException {
    if (closed) {
      throw new SQLNonTransientConnectionException("this connection is closed", "08003");
    }
  }

  /** From any thread: whoever waits for an answer stops waiting. */
  public final @Nullable Object end() {
    closed = true;
    calls.forEach(Call::end);
    return null;
  }

  /** A call that ends when the connection does. */
  public final <T> T call(Body<T> body) throws SQLException {
    Call call = new Call();
    calls.add(call);
    try {
      checkOpen();
      return body.with(call);
    } finally {
      calls.remove(call);
    }
  }

  /** What is done by a call. */
  @FunctionalInterface
  public interface Body<T> {
    /** Does it. */
    T with(Call call) throws SQLException;
  }

  /** Takes no settings of sessions; the name of the application is of no use, and does no harm. */
  public final void enter(Map<String, String> made) throws SQLException {
    for (String setting : made.keySet()) {
      if (!setting.equals("application_name")) {
        throw new SQLFeatureNotSupportedException(
            service().name() + " has no settings of sessions, and so not this one: " + setting,
            "0A000");
      }
    }
  }

  private @Nullable Object setAutoCommit(boolean on) throws SQLException {
    if (on != autoCommit) {
      refuseWithin("setAutoCommit");
    }
    autoCommit = on;
    return null;
  }

  /** Only the store commits what was written. */
  private @Nullable Object commit() throws SQLException {
    refuseWithin("commit");
    savepoints.clear();
    return null;
  }

  private @Nullable Object rollback(@Nullable Object[] args) throws SQLException {
    if (args.length > 0) {
      throw unsupported("Connection.rollback(Savepoint)");
    }
    clear();
    return null;
  }

  /** Forgets all writes, and the savepoints. */
  protected final void clear() {
    cut(0);
    savepoints.clear();
  }

  private void refuseWithin(String what) throws SQLException {
    if (length() > 0) {
      throw new SQLException(what + " within a transaction", "25001");
    }
  }

  private @Nullable Object setReadOnly(boolean on) throws SQLException {
    refuseWithin("setReadOnly");
    readOnly = on;
    return null;
  }

  private @Nullable Object setIsolation(int level) throws SQLException {
    if (level > Connection.TRANSACTION_READ_COMMITTED) {
      throw tooIsolated();
    }
    isolation = level;
    return null;
  }

  private @Nullable Object setNetworkTimeout(@Nullable Object[] args) {
    networkTimeout = args[1] instanceof Integer given ? given : 0;
    return null;
  }

  /** Whether the transaction may write; asked before each write. */
  protected final void checkWritable() throws SQLException {
    if (autoCommit) {
      throw new SQLException("a write outside of a transaction of the platform", "25P01");
    }
    if (readOnly) {
      throw new SQLException("cannot write in a read-only transaction", "25006");
    }
  }

  /**
   * Does what a text of the platform's says: savepoints, and the ends of transactions where there
   * is none.
   *
   * @param verb its first word, in upper case
   * @param name its last word
   * @param back whether it goes back to a savepoint, if it goes back at all
   * @return false if it is none of those
   */
  protected final boolean control(String verb, String name, boolean back) throws SQLException {
    switch (verb) {
      case "SAVEPOINT" -> {
        savepoints.remove(name);
        savepoints.put(name, length());
      }
      case "RELEASE" -> forgetFrom(name, true);
      case "ROLLBACK", "ABORT" -> {
        if (back) {
          cut(forgetFrom(name, false));
        } else {
          clear();
        }
      }
      case "COMMIT", "END" -> commit();
      case "BEGIN", "START" -> {}
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Forgets those set after it, and it too where that is asked for. */
  private int forgetFrom(String name, boolean itself) throws SQLException {
    Integer length = savepoints.get(name);
    if (length == null) {
      throw new SQLException("there is no savepoint " + name, "3B001");
    }
    List<String> names = new ArrayList<>(savepoints.keySet());
    names.subList(names.indexOf(name) + (itself ? 0 : 1), names.size()).forEach(savepoints::remove);
    return length;
  }
}
