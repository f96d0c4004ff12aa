package io.rananeeti.internal.jdbc;

import io.rananeeti.UpdateCounts;
import io.rananeeti.internal.Refusals;
import io.rananeeti.internal.Unit;
import io.rananeeti.internal.jdbc.SqlVerdict.Kind;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A statement that the application holds. The driver's statement behind it is made when it is run,
 * and again on every new physical connection; what the application has set on it is kept for that.
 *
 * <p>Attached, the driver's answer is the answer, and is recorded. Detached, a statement that may
 * be deferred is recorded with the answer that was promised; any other is refused by name. Owned by
 * the thread that uses the statement, but for {@code cancel}.
 */
final class StatementHandler implements InvocationHandler {

  /** A setter call, to be made again on the next driver's statement. */
  private record Call(Method method, List<@Nullable Object> args) {

    static Call of(Method method, @Nullable Object[] args) {
      return new Call(method, Collections.unmodifiableList(Arrays.asList(args.clone())));
    }

    void on(Object target) throws Throwable {
      ConnectionHandler.call(target, method, args.toArray());
    }
  }

  private final ConnectionHandler connection;
  private final Method creation;
  private final @Nullable Object[] creationArgs;
  private final Class<?> type;
  private final Statement proxy;
  private final Map<String, Call> configuration = new LinkedHashMap<>();
  private final TreeMap<Object, Call> parameters = new TreeMap<>(StatementHandler::byIndex);
  private final List<List<Call>> rows = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private volatile @Nullable Statement driver;
  private @Nullable Connection owner;
  private long updateCount = -1;
  private @Nullable ResultSet answered;
  private boolean driverHasResults;
  private volatile boolean closed;

  StatementHandler(ConnectionHandler connection, Method creation, @Nullable Object[] args) {
    this.connection = connection;
    this.creation = creation;
    this.creationArgs = args;
    this.type =
        switch (creation.getName()) {
          case "prepareStatement" -> PreparedStatement.class;
          case "prepareCall" -> CallableStatement.class;
          default -> Statement.class;
        };
    this.proxy =
        (Statement)
            Proxy.newProxyInstance(
                StatementHandler.class.getClassLoader(), new Class<?>[] {type}, this);
  }

