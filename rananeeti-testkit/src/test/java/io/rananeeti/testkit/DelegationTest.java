package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.when;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Date;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Wrapper;
import java.time.Duration;
import java.util.Arrays;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.invocation.Invocation;

/**
 * Every method of the interfaces of {@code java.sql} that the platform hands out reaches the
 * driver's method of the same name with the same arguments, or is one of those that the platform
 * answers by itself, listed here with the reason. The methods are asked from the interfaces, so
 * that one that a later JDK adds fails here until somebody has decided.
 */
@SuppressWarnings("NullAway") // the platform is opened for all tests
final class DelegationTest {

  private static final Duration STALL = Duration.ofSeconds(30);
  private static final String TEXT = "INSERT INTO t VALUES (?)";
  private static final MockedDriver DRIVER = new MockedDriver();

  private static DataPlatform platform;
  private static DataSource dataSource;

  @BeforeAll
  static void open(@TempDir Path directory) {
    platform =
        DataPlatform.builder("shop")
            .store(DRIVER)
            .log(directory)
            .logStorage(new SimulatedDisk())
            .open();
    dataSource = platform.dataSource("orders");
    assertThat(
            Await.until(
                () -> platform.health().stores().get("orders").availability() == Availability.UP,
                STALL))
        .isTrue();
  }

  @AfterAll
  static void close() {
    platform.close();
  }

  @BeforeEach
  void renew() throws SQLException {
    DRIVER.renew();
  }

  static Stream<Method> ofConnection() {
    return methods(Connection.class);
  }

