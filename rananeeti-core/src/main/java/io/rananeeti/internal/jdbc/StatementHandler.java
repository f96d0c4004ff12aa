package io.rananeeti.internal.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

  private static final Method CREATION =
      method(Connection.class, "createStatement", int.class, int.class, int.class);
  private static final Method PLAIN_CREATION = method(Connection.class, "createStatement");
  private static final Method CLOSE_ON_COMPLETION = method(Statement.class, "closeOnCompletion");
  private static final Method EXECUTE = method(Statement.class, "execute", String.class);

  /** What the driver answers, too, when the statement is closed. */
  private static final Set<String> ANSWERED_CLOSED =
      Set.of(
          "getConnection",
          "isWrapperFor",
          "isCloseOnCompletion",
          "getFetchSize",
          "getFetchDirection",
          "getMaxFieldSize",
          "getResultSetType",
          "getResultSetConcurrency",
          "getResultSetHoldability",
          "clearWarnings",
          "clearBatch",
          "clearParameters");

  private final ConnectionHandler connection;
  private final Method creation;
  private final @Nullable Object[] creationArgs;
  private final Class<?> type;
  private final int holdability;
  private final Statement proxy;
  private final Map<String, Call> configuration = new LinkedHashMap<>();
  private final TreeMap<Object, Given> parameters = new TreeMap<>(StatementHandler::byIndex);
  private final List<List<Given>> batch = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private volatile @Nullable Statement driver;
  private @Nullable Connection owner;
  private Answer answer = Answer.NONE;
  private @Nullable PlatformResultSet keys;
  private int parameterCount = -1;
  private boolean closed;

  StatementHandler(ConnectionHandler connection, Method creation, @Nullable Object[] args) {
    this.connection = connection;
    this.creation = creation;
    this.creationArgs = args;
    this.holdability = connection.holdability();
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

  /** A result set that the driver made by a statement of its own, such as metadata's. */
  static PlatformResultSet ofDriver(
      ConnectionHandler connection, Connection physical, ResultSet rows) throws SQLException {
    Statement driver = rows.getStatement();
    @Nullable Object[] options = {
      driver.getResultSetType(), driver.getResultSetConcurrency(), driver.getResultSetHoldability()
    };
    StatementHandler statement = new StatementHandler(connection, CREATION, options);
    statement.driver = driver;
    statement.owner = physical;
    if (driver.isCloseOnCompletion()) {
      statement.configuration.put("closeOnCompletion", Call.of(CLOSE_ON_COMPLETION));
    }
    PlatformResultSet answered = statement.rowsOf(rows);
    statement.answer = new Answer(-1, answered, null, driver);
    return answered;
  }

  Statement proxy() {
    return proxy;
  }

  ConnectionHandler connection() {
    return connection;
  }

  Answer answer() {
    return answer;
  }

  void answer(Answer now) {
    answer = now;
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "close" -> close();
      case "isClosed" -> isClosed();
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> type.getSimpleName() + "[" + SqlScanner.masked(text()) + "]";
      case "cancel" -> cancel();
      default -> {
        if (isClosed() && !ANSWERED_CLOSED.contains(method.getName())) {
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
      case "executeQuery", "executeUpdate", "executeLargeUpdate", "execute" ->
          execute(method, args);
      case "executeBatch", "executeLargeBatch" -> executeBatch(method);
      case "addBatch" -> addBatch(args);
      case "clearBatch" -> clearBatch();
      case "clearParameters" -> clearParameters();
      case "getUpdateCount" -> Counts.narrow(answer.updateCount());
      case "getLargeUpdateCount" -> answer.updateCount();
      case "getResultSet" -> answer.rows();
      case "getMoreResults" -> moreResults(method, args);
      case "getGeneratedKeys" -> generatedKeys(method, args);
      case "getWarnings" -> answer.warnings();
      case "clearWarnings" -> clearWarnings();
      case "unwrap" -> connection.unwrap(proxy, type(args[0]), this::prepare);
      case "isWrapperFor" -> isWrapperFor(type(args[0]));
      case "setLargeMaxRows", "getLargeMaxRows" -> onDriver(method, args);
      case "enquoteLiteral", "enquoteIdentifier", "isSimpleIdentifier", "enquoteNCharLiteral" ->
          InvocationHandler.invokeDefault(self, method, args);
      default -> setOrAsk(method, args);
    };
  }

  private @Nullable Object setOrAsk(Method method, @Nullable Object[] args) throws Throwable {
    String name = method.getName();
    boolean ofStatement = method.getDeclaringClass() == Statement.class;
    if (!ofStatement && name.startsWith("set") && args.length >= 2) {
      return setParameter(method, args);
    }
    if (name.equals("registerOutParameter")) {
      makeNow();
      return configure(name + args[0], method, args);
    }
    if (ofStatement && (name.startsWith("set") || name.equals("closeOnCompletion"))) {
      StatementOptions.checkSetter(name, args);
      return configure(name, method, args);
    }
    Statement living = living();
    if (ofStatement) {
      return living == null
          ? Defaults.of(name, configured(name), creationArgs, holdability)
          : ConnectionHandler.call(living, method, args);
    }
    return name.endsWith("MetaData") ? askOfText(method, args) : askOfCall(living, method, args);
  }

  /** What only the driver can judge, it judges now if it can be asked. */
  private @Nullable Object setParameter(Method method, @Nullable Object[] args) throws Throwable {
    Object index = args[0];
    if (index == null) {
      throw new SQLException("a parameter's index is null", "22023");
    }
    Given given = connection.intake().take(method, args);
    boolean beyond = index instanceof Integer number && (number < 1 || number > parameterCount());
    if ((beyond || given.kept() == null) && !given.once()) {
      Statement living = makeNow();
      if (living != null) {
        given.call().on(living);
      }
    }
    if (index instanceof Integer number && number < 1) {
      throw new SQLException("a parameter's index starts at 1: " + index, "22023");
    }
    parameters.put(index, given);
    return null;
  }

  private int parameterCount() {
    if (parameterCount < 0) {
      parameterCount = scan(text()).parameters();
    }
    return parameterCount;
  }

  /**
   * Makes the driver's statement before it is run, for what the driver has to judge at once.
   *
   * @return null if the store can't be asked
   */
  private @Nullable Statement makeNow() throws Throwable {
    Statement living = living();
    if (living != null || connection.detached()) {
      return living;
    }
    return (Statement) connection.askIfAttached("the statement", this::held);
  }

  private Statement held(Connection physical) throws Throwable {
    Statement made = prepare(physical);
    Binding held = connection.binding();
    if (held != null) {
      held.hold(made);
    }
    return made;
  }

  /** Keys by the columns' numbers are something that drivers may refuse at once. */
  void checkCreation() throws Throwable {
    boolean byNumbers =
        creationArgs.length == 2 && creationArgs[1] instanceof int[] numbers && numbers.length > 0;
    if (byNumbers && makeNow() != null) {
      dropDriver();
      connection.giveBackUnneeded();
    }
  }

  private @Nullable Object onDriver(Method method, @Nullable Object[] args) throws Throwable {
    Statement living = makeNow();
    Object answered = living == null ? 0L : ConnectionHandler.call(living, method, args);
    if (args.length > 0) {
      configuration.put(method.getName(), Call.of(method, args));
    }
    return method.getReturnType() == void.class ? null : answered;
  }

  /** Kept for each driver's statement, and told to the one that there is. */
  private @Nullable Object configure(String key, Method method, @Nullable Object[] args)
      throws Throwable {
    Call call = Call.of(method, args);
    Statement living = living();
    if (living != null) {
      call.on(living);
    }
    configuration.put(key, call);
    return null;
  }

  private @Nullable Object configured(String getter) {
    String setter =
        switch (getter) {
          case "isPoolable" -> "setPoolable";
          case "isCloseOnCompletion" -> "closeOnCompletion";
          default -> "set" + getter.substring(3);
        };
    Call call = configuration.get(setter);
    if (call == null) {
      return null;
    }
    return call.args().isEmpty() ? true : call.args().get(0);
  }

  /** What the database says of the text; the answer may ask the driver's statement later. */
  private @Nullable Object askOfText(Method method, @Nullable Object[] args) throws Throwable {
    return connection.ask(
        "PreparedStatement." + method.getName(),
        physical -> ConnectionHandler.call(withParameters(physical), method, args));
  }

  /** The types of values that are set say something of the text, too. */
  private Statement withParameters(Connection physical) throws Throwable {
    Statement made = held(physical);
    for (Given given : parameters.values()) {
      if (!given.once()) {
        given.call().on(made);
      }
    }
    return made;
  }

  private @Nullable Object askOfCall(
      @Nullable Statement living, Method method, @Nullable Object[] args) throws Throwable {
    if (living == null) {
      throw new SQLException("the call has not been made, or not on this connection", "55000");
    }
    Connection physical = Objects.requireNonNull(owner);
    Object answered = ConnectionHandler.call(living, method, args);
    return answered instanceof ResultSet cursor
        ? rowsOf(cursor, physical)
        : new Rows(connection, physical).handOut(answered);
  }

  private @Nullable Object execute(Method method, @Nullable Object[] args) throws Throwable {
    if (args.length > 0) {
      String sql = given(args[0]);
      refuseTextOnPrepared();
      SqlVerdict verdict = scan(sql);
      return new Execution(this, List.of(Write.text(sql, verdict)), verdict, method, args).run();
    }
    return executePrepared(List.of(List.copyOf(parameters.values())), method);
  }

  private @Nullable Object executePrepared(List<List<Given>> rows, Method method) throws Throwable {
    String sql = text();
    SqlVerdict verdict = scan(sql);
    Write write = new Write(sql, verdict, true, rows);
    return new Execution(this, List.of(write), verdict, method, new Object[0]).run();
  }

  private @Nullable Object executeBatch(Method method) throws Throwable {
    List<List<Given>> rows = List.copyOf(batch);
    List<String> batched = List.copyOf(texts);
    clearBatch();
    if (rows.isEmpty() && batched.isEmpty()) {
      begin(false);
      return method.getReturnType() == long[].class ? new long[0] : new int[0];
    }
    if (type != Statement.class) {
      return executePrepared(rows, method);
    }
    List<Write> writes = batched.stream().map(sql -> Write.text(sql, scan(sql))).toList();
    return new Execution(this, writes, SqlVerdict.ofBatch(writes), method, new Object[0]).run();
  }

  /** Runs another text in its place, whose answer nobody sees. */
  void runInstead(String sql) throws Throwable {
    StatementHandler other = new StatementHandler(connection, PLAIN_CREATION, new Object[0]);
    other.execute(EXECUTE, new Object[] {sql});
    other.close();
  }

  private SqlVerdict scan(String sql) {
    return connection.sessions().scanner().scan(sql);
  }

  private void refuseTextOnPrepared() throws SQLException {
    if (type != Statement.class) {
      throw new SQLException("a prepared statement takes no other text", "42809");
    }
  }

  private static String given(@Nullable Object text) throws SQLException {
    if (text == null) {
      throw new SQLException("the statement's text is null", "22004");
    }
    return String.valueOf(text);
  }

  private @Nullable Object addBatch(@Nullable Object[] args) throws SQLException {
    if (args.length == 1) {
      refuseTextOnPrepared();
      String sql = given(args[0]);
      if (scan(sql).several()) {
        throw new SQLFeatureNotSupportedException(
            "a batch takes one statement a text; call addBatch once for each", "0A000");
      }
      texts.add(sql);
    } else {
      batch.add(List.copyOf(parameters.values()));
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

  private @Nullable Object moreResults(Method method, @Nullable Object[] args) throws Throwable {
    Statement living = living();
    if (living == null || living != answer.by()) {
      if (args.length == 0 || !Integer.valueOf(Statement.KEEP_CURRENT_RESULT).equals(args[0])) {
        close(answer.rows());
      }
      answer = new Answer(-1, null, answer.warnings(), null);
      return false;
    }
    boolean more = Boolean.TRUE.equals(ConnectionHandler.call(living, method, args));
    ResultSet found = more ? living.getResultSet() : null;
    PlatformResultSet rows = found == null ? null : rowsOf(found);
    Binding held = connection.binding();
    if (rows != null && held != null) {
      held.hold(rows.driver);
    }
    answer =
        new Answer(more ? -1 : living.getLargeUpdateCount(), rows, living.getWarnings(), living);
    return more;
  }

  private static void close(@Nullable PlatformResultSet rows) throws SQLException {
    if (rows != null) {
      rows.driver.close();
    }
  }

  /** What was answered before is over; only a driver closes its result sets by itself. */
  void begin(boolean ofDriver) throws SQLException {
    if (!ofDriver) {
      close(answer.rows());
      close(keys);
      if (!isClosed() && !configuration.containsKey("closeOnCompletion")) {
        dropDriver();
      }
    }
    answer = Answer.NONE;
    keys = null;
  }

  /**
   * Keys that were asked for: the same result set is answered each time, and also if the connection
   * breaks at the COMMIT behind them, and that is settled.
   */
  void keepKeys(@Nullable ResultSet found) {
    keys = found == null ? null : rowsOf(found);
  }

  /** Those that were asked for and kept; null if there are none. */
  @Nullable PlatformResultSet keptKeys() {
    return keys;
  }

  /** Keys that were promised here. */
  void keepPromised(ResultSet made) {
    keys = rowsOf(made, null);
  }

  /** The driver's empty one, if no keys were asked for. */
  private @Nullable Object generatedKeys(Method method, @Nullable Object[] args) throws Throwable {
    if (keys == null) {
      Statement living = living();
      if (living == null && connection.detached() && answer.updateCount() >= 0) {
        keepPromised(LocalRows.none(proxy)); // It was promised here, and no keys were asked for.
        return keys;
      }
      if (living == null) {
        return connection.ask(
            "getGeneratedKeys",
            physical ->
                keysOf((ResultSet) ConnectionHandler.call(prepare(physical), method, args)));
      }
      return keysOf((ResultSet) ConnectionHandler.call(living, method, args));
    }
    return keys;
  }

  private @Nullable PlatformResultSet keysOf(@Nullable ResultSet found) {
    PlatformResultSet rows = found == null ? null : rowsOf(found);
    Binding held = connection.binding();
    if (rows != null && held != null) {
      held.hold(rows.driver);
    }
    return rows;
  }

  /** A result set of the driver's statement, as the application gets it. */
  PlatformResultSet rowsOf(ResultSet found) {
    return rowsOf(found, Objects.requireNonNull(owner));
  }

  /** The same, of this physical connection; of none if it was made here. */
  PlatformResultSet rowsOf(ResultSet found, @Nullable Connection physical) {
    return new PlatformResultSet(this, physical, found);
  }

  /** One of its result sets was closed by the application. */
  void isRead() throws SQLException {
    if (!isClosed()) {
      connection.giveBackUnneeded();
    }
  }

  private @Nullable Object clearWarnings() throws SQLException {
    answer = answer.withoutWarnings();
    Statement living = living();
    if (living != null) {
      living.clearWarnings();
    }
    return null;
  }

  private boolean isWrapperFor(Class<?> asked) throws Throwable {
    return asked.isInstance(proxy)
        || (!closed && connection.isWrapperFor(proxy, asked, this::prepare));
  }

  private static Class<?> type(@Nullable Object asked) throws SQLException {
    if (asked instanceof Class<?> wanted) {
      return wanted;
    }
    throw new SQLException("no type is given", "22004");
  }

  boolean isClosed() throws SQLException {
    if (!closed && configuration.containsKey("closeOnCompletion")) {
      Statement current = driver;
      Binding held = connection.binding();
      boolean bound = held != null && held.physical() == owner;
      if (bound && current != null && current.isClosed()) {
        close();
      }
    }
    return closed || connection.isClosed();
  }

  @Nullable Object close() {
    if (!closed) {
      closed = true;
      dropDriver();
      connection.forget(this);
    }
    return null;
  }

  private @Nullable Object cancel() throws SQLException {
    Statement current = driver;
    if (current != null) {
      current.cancel();
    }
    return null;
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

  /** The driver's statement, if it is of the physical connection that is bound now. */
  private @Nullable Statement living() throws SQLException {
    Statement current = driver;
    Binding held = connection.binding();
    boolean bound = held != null && held.physical() == owner;
    return current != null && bound && !current.isClosed() ? current : null;
  }

  /** The driver's statement on this physical connection. */
  Statement prepare(Connection physical) throws Throwable {
    Statement current = driver;
    if (current != null && owner == physical && !current.isClosed()) {
      return current;
    }
    Statement fresh = create(physical);
    driver = fresh;
    owner = physical;
    for (Map.Entry<String, Call> each : List.copyOf(configuration.entrySet())) {
      try {
        each.getValue().on(fresh);
      } catch (SQLException e) {
        configuration.remove(each.getKey());
        throw e;
      }
    }
    return fresh;
  }

  /** With the holdability that the connection had when the application made the statement. */
  private Statement create(Connection physical) throws Throwable {
    boolean differs = holdability != ResultSet.CLOSE_CURSORS_AT_COMMIT;
    if (differs) {
      physical.setHoldability(holdability);
    }
    try {
      Object made = ConnectionHandler.call(physical, creation, creationArgs);
      if (made instanceof Statement fresh) {
        return fresh;
      }
      throw new SQLException("the driver made no statement", "XX000");
    } finally {
      if (differs) {
        physical.setHoldability(ResultSet.CLOSE_CURSORS_AT_COMMIT);
      }
    }
  }

  /**
   * Takes values away that the driver's statement still has of an earlier run, while the
   * application has cleared them.
   */
  void clearLeftOver(List<Given> row, SqlVerdict verdict, PreparedStatement target)
      throws Throwable {
    if (row.size() >= verdict.parameters()) {
      return;
    }
    target.clearParameters();
    for (Map.Entry<String, Call> each : configuration.entrySet()) {
      if (each.getKey().startsWith("registerOutParameter")) {
        each.getValue().on(target);
      }
    }
  }

  private String text() {
    return type == Statement.class ? "" : String.valueOf(creationArgs[0]);
  }

  /** Whether the application wants the keys that this run generates. */
  boolean wantsKeys(@Nullable Object[] args) {
    Object wanted = wantedKeys(args);
    if (wanted instanceof Integer flag) {
      return flag == Statement.RETURN_GENERATED_KEYS;
    }
    return wanted instanceof Object[] names ? names.length > 0 : wanted != null;
  }

  /** How it says which keys; null if it does not. */
  @Nullable Object wantedKeys(@Nullable Object[] args) {
    if (type == Statement.class && args.length == 2) {
      return args[1];
    }
    return type == PreparedStatement.class && creationArgs.length == 2 ? creationArgs[1] : null;
  }

  private static Method method(Class<?> of, String name, Class<?>... types) {
    try {
      return of.getMethod(name, types);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("JDBC has no such method: " + name, e);
    }
  }

  private static int byIndex(Object one, Object other) {
    return one instanceof Integer a && other instanceof Integer b
        ? Integer.compare(a, b)
        : String.valueOf(one).compareTo(String.valueOf(other));
  }
}
