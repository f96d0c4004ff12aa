package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.aurora.Interruption.Persistence;
import io.rananeeti.aurora.Interruption.Strike;
import io.rananeeti.aurora.Interruption.Target;
import io.rananeeti.aurora.Shape.Work;
import io.rananeeti.store.Isolation;
import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.PostgresServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transactions of every shape, interrupted at every kind of message in every way (C1, S1, S2, R6):
 * what was acknowledged is there once and whole, what was said not to be committed never comes, and
 * no commit ends in doubt while the writer can be reached.
 *
 * <p>{@code verify} runs the same 100 seeds each time, {@code -Pfull} 1,000 others; with {@code
 * -Drananeeti.seed} a failed one is run again.
 */
@SuppressWarnings("NullAway") // the server is started for the test
class InterruptionIT {

  private static final Duration STALL = Duration.ofSeconds(30);
  private static final Duration ALL_OF_IT = Duration.ofMinutes(30);
  private static final int ATTEMPTS = 10;

  /** The first of a hundred seeds that strike each way and place at least five times. */
  private static final long EVEN = 5_201;

  private static final String HELD =
      "SELECT 'marks ' || n || ' ' || note FROM marks WHERE tag = ?"
          + " UNION ALL SELECT 'items ' || n || ' ' || note FROM items WHERE tag = ?"
          + " UNION ALL SELECT 'numbered ' || n || ' ' || id FROM numbered WHERE tag = ?";

  private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();
  private final Map<String, List<String>> promised = new ConcurrentHashMap<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final List<Site> sites = new ArrayList<>();
  @TempDir private Path directory;
  private PostgresServer server;

  @BeforeEach
  void startServer() throws SQLException {
    server = PostgresServer.builder().start();
    server.execute(
        "CREATE TABLE marks (tag text, n int, note text)",
        "CREATE INDEX ON marks (tag)",
        "CREATE TABLE items (tag text, n int, note text NOT NULL, PRIMARY KEY (tag, n))",
        "CREATE TABLE numbered (id bigserial PRIMARY KEY, tag text, n int)",
        "CREATE INDEX ON numbered (tag)");
  }

  @AfterEach
  void stopServer() {
    sites.forEach(Site::close);
    server.close();
  }

  @Test
  void interruptedTransactionsAreNeitherLostNorDoubled() throws Exception {
    long[] seeds = seeds();
    System.err.println("seeds " + seeds[0] + " to " + seeds[seeds.length - 1]);

    runAll(seeds);
    auditAll();

    System.err.println(new TreeMap<>(counts));
    assertThat(failures).as("failures, each with the command that runs it again").isEmpty();
    if (seeds.length > 1) {
      assertThatAllWasStruck();
    }
  }

  private static long[] seeds() {
    Long given = Long.getLong("rananeeti.seed");
    if (given != null) {
      return new long[] {given};
    }
    boolean full = Boolean.getBoolean("rananeeti.test.full");
    long first = full ? new SplittableRandom().nextLong(1_000_000_000) : EVEN;
    return LongStream.range(first, first + (full ? 1_000 : 100)).toArray();
  }

