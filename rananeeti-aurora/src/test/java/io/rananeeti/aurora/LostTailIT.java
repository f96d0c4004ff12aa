package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.Health;
import io.rananeeti.testkit.AuroraEmulator;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** G6: another region takes over without the last second, and nothing is lost. */
@Tag("emulator")
final class LostTailIT {

  private static final String HOME = "us-east-1";
  private static final String AWAY = "eu-west-1";
  private static final Duration STALL = Duration.ofMinutes(5);
  private static final Duration CUT = Duration.ofSeconds(1);
  private static final int THREADS = 8;

  private AuroraEmulator aurora;
  private @TempDir Path log;

  private final Collection<Long> acknowledged = new ConcurrentLinkedQueue<>();
  private final Collection<SQLException> failures = new ConcurrentLinkedQueue<>();
  private final Map<String, String> told = new ConcurrentHashMap<>();
  private final Semaphore news = new Semaphore(0);
  private final AtomicLong ids = new AtomicLong();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger phase = new AtomicInteger(1);

  @SuppressWarnings("NullAway.Init")
  LostTailIT() {}

  @BeforeEach
  void startAurora() throws SQLException {
    aurora = AuroraEmulator.global().region(HOME, 1).region(AWAY, 1).start();
    try (Connection connection = aurora.connect(aurora.writer());
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE SEQUENCE arrivals; CREATE TABLE orders (id bigint PRIMARY KEY, phase int NOT NULL,"
              + " arrival bigint NOT NULL DEFAULT nextval('arrivals'));"
              + " CREATE TABLE keyed (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);"
              + " CREATE SEQUENCE drawn; CREATE TABLE given (id bigint PRIMARY KEY, note text);"
              + " CREATE TABLE counters (id int PRIMARY KEY, n bigint NOT NULL);"
              + " INSERT INTO counters SELECT i, 0 FROM generate_series(0, 3) AS i");
    }
  }

  @AfterEach
  void stopAurora() {
    aurora.close();
  }

  private LostTailNode.Login login() {
    return new LostTailNode.Login(
        aurora.url(aurora.globalEndpoint()) + "?sslmode=disable",
        aurora.user(),
        aurora.password(),
        aurora.hostPatterns());
  }

  private DataPlatform open() {
    return open(log, login());
  }

  static DataPlatform open(Path log, LostTailNode.Login login) {
    return DataPlatform.builder("tail")
        .log(log)
        .retain(LostTailNode.RETAIN)
        .store(
            AuroraStore.builder("orders")
                .url(login.url())
                .user(login.user())
                .password(login.password())
                .hostPatterns(login.hostPatterns().split(","))
                .build())
        .open();
  }

  /**
   * Under load replication is cut, the region dies and the other takes over; returns what that did
   * not get. Nobody met an error, and all that was lost was applied again.
   */
  private Set<Long> loseTheRegion(DataPlatform platform, Work work) throws Exception {
    awaitUp(platform);
    List<Thread> threads = load(platform, work);
    await(() -> acknowledged.size() > 100);
    Set<Long> lost = cut();
    aurora.kill(HOME);
    aurora.failover(AWAY);
    phase.set(2);
    int phaseOne = acknowledged.size();
    await(() -> acknowledged.size() > phaseOne + 100);
    end(threads);
    assertThat(platform.drain(STALL)).isTrue();

    System.out.printf(
        "[lost tail] %d acknowledged, %d of them lost by the database and applied again%n",
        acknowledged.size(), tail(platform).appliedAgain());
    assertThat(failures).isEmpty();
    assertThat(tail(platform).appliedAgain()).isGreaterThan(10);
    assertThat(platform.deadLetters().list()).isEmpty();
    return lost;
  }

  @Test
  void everyAcknowledgedOrderIsThereOnceBeforeAnythingNew() throws Exception {
    try (DataPlatform platform = open()) {
      Set<Long> lost = loseTheRegion(platform, this::insert);

      assertThat(idsOf("SELECT id FROM orders")).containsAll(acknowledged);
      assertThat(arrival("SELECT max(arrival) FROM orders WHERE id = ANY (?)", lost))
          .isLessThan(
              arrival("SELECT min(arrival) FROM orders WHERE phase = 2 AND ? IS NOT NULL", lost));
    }
  }

