package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Refusals;
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

  private final ConnectionHandler connection;
  private final Method creation;
  private final @Nullable Object[] creationArgs;
  private final Class<?> type;
  private final Statement proxy;
  private final Map<String, Call> configuration = new LinkedHashMap<>();
  private final TreeMap<Object, Given> parameters = new TreeMap<>(StatementHandler::byIndex);
  private final List<List<Given>> batch = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private volatile @Nullable Statement driver;
  private @Nullable Connection owner;
  private Answer answer = Answer.NONE;
  private @Nullable ResultSet keys;
  private boolean closed;

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

  ConnectionHandler connection() {
    return connection;
  }

  Answer answer() {
    return answer;
  }

  void answer(Answer now) {
    answer = now;
    keys = null;
  }

  /**
   * Keeps the keys that the driver has read: they are the application's also if the connection
   * breaks at the COMMIT behind them, and that is settled.
   */
  void keep(ResultSet generated) {
    keys = generated;
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
        if (isClosed()) {
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
      case "getUpdateCount" -> (int) Math.min(Integer.MAX_VALUE, answer.updateCount());
      case "getLargeUpdateCount" -> answer.updateCount();
      case "getResultSet" -> answer.rows();
      case "getMoreResults" -> moreResults(method, args);
      case "getGeneratedKeys" -> generatedKeys(method, args);
      case "getWarnings" -> answer.warnings();
      case "clearWarnings" -> clearWarnings();
      case "unwrap" -> unwrap((Class<?>) args[0]);
      case "isWrapperFor" -> args[0] instanceof Class<?> asked && asked.isInstance(proxy);
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
      return configure(name + args[0], method, args);
    }
    if (ofStatement && (name.startsWith("set") || name.equals("closeOnCompletion"))) {
      checkNotNegative(name, args);
      return configure(name, method, args);
    }
    Statement living = living();
    if (ofStatement) {
      return living == null
          ? Defaults.of(name, configured(name), creationArgs)
          : ConnectionHandler.call(living, method, args);
    }
    return name.endsWith("MetaData") ? askOfText(method, args) : askOfCall(living, method, args);
  }

  private @Nullable Object setParameter(Method method, @Nullable Object[] args)
      throws SQLException {
    Object index = args[0];
    if (index == null || (index instanceof Integer number && number < 1)) {
      throw new SQLException("a parameter's index starts at 1: " + index, "22023");
    }
    parameters.put(index, connection.intake().take(method, args));
    return null;
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

  private static void checkNotNegative(String name, @Nullable Object[] args) throws SQLException {
    boolean negative =
        !name.equals("setFetchDirection")
            && args.length == 1
            && args[0] instanceof Number number
            && number.longValue() < 0;
    if (negative) {
      throw new SQLException(name + " takes no negative number", "22023");
    }
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
        physical -> {
          Statement made = prepare(physical);
          Binding held = connection.binding();
          if (held != null) {
            held.hold(made);
          }
          return ConnectionHandler.call(made, method, args);
        });
  }

  private static @Nullable Object askOfCall(
      @Nullable Statement living, Method method, @Nullable Object[] args) throws Throwable {
    if (living == null) {
      throw new SQLException("the call has not been made, or not on this connection", "55000");
    }
    return ConnectionHandler.call(living, method, args);
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
    Method execute = Statement.class.getMethod("execute", String.class);
    Method create = Connection.class.getMethod("createStatement");
    StatementHandler other = new StatementHandler(connection, create, new Object[0]);
    other.execute(execute, new Object[] {sql});
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
      texts.add(given(args[0]));
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
    if (living == null || !answer.driven()) {
      closeAnswered();
      answer = Answer.NONE;
      return false;
    }
    boolean more = Boolean.TRUE.equals(ConnectionHandler.call(living, method, args));
    ResultSet rows = more ? living.getResultSet() : null;
    Binding held = connection.binding();
    if (rows != null && held != null) {
      held.hold(rows);
    }
    answer = new Answer(more ? -1 : living.getLargeUpdateCount(), rows, living.getWarnings(), true);
    return more;
  }

  private void closeAnswered() throws SQLException {
    ResultSet rows = answer.rows();
    if (rows != null) {
      rows.close();
    }
  }

  private @Nullable Object generatedKeys(Method method, @Nullable Object[] args) throws Throwable {
    Statement living = living();
    if (living == null && keys != null) {
      return keys;
    }
    if (living == null) {
      throw Refusals.detached(
          connection.coordinator().store().name(), "generated keys need the store");
    }
    Object keys = ConnectionHandler.call(living, method, args);
    Binding held = connection.binding();
    if (keys instanceof ResultSet rows && held != null) {
      held.hold(rows);
    }
    return keys;
  }

  private @Nullable Object clearWarnings() throws SQLException {
    answer = answer.withoutWarnings();
    Statement living = living();
    if (living != null) {
      living.clearWarnings();
    }
    return null;
  }

  private Object unwrap(@Nullable Object asked) throws SQLException {
    if (asked instanceof Class<?> wanted && wanted.isInstance(proxy)) {
      return proxy;
    }
    throw new SQLException("a statement of the platform can't be unwrapped to " + asked, "0A000");
  }

  private boolean isClosed() throws SQLException {
    Statement current = driver;
    if (!closed
        && current != null
        && configuration.containsKey("closeOnCompletion")
        && answer.rows() != null
        && current.isClosed()) {
      close();
    }
    return closed;
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

  /** Whether the application wants the keys that this run generates. */
  boolean wantsKeys(@Nullable Object[] args) {
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

  private static int byIndex(Object one, Object other) {
    return one instanceof Integer a && other instanceof Integer b
        ? Integer.compare(a, b)
        : String.valueOf(one).compareTo(String.valueOf(other));
  }
}
