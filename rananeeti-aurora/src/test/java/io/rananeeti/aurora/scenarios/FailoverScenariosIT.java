package io.rananeeti.aurora.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.Receipt;
import io.rananeeti.aurora.AuroraStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Failovers, switchovers and outages of an emulated Aurora Global Database, while eight threads
 * write through the platform's DataSource, with retention: nothing acknowledged is lost or doubled,
 * order holds, and no error is seen that the contract does not name.
 *
 * <p>{@code verify} plays each scenario with three seeds, {@code -Pfull} with twenty others; with
 * {@code -Drananeeti.seed} one is played again. They are played side by side on three clusters, as
 * most of their time is waiting; each test waits for those of its scenario.
 */
@Tag("emulator")
class FailoverScenariosIT {

  private static final int CLUSTERS = 3;
  private static final Duration STALL = Duration.ofMinutes(3);
  private static final Duration PACE = Duration.ofMillis(80);
  private static final Logger WRAPPER = Logger.getLogger("software.amazon.jdbc");

  private static final List<Cluster> CLUSTERS_STARTED = new ArrayList<>();
  private static final BlockingQueue<Cluster> FREE = new LinkedBlockingQueue<>();
  private static final Map<Scenario, List<Future<List<String>>>> RUNS =
      new EnumMap<>(Scenario.class);
  private static ExecutorService threads;
  private static Standstills standstills;
  @TempDir static Path directory;

  @BeforeAll
  static void start() throws IOException {
    standstills = Standstills.watch(directory);
    WRAPPER.setLevel(Level.OFF);
    threads = Executors.newFixedThreadPool(CLUSTERS);
    for (int i = 1; i <= CLUSTERS; i++) {
      Cluster cluster = Cluster.start("shop" + i);
      CLUSTERS_STARTED.add(cluster);
      FREE.add(cluster);
    }
    Stream.of(Scenario.values())
        .sorted(Comparator.comparing(each -> each != Scenario.EVERYTHING_DOWN_FOR_HALF_A_MINUTE))
        .forEach(each -> RUNS.put(each, submit(each)));
  }

  private static List<Future<List<String>>> submit(Scenario scenario) {
    return LongStream.of(seeds(scenario))
        .mapToObj(seed -> threads.submit(() -> run(scenario, seed)))
        .toList();
  }

  @AfterAll
  static void stop() {
    threads.shutdownNow();
    standstills.close();
    CLUSTERS_STARTED.forEach(Cluster::close);
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLostDoubledOrOutOfOrder(Scenario scenario) throws Exception {
    List<String> violations = new ArrayList<>();
    for (Future<List<String>> run : Objects.requireNonNull(RUNS.get(scenario))) {
      violations.addAll(run.get(30, TimeUnit.MINUTES));
    }
    assertThat(violations).isEmpty();
  }

  private static long[] seeds(Scenario scenario) {
    Long given = Long.getLong("rananeeti.seed");
    if (given != null) {
      return new long[] {given};
    }
    boolean full = Boolean.getBoolean("rananeeti.test.full");
    if (!full && scenario == Scenario.EVERYTHING_DOWN) {
      return new long[] {1, 2};
    }
    if (!full && scenario == Scenario.EVERYTHING_DOWN_FOR_HALF_A_MINUTE) {
      return new long[] {3};
    }
    long first = full ? new SplittableRandom().nextLong(1_000_000_000) : 1;
    return LongStream.range(first, first + (full ? 20 : 3)).toArray();
  }

  /** What is not as it must be, with the seed; the cluster is as before afterwards. */
  private static List<String> run(Scenario scenario, long seed) throws Exception {
    Cluster cluster = Objects.requireNonNull(FREE.poll(STALL.toSeconds(), TimeUnit.SECONDS));
    long begun = System.nanoTime();
    try {
      return run(cluster, scenario, seed).stream()
          .limit(20)
          .map(each -> "%n%s, -Drananeeti.seed=%d: %s".formatted(scenario, seed, each))
          .toList();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("%s, -Drananeeti.seed=%d".formatted(scenario, seed), e);
    } finally {
      cluster.restore();
      FREE.add(cluster);
      System.err.printf("%s, seed %d: %d ms in all%n", scenario, seed, since(begun));
    }
  }

  private static long since(long begun) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
  }

  private static List<String> run(Cluster cluster, Scenario scenario, long seed) throws Exception {
    Moments moments = new Moments(scenario, seed);
    cluster.execute(Work.tables(Load.THREADS));
    try (DataPlatform platform = open(cluster, scenario, seed)) {
      awaitUp(platform);
      Load load = Load.start(platform.dataSource("orders"), PACE, seed);
      try (load) {
        await("a load", () -> load.notes().size() > 5 * Load.THREADS);
        moments.pass(0, 300);
        scenario.play(cluster, moments);
        awaitWriter(platform, cluster.aurora().writer());
        moments.pass(300, 600);
      }
      assertThat(platform.drain(STALL)).as("drained").isTrue();
      awaitUp(platform);
      report(scenario, seed, load.notes());
      try (Connection database = cluster.connect()) {
        return Invariants.violations(platform, load.notes(), database, standstills);
      }
    }
  }

  private static void report(Scenario scenario, long seed, List<Note> notes) {
    System.err.printf(
        "%s, seed %d: %d transactions, %d accepted, %d failed, longest stall %d ms%n",
        scenario,
        seed,
        notes.size(),
        notes.stream().filter(FailoverScenariosIT::isAccepted).count(),
        notes.stream().filter(note -> !note.acknowledged()).count(),
        notes.stream()
            .filter(note -> note.work().mayBeDeferred())
            .mapToLong(note -> note.took().toMillis())
            .max()
            .orElseThrow());
  }

  private static boolean isAccepted(Note note) {
    return note.receipt() != null && note.receipt().status() == Receipt.Status.ACCEPTED;
  }

  private static DataPlatform open(Cluster cluster, Scenario scenario, long seed) {
    return DataPlatform.builder("shop")
        .store(
            AuroraStore.builder("orders")
                .url(cluster.url())
                .user(cluster.aurora().user())
                .password(cluster.aurora().password())
                .hostPatterns(cluster.aurora().hostPatterns().split(","))
                .build())
        .log(directory.resolve(scenario.name() + seed))
        .retain(Duration.ofMinutes(10))
        .open();
  }

  /** Until the platform speaks to the writer, whatever it has spoken to before. */
  private static void awaitWriter(DataPlatform platform, String writer) {
    await("the writer is " + writer, () -> writer.equals(spokenTo(platform.dataSource("orders"))));
    awaitUp(platform);
  }

  private static String spokenTo(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT pg_catalog.aurora_db_instance_identifier()")) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      assertThat(e.getSQLState()).as(e.toString()).isIn("55R01", "40001");
      return "nobody";
    }
  }

  private static void awaitUp(DataPlatform platform) {
    await(
        "the store is up",
        () ->
            Objects.requireNonNull(platform.health().stores().get("orders")).availability()
                == Availability.UP);
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + STALL.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Moments.until(System.nanoTime() + 5_000_000);
    }
  }
}