  Statement proxy() {
    return proxy;
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    switch (method.getName()) {
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
        return type.getSimpleName() + "[" + SqlScanner.masked(text()) + "]";
      }
      case "cancel" -> cancel();
      default -> {
        if (closed) {
          throw new SQLException("this statement is closed", "55000");
        }
        return open(method, args);
      }
    }
    return null;
  }

  private @Nullable Object open(Method method, @Nullable Object[] args) throws Throwable {
    String name = method.getName();
    return switch (name) {
      case "getConnection" -> connection.proxy();
      case "executeQuery", "executeUpdate", "executeLargeUpdate", "execute" ->
          execute(method, args);
      case "executeBatch", "executeLargeBatch" -> executeBatch(method);
      case "addBatch" -> addBatch(args);
      case "clearBatch" -> clearBatch();
      case "clearParameters" -> clearParameters();
      case "getUpdateCount" -> (int) Math.min(Integer.MAX_VALUE, updateCount);
      case "getLargeUpdateCount" -> updateCount;
      case "getResultSet" -> answered;
      case "getMoreResults" -> moreResults(method, args);
      case "getGeneratedKeys" -> generatedKeys(method, args);
      case "getWarnings", "clearWarnings" -> driver == null ? null : onDriver(method, args);
      case "unwrap" -> unwrap((Class<?>) args[0]);
      case "isWrapperFor" -> args[0] instanceof Class<?> asked && asked.isInstance(proxy);
      default -> setOrAsk(method, args);
    };
  }

  /** Setters are kept and passed on; getters are the driver's, or what was set last. */
  private @Nullable Object setOrAsk(Method method, @Nullable Object[] args) throws Throwable {
    String name = method.getName();
    if (method.getDeclaringClass() == PreparedStatement.class
        || method.getDeclaringClass() == CallableStatement.class) {
      return parameterOrAsk(method, args);
    }
    if (name.startsWith("set") || name.equals("closeOnCompletion")) {
      configuration.put(name, Call.of(method, args));
      return driver == null ? null : onDriver(method, args);
    }
    if (driver != null) {
      return onDriver(method, args);
    }
    return Defaults.of(name, configured("set" + name.substring(3)), creationArgs);
  }

  private @Nullable Object configured(String setter) {
    Call call = configuration.get(setter);
    return call == null ? null : call.args().get(0);
  }

  private @Nullable Object parameterOrAsk(Method method, @Nullable Object[] args) throws Throwable {
    if (method.getName().startsWith("set") && args.length >= 2) {
      Object index = args[0];
      if (index instanceof Integer number && number < 1) {
        throw new SQLException("a parameter's index starts at 1: " + number, "22023");
      }
      if (index == null) {
        throw new SQLException("a parameter's index is null", "22004");
      }
      parameters.put(index, Call.of(method, args));
      return null;
    }
    Unit unit = connection.begin(false);
    Connection physical = unit.physical();
    if (physical == null) {
      throw refused("Statement." + method.getName() + " needs the store");
    }
    return ConnectionHandler.call(prepare(physical), method, args);
  }

  private @Nullable Object execute(Method method, @Nullable Object[] args) throws Throwable {
    String sql = args.length > 0 ? String.valueOf(args[0]) : text();
    if (args.length == 0) {
      rows.clear();
      rows.add(List.copyOf(parameters.values()));
    }
    return new Execution(
            sql, connection.sessions().scanner().scan(sql), method, args, args.length == 0)
        .run();
  }

  private Object executeBatch(Method method) throws Throwable {
    boolean large = method.getName().equals("executeLargeBatch");
    if (type == Statement.class) {
      return texts(large);
    }
    if (rows.isEmpty()) {
      return large ? new long[0] : new int[0];
    }
    String sql = text();
    SqlVerdict verdict = connection.sessions().scanner().scan(sql);
    try {
      Object counts = new Execution(sql, verdict, method, new Object[0], true).run();
      return counts == null ? new int[0] : counts;
    } finally {
      rows.clear();
    }
  }

  /** A batch of texts is run one after the other, each as the driver would. */
  private Object texts(boolean large) throws Throwable {
    long[] counts = new long[texts.size()];
    List<String> batch = List.copyOf(texts);
    texts.clear();
    Method update = Statement.class.getMethod("executeLargeUpdate", String.class);
    for (int i = 0; i < batch.size(); i++) {
      Object[] args = {batch.get(i)};
      SqlVerdict verdict = connection.sessions().scanner().scan(batch.get(i));
      try {
        Object count = new Execution(batch.get(i), verdict, update, args, false).run();
        counts[i] = count == null ? 0 : (long) count;
      } catch (SQLException e) {
        throw Counts.failed(counts, i, e);
      }
    }
    return large ? counts : Counts.narrow(counts);
  }

  private @Nullable Object addBatch(@Nullable Object[] args) {
    if (args.length == 1) {
      texts.add(String.valueOf(args[0]));
    } else {
      rows.add(List.copyOf(parameters.values()));
    }
    return null;
  }

  private @Nullable Object clearBatch() {
    rows.clear();
    texts.clear();
    return null;
  }

  private @Nullable Object clearParameters() {
    parameters.clear();
    return null;
  }

  private @Nullable Object moreResults(Method method, @Nullable Object[] args) throws Throwable {
    Statement current = driver;
    if (current == null || !driverHasResults) {
      updateCount = -1;
      answered = null;
      return false;
    }
    boolean more = Boolean.TRUE.equals(onDriver(method, args));
    answered = more ? current.getResultSet() : null;
    updateCount = more ? -1 : current.getLargeUpdateCount();
    return more;
  }

  private @Nullable Object generatedKeys(Method method, @Nullable Object[] args) throws Throwable {
    if (driver == null) {
      throw refused("generated keys need the store");
    }
    Unit unit = connection.unit();
    if (unit != null) {
      unit.read(false);
    }
    return onDriver(method, args);
  }

  private @Nullable Object onDriver(Method method, @Nullable Object[] args) throws Throwable {
    Statement current = driver;
    if (current == null) {
      throw new SQLException("the statement has not been run", "55000");
    }
    return ConnectionHandler.call(current, method, args);
  }

  private Object unwrap(@Nullable Object asked) throws SQLException {
    if (asked instanceof Class<?> wanted && wanted.isInstance(proxy)) {
      return proxy;
    }
    throw new SQLException("a statement of the platform can't be unwrapped to " + asked, "0A000");
  }

  void close() {
    closed = true;
    connection.forget(this);
    dropDriver();
  }

  private void cancel() throws SQLException {
    Statement current = driver;
    if (current != null) {
      current.cancel();
    }
  }

  private void dropDriver() {
    Statement current = driver;
    driver = null;
    owner = null;
    if (current != null) {
      try {
        current.close();
      } catch (SQLException e) {
        connection.coordinator().suspect();
      }
    }
  }

  /** The driver's statement on this physical connection. */
  private Statement prepare(Connection physical) throws Throwable {
    Statement current = driver;
    if (current != null && owner == physical && !current.isClosed()) {
      return current;
    }
    Statement fresh = (Statement) ConnectionHandler.call(physical, creation, creationArgs);
    if (fresh == null) {
      throw new SQLException("the driver made no statement", "XX000");
    }
    driver = fresh;
    owner = physical;
    for (Call call : configuration.values()) {
      call.on(fresh);
    }
    return fresh;
  }

  private String text() {
    return type == Statement.class ? "" : String.valueOf(creationArgs[0]);
  }

  private boolean wantsKeys(@Nullable Object[] args) {
    Object wanted = null;
    if (type == Statement.class && args.length == 2) {
      wanted = args[1];
    } else if (type == PreparedStatement.class && creationArgs.length == 2) {
      wanted = creationArgs[1];
    }
    return wanted instanceof Integer flag
        ? flag == Statement.RETURN_GENERATED_KEYS
        : wanted != null;
  }

  private SQLException refused(String why) {
    return Refusals.detached(connection.coordinator().store().name(), why);
  }

  private static int byIndex(Object one, Object other) {
    return one instanceof Integer a && other instanceof Integer b
        ? Integer.compare(a, b)
        : String.valueOf(one).compareTo(String.valueOf(other));
  }

  /** One run of the statement: attached, detached, or from the one to the other. */
  private final class Execution {

    private final String sql;
    private final SqlVerdict verdict;
    private final Method method;
    private final @Nullable Object[] args;
    private final boolean prepared;
    private final boolean batch;

    Execution(
        String sql, SqlVerdict verdict, Method method, @Nullable Object[] args, boolean prepared) {
      this.sql = sql;
      this.verdict = verdict;
      this.method = method;
      this.args = args;
      this.prepared = prepared;
      this.batch = method.getName().endsWith("Batch");
    }

    @Nullable Object run() throws Throwable {
      updateCount = -1;
      answered = null;
      driverHasResults = false;
      switch (verdict.kind()) {
        case BEGIN -> connection.beginByText();
        case COMMIT -> connection.commitByText();
        case ROLLBACK -> connection.rollbackByText();
        default -> {
          return statement();
        }
      }
      return counted(0);
    }

    private @Nullable Object statement() throws Throwable {
      if (verdict.outside() && connection.autoCommits()) {
        return outside();
      }
      boolean mayDetach = refusal() == null && connection.deferrable();
      Unit unit = connection.begin(mayDetach);
      long budget = connection.coordinator().budget();
      while (true) {
        Connection physical = unit.physical();
        if (physical == null) {
          return detached(unit);
        }
        Object result;
        try {
          result = attached(unit, physical);
        } catch (SQLException e) {
          answeredOrBroken(unit, e);
          connection.broken(unit, mayDetach, budget, e);
          continue;
        }
        if (plainAlone()) {
          connection.doneReading(unit);
        } else {
          connection.done(unit);
        }
        return result;
      }
    }

    /** Returns if the connection broke before anything was committed. */
    private void answeredOrBroken(Unit unit, SQLException e) throws SQLException {
      boolean stray = connection.readOnly() && Refusals.READ_ONLY.equals(e.getSQLState());
      if (stray || !connection.coordinator().unreachable(e)) {
        connection.failed(unit);
        throw e;
      }
      connection.coordinator().suspect();
      if (verdict.outside()) {
        unit.dirty();
        connection.failed(unit);
        throw Refusals.unknowable(e);
      }
    }

    private boolean plainAlone() {
      return verdict.kind() == Kind.PLAIN_QUERY && connection.autoCommits();
    }

    private @Nullable Object attached(Unit unit, Connection physical) throws Throwable {
      if (plainAlone()) {
        physical.setAutoCommit(true);
      }
      Object result = onDriver(prepare(physical));
      if (verdict.kind() == Kind.SAVEPOINT) {
        connection.savepointByText(verdict.name(), unit);
      } else if (verdict.kind() == Kind.ROLLBACK_TO) {
        connection.rollbackByText(verdict.name(), unit);
      } else if (verdict.kind() != Kind.RELEASE && verdict.kind() != Kind.EMPTY) {
        record(unit, result);
      }
      return result;
    }

    private @Nullable Object onDriver(Statement statement) throws Throwable {
      if (prepared) {
        PreparedStatement target = (PreparedStatement) statement;
        for (List<Call> row : rows) {
          for (Call call : row) {
            call.on(target);
          }
          if (batch) {
            target.addBatch();
          }
        }
      }
      Object result = ConnectionHandler.call(statement, method, args);
      driverHasResults = true;
      if (method.getName().equals("execute")) {
        boolean isResultSet = Boolean.TRUE.equals(result);
        answered = isResultSet ? statement.getResultSet() : null;
        updateCount = isResultSet ? -1 : statement.getLargeUpdateCount();
      } else {
        updateCount = result instanceof Number count ? count.longValue() : -1;
      }
      return result;
    }

    private void record(Unit unit, @Nullable Object result) {
      boolean reads = result instanceof ResultSet || answered != null;
      if (reads || wantsKeys(args)) {
        unit.linger();
      }
      if (verdict.opaque() != null) {
        unit.opaque(verdict.opaque());
      } else if (isSetting()) {
        unit.dirty();
        remember(unit);
      } else if (reads && verdict.kind() != Kind.INSERT && verdict.kind() != Kind.COUNTED) {
        unit.read(verdict.kind() == Kind.PLAIN_QUERY);
      } else {
        recordWrite(unit, result, reads);
      }
    }

    private void recordWrite(Unit unit, @Nullable Object result, boolean reads) {
      List<Long> counts = Counts.of(result, updateCount, rowCount());
      counts.forEach(count -> connection.sessions().promises().answered(sql, count));
      List<List<Parameter>> kept = kept();
      if (kept == null) {
        unit.opaque("a parameter is of a type that can't be kept");
      } else {
        unit.record(new Operation(sql, prepared, kept, counts));
      }
      if (reads) {
        unit.read(false);
      }
    }

    private @Nullable Object detached(Unit unit) throws SQLException {
      String refusal = refusal();
      if (refusal != null || !connection.deferrable()) {
        connection.failed(unit);
        throw refused(refusal == null ? "the transaction may not be deferred" : refusal);
      }
      if (isSetting()) {
        remember(unit);
      } else if (verdict.kind() == Kind.SAVEPOINT) {
        connection.savepointByText(verdict.name(), unit);
      } else if (verdict.kind() == Kind.ROLLBACK_TO) {
        connection.rollbackByText(verdict.name(), unit);
      } else if (writes() && connection.readOnly()) {
        connection.failed(unit);
        throw Refusals.readOnly();
      } else if (writes()) {
        return promised(unit);
      }
      connection.done(unit);
      return counted(0);
    }

    private @Nullable Object promised(Unit unit) throws SQLException {
      List<List<Parameter>> kept = kept();
      if (kept == null) {
        connection.failed(unit);
        throw refused("a parameter is of a type that can't be kept");
      }
      boolean unverified =
          verdict.kind() == Kind.COUNTED && connection.updateCounts() == UpdateCounts.UNVERIFIED;
      long count = verdict.kind() == Kind.INSERT ? verdict.rows() : 1;
      unit.record(
          new Operation(
              sql, prepared, kept, Counts.same(rowCount(), unverified ? Operation.ANY : count)));
      connection.done(unit);
      return counted(unverified ? Statement.SUCCESS_NO_INFO : count);
    }

    /** Why it can't be deferred; null if it can. */
    private @Nullable String refusal() {
      if (verdict.veto() != null) {
        return verdict.veto();
      }
      if (verdict.kind() == Kind.PLAIN_QUERY || verdict.kind() == Kind.OTHER) {
        return "a query needs the store";
      }
      if (verdict.kind() == Kind.SET_CONFIG || verdict.kind() == Kind.SET_CONFIG_LOCAL) {
        return "set_config answers a row, which needs the store; SET does not";
      }
      if (wantsKeys(args)) {
        return "generated keys need the store";
      }
      if (method.getName().equals("executeQuery")) {
        return "it returns no rows that could be promised";
      }
      return verdict.kind() == Kind.COUNTED ? countRefusal() : null;
    }

    private @Nullable String countRefusal() {
      return switch (connection.updateCounts()) {
        case REFUSE -> "its update count needs the store (rananeeti.update-counts=REFUSE)";
        case UNVERIFIED -> null;
        case PROMISE_ONE ->
            connection.sessions().promises().mayPromiseOne(sql)
                ? null
                : "it has answered another update count than 1 before, so 1 can't be promised";
      };
    }

    /** Not in a transaction, and nothing that anybody could settle (C7). */
    private @Nullable Object outside() throws Throwable {
      Unit unit = connection.begin(false);
      Connection physical = unit.physical();
      if (physical == null) {
        connection.failed(unit);
        throw refused(String.valueOf(verdict.veto()));
      }
      try {
        physical.setAutoCommit(true);
        Object result = onDriver(prepare(physical));
        connection.doneReading(unit);
        return result;
      } catch (SQLException e) {
        answeredOrBroken(unit, e);
        throw e;
      }
    }

    private boolean writes() {
      return verdict.kind() == Kind.INSERT || verdict.kind() == Kind.COUNTED;
    }

    private boolean isSetting() {
      return switch (verdict.kind()) {
        case SETTING, LOCAL_SETTING, SET_CONFIG, SET_CONFIG_LOCAL -> true;
        default -> false;
      };
    }

    private void remember(Unit unit) {
      String value = verdict.value();
      boolean config = verdict.kind() == Kind.SET_CONFIG || verdict.kind() == Kind.SET_CONFIG_LOCAL;
      if (config && value == null && !rows.isEmpty() && !rows.get(0).isEmpty()) {
        value = String.valueOf(rows.get(0).get(0).args().get(1));
      }
      if (verdict.kind() == Kind.SETTING || verdict.kind() == Kind.SET_CONFIG) {
        connection.set(verdict.name(), value);
      } else if (value != null) {
        unit.localSettings().put(verdict.name(), value);
      }
    }

    private int rowCount() {
      return prepared ? Math.max(1, rows.size()) : 1;
    }

    private @Nullable List<List<Parameter>> kept() {
      if (!prepared || rows.isEmpty()) {
        return List.of(List.of());
      }
      List<List<Parameter>> kept = new ArrayList<>();
      for (List<Call> row : rows) {
        List<Parameter> values = new ArrayList<>();
        for (Call call : row) {
          Parameter parameter = Parameters.of(call.method().getName(), call.args().toArray());
          if (parameter == null) {
            return null;
          }
          values.add(parameter);
        }
        kept.add(values);
      }
      return kept;
    }

    private Object counted(long count) {
      updateCount = count;
      return switch (method.getName()) {
        case "execute" -> false;
        case "executeLargeUpdate" -> count;
        case "executeBatch" -> Counts.narrow(Counts.array(rowCount(), count));
        case "executeLargeBatch" -> Counts.array(rowCount(), count);
        default -> (int) count;
      };
    }
  }
}
