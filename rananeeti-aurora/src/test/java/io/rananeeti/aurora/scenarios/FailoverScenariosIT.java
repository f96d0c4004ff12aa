package io.rananeeti.aurora.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.Receipt;
import io.rananeeti.aurora.AuroraStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
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
 * <p>{@code verify} plays each scenario with three seeds, side by side on clusters of their own,
 * {@code -Pfull} with twenty others; with {@code -Drananeeti.seed} one is played again.
 */
@Tag("emulator")
class FailoverScenariosIT {

  private static final int CLUSTERS = 3;
  private static final Duration STALL = Duration.ofSeconds(60);
  private static final Duration PACE = Duration.ofMillis(40);

  private static final List<Cluster> CLUSTERS_FREE = new ArrayList<>();
  private static ExecutorService threads;

  @TempDir Path directory;

  private final Queue<Cluster> free = new ConcurrentLinkedQueue<>(CLUSTERS_FREE);

  @BeforeAll
  static void start() {
    threads = Executors.newFixedThreadPool(CLUSTERS);
    for (int i = 1; i <= CLUSTERS; i++) {
      CLUSTERS_FREE.add(Cluster.start("shop" + i));
    }
  }

  @AfterAll
  static void stop() {
    threads.shutdownNow();
    CLUSTERS_FREE.forEach(Cluster::close);
    CLUSTERS_FREE.clear();
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLostDoubledOrOutOfOrder(Scenario scenario) throws Exception {
    List<Future<List<String>>> runs = new ArrayList<>();
    for (long seed : seeds(scenario)) {
      runs.add(threads.submit(() -> run(scenario, seed)));
    }
    List<String> violations = new ArrayList<>();
    for (Future<List<String>> run : runs) {
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
    if (!full && scenario == Scenario.EVERYTHING_DOWN_FOR_HALF_A_MINUTE) {
      return new long[] {1};
    }
    long first = full ? new SplittableRandom().nextLong(1_000_000_000) : 1;
    return LongStream.range(first, first + (full ? 20 : 3)).toArray();
  }

  private List<String> run(Scenario scenario, long seed) throws Exception {
    Cluster cluster = free.remove();
    long begun = System.nanoTime();
    try {
      return run(cluster, scenario, seed);
    } finally {
      System.err.printf("%s, seed %d: %d ms until checked%n", scenario, seed, millis(begun));
      cluster.restore();
      System.err.printf("%s, seed %d: %d ms%n", scenario, seed, millis(begun));
      free.add(cluster);
    }
  }

  private static long millis(long begun) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
  }

  private List<String> run(Cluster cluster, Scenario scenario, long seed) throws Exception {
    Moments moments = new Moments(seed * 100 + scenario.ordinal());
    cluster.execute(Work.tables(Load.THREADS));
    try (DataPlatform platform = open(cluster, seed)) {
      long begun = System.nanoTime();
      awaitUp(platform);
      System.err.printf("%s, seed %d: up after %d ms%n", scenario, seed, millis(begun));
      Load load = Load.start(platform.dataSource("orders"), PACE, seed);
      long struck;
      try (load) {
        moments.pass(200, 600);
        struck = System.nanoTime();
        scenario.play(cluster, moments);
        awaitUp(platform);
        moments.pass(300, 600);
      }
      assertThat(platform.drain(STALL)).as("drained").isTrue();
      awaitUp(platform);
      report(scenario, seed, load.notes(), struck);
      try (Connection database = cluster.connect()) {
        return Invariants.violations(platform, load.notes(), database);
      }
    }
  }

  private static void report(Scenario scenario, long seed, List<Note> notes, long struck) {
    long accepted =
        notes.stream()
            .filter(n -> n.receipt() != null && n.receipt().status() == Receipt.Status.ACCEPTED)
            .count();
    long stall = notes.stream().mapToLong(n -> n.ended() - n.begun()).max().orElseThrow();
    System.err.printf(
        "%s, seed %d: %d transactions, %d accepted, %d failed, longest stall %d ms%n",
        scenario,
        seed,
        notes.size(),
        accepted,
        notes.stream().filter(n -> !n.acknowledged()).count(),
        TimeUnit.NANOSECONDS.toMillis(stall));
  }

  private DataPlatform open(Cluster cluster, long seed) {
    return DataPlatform.builder("shop")
        .store(
            AuroraStore.builder("orders")
                .url(cluster.url())
                .user(cluster.aurora().user())
                .password(cluster.aurora().password())
                .hostPatterns(cluster.aurora().hostPatterns().split(","))
                .build())
        .log(directory.resolve("log-" + seed))
        .retain(Duration.ofMinutes(10))
        .open();
  }

  private static void awaitUp(DataPlatform platform) {
    await(
        "the store is up",
        () -> platform.health().stores().get("orders").availability() == Availability.UP);
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + STALL.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Moments.until(System.nanoTime() + 5_000_000);
    }
  }
}
