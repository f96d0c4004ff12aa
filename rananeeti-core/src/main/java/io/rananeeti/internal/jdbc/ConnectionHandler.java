package io.rananeeti.internal.jdbc;

import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.UpdateCounts;
import io.rananeeti.internal.Attachment;
import io.rananeeti.internal.Coordinator;
import io.rananeeti.internal.Refusals;
import io.rananeeti.internal.Terms;
import io.rananeeti.internal.Unit;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.StoreException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection that the application holds, while physical ones come and go behind it.
 *
 * <p>A physical connection is bound at the first statement of a transaction and given back at its
 * end. If it breaks in between, what was recorded is run again on another one, or goes on detached
 * (R6); COMMIT is the {@link Coordinator}'s. In auto-commit mode a physical connection whose result
 * set the application may still read lingers until the next statement or the close. Owned by the
 * thread that uses the connection, but for {@code abort}.
 */
public final class ConnectionHandler implements InvocationHandler {

  /** SQLSTATE of the warning after a commit that was accepted into the log. */
  static final String ACCEPTED = "01R01";

  private final Coordinator coordinator;
  private final Sessions sessions;
  private final List<StatementHandler> statements = new ArrayList<>();
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Map<String, Integer> savepoints = new LinkedHashMap<>();
  private final ClientInfo clientInfo = new ClientInfo();
  private final PlatformConnection proxy;
  private boolean autoCommit = true;
  private boolean begunByText;
  private boolean readOnly;
  private Isolation isolation = Isolation.DEFAULT;
  private @Nullable Unit unit;
  private @Nullable Unit lingering;
  private @Nullable Receipt receipt;
  private @Nullable SQLWarning warning;
  private volatile boolean closed;

  private ConnectionHandler(Coordinator coordinator, Sessions sessions) {
    this.coordinator = coordinator;
    this.sessions = sessions;
    this.proxy =
        (PlatformConnection)
            Proxy.newProxyInstance(
                PlatformConnection.class.getClassLoader(),
                new Class<?>[] {PlatformConnection.class},
                this);
  }

  /** A new connection; costs nothing. */
  public static PlatformConnection open(Coordinator coordinator, Sessions sessions) {
    return new ConnectionHandler(coordinator, sessions).proxy;
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    String name = method.getName();
    switch (name) {
      case "close" -> close();
      case "isClosed" -> {
        return closed;
      }
      case "hashCode" -> {
        return System.identityHashCode(self);
      }
      case "equals" -> {
        return self == args[0];
      }
      case "toString" -> {
        return "PlatformConnection[store=" + coordinator.store().name() + "]";
      }
      case "abort" -> abort();
      default -> {
        if (closed && !name.equals("isValid")) {
          throw Refusals.closed();
        }
        return open(method, args);
      }
    }
    return null;
  }

  private @Nullable Object open(Method method, @Nullable Object[] args) throws Throwable {
    return switch (method.getName()) {
      case "receipt" -> receipt;
      case "isValid" -> !closed && coordinator.takesWork();
      case "createStatement", "prepareStatement", "prepareCall" -> statement(method, args);
      case "getAutoCommit" -> autoCommit;
      case "setAutoCommit" -> setAutoCommit((boolean) given(args));
      case "commit" -> commitCall();
      case "rollback" -> rollback(args.length == 0 ? null : (Savepoint) args[0]);
      case "setSavepoint" -> savepoint(args.length == 0 ? null : (String) args[0]);
      case "releaseSavepoint" -> release((Savepoint) given(args));
      case "setReadOnly" -> setReadOnly((boolean) given(args));
      case "isReadOnly" -> readOnly;
      case "setTransactionIsolation" -> setIsolation((int) given(args));
      case "getTransactionIsolation" -> isolation(method);
      case "setSchema" -> setSchema((String) given(args));
      case "setClientInfo" -> setClientInfo(args);
      case "getClientInfo" ->
          args.length == 0 ? clientInfo.all() : clientInfo.get(String.valueOf(args[0]));
      case "getWarnings" -> warning;
      case "clearWarnings" -> clearWarnings();
      case "getMetaData" -> MetaDataHandler.open(this);
      case "getHoldability" -> ResultSet.CLOSE_CURSORS_AT_COMMIT;
      case "unwrap" -> unwrap((Class<?>) given(args), method);
      case "isWrapperFor" -> ((Class<?>) given(args)).isInstance(proxy);
      default -> physical(method, args);
    };
  }