  @Test
  void sharedRowsCountEachAcknowledgedUpdateOnce() throws Exception {
    try (DataPlatform platform = open()) {
      loseTheRegion(platform, this::increment);

      assertThat(arrival("SELECT sum(n)::bigint FROM counters WHERE ? IS NOT NULL", Set.of()))
          .isEqualTo(acknowledged.size());
    }
  }

  @Test
  void keysThatTheApplicationWasToldStayWithTheirRows() throws Exception {
    try (DataPlatform platform = open()) {
      loseTheRegion(platform, this::keyed);

      Map<String, String> rows = notes();
      assertThat(rows).containsAllEntriesOf(told);
      assertThat(rows.values()).as("each note once").doesNotHaveDuplicates();
      assertThat(told).as("each key was told once").hasSameSizeAs(acknowledged);
    }
  }

  @Test
  void theOldRegionThatComesBackAsAStaleWriterGetsNothing() throws Exception {
    try (DataPlatform platform = open()) {
      awaitUp(platform);
      List<Thread> threads = load(platform, this::insert);
      await(() -> acknowledged.size() > 100);
      cut();
      aurora.kill(HOME);
      aurora.failover(AWAY);
      int phaseOne = acknowledged.size();
      await(() -> acknowledged.size() > phaseOne + 50);

      aurora.start(HOME);
      long stale = rowsAt("us1");
      aurora.flipDns(aurora.globalEndpoint(), "us1");
      int flipped = acknowledged.size();
      await(() -> acknowledged.size() > flipped + 200);
      aurora.truthfulDns();
      end(threads);
      assertThat(platform.drain(STALL)).isTrue();

      assertThat(rowsAt("us1")).isEqualTo(stale);
      assertThat(failures).isEmpty();
      assertThat(idsOf("SELECT id FROM orders")).containsAll(acknowledged);
    }
  }

  @Test
  void anApplicationThatIsKilledBeforeItCouldApplyThemAgainDoesSoWhenItIsBack() throws Exception {
    Collection<Long> told;
    try (LostTailNode node = LostTailNode.start(login(), log, 1)) {
      await(() -> node.acknowledged().size() > 100);
      aurora.pauseReplication(AWAY);
      int before = node.acknowledged().size();
      await(() -> node.acknowledged().size() > before + 100);
      aurora.kill(HOME);
      int down = node.acknowledged().size();
      await(() -> node.acknowledged().size() > down + 20);
      aurora.failover(AWAY);
      node.kill();
      told = node.acknowledged();
    }
    try (LostTailNode again = LostTailNode.start(login(), log, 1_000_000)) {
      await(() -> !again.acknowledged().isEmpty());
      await(() -> idsOf("SELECT id FROM orders").containsAll(told));
      again.kill();
    }
    try (DataPlatform platform = open()) {
      awaitUp(platform);
      assertThat(platform.deadLetters().list()).isEmpty();
    }
    assertThat(idsOf("SELECT id FROM orders")).containsAll(told);
  }

  /** Replication is cut for a while under load; returns what the other region does not get. */
  private Set<Long> cut() throws Exception {
    aurora.pauseReplication(AWAY);
    int before = acknowledged.size();
    long end = System.nanoTime() + CUT.toNanos();
    await(() -> System.nanoTime() > end && acknowledged.size() > before + 20);
    Set<Long> lost = new HashSet<>(acknowledged);
    try (Connection connection = aurora.connect("eu1");
        Statement statement = connection.createStatement()) {
      lost.removeAll(ids(statement.executeQuery("SELECT id FROM orders")));
    }
    return lost;
  }

  private interface Work {
    void on(Connection connection) throws SQLException;
  }

  private List<Thread> load(DataPlatform platform, Work work) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Thread thread = new Thread(() -> run(platform, work), "load-" + i);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  private void run(DataPlatform platform, Work work) {
    while (!over.get()) {
      try (Connection connection = platform.getConnection("orders")) {
        work.on(connection);
      } catch (SQLException e) {
        failures.add(e);
      }
    }
  }

