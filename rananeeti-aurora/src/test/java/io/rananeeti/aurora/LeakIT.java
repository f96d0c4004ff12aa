package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.DataPlatform;
import io.rananeeti.aurora.Footprint.Living;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.Message;
import io.rananeeti.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transactions of many kinds, by applications that forget to close what they should, with
 * connections that break: heap, threads, connections and open files end where they began. {@code
 * verify} makes 20,000 transactions with 50 breaks, {@code -Pfull} a million with 1,000.
 */
@SuppressWarnings("NullAway") // opened for each test
class LeakIT {

  private static final boolean FULL = Boolean.getBoolean("rananeeti.test.full");
  private static final int TRANSACTIONS = FULL ? 1_000_000 : 20_000;
  private static final int BREAKS = FULL ? 1_000 : 50;

  /** More than enough to fill what is bounded, such as the outcomes that are remembered. */
  private static final int WARM_UP = 20_000;

  private static final int THREADS = 4;
  private static final int POOL_SIZE = 6;
  private static final int PROBES = 1;

  /** The pool's own: one that keeps house, and for a moment one each that opens and closes. */
  private static final int POOL_THREADS = 3;

  /** Less than one object for each transaction. */
  private static final long BYTES = TRANSACTIONS * 16L;

  private static final String INSERT = "INSERT INTO written (id, name) VALUES (?, ?)";
  private static final Duration STALL = Duration.ofMinutes(1);

  /** Where anything that is kept for a transaction or a connection would show. */
  private static final List<String> WATCHED =
      List.of(
          "io.rananeeti.",
          "org.postgresql.",
          "com.zaxxer.",
          "jdk.proxy",
          "java.net.",
          "java.sql.",
          "java.lang.Thread",
          "sun.nio.");

  /** What an application meets when a connection breaks under a transaction that has read. */
  private static final Set<String> EXPECTED = Set.of("40001", "25P02");

  private final LongAdder written = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private PostgresServer server;
  private FaultProxy proxy;
  private DataPlatform platform;
  private DataSource dataSource;
  private Crowd crowd;
  @TempDir private Path directory;

  @BeforeEach
  void open() throws SQLException {
    server = PostgresServer.builder().setting("fsync", "off").start();
    server.execute(
        "CREATE TABLE written (id bigint PRIMARY KEY, name text)",
        "CREATE TABLE numbered (id bigserial PRIMARY KEY, name text)");
    proxy = FaultProxy.inFrontOf(server);
    platform =
        DataPlatform.builder("shop")
            .store(
                AuroraStore.builder("orders")
                    .url(proxy.url())
                    .user(server.user())
                    .password(server.password())
                    .poolSize(POOL_SIZE)
                    .build())
            .log(directory)
            .outageBudget(STALL)
            .open();
    dataSource = platform.dataSource("orders");
    crowd = new Crowd(THREADS);
  }

  @AfterEach
  void close() {
    crowd.close();
    platform.close();
    proxy.close();
    server.close();
  }

  @Test
  void nothingIsLeftOfManyTransactionsAndBreaks() throws Exception {
    run(0, WARM_UP, WARM_UP / 20);
    Footprint before = settled();
    List<Map<String, Living>> lived = new ArrayList<>(List.of(Footprint.living()));
    lived.set(0, Footprint.living()); // Counts the first answer, as the last will count this one.

    run(WARM_UP, WARM_UP + TRANSACTIONS, TRANSACTIONS / BREAKS);

    Footprint after = settled();
    assertThat(after.threads()).isEqualTo(before.threads());
    assertThat(after.files()).isLessThanOrEqualTo(before.files());
    assertNothingGrew(lived.get(0), Footprint.living());
    assertThat(rows()).as("rows, and those acknowledged").isEqualTo(written.sum());
  }

  private static void assertNothingGrew(Map<String, Living> before, Map<String, Living> after) {
    Map<String, Living> grown = new TreeMap<>();
    after.forEach(
        (name, now) -> grown.put(name, now.minus(before.getOrDefault(name, Living.NONE))));
    String most =
        grown.entrySet().stream()
            .sorted(Comparator.comparing(each -> -each.getValue().bytes()))
            .limit(20)
            .map(String::valueOf)
            .collect(Collectors.joining("\n"));
    System.err.printf("what has grown most:%n%s%n", most);
    assertThat(bytes(after) - bytes(before)).as(most).isLessThan(BYTES);
    grown.forEach(
        (name, more) -> {
          if (WATCHED.stream().anyMatch(name::startsWith)) {
            assertThat(more.instances()).as("new instances of " + name).isLessThan(BREAKS / 2);
          }
        });
  }

  private static long bytes(Map<String, Living> living) {
    return living.values().stream().mapToLong(Living::bytes).sum();
  }

  /** Has the crowd share this work, with a break each so many transactions. */
  private void run(int from, int to, int between) throws Exception {
    crowd.share(
        from,
        to,
        number -> {
          if (number % between == 0) {
            breakSomething(number / between);
          }
          transaction(number);
        });
    assertThat(platform.drain(STALL)).isTrue();
  }

