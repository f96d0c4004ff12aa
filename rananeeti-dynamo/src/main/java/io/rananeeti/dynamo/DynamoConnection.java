package io.rananeeti.dynamo;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.dynamo.InFlight.Call;
import io.rananeeti.dynamo.PartiqlLexer.Token;
import io.rananeeti.dynamo.Request.Cancelled;
import io.rananeeti.dynamo.Request.Part;
import io.rananeeti.dynamo.Request.Reason;
import io.rananeeti.dynamo.Request.Role;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import java.lang.reflect.InvocationHandler;
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
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.TransactionInProgressException;

/**
 * What stands for a physical connection: the writes of a transaction until they are sent, all at
 * once, with its ledger item. Queries are sent at once, and see nothing of them. Used by one
 * thread, but for {@link #end}.
 */
final class DynamoConnection implements InvocationHandler {

  private final DynamoStore.Opened store;
  private final Connection proxy;
  private final Buffer buffer = new Buffer();
  private final Map<String, Integer> savepoints = new LinkedHashMap<>();
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private boolean autoCommit;
  private boolean readOnly;
  private int isolation = Connection.TRANSACTION_READ_COMMITTED;
  private int networkTimeout;
  private volatile boolean closed;

  private DynamoConnection(DynamoStore.Opened store) {
    this.store = store;
    this.proxy =
        (Connection)
            Proxy.newProxyInstance(
                DynamoConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, this);
  }

  static Connection open(DynamoStore.Opened store) {
    return new DynamoConnection(store).proxy;
  }

  /** What is behind a connection that the store gave. */
  static DynamoConnection of(Connection connection) {
    if (Proxy.isProxyClass(connection.getClass())
        && Proxy.getInvocationHandler(connection) instanceof DynamoConnection own) {
      return own;
    }
    throw new IllegalArgumentException("not a connection of this store");
  }

  Connection proxy() {
    return proxy;
  }