  private void insert(Connection connection) throws SQLException {
    long id = ids.incrementAndGet();
    int in = phase.get();
    connection.setAutoCommit(false);
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO orders (id, phase) VALUES (?, ?)")) {
      statement.setLong(1, id);
      statement.setInt(2, in);
      statement.executeUpdate();
    }
    connection.commit();
    acknowledged(id);
  }

  private void increment(Connection connection) throws SQLException {
    long id = ids.incrementAndGet();
    connection.setAutoCommit(false);
    try (PreparedStatement statement =
        connection.prepareStatement("UPDATE counters SET n = n + 1 WHERE id = ?")) {
      statement.setInt(1, (int) (id % 4));
      statement.executeUpdate();
    }
    connection.commit();
    acknowledged(id);
  }

  /** A break while keys are read is 40001, and an outage longer than what is leased 55R01. */
  private void keyed(Connection connection) throws SQLException {
    long number = ids.incrementAndGet();
    String note = "note " + number;
    connection.setAutoCommit(false);
    try {
      String key = number % 2 == 0 ? generated(connection, note) : drawn(connection, note);
      connection.commit();
      told.put(key, note);
      acknowledged(number);
    } catch (SQLException e) {
      if (!Set.of("40001", "55R01").contains(e.getSQLState())) {
        throw e;
      }
      connection.rollback();
    }
  }

  private static String generated(Connection connection, String note) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO keyed (note) VALUES (?)", new String[] {"id"})) {
      statement.setString(1, note);
      statement.executeUpdate();
      return "keyed " + only(statement.getGeneratedKeys());
    }
  }

  private static String drawn(Connection connection, String note) throws SQLException {
    try (Statement query = connection.createStatement();
        PreparedStatement statement =
            connection.prepareStatement("INSERT INTO given (id, note) VALUES (?, ?)")) {
      long id = only(query.executeQuery("SELECT nextval('drawn')"));
      statement.setLong(1, id);
      statement.setString(2, note);
      statement.executeUpdate();
      return "given " + id;
    }
  }

  private static long only(ResultSet rows) throws SQLException {
    try (rows) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private Map<String, String> notes() throws SQLException {
    Map<String, String> notes = new HashMap<>();
    try (Connection connection = aurora.connect(aurora.writer());
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT 'keyed ' || id, note FROM keyed"
                    + " UNION ALL SELECT 'given ' || id, note FROM given")) {
      while (rows.next()) {
        notes.put(rows.getString(1), rows.getString(2));
      }
    }
    return notes;
  }

  private void end(List<Thread> threads) throws InterruptedException {
    over.set(true);
    for (Thread thread : threads) {
      thread.join(STALL.toMillis());
      assertThat(thread.isAlive()).isFalse();
    }
  }

  private static Health.StoreHealth health(DataPlatform platform) {
    return Objects.requireNonNull(platform.health().stores().get("orders"));
  }

  private static Health.Tail tail(DataPlatform platform) {
    return Objects.requireNonNull(health(platform).tail());
  }

  private void awaitUp(DataPlatform platform) throws Exception {
    await(() -> health(platform).availability() == Availability.UP);
  }

  /** Wakes whoever awaits a condition. */
  private void acknowledged(long id) {
    acknowledged.add(id);
    news.release();
  }

  private void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + STALL.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("stalled").isLessThan(end);
      if (news.tryAcquire(5, TimeUnit.MILLISECONDS)) {
        news.drainPermits();
      }
    }
  }

  private Set<Long> idsOf(String sql) throws SQLException {
    try (Connection connection = aurora.connect(aurora.writer());
        Statement statement = connection.createStatement()) {
      return ids(statement.executeQuery(sql));
    }
  }

  private static Set<Long> ids(ResultSet rows) throws SQLException {
    Set<Long> ids = new HashSet<>();
    try (rows) {
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
    }
    return ids;
  }

  private long rowsAt(String instance) throws SQLException {
    try (Connection connection = aurora.connect(instance);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM orders")) {
      row.next();
      return row.getLong(1);
    }
  }

  private long arrival(String sql, Collection<Long> of) throws SQLException {
    try (Connection connection = aurora.connect(aurora.writer());
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("bigint", of.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
