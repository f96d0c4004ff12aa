package io.rananeeti.s3;

import io.rananeeti.TransactionId;
import io.rananeeti.s3.InFlight.Call;
import io.rananeeti.store.Failure;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What stands for a physical connection: the actions of a transaction until they are done, at its
 * commit. Used by one thread, but for {@link #end}.
 */
final class S3Connection implements InvocationHandler {

  private final S3Store.Opened store;
  private final Connection proxy;
  private final List<Action> actions = new ArrayList<>();
  private final Map<String, Integer> savepoints = new LinkedHashMap<>();
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private boolean autoCommit;
  private boolean readOnly;
  private int isolation = Connection.TRANSACTION_READ_COMMITTED;
  private int networkTimeout;
  private volatile boolean closed;

  private S3Connection(S3Store.Opened store) {
    this.store = store;
    this.proxy =
        (Connection)
            Proxy.newProxyInstance(
                S3Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, this);
  }

  static Connection open(S3Store.Opened store) {
    return new S3Connection(store).proxy;
  }

  /** What is behind a connection that the store gave. */
  static S3Connection of(Connection connection) {
    if (Proxy.isProxyClass(connection.getClass())
        && Proxy.getInvocationHandler(connection) instanceof S3Connection own) {
      return own;
    }
    throw new IllegalArgumentException("not a connection of this store");
  }

  Connection proxy() {
    return proxy;
  }

  S3Store.Opened store() {
    return store;
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "close", "abort" -> end();
      case "isClosed" -> closed;
      case "isValid" -> !closed;
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> "S3Connection[store=" + store.name() + "]";
      case "isWrapperFor" -> ((Class<?>) Proxies.given(args)).isInstance(self);
      case "unwrap" -> Proxies.unwrap(self, (Class<?>) Proxies.given(args));
      default -> {
        checkOpen();
        yield open(method, args);
      }
    };
  }

  private @Nullable Object open(Method method, @Nullable Object[] args) throws SQLException {
    return switch (method.getName()) {
      case "createStatement" -> S3Statement.open(this, Statement.class, null);
      case "prepareStatement" ->
          S3Statement.open(this, PreparedStatement.class, String.valueOf(args[0]));
      case "getAutoCommit" -> autoCommit;
      case "setAutoCommit" -> setAutoCommit((boolean) Proxies.given(args));
      case "commit" -> commit();
      case "rollback" -> rollback(args);
      case "setReadOnly" -> setReadOnly((boolean) Proxies.given(args));
      case "isReadOnly" -> readOnly;
      case "setTransactionIsolation" -> setIsolation((int) Proxies.given(args));
      case "getTransactionIsolation" -> isolation;
      case "getMetaData" -> MetaData.open(this);
      case "setNetworkTimeout" -> setNetworkTimeout(args);
      case "getNetworkTimeout" -> networkTimeout;
      case "getHoldability" -> ResultSet.CLOSE_CURSORS_AT_COMMIT;
      case "getCatalog", "getSchema", "getWarnings", "clearWarnings" -> null;
      case "getTypeMap" -> Map.of();
      case "getClientInfo" -> args.length == 0 ? new Properties() : null;
      case "nativeSQL" -> Proxies.given(args);
      default -> throw Proxies.unsupported("Connection." + method.getName());
    };
  }

  private void checkOpen() throws SQLException {
    if (closed) {
      throw new SQLNonTransientConnectionException("this connection is closed", "08003");
    }
  }

  /** From any thread: whoever waits for an answer stops waiting. */
  @Nullable Object end() {
    closed = true;
    calls.forEach(Call::end);
    return null;
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
      throw Proxies.unsupported("Connection.rollback(Savepoint)");
    }
    clear();
    return null;
  }

  private void clear() {
    actions.clear();
    savepoints.clear();
  }

  private void refuseWithin(String what) throws SQLException {
    if (!actions.isEmpty()) {
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
      throw Proxies.unsupported("an isolation above READ COMMITTED: S3 has no transactions");
    }
    isolation = level;
    return null;
  }

  private @Nullable Object setNetworkTimeout(@Nullable Object[] args) {
    networkTimeout = args[1] instanceof Integer given ? given : 0;
    return null;
  }

  /** Adds an action to the transaction. */
  void write(Action action) throws SQLException {
    if (autoCommit) {
      throw new SQLException("a write outside of a transaction of the platform", "25P01");
    }
    if (readOnly) {
      throw new SQLException("cannot write in a read-only transaction", "25006");
    }
    List<Action> all = new ArrayList<>(actions);
    all.add(action);
    String refusal = S3Texts.refusalOf(all);
    if (refusal != null) {
      throw new SQLException(refusal, "54000");
    }
    actions.add(action);
  }

  /**
   * Does what a text of the platform's says: savepoints, and the ends of transactions where there
   * is none.
   *
   * @return false if it is none of those
   */
  boolean control(String text) throws SQLException {
    List<String> words = words(text);
    String name = words.get(words.size() - 1).toLowerCase(Locale.ROOT);
    switch (words.get(0).toUpperCase(Locale.ROOT)) {
      case "SAVEPOINT" -> {
        savepoints.remove(name);
        savepoints.put(name, actions.size());
      }
      case "RELEASE" -> forgetFrom(name, true);
      case "ROLLBACK", "ABORT" -> {
        if (text.toUpperCase(Locale.ROOT).contains(" TO ")) {
          actions.subList(forgetFrom(name, false), actions.size()).clear();
        } else {
          clear();
        }
      }
      case "COMMIT", "END" -> commit();
      case "BEGIN", "START", "" -> {}
      default -> {
        return false;
      }
    }
    return true;
  }

  private static List<String> words(String text) {
    return List.of(text.strip().replaceAll(";\\s*$", "").split("\\s+", -1));
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

  /**
   * Does all of the transaction.
   *
   * @return whether there was anything
   * @throws SQLException {@link Failures#SETTLED_OTHERWISE} if it has to be settled whether it was
   *     done
   */
  boolean commit(TransactionId id) throws SQLException {
    if (actions.isEmpty()) {
      savepoints.clear();
      return false;
    }
    Call call = new Call();
    calls.add(call);
    try {
      checkOpen();
      store.work().apply(id, actions, null, true, call);
      return true;
    } catch (SQLException e) {
      // What nobody understands may have been an answer to what was done.
      throw Failures.classify(e) == Failure.UNCLEAR && !Failures.CHECKSUM.equals(e.getSQLState())
          ? new SQLException("to be settled: " + e.getMessage(), Failures.SETTLED_OTHERWISE, e)
          : e;
    } catch (SdkException e) {
      throw Failures.of("commit", e);
    } finally {
      calls.remove(call);
      clear();
    }
  }
}