  @ParameterizedTest
  @MethodSource
  void ofConnection(Method method) throws Exception {
    if (isOwn(method, OwnAnswers.OF_CONNECTION)) {
      return;
    }
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      if (OwnAnswers.WITHIN_TRANSACTION.contains(method.getName())) {
        run(connection);
      }
      Object[] args = arguments(method);
      Object made = call(connection, method, args);
      if (made instanceof Statement statement) {
        execute(statement);
      } else if (!connection.isClosed() && method.getName().startsWith("set")) {
        run(connection);
      }
      assertReached(Connection.class, method, args);
    }
  }

  static Stream<Method> ofStatement() {
    return methods(Statement.class);
  }

  @ParameterizedTest
  @MethodSource
  void ofStatement(Method method) throws Exception {
    if (isOwn(method, OwnAnswers.OF_STATEMENT)) {
      return;
    }
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      if (method.getName().equals("getLargeUpdateCount")) {
        when(DRIVER.statement.getResultSet()).thenReturn(null);
      }
      Statement statement = connection.createStatement();
      statement.execute("SELECT 1");
      Object[] args = arguments(method);
      call(statement, method, args);
      if (method.getName().equals("addBatch")) {
        statement.executeBatch();
      } else if (method.getName().startsWith("execute") && method.getName().endsWith("Batch")) {
        statement.addBatch("DELETE FROM t");
        call(statement, method, args);
      }
      assertReached(Statement.class, method, args);
    }
  }

  static Stream<Method> ofPreparedStatement() {
    return methods(PreparedStatement.class)
        .filter(method -> method.getDeclaringClass() == PreparedStatement.class);
  }

  @ParameterizedTest
  @MethodSource
  void ofPreparedStatement(Method method) throws Exception {
    if (isOwn(method, OwnAnswers.OF_PREPARED_STATEMENT)) {
      return;
    }
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      prepared(connection.prepareStatement(TEXT), method);
    }
  }

  static Stream<Method> ofCallableStatement() {
    return methods(CallableStatement.class)
        .filter(method -> method.getDeclaringClass() == CallableStatement.class);
  }

  @ParameterizedTest
  @MethodSource
  void ofCallableStatement(Method method) throws Exception {
    if (isOwn(method, OwnAnswers.OF_CALLABLE_STATEMENT)) {
      return;
    }
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      prepared(connection.prepareCall("{? = call f(?)}"), method);
    }
  }

  private static void prepared(PreparedStatement statement, Method method) throws Exception {
    statement.execute();
    Object[] args = arguments(method);
    call(statement, method, args);
    if (method.getName().equals("addBatch")) {
      statement.executeBatch();
    } else if (method.getName().startsWith("set") || method.getName().startsWith("clear")) {
      statement.execute();
    }
    assertReached(method.getDeclaringClass(), method, args);
  }

  static Stream<Method> ofResultSet() {
    return methods(ResultSet.class);
  }

  @ParameterizedTest
  @MethodSource
  void ofResultSet(Method method) throws Exception {
    if (isOwn(method, OwnAnswers.OF_RESULT_SET)) {
      return;
    }
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      ResultSet rows = connection.createStatement().executeQuery("SELECT 1");
      Object[] args = arguments(method);
      call(rows, method, args);
      assertReached(ResultSet.class, method, args);
    }
  }

  static Stream<Method> ofDatabaseMetaData() {
    return methods(DatabaseMetaData.class);
  }

  @ParameterizedTest
  @MethodSource
  void ofDatabaseMetaData(Method method) throws Exception {
    if (isOwn(method, OwnAnswers.OF_DATABASE_META_DATA)) {
      return;
    }
    try (Connection connection = dataSource.getConnection()) {
      Object[] args = arguments(method);
      call(connection.getMetaData(), method, args);
      assertReached(DatabaseMetaData.class, method, args);
    }
  }

  /** In a stable order, for whoever reads the report. */
  private static Stream<Method> methods(Class<?> type) {
    Map<String, Method> all = new TreeMap<>();
    for (Method method : type.getMethods()) {
      if (!Modifier.isStatic(method.getModifiers())) {
        all.put(OwnAnswers.signature(method), method);
      }
    }
    return all.values().stream();
  }

  private static boolean isOwn(Method method, Map<String, String> own) {
    return own.containsKey(method.getName()) || own.containsKey(OwnAnswers.signature(method));
  }

  private static void run(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  private static void execute(Statement statement) throws SQLException {
    if (statement instanceof PreparedStatement prepared) {
      prepared.execute();
    } else {
      statement.execute("SELECT 1");
    }
  }

  private static @Nullable Object call(Object target, Method method, Object[] args)
      throws Exception {
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw new AssertionError(method + " failed", e.getCause());
    }
  }

  private static void assertReached(Class<?> type, Method method, Object[] args) {
    assertThat(DRIVER.asked(type))
        .as("calls that the driver got")
        .anySatisfy(asked -> assertSame(asked, method, args));
  }

  private static void assertSame(Invocation asked, Method method, Object[] args) {
    assertThat(OwnAnswers.signature(asked.getMethod())).isEqualTo(OwnAnswers.signature(method));
    Object[] got = asked.getRawArguments();
    for (int i = 0; i < args.length; i++) {
      if (isCopied(args[i])) {
        assertThat(got[i]).isNotNull();
      } else {
        assertThat(got[i]).isEqualTo(args[i]);
      }
    }
  }

  /**
   * What can be read once only, or belongs to another connection, is passed on as another object.
   */
  private static boolean isCopied(Object arg) {
    return arg instanceof InputStream
        || arg instanceof Reader
        || arg instanceof Blob
        || arg instanceof Clob
        || arg instanceof SQLXML
        || arg instanceof Array;
  }

  private static Object[] arguments(Method method) {
    boolean creates =
        method.getDeclaringClass() == Connection.class
            && (method.getName().startsWith("create") || method.getName().startsWith("prepare"));
    Object[] args =
        Arrays.stream(method.getParameterTypes()).map(DelegationTest::argument).toArray();
    Object[] options = {
      ResultSet.TYPE_SCROLL_INSENSITIVE,
      ResultSet.CONCUR_UPDATABLE,
      ResultSet.HOLD_CURSORS_OVER_COMMIT
    };
    int first = args.length > 0 && args[0] instanceof String ? 1 : 0;
    if (creates && args.length - first > 1) {
      System.arraycopy(options, 0, args, first, args.length - first);
    } else if (OwnAnswers.NUMBERS.containsKey(method.getName())) {
      args[0] = OwnAnswers.NUMBERS.get(method.getName());
    }
    return args;
  }

  private static Object argument(Class<?> type) {
    Object known = KNOWN.get(type);
    if (known != null) {
      return known;
    }
    if (type == InputStream.class) {
      return new ByteArrayInputStream(new byte[] {7});
    }
    if (type == Reader.class) {
      return new StringReader("7");
    }
    assertThat(type.isInterface()).as("an argument of %s", type).isTrue();
    return Proxy.newProxyInstance(
        DelegationTest.class.getClassLoader(), new Class<?>[] {type}, DelegationTest::value);
  }

  /** LOBs, arrays and the like of somebody else. */
  private static @Nullable Object value(Object self, Method method, Object @Nullable [] args) {
    return switch (method.getName()) {
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == Objects.requireNonNull(args)[0];
      case "toString" -> "an argument";
      case "length" -> 1L;
      case "getBinaryStream" -> new ByteArrayInputStream(new byte[] {7});
      case "getCharacterStream" -> new StringReader("7");
      case "getString" -> "<seven/>";
      default -> null;
    };
  }

  private static final Map<Class<?>, Object> KNOWN =
      Map.ofEntries(
          Map.entry(int.class, 1),
          Map.entry(long.class, 1L),
          Map.entry(short.class, (short) 3),
          Map.entry(byte.class, (byte) 4),
          Map.entry(float.class, 5f),
          Map.entry(double.class, 6d),
          Map.entry(boolean.class, true),
          Map.entry(String.class, "seven"),
          Map.entry(Object.class, "eight"),
          Map.entry(byte[].class, new byte[] {9}),
          Map.entry(int[].class, new int[] {1}),
          Map.entry(String[].class, new String[] {"id"}),
          Map.entry(Object[].class, new Object[] {"ten"}),
          Map.entry(Class.class, Comparable.class),
          Map.entry(Map.class, Map.of()),
          Map.entry(Calendar.class, new GregorianCalendar(2026, Calendar.MAY, 1)),
          Map.entry(Date.class, Date.valueOf("2026-05-01")),
          Map.entry(Time.class, Time.valueOf("01:02:03")),
          Map.entry(Timestamp.class, Timestamp.valueOf("2026-05-01 01:02:03")),
          Map.entry(BigDecimal.class, BigDecimal.TEN),
          Map.entry(URL.class, url()),
          Map.entry(SQLType.class, JDBCType.INTEGER),
          Map.entry(Properties.class, new Properties()),
          Map.entry(Executor.class, (Executor) Runnable::run));

  private static URL url() {
    try {
      return URI.create("http://localhost/").toURL();
    } catch (java.net.MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<Map<String, String>> ownAnswers() {
    return Stream.of(
        OwnAnswers.OF_CONNECTION,
        OwnAnswers.OF_STATEMENT,
        OwnAnswers.OF_PREPARED_STATEMENT,
        OwnAnswers.OF_CALLABLE_STATEMENT,
        OwnAnswers.OF_RESULT_SET,
        OwnAnswers.OF_DATABASE_META_DATA);
  }

  @ParameterizedTest
  @MethodSource
  void ownAnswers(Map<String, String> own) {
    List<Class<?>> types =
        List.of(
            Connection.class,
            CallableStatement.class,
            ResultSet.class,
            DatabaseMetaData.class,
            Wrapper.class);
    List<String> known =
        types.stream()
            .flatMap(DelegationTest::methods)
            .flatMap(method -> Stream.of(method.getName(), OwnAnswers.signature(method)))
            .toList();

    assertThat(known).containsAll(own.keySet());
    assertThat(own.values()).noneMatch(String::isBlank);
  }
}