  PlatformConnection proxy() {
    return proxy;
  }

  Coordinator coordinator() {
    return coordinator;
  }

  Sessions sessions() {
    return sessions;
  }

  /** Whether the application has declared its transactions read-only. */
  boolean readOnly() {
    return readOnly;
  }

  /** Whether each statement is a transaction of its own now. */
  boolean autoCommits() {
    return autoCommit && !begunByText;
  }

  UpdateCounts updateCounts() {
    UpdateCounts chosen = clientInfo.updateCounts();
    return chosen == null ? coordinator.settings().updateCounts() : chosen;
  }

  boolean deferrable() {
    Boolean said = clientInfo.defer();
    return switch (coordinator.settings().deferral()) {
      case ALL -> said == null || said;
      case MARKED -> said != null && said;
      case NONE -> false;
    };
  }

  /** The transaction under way; begins one if there is none. */
  Unit begin(boolean mayDetach) throws SQLException {
    checkOpen();
    Unit current = unit;
    if (current == null) {
      dropLingering();
      current = new Unit();
      if (!attach(current, mayDetach) && !mayDetach) {
        throw Refusals.detached(coordinator.store().name(), "it needs the store's answer");
      }
      unit = current;
    }
    return current;
  }

  /** The transaction under way, if there is one. */
  @Nullable Unit unit() {
    return unit;
  }

  /** The failed statement ends the transaction, where each statement is one of its own. */
  void failed(Unit failed) {
    if (autoCommits()) {
      coordinator.drop(failed);
      over();
    } else {
      failed.poison();
    }
  }

  /** A statement was run, or promised: commits it where each is a transaction of its own. */
  void done(Unit finished) throws SQLException {
    if (autoCommits()) {
      commit(finished);
    }
  }

  /** A plain query was run outside any transaction: nothing is to be committed. */
  void doneReading(Unit finished) {
    lingering = finished;
    over();
  }

  /**
   * The physical connection broke before COMMIT was sent, so nothing of it happened: runs the
   * recording on another one, or goes on detached.
   *
   * @throws SQLException 40001 if it can't be run again (R6)
   */
  void broken(Unit current, boolean mayDetach, long budget, SQLException failure)
      throws SQLException {
    coordinator.evict(current);
    if (!current.replayable()) {
      over();
      throw Refusals.retry("the connection broke, and " + current.whyNotReplayable(), failure);
    }
    boolean detaches = mayDetach && deferrable();
    boolean tooLong = coordinator.isPast(budget);
    if (detaches && tooLong) {
      return;
    }
    if (tooLong || (!attach(current, detaches) && !detaches)) {
      over();
      throw Refusals.retry("the connection broke, and no writer came in time", failure);
    }
  }

  /** Remembers a setting of the session; null resets it. */
  void set(String name, @Nullable String value) {
    if (value != null) {
      settings.put(name, value);
    } else if (name.equals("all")) {
      settings.clear();
    } else {
      settings.remove(name);
    }
  }

  void savepointByText(String name, Unit current) {
    savepoints.put(name, current.length());
  }

  void rollbackByText(String name, Unit current) throws SQLException {
    Integer length = savepoints.get(name);
    if (length == null) {
      throw new SQLException("there is no savepoint " + name, "3B001");
    }
    current.cut(length);
  }

  void beginByText() {
    begunByText = true;
  }

  void commitByText() throws SQLException {
    begunByText = false;
    commitUnit();
  }

  void rollbackByText() {
    begunByText = false;
    rollbackUnit();
  }

  void forget(StatementHandler statement) {
    statements.remove(statement);
  }

  /** Runs a call on the physical connection, which it binds if there is none. */
  @Nullable Object physical(Method method, @Nullable Object[] args) throws Throwable {
    Connection connection = begin(false).physical();
    if (connection == null) {
      throw Refusals.detached(
          coordinator.store().name(), "Connection." + method.getName() + " needs the store");
    }
    return call(connection, method, args);
  }

