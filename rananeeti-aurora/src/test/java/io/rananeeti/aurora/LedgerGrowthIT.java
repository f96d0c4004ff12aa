package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformConnection;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.PostgresServer;
import io.rananeeti.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ledger over many transactions: beside a snapshot that is held all the while, so that nothing
 * can be vacuumed, and without one. {@code verify} makes 20,000 transactions, {@code -Pfull}
 * 200,000.
 *
 * <p>Whether the ledger slows commits down is judged by the pages that the server touches for the
 * ledger's statement of one commit, which no load of the machine changes; times are printed only.
 */
@SuppressWarnings("NullAway") // opened for each test
class LedgerGrowthIT {

  private static final int TRANSACTIONS =
      Boolean.getBoolean("rananeeti.test.full") ? 200_000 : 20_000;
  private static final int PARTS = 10;
  private static final int THREADS = 8;
  private static final long MEGABYTE = 1 << 20;
  private static final Duration STALL = Duration.ofMinutes(2);
  private static final Pattern PAGES = Pattern.compile("(?:hit|read)=(\\d+)");

  private static PostgresServer server;

  private DataPlatform platform;
  private Crowd crowd;
  @TempDir private Path directory;

  @BeforeAll
  static void startServer() throws SQLException {
    server = PostgresServer.builder().setting("fsync", "off").start();
    server.execute("CREATE TABLE written (id int PRIMARY KEY)");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void open() throws SQLException {
    server.execute("DROP SCHEMA IF EXISTS rananeeti CASCADE", "TRUNCATE written");
    platform =
        DataPlatform.builder("shop")
            .store(
                AuroraStore.builder("orders")
                    .url(server.url())
                    .user(server.user())
                    .password(server.password())
                    .poolSize(THREADS + 1)
                    .build())
            .log(directory)
            .logStorage(new SimulatedDisk())
            .outageBudget(Duration.ofMinutes(1))
            .open();
    crowd = new Crowd(THREADS);
  }

  @AfterEach
  void close() {
    crowd.close();
    platform.close();
  }

  @Test
  void aReadersSnapshotMakesNoCommitTouchMorePages() throws Exception {
    insert(-1);
    List<Integer> pages = new ArrayList<>();
    List<Long> millis = new ArrayList<>();
    try (Connection reader = server.connect()) {
      holdSnapshot(reader);
      for (int part = 0; part < PARTS; part++) {
        millis.add(commitPart(part));
        pages.add(pagesOfOneCommit());
      }

      assertThat(reader.isClosed()).isFalse();
    }
    System.err.println("pages by a commit's row: " + pages + ", ms by a tenth: " + millis);
    assertThat(pages.get(PARTS - 1)).isLessThanOrEqualTo(pages.get(0) + 2);
  }

  @Test
  void pruningKeepsTheTableSmall() throws Exception {
    long largest = 0;
    for (int part = 0; part < PARTS; part++) {
      commitPart(part);
      largest = Math.max(largest, bytesOfTheLedger());
    }
    long written = System.nanoTime();
    while (rowsOfTheLedger() > 0) {
      assertThat(System.nanoTime() - written).as("pruned").isLessThan(STALL.toNanos());
    }
    System.err.printf("ledger: %d kB at the most%n", largest / 1024);
    assertThat(largest).isLessThan(10 * MEGABYTE);
  }

  private static void holdSnapshot(Connection reader) throws SQLException {
    reader.setAutoCommit(false);
    reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    ask(reader, "SELECT count(*) FROM written");
  }

  /** Returns how many milliseconds it took. */
  private long commitPart(int part) throws Exception {
    int size = TRANSACTIONS / PARTS;
    long begun = System.nanoTime();
    crowd.share(part * size, (part + 1) * size, this::insert);
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
  }

  private TransactionId insert(int id) throws SQLException {
    try (PlatformConnection connection = platform.getConnection("orders");
        PreparedStatement statement =
            connection.prepareStatement("INSERT INTO written (id) VALUES (?)")) {
      statement.setInt(1, id);
      statement.executeUpdate();
      return Objects.requireNonNull(connection.receipt()).id();
    }
  }

  /** What the server says of the ledger's statement, made once more for an id to come. */
  private int pagesOfOneCommit() throws SQLException {
    TransactionId last = insert(-2 - (int) rowsOf("written"));
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      String row =
          "INSERT INTO rananeeti.ledger (incarnation, number, claim, outcome)"
              + " SELECT '%s', %d, 0, 'APPLIED'".formatted(last.incarnation(), last.number() + 1);
      int fewest = Integer.MAX_VALUE; // A new session reads the catalog, and one may add pages.
      for (int i = 0; i < 5; i++) {
        fewest = Math.min(fewest, pages(statement, row));
        connection.rollback();
      }
      return fewest;
    }
  }

  /** Of the plan's topmost line that tells them, which counts those below it too. */
  private static int pages(Statement statement, String sql) throws SQLException {
    int pages = 0;
    try (ResultSet plan = statement.executeQuery("EXPLAIN (ANALYZE, BUFFERS) " + sql)) {
      while (pages == 0 && plan.next()) {
        Matcher counted = PAGES.matcher(plan.getString(1));
        while (counted.find()) {
          pages += Integer.parseInt(counted.group(1));
        }
      }
    }
    return pages;
  }

  private static long bytesOfTheLedger() throws SQLException {
    return ask("SELECT pg_total_relation_size('rananeeti.ledger')");
  }

  private static long rowsOfTheLedger() throws SQLException {
    return rowsOf("rananeeti.ledger");
  }

  private static long rowsOf(String table) throws SQLException {
    return ask("SELECT count(*) FROM " + table);
  }

  private static long ask(String question) throws SQLException {
    try (Connection connection = server.connect()) {
      return ask(connection, question);
    }
  }

  private static long ask(Connection connection, String question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      row.next();
      return row.getLong(1);
    }
  }
}