  private void breakSomething(int which) {
    switch (which % 5) {
      case 0 -> proxy.reset();
      case 1 -> proxy.on(Message.commit()).loseReply();
      case 2 -> proxy.on(Message.commit()).cutBefore();
      case 3 -> proxy.on(Message.running("INSERT INTO numbered")).cutAfter();
      default -> proxy.on(Message.commit()).deliverLate(Duration.ofMillis(20));
    }
  }

  /** Counts its rows if it was acknowledged, and forgets to close all but the connection. */
  private void transaction(int number) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(number % 2 == 0);
      written.add(
          switch (number % 12) {
            case 0 -> insert(connection, 10L * number);
            case 1 -> updated(connection, 10L * number);
            case 2 -> keys(connection);
            case 3 -> savepoints(connection, 10L * number);
            case 4, 5 -> refused(connection);
            case 6, 7 -> read(connection);
            case 8, 9 -> batch(connection, 10L * number);
            case 10 -> setting(connection, 10L * number);
            default -> abandoned(connection, 10L * number);
          });
    } catch (SQLException e) {
      assertThat(e.getSQLState()).as(e.toString()).isIn(EXPECTED);
      failed.increment();
    }
  }

  @SuppressWarnings("resource") // that is the point
  private static int insert(Connection connection, long id) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(INSERT);
    statement.setLong(1, id);
    statement.setString(2, "n");
    return statement.executeUpdate();
  }

  @SuppressWarnings("resource")
  private static int updated(Connection connection, long id) throws SQLException {
    insert(connection, id);
    connection
        .createStatement()
        .executeUpdate("UPDATE written SET name = 'm' WHERE id = %d".formatted(id % 1_000));
    connection.commit();
    return 1;
  }

  @SuppressWarnings("resource")
  private static int keys(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO numbered (name) VALUES (?)", Statement.RETURN_GENERATED_KEYS);
    statement.setString(1, "n");
    statement.executeUpdate();
    statement.getGeneratedKeys().next();
    connection.commit();
    return 1;
  }

  private static int savepoints(Connection connection, long id) throws SQLException {
    insert(connection, id);
    Savepoint unnamed = connection.setSavepoint();
    insert(connection, id + 1);
    connection.setSavepoint("named");
    insert(connection, id + 2);
    connection.rollback(unnamed);
    insert(connection, id + 3);
    connection.commit();
    return 2;
  }

  @SuppressWarnings("resource")
  private static int refused(Connection connection) throws SQLException {
    try {
      connection.createStatement().executeUpdate("INSERT INTO written (id) VALUES ('none')");
      throw new AssertionError("that is no number");
    } catch (SQLException e) {
      if (!e.getSQLState().equals("22P02")) {
        throw e;
      }
    }
    if (!connection.getAutoCommit()) {
      connection.rollback();
    }
    return 0;
  }

  @SuppressWarnings("resource")
  private static int read(Connection connection) throws SQLException {
    connection.setReadOnly(true);
    ResultSet rows =
        connection.createStatement().executeQuery("SELECT id, name FROM written LIMIT 10");
    rows.next();
    return 0;
  }

  @SuppressWarnings("resource")
  private static int batch(Connection connection, long id) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(INSERT);
    for (int row = 0; row < 5; row++) {
      statement.setLong(1, id + row);
      statement.setString(2, "n");
      statement.addBatch();
    }
    statement.executeBatch();
    if (!connection.getAutoCommit()) {
      connection.commit();
    }
    return 5;
  }

  @SuppressWarnings("resource")
  private static int setting(Connection connection, long id) throws SQLException {
    connection.createStatement().execute("SET search_path TO public");
    connection.setClientInfo("rananeeti.ordering-key", "key " + id);
    return insert(connection, id);
  }

  /** Closed in the middle of a transaction. */
  private static int abandoned(Connection connection, long id) throws SQLException {
    insert(connection, id);
    return 0;
  }

  private long rows() throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (SELECT count(*) FROM written) + (SELECT count(*) FROM numbered)")) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * What is held once the pool is full of new connections and nothing is under way. New ones: what
   * the driver keeps for an old one depends on the statements that it happened to run.
   */
  private Footprint settled() throws Exception {
    proxy.reset();
    fillThePool();
    long end = System.nanoTime() + STALL.toNanos();
    Footprint now = Footprint.now(server);
    while (now.sessions() != POOL_SIZE + PROBES || proxy.connections().size() != now.sessions()) {
      assertThat(System.nanoTime()).as("sessions settle: " + now).isLessThan(end);
      now = Footprint.now(server);
    }
    assertThat(now.poolThreads()).isLessThanOrEqualTo(POOL_THREADS);
    return now;
  }

  private void fillThePool() throws SQLException {
    List<Connection> all = new ArrayList<>();
    for (int i = 0; i < POOL_SIZE; i++) {
      Connection connection = dataSource.getConnection();
      all.add(connection);
      connection.setAutoCommit(false);
      read(connection);
    }
    for (Connection connection : all) {
      connection.close();
    }
  }
}