  static @Nullable Object call(Object target, Method method, @Nullable Object[] args)
      throws Throwable {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private boolean attach(Unit to, boolean mayDetach) throws SQLException {
    boolean detaches = mayDetach && deferrable();
    while (true) {
      Attachment attachment = coordinator.attach(clientInfo.orderingKey(), detaches);
      if (attachment == null) {
        return false;
      }
      to.attach(attachment.connection(), attachment.epoch());
      try {
        configure(to, attachment.connection());
        coordinator.replay(to, attachment.connection());
        return true;
      } catch (SQLException e) {
        coordinator.evict(to);
        if (!coordinator.unreachable(e)) {
          throw e;
        }
        coordinator.suspect();
      } catch (StoreException e) {
        coordinator.evict(to);
        if (e.failure() != Failure.UNREACHABLE) {
          throw Refusals.retry("run again after a failover it met " + e.sqlState(), e);
        }
        coordinator.suspect();
      }
    }
  }

  private void configure(Unit to, Connection connection) throws SQLException {
    if (isolation != Isolation.DEFAULT) {
      connection.setTransactionIsolation(isolation.level());
    }
    if (readOnly) {
      connection.setReadOnly(true);
    }
    if (!settings.isEmpty() || !to.localSettings().isEmpty()) {
      to.dirty();
      coordinator.store().enter(connection, context(to).settings());
    }
  }

  private Context context(Unit of) {
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.putAll(of.localSettings());
    return new Context(isolation, all);
  }

  private Terms terms(Unit of) {
    return new Terms(
        deferrable(), clientInfo.orderingKey(), clientInfo.traceParent(), readOnly, context(of));
  }

  private @Nullable Object commitCall() throws SQLException {
    if (autoCommit) {
      throw new SQLException("commit() in auto-commit mode", "25000");
    }
    commitUnit();
    return null;
  }

  private void commitUnit() throws SQLException {
    Unit current = unit;
    if (current != null) {
      commit(current);
    } else {
      clientInfo.transactionIsOver();
    }
  }

  private void commit(Unit current) throws SQLException {
    boolean empty = current.physical() == null && current.operations().isEmpty();
    if (empty && !current.poisoned()) {
      over();
      return;
    }
    try {
      Receipt now = coordinator.commit(current, terms(current));
      receipt = now;
      if (now.status() == Receipt.Status.ACCEPTED) {
        warn("transaction " + now.id() + " is accepted and will be applied later", ACCEPTED);
      }
      lingering = current.lingers() ? current : null;
    } finally {
      over();
    }
  }

  private @Nullable Object clearWarnings() {
    warning = null;
    return null;
  }

  private void warn(String message, String sqlState) {
    SQLWarning next = new SQLWarning(message, sqlState);
    if (warning == null) {
      warning = next;
    } else {
      warning.setNextWarning(next);
    }
  }

  private @Nullable Object rollback(@Nullable Savepoint savepoint) throws SQLException {
    if (savepoint != null) {
      rollbackTo(SavepointHandle.of(savepoint));
      return null;
    }
    if (autoCommit) {
      throw new SQLException("rollback() in auto-commit mode", "25000");
    }
    rollbackUnit();
    return null;
  }

  /** On another physical connection than the savepoint's, what came before it is run again. */
  private void rollbackTo(SavepointHandle savepoint) throws SQLException {
    Unit current = unit;
    if (current == null || !savepoint.isOf(current)) {
      throw new SQLException("the savepoint's transaction is over", "3B001");
    }
    current.cut(savepoint.length());
    Connection physical = current.physical();
    if (physical != null && !savepoint.rollback(physical)) {
      coordinator.drop(current);
      if (!current.replayable()) {
        over();
        throw Refusals.retry("the connection broke, and " + current.whyNotReplayable(), null);
      }
      attach(current, true);
    }
  }

  private void rollbackUnit() {
    Unit current = unit;
    if (current != null) {
      coordinator.drop(current);
    }
    over();
  }

  private Savepoint savepoint(@Nullable String name) throws SQLException {
    if (autoCommits()) {
      throw new SQLException("a savepoint in auto-commit mode", "25000");
    }
    return SavepointHandle.set(begin(true), name);
  }

  private @Nullable Object release(Savepoint savepoint) throws SQLException {
    Unit current = unit;
    if (current != null && current.physical() != null) {
      SavepointHandle.of(savepoint).release(current.physical());
    }
    return null;
  }

  private @Nullable Object setAutoCommit(boolean on) throws SQLException {
    if (autoCommit != on && unit != null) {
      commitUnit();
    }
    autoCommit = on;
    return null;
  }

  private @Nullable Object setReadOnly(boolean on) throws SQLException {
    betweenTransactions("setReadOnly");
    readOnly = on;
    return null;
  }

  private @Nullable Object setIsolation(int level) throws SQLException {
    betweenTransactions("setTransactionIsolation");
    if (level == Connection.TRANSACTION_NONE) {
      throw new SQLException("TRANSACTION_NONE is no isolation to be set", "22023");
    }
    try {
      isolation = Isolation.of(level);
    } catch (IllegalArgumentException e) {
      throw new SQLException(e.getMessage(), "22023", e);
    }
    return null;
  }

  private @Nullable Object isolation(Method method) throws Throwable {
    return isolation == Isolation.DEFAULT
        ? physicalBetween(method)
        : Integer.valueOf(isolation.level());
  }

  /** A question to the physical connection that leaves no transaction open behind it. */
  private @Nullable Object physicalBetween(Method method) throws Throwable {
    boolean begun = unit == null;
    if (begun && !coordinator.up()) {
      return Connection.TRANSACTION_READ_COMMITTED;
    }
    try {
      return physical(method, new Object[0]);
    } finally {
      if (begun) {
        rollbackUnit();
      }
    }
  }

  private @Nullable Object setSchema(@Nullable String schema) throws SQLException {
    String value = schema == null ? null : '"' + schema.replace("\"", "\"\"") + '"';
    set("search_path", value);
    Unit current = unit;
    if (current != null && current.physical() != null) {
      current.dirty();
      current.physical().setSchema(schema);
    }
    return null;
  }

  private void betweenTransactions(String what) throws SQLException {
    if (unit != null) {
      throw new SQLException(what + " within a transaction", "25001");
    }
  }

  private @Nullable Object setClientInfo(@Nullable Object[] args) throws SQLException {
    clientInfo.set(args);
    return null;
  }

  private @Nullable Object unwrap(Class<?> type, Method method) throws Throwable {
    if (type.isInstance(proxy)) {
      return proxy;
    }
    Unit current = begin(false);
    current.opaque("the application has unwrapped the driver's connection");
    return physical(method, new Object[] {type});
  }

  private Object statement(Method method, @Nullable Object[] args) {
    StatementHandler statement = new StatementHandler(this, method, args);
    statements.add(statement);
    return statement.proxy();
  }

  private void over() {
    unit = null;
    savepoints.clear();
    clientInfo.transactionIsOver();
  }

  private void dropLingering() {
    Unit rest = lingering;
    lingering = null;
    if (rest != null) {
      coordinator.drop(rest);
    }
  }

  private void close() {
    if (!closed) {
      closed = true;
      rollbackUnit();
      List.copyOf(statements).forEach(StatementHandler::close);
      dropLingering();
    }
  }

  private void abort() {
    closed = true;
    Unit current = unit;
    if (current != null) {
      coordinator.evict(current);
    }
  }

  private void checkOpen() throws SQLException {
    if (closed) {
      throw Refusals.closed();
    }
  }

  private static Object given(@Nullable Object[] args) throws SQLException {
    Object first = args[0];
    if (first == null) {
      throw new SQLException("an argument is null", "22004");
    }
    return first;
  }

  /** The driver's answer to questions about the database. */
  static final class MetaDataHandler implements InvocationHandler {

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
        default -> connection.metaData(method, args);
      };
    }
  }

  private @Nullable Object metaData(Method method, @Nullable Object[] args) throws Throwable {
    boolean begun = unit == null;
    Unit current = begin(false);
    Connection physical = current.physical();
    if (physical == null) {
      throw Refusals.detached(coordinator.store().name(), "metadata needs the store");
    }
    Object answer = call(physical.getMetaData(), method, args);
    if (begun && autoCommits()) {
      doneReading(current);
    }
    return answer;
  }
}
