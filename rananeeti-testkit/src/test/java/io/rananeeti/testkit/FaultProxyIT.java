package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

class FaultProxyIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int USES_UNTIL_SERVER_PREPARED = 5;
  private static final String PAIR = "insert into l values (?); COMMIT";

  private static PostgresServer server;

  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private FaultProxy proxy;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.builder().start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void startProxy() throws SQLException {
    server.execute("drop table if exists l", "create table l (i int)");
    proxy = FaultProxy.inFrontOf(server);
  }

  @AfterEach
  void closeProxy() {
    proxy.close();
    executor.shutdownNow();
  }

  @Test
  void passesEverythingByDefault() throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement =
            connection.prepareStatement("select repeat('x', 100000) from generate_series(1, ?)")) {
      for (int round = 1; round <= 10; round++) {
        statement.setInt(1, round * 10);
        try (ResultSet result = statement.executeQuery()) {
          for (int row = 0; row < round * 10; row++) {
            assertThat(result.next()).isTrue();
            assertThat(result.getString(1)).hasSize(100_000);
          }
        }
      }
      assertThat(proxy.connections()).hasSize(1);
      assertThat(proxy.accepted()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, USES_UNTIL_SERVER_PREPARED + 1})
  void losesTheReplyToACommitThatHappened(int usesBefore) throws Exception {
    try (Connection connection = connect();
        PreparedStatement pair = connection.prepareStatement(PAIR)) {
      use(connection, pair, usesBefore);

      Fault fault = proxy.on(Message.commit()).loseReply();
      SQLException failure =
          catchThrowableOfType(SQLException.class, () -> commit(connection, pair, 100));

      assertThat(failure.getSQLState()).startsWith("08");
      assertThat(rows("i = 100")).isEqualTo(1);
      fault.awaitTriggered(LIMIT);
      fault.awaitDelivered(LIMIT);
      assertThat(fault.triggered()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, USES_UNTIL_SERVER_PREPARED + 1})
  void deliversACommitLate(int usesBefore) throws Exception {
    try (Connection connection = connect();
        PreparedStatement pair = connection.prepareStatement(PAIR)) {
      use(connection, pair, usesBefore);

      Fault fault = proxy.on(Message.commit()).deliverLate(Duration.ofHours(1));
      SQLException failure =
          catchThrowableOfType(SQLException.class, () -> commit(connection, pair, 100));

      assertThat(failure.getSQLState()).startsWith("08");
      assertThat(rows("i = 100")).isZero();
      fault.awaitTriggered(LIMIT);
      fault.release();
      fault.awaitDelivered(LIMIT);
      assertThat(rows("i = 100")).isEqualTo(1);
    }
  }

  @Test
  void keepsTheTransactionOfALateCommitOpenMeanwhile() throws Exception {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("insert into l values (1)");

      Fault fault = proxy.on(Message.commit()).deliverLate(Duration.ofHours(1));
      assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);

      assertThat(backends("state = 'idle in transaction'")).isEqualTo(1);
      assertThat(rows("i = 1")).isZero();
      fault.release();
      fault.awaitDelivered(LIMIT);
      assertThat(rows("i = 1")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, USES_UNTIL_SERVER_PREPARED + 1})
  void cutsBeforeACommitThatThenNeverHappens(int usesBefore) throws Exception {
    try (Connection connection = connect();
        PreparedStatement pair = connection.prepareStatement(PAIR)) {
      use(connection, pair, usesBefore);

      Fault fault = proxy.on(Message.commit()).cutBefore();
      SQLException failure =
          catchThrowableOfType(SQLException.class, () -> commit(connection, pair, 100));

      assertThat(failure.getSQLState()).startsWith("08");
      fault.awaitDelivered(LIMIT);
      assertThat(rows("i = 100")).isZero();
      assertThat(rows("i < 100")).isEqualTo(usesBefore);
    }
  }

  @Test
  void forwardsWhatStandsBeforeTheCut() throws Exception {
    server.execute("create sequence if not exists reached");
    int before = number("select last_value + is_called::int from reached");
    try (Connection connection = connect();
        PreparedStatement pair =
            connection.prepareStatement("select nextval('reached'), ?::int; COMMIT")) {

      Fault fault = proxy.on(Message.commit()).cutBefore();
      assertThatThrownBy(() -> commit(connection, pair, 1)).isInstanceOf(SQLException.class);

      fault.awaitDelivered(LIMIT);
      assertThat(number("select last_value + is_called::int from reached")).isEqualTo(before + 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, USES_UNTIL_SERVER_PREPARED + 1})
  void cutsAfterACommitThatThenHappens(int usesBefore) throws Exception {
    try (Connection connection = connect();
        PreparedStatement pair = connection.prepareStatement(PAIR)) {
      use(connection, pair, usesBefore);

      Fault fault = proxy.on(Message.commit()).cutAfter();
      SQLException failure =
          catchThrowableOfType(SQLException.class, () -> commit(connection, pair, 100));

      assertThat(failure.getSQLState()).startsWith("08");
      fault.awaitDelivered(LIMIT);
      assertThat(rows("i = 100")).isEqualTo(1);
    }
  }

  @Test
  void findsTheCommitOfTheSimpleProtocol() throws Exception {
    try (Connection connection = connect("preferQueryMode", "simple");
        PreparedStatement pair = connection.prepareStatement(PAIR)) {
      use(connection, pair, 1);

      Fault fault = proxy.on(Message.commit()).loseReply();
      assertThatThrownBy(() -> commit(connection, pair, 100)).isInstanceOf(SQLException.class);

      fault.awaitDelivered(LIMIT);
      assertThat(rows("i = 100")).isEqualTo(1);
    }
  }

  @Test
  void strikesAsOftenAsToldAndLeavesOtherConnectionsAlone() throws Exception {
    Fault fault = proxy.on(Message.running("insert into l").containing("values")).times(2).reset();
    try (Connection other = connect();
        Statement select = other.createStatement()) {

      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> insertThroughProxy(7)).isInstanceOf(SQLException.class);
      }
      insertThroughProxy(7);

      assertThat(fault.triggered()).isEqualTo(2);
      assertThat(rows("i = 7")).isEqualTo(1);
      assertThat(select.execute("select 1")).isTrue();
    }
  }

  @Test
  void strikesAtOnePieceOfWorkByItsParameterWithAProbability() throws Exception {
    boolean fresh = Boolean.getBoolean("rananeeti.test.full");
    long seed = Long.getLong("rananeeti.test.seed", fresh ? new SplittableRandom().nextLong() : 1);
    System.err.println("seed " + seed);
    Fault fault =
        proxy
            .on(Message.carrying("order-7"))
            .always()
            .withProbability(0.5, new SplittableRandom(seed))
            .reset();
    int failures = 0;
    for (int attempt = 0; attempt < 40; attempt++) {
      failures += fails("order-7") ? 1 : 0;
      assertThat(fails("order-8")).isFalse();
    }

    assertThat(failures).isEqualTo(fault.triggered()).isBetween(1, 39);
    fault.cancel();
    assertThat(fails("order-7")).isFalse();
  }

  private boolean fails(String parameter) {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement("select ?::text")) {
      statement.setString(1, parameter);
      return !statement.execute();
    } catch (SQLException e) {
      return true;
    }
  }

  @Test
  void followsOneTransactionAndStrikesAtItsNthMessage() throws Exception {
    try (Connection other = connect();
        Connection chosen = connect()) {
      other.setAutoCommit(false);
      chosen.setAutoCommit(false);
      Fault fault =
          proxy.on(Message.execute()).since(Message.carrying("order-7")).after(2).cutBefore();

      for (int statement = 0; statement < 5; statement++) {
        insert(other, 1);
      }
      other.commit();
      select(chosen, "order-7");
      insert(chosen, 2);

      assertThat(fault.triggered()).isZero();
      assertThatThrownBy(() -> insert(chosen, 3)).isInstanceOf(SQLException.class);
      fault.awaitDelivered(LIMIT);
      assertThat(rows("i = 1")).isEqualTo(5);
      assertThat(rows("i > 1")).isZero();
    }
  }

  @Test
  void countsFromTheFirstMessageOfTheRequestThatChoseTheConnection() throws Exception {
    try (Connection chosen = connect()) {
      select(chosen, "order-6");
      Fault fault = proxy.on(Message.parse()).since(Message.carrying("order-7")).reset();

      assertThatThrownBy(() -> select(chosen, "order-7")).isInstanceOf(SQLException.class);

      assertThat(fault.triggered()).isEqualTo(1);
    }
  }

  @Test
  void hangsAtAMessageForAWhileAndLosesNothing() throws Exception {
    try (Connection connection = connect();
        Connection other = connect()) {
      Fault fault = proxy.on(Message.running("insert into l")).hang(Duration.ofMillis(500));
      long start = System.nanoTime();
      Future<?> inserting = executor.submit(() -> insert(connection, 1));
      fault.awaitTriggered(LIMIT);

      select(other, "meanwhile");
      assertThat(System.nanoTime() - start)
          .isGreaterThanOrEqualTo(Duration.ofMillis(500).toNanos());
      inserting.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      fault.awaitDelivered(LIMIT);
      insert(connection, 1);

      assertThat(fault.triggered()).isEqualTo(1);
      assertThat(rows("i = 1")).isEqualTo(2);
    }
  }

  @Test
  void deliversLateAndNotBefore() throws Exception {
    try (Connection connection = connect()) {
      Fault fault = proxy.on(Message.running("insert")).deliverLate(Duration.ofSeconds(2));
      long start = System.nanoTime();
      assertThatThrownBy(() -> insert(connection, 1)).isInstanceOf(SQLException.class);

      fault.awaitDelivered(LIMIT);

      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(Duration.ofSeconds(2).toNanos());
      assertThat(rows("i = 1")).isEqualTo(1);
    }
  }

  @Test
  void deliversWhatItHoldsWhenTold() throws Exception {
    try (Connection connection = connect()) {
      Fault fault = proxy.on(Message.running("insert")).deliverLate(Duration.ofHours(1));
      assertThatThrownBy(() -> insert(connection, 1)).isInstanceOf(SQLException.class);
      assertThat(rows("i = 1")).isZero();

      fault.release();

      fault.awaitDelivered(LIMIT);
      assertThat(rows("i = 1")).isEqualTo(1);
    }
  }

  @Test
  void aRequestForASessionThatIsNoMoreIsOverWithoutHavingArrived() throws Exception {
    try (Connection connection = connect()) {
      int backend = connection.unwrap(PGConnection.class).getBackendPID();
      Fault fault = proxy.on(Message.running("insert")).deliverLate(Duration.ofHours(1));
      assertThatThrownBy(() -> insert(connection, 1)).isInstanceOf(SQLException.class);

      server.execute("select pg_terminate_backend(%d)".formatted(backend));

      assertThat(fault.awaitOver(LIMIT)).isFalse();
      assertThat(rows("true")).isZero();
    }
  }

  private static Void insert(Connection connection, int value) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("insert into l values (?)")) {
      statement.setInt(1, value);
      statement.execute();
    }
    return null;
  }

  private static void select(Connection connection, String parameter) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("select ?::text")) {
      statement.setString(1, parameter);
      statement.execute();
    }
  }

  @Test
  void resetsAllConnectionsOrOneByItsPortOrBackend() throws SQLException {
    try (Connection first = connect();
        Connection second = connect();
        Connection third = connect()) {
      int backend = first.unwrap(PGConnection.class).getBackendPID();
      int port =
          proxy.connections().stream()
              .filter(link -> isBackendOf(second, link))
              .findFirst()
              .orElseThrow()
              .clientPort();

      assertThat(proxy.resetBackend(backend)).isTrue();
      assertBroken(first);
      assertThat(proxy.resetConnectionFrom(port)).isTrue();
      assertBroken(second);
      assertThat(proxy.resetConnectionFrom(port)).isFalse();
      assertThat(third.isValid((int) LIMIT.toSeconds())).isTrue();
      proxy.reset();
      assertBroken(third);
      connect().close();
    }
  }

  private static boolean isBackendOf(Connection connection, FaultProxy.Link link) {
    try {
      return connection.unwrap(PGConnection.class).getBackendPID() == link.backendPid();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertBroken(Connection connection) {
    assertThatThrownBy(() -> connection.createStatement().execute("select 1"))
        .isInstanceOf(SQLException.class)
        .rootCause()
        .hasMessageContaining("Connection reset");
  }

  @Test
  void refusesNewConnectionsAndKeepsOldOnes() throws SQLException {
    try (Connection connection = connect()) {
      proxy.refuse();

      assertThatThrownBy(this::connect).rootCause().hasMessageContaining("Connection refused");
      assertThat(connection.isValid((int) LIMIT.toSeconds())).isTrue();

      proxy.pass();
      connect().close();
    }
  }

  @Test
  void hangsBothOldAndNewConnectionsUntilItPasses() throws Exception {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      proxy.hang();
      Future<Boolean> answer = executor.submit(() -> statement.execute("select 1"));

      assertThatThrownBy(() -> connect("loginTimeout", "1")).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> answer.get(100, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      proxy.pass();

      assertThat(answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      connect().close();
    }
  }

  @Test
  void delaysEachDirection() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      proxy.delay(Duration.ofMillis(100), Duration.ofMillis(100));
      long start = System.nanoTime();

      statement.execute("select * from generate_series(1, 10000)");

      assertThat(System.nanoTime() - start)
          .isGreaterThanOrEqualTo(Duration.ofMillis(200).toNanos());
    }
  }

  @Test
  void countsMessagesAndRoundTrips() throws SQLException {
    try (Connection connection = connect();
        PreparedStatement pair = connection.prepareStatement(PAIR);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("select 1");
      long before = proxy.roundTrips();
      long commits = proxy.count(Message.commit());

      pair.setInt(1, 1);
      pair.execute();

      assertThat(proxy.roundTrips() - before).isEqualTo(1);
      assertThat(proxy.count(Message.commit()) - commits).isEqualTo(1);
      assertThat(proxy.count(Message.execute().containing("insert into l"))).isEqualTo(1);
      assertThatThrownBy(() -> proxy.count(Message.carrying("x")))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void forwardsCancelRequests() throws Exception {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      Future<SQLException> cancelled =
          executor.submit(
              () ->
                  catchThrowableOfType(
                      SQLException.class, () -> statement.execute("select pg_sleep(1000)")));
      assertThat(Await.until(() -> backends("wait_event = 'PgSleep'") == 1, LIMIT)).isTrue();

      statement.cancel();

      assertThat(cancelled.get(LIMIT.toSeconds(), TimeUnit.SECONDS).getSQLState())
          .isEqualTo("57014");
    }
  }

  @Test
  void saysThatALateRequestFoundNoServer() throws Exception {
    try (PostgresServer mortal = PostgresServer.builder().start();
        FaultProxy before = FaultProxy.inFrontOf(mortal);
        Connection connection =
            DriverManager.getConnection(before.url(), mortal.user(), mortal.password())) {
      Fault fault = before.on(Message.running("select 1")).deliverLate(Duration.ofHours(1));
      assertThatThrownBy(() -> connection.createStatement().execute("select 1"))
          .isInstanceOf(SQLException.class);

      mortal.kill();

      assertThatThrownBy(() -> fault.awaitDelivered(LIMIT))
          .hasMessageContaining("could not be delivered");
      assertThatThrownBy(
              () -> DriverManager.getConnection(before.url(), mortal.user(), mortal.password()))
          .isInstanceOf(SQLException.class);
      mortal.start();
      DriverManager.getConnection(before.url(), mortal.user(), mortal.password()).close();
    }
  }

  @Test
  void leavesNothingBehindWhenClosed() throws Exception {
    Fault fault = proxy.on(Message.running("insert")).deliverLate(Duration.ofHours(1));
    assertThatThrownBy(() -> insertThroughProxy(1)).isInstanceOf(SQLException.class);
    try (Connection connection = connect()) {
      proxy.close();

      assertBroken(connection);
      assertThatThrownBy(() -> fault.awaitDelivered(LIMIT)).isInstanceOf(TestkitException.class);
      assertThat(rows("true")).isZero();
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(thread -> thread.isAlive() && thread.getName().startsWith("rananeeti-proxy-"));
    }
  }

  private void insertThroughProxy(int value) throws SQLException {
    try (Connection connection = connect()) {
      insert(connection, value);
    }
  }

  private static void use(Connection connection, PreparedStatement pair, int uses)
      throws SQLException {
    for (int use = 0; use < uses; use++) {
      commit(connection, pair, use);
    }
  }

  /** One transaction: a statement of its own, then the pair, as one request. */
  private static void commit(Connection connection, PreparedStatement pair, int value)
      throws SQLException {
    connection.setAutoCommit(false);
    try (Statement first = connection.createStatement()) {
      first.execute("select 1");
    }
    pair.setInt(1, value);
    pair.execute();
  }

  private Connection connect(String... properties) throws SQLException {
    Properties info = new Properties();
    info.setProperty("user", server.user());
    info.setProperty("password", server.password());
    for (int index = 0; index < properties.length; index += 2) {
      info.setProperty(properties[index], properties[index + 1]);
    }
    return DriverManager.getConnection(proxy.url(), info);
  }

  private static int rows(String condition) {
    return number("select count(*) from l where " + condition);
  }

  private static int backends(String condition) {
    return number(
        "select count(*) from pg_stat_activity where pid <> pg_backend_pid() and " + condition);
  }

  private static int number(String sql) {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      assertThat(result.next()).isTrue();
      return result.getInt(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