  DynamoStore.Opened store() {
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
      case "toString" -> "DynamoConnection[store=" + store.name() + "]";
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
      case "createStatement" -> DynamoStatement.open(this, Statement.class, null);
      case "prepareStatement" -> prepare(args);
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
      case "getCatalog", "getSchema", "getWarnings" -> null;
      case "clearWarnings" -> null;
      case "getTypeMap" -> Map.of();
      case "getClientInfo" -> args.length == 0 ? new Properties() : null;
      case "nativeSQL" -> Proxies.given(args);
      default -> throw Proxies.unsupported("Connection." + method.getName());
    };
  }

  private PreparedStatement prepare(@Nullable Object[] args) throws SQLException {
    boolean keys =
        args.length == 2
            && !(args[1] instanceof Integer none && none == Statement.NO_GENERATED_KEYS);
    if (keys) {
      throw Proxies.unsupported("generated keys: DynamoDB generates none");
    }
    return (PreparedStatement)
        DynamoStatement.open(this, PreparedStatement.class, String.valueOf(args[0]));
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

  /** A call that ends when the connection does. */
  <T> T call(Body<T> body) throws SQLException {
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
  interface Body<T> {
    T with(Call call) throws SQLException;
  }

  private @Nullable Object setAutoCommit(boolean on) throws SQLException {
    if (on != autoCommit) {
      refuseWithin("setAutoCommit");
    }
    autoCommit = on;
    return null;
  }

  /** Only the store commits what was written, with the ledger's item. */
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
    buffer.cut(0);
    savepoints.clear();
  }

  private void refuseWithin(String what) throws SQLException {
    if (!buffer.isEmpty()) {
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
      throw new SQLFeatureNotSupportedException(
          "queries of a DynamoDB transaction are not part of it, so READ COMMITTED is the most; its writes are serializable: put what they depend on into their conditions",
          "0A000");
    }
    isolation = level;
    return null;
  }

  private @Nullable Object setNetworkTimeout(@Nullable Object[] args) {
    networkTimeout = args[1] instanceof Integer given ? given : 0;
    return null;
  }

  /** Adds a write to the transaction. */
  void write(Action action) throws SQLException {
    if (autoCommit) {
      throw new SQLException("a write outside of a transaction of the platform", "25P01");
    }
    if (readOnly) {
      throw new SQLException("cannot write in a read-only transaction", "25006");
    }
    buffer.add(action);
  }

  Buffer buffer() {
    return buffer;
  }

  /**
   * Does what a text of the platform's says: savepoints, and the ends of transactions where there
   * is none.
   *
   * @return false if it is none of those
   */
  boolean control(String text) throws SQLException {
    List<Token> words = words(text);
    if (words.isEmpty()) {
      return text.isBlank();
    }
    Token last = words.get(words.size() - 1);
    String name =
        last.type() == PartiqlLexer.Type.QUOTED
            ? last.text()
            : last.text().toLowerCase(Locale.ROOT);
    switch (words.get(0).text().toUpperCase(Locale.ROOT)) {
      case "SAVEPOINT" -> {
        savepoints.remove(name);
        savepoints.put(name, buffer.length());
      }
      case "RELEASE" -> forgetFrom(name, true);
      case "ROLLBACK", "ABORT" -> {
        if (words.stream().anyMatch(word -> word.is("TO"))) {
          buffer.cut(forgetFrom(name, false));
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

  /** Without a semicolon at the end; none if it can't be read. */
  private static List<Token> words(String text) {
    try {
      List<Token> words = new ArrayList<>(PartiqlLexer.tokens(text));
      words.removeIf(word -> word.type() == PartiqlLexer.Type.END || word.is(";"));
      return words;
    } catch (PartiqlLexer.Unreadable e) {
      return List.of();
    }
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
   * Sends all that was written, with the ledger's item.
   *
   * @return whether there was anything
   * @throws SQLException {@link Failures#SETTLED_OTHERWISE} if the ledger has the transaction, or
   *     may have it before long; {@link Failures#INTENT_TAKEN} if its intent key has a holder
   */
  boolean commit(TransactionId id, @Nullable Intent intent) throws SQLException {
    if (buffer.isEmpty()) {
      savepoints.clear();
      return false;
    }
    String nonce = store.nonce();
    Request request = new Request(parts(id, intent, nonce));
    try {
      return call(
          call -> {
            send(request, call, nonce);
            return true;
          });
    } finally {
      clear();
    }
  }

  private List<Part> parts(TransactionId id, @Nullable Intent intent, String nonce) {
    List<Part> parts = new ArrayList<>();
    Ledger.Row row = new Ledger.Row(id, Outcome.APPLIED);
    parts.add(Part.own(Role.LEDGER, row.put(store.table(), nonce), id));
    if (intent != null) {
      parts.add(
          Part.intent(
              Ledger.intend(
                  store.table(),
                  id,
                  intent,
                  store.clock().instant(),
                  store.host().intentRetention()),
              id,
              intent.key()));
    }
    buffer.actions().forEach(action -> parts.add(Part.operation(action)));
    return parts;
  }

  private void send(Request request, Call call, String nonce) throws SQLException {
    try {
      request.send(store.database(), call);
    } catch (Cancelled e) {
      cancelled(e, call, nonce);
    } catch (TransactionInProgressException e) {
      throw settledOtherwise("an earlier attempt at this request is still under way");
    } catch (ResourceNotFoundException e) {
      store.database().forgetKeys();
      throw failed(e, call);
    } catch (SdkException e) {
      throw failed(e, call);
    }
  }

  /**
   * An answer speaks of the last attempt only: an earlier one may have been done. So may the only
   * one, where its answer can't be read.
   */
  private static SQLException failed(SdkException e, Call call) {
    SQLException failure = Failures.of("commit", e);
    int answered = e instanceof AwsServiceException ? 1 : 0;
    boolean open = call.attempts() > answered;
    return open && Failures.classify(failure) != Failure.UNREACHABLE
        ? settledOtherwise(failure.getMessage())
        : failure;
  }

  /** Returns if what stands was written by an earlier attempt of the SDK at this very request. */
  private void cancelled(Cancelled cancelled, Call call, String nonce) throws SQLException {
    for (Reason reason : cancelled.of(Role.LEDGER)) {
      if (Ledger.isOf(reason.item(), nonce)) {
        return;
      }
      throw settledOtherwise("the ledger has it, or is written now");
    }
    SQLException throttled = Refused.throttled(cancelled);
    if (throttled != null) {
      throw throttled;
    }
    if (call.attempts() > 1) {
      // Its conditions may fail because an earlier attempt was done, or will be.
      throw settledOtherwise("the request was sent more than once");
    }
    SQLException conflict = Refused.conflict(cancelled);
    if (conflict != null) {
      throw conflict;
    }
    for (Reason reason : cancelled.of(Role.INTENT)) {
      if (reason.isUnmet()) {
        throw new SQLException("the intent key is taken", Failures.INTENT_TAKEN);
      }
    }
    SQLException refused = Refused.operation(cancelled);
    if ("22023".equals(refused.getSQLState())) {
      store.database().forgetKeys(); // The table may have another key than it had.
    }
    throw refused;
  }

  private static SQLException settledOtherwise(@Nullable String why) {
    return new SQLException("to be settled: " + why, Failures.SETTLED_OTHERWISE);
  }
}