  /** The seeds of each site one after another, the sites side by side. */
  private void runAll(long[] seeds) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(Site.Kind.values().length);
    List<Future<?>> running = new ArrayList<>();
    for (Site.Kind kind : Site.Kind.values()) {
      long[] own = LongStream.of(seeds).filter(seed -> Site.Kind.of(seed) == kind).toArray();
      if (own.length > 0) {
        Site site = new Site(kind, server, directory);
        sites.add(site);
        site.awaitUp();
        running.add(threads.submit(() -> LongStream.of(own).forEach(seed -> run(site, seed))));
      }
    }
    threads.shutdown();
    for (Future<?> each : running) {
      each.get(ALL_OF_IT.toMinutes(), TimeUnit.MINUTES);
    }
  }

  private void run(Site site, long seed) {
    Interruption interruption = Interruption.of(seed);
    try {
      interrupt(site, interruption);
    } catch (Throwable e) {
      failed(seed, interruption, e);
    }
  }

  private void failed(long seed, Interruption interruption, Throwable failure) {
    failures.add(
        "%n%s%n  %s%n  ./mvnw verify -pl rananeeti-aurora -am -Dtest=none -Dit.test=InterruptionIT -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false -Drananeeti.seed=%d%n"
            .formatted(interruption, traceOf(failure), seed));
  }

  private static String traceOf(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace, true));
    return trace.toString();
  }

  private void interrupt(Site site, Interruption interruption) throws Exception {
    Fault fault = interruption.setUp(site.proxy);
    Told told = application(site, interruption);
    fault.cancel();
    if (fault.triggered() > 0) {
      count(interruption, fault.triggered());
      count(fault.awaitOver(STALL) ? "all of it arrived" : "the server ended it first");
    }
    count("told " + told.what());
    site.awaitUp();
    assertThat(site.platform.drain(STALL)).isTrue();
    promised.put(interruption.tag(), told.rows());
    assertThat(held(interruption.tag())).as("told " + told.what()).isEqualTo(told.rows());
    if (told.receipt() != null) {
      assertThat(site.platform.outcome(told.receipt().id())).isEqualTo(Outcome.APPLIED);
    }
  }

  /** What an application is told in the end, and what its tag must hold therefore. */
  private record Told(String what, List<String> rows, Receipt receipt) {}

  /** An application: what says that nothing was committed is run again, or is taken for that. */
  private Told application(Site site, Interruption interruption) throws SQLException {
    PlatformConnection connection = connect(site, interruption);
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          return attempt(site, interruption, connection);
        } catch (SQLException e) {
          assertThatItSaysThatNothingWasCommitted(site, e);
          if (attempt == ATTEMPTS || interruption.persistence() == Persistence.GIVES_UP) {
            return new Told(e.getSQLState(), List.of(), null);
          }
        }
        count("run again");
        connection = afresh(site, interruption, connection);
        site.awaitUp();
      }
    } finally {
      connection.close();
    }
  }

  private static void assertThatItSaysThatNothingWasCommitted(Site site, SQLException e) {
    if (site.kind.brief()) {
      assertThat(e.getSQLState()).as(e.toString()).isIn("40001", "55R01");
    } else {
      assertThat(e.getSQLState()).as(e.toString()).isEqualTo("40001");
    }
  }

  private PlatformConnection connect(Site site, Interruption interruption) throws SQLException {
    PlatformConnection connection = site.platform.getConnection("orders");
    connection.setAutoCommit(interruption.shape().autoCommits());
    prepare(connection, interruption);
    return connection;
  }

  private static void prepare(PlatformConnection connection, Interruption interruption)
      throws SQLException {
    if (interruption.isolation() != Isolation.DEFAULT) {
      connection.setTransactionIsolation(interruption.isolation().level());
    }
    if (!interruption.mayDefer()) {
      connection.setClientInfo("rananeeti.defer", "false");
    }
  }

  private PlatformConnection afresh(Site site, Interruption interruption, PlatformConnection before)
      throws SQLException {
    if (interruption.persistence() != Persistence.RUNS_AGAIN_ON_THE_SAME_CONNECTION) {
      before.close();
      return connect(site, interruption);
    }
    if (!before.getAutoCommit()) {
      before.rollback();
    }
    prepare(before, interruption);
    return before;
  }

  private Told attempt(Site site, Interruption interruption, PlatformConnection connection)
      throws SQLException {
    if (interruption.persistence() == Persistence.IN_TRANSACTION) {
      return inTransaction(site, interruption);
    }
    Work work = work(site, interruption, connection);
    interruption.shape().run(work);
    if (!interruption.shape().autoCommits() && interruption.shape() != Shape.COMMIT_AS_TEXT) {
      connection.commit();
    }
    return told(work, Objects.requireNonNull(connection.receipt()));
  }

  private Told inTransaction(Site site, Interruption interruption) throws SQLException {
    var committed =
        site.platform.inTransaction(
            connection -> {
              prepare(connection, interruption);
              Work work = work(site, interruption, connection);
              interruption.shape().run(work);
              return work;
            });
    return told(committed.value(), committed.receipt());
  }

  private static Work work(Site site, Interruption interruption, Connection connection) {
    return new Work(connection, interruption.tag(), site.kind == Site.Kind.AUTOSAVE);
  }

  private static Told told(Work work, Receipt receipt) {
    return new Told(receipt.status().name(), work.rows(), receipt);
  }

  /** Once more, when nothing is on its way any more. */
  private void auditAll() throws SQLException {
    await("no transaction is under way", this::nobodyIsInATransaction);
    for (Map.Entry<String, List<String>> each : promised.entrySet()) {
      List<String> found = held(each.getKey());
      if (!found.equals(each.getValue())) {
        failures.add("%s in the end: %s, not %s".formatted(each.getKey(), found, each.getValue()));
      }
    }
    for (Site site : sites) {
      site.platform.deadLetters().list().forEach(letter -> failures.add("dead: " + letter));
    }
  }

  private boolean nobodyIsInATransaction() {
    try (Connection connection = server.connect();
        var statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL"
                    + " AND backend_type = 'client backend' AND pid <> pg_backend_pid()")) {
      return row.next() && row.getInt(1) == 0;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asked beside the platform. */
  private List<String> held(String tag) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = server.connect();
        PreparedStatement statement = connection.prepareStatement(HELD)) {
      for (int parameter = 1; parameter <= 3; parameter++) {
        statement.setString(parameter, tag);
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rows.add(row.getString(1));
        }
      }
    }
    return rows.stream().sorted().toList();
  }

  private void count(Interruption interruption, int struck) {
    boolean atCommit = interruption.target() == Target.COMMIT;
    count(interruption.strike() + (atCommit ? " at COMMIT" : " before COMMIT"));
    count("struck %d times".formatted(struck));
    count(interruption.target().name());
    count(interruption.shape().name());
    count(interruption.site().name());
    count(interruption.isolation().name());
  }

  private void count(String what) {
    counts.computeIfAbsent(what, any -> new LongAdder()).increment();
  }

  private void assertThatAllWasStruck() {
    List<String> wanted = new ArrayList<>();
    for (Strike strike : Strike.values()) {
      wanted.add(strike + " at COMMIT");
      wanted.add(strike + " before COMMIT");
    }
    List.of(Target.values()).forEach(target -> wanted.add(target.name()));
    List.of(Shape.values()).forEach(shape -> wanted.add(shape.name()));
    List.of(Site.Kind.values()).forEach(site -> wanted.add(site.name()));
    List.of(Isolation.values()).forEach(isolation -> wanted.add(isolation.name()));
    wanted.addAll(
        List.of("struck 2 times", "run again", "told 40001", "told APPLIED", "told ACCEPTED"));
    assertThat(counts.keySet()).as("what was struck and told").containsAll(wanted);
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + STALL.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
