package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.store.Store;
import io.rananeeti.testkit.PostgresServer;
import io.rananeeti.testkit.simulation.Branch;
import io.rananeeti.testkit.simulation.Counters;
import io.rananeeti.testkit.simulation.Directories;
import io.rananeeti.testkit.simulation.RealRun;
import io.rananeeti.testkit.simulation.SimulatedRun;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The simulator's workloads, judged by the simulator's audit, on a real PostgreSQL that is killed,
 * hangs and loses replies. {@code verify} runs a few seeds, {@code rananeeti.test.full} many;
 * {@code -Drananeeti.test.seed=n} runs one.
 */
class SimulatedWorkloadsIT {

  private static final int MOST_SIMULATED = 5_000;
  private static final long[] SEEDS = {10, 11, 14, 22};

  private static final @Nullable Long CHOSEN = Long.getLong("rananeeti.test.seed");

  /** Ways of recovery that the seeds must take, as the simulator's seeds must. */
  private static final List<String> TAKEN =
      Stream.of(
              Branch.TOLD_APPLIED,
              Branch.TOLD_ACCEPTED,
              Branch.TOLD_DETACHED,
              Branch.DRAINED,
              Branch.FENCED,
              Branch.REFUSED,
              Branch.DEAD_LETTER,
              Branch.CAME_BACK,
              Branch.RECOVERED,
              Branch.OUTCOME_ASKED)
          .map(String::valueOf)
          .toList();

  private static PostgresServer server;

  @TempDir private Path directory;

  private static long[] seeds() {
    if (CHOSEN != null) {
      return new long[] {CHOSEN};
    }
    return Boolean.getBoolean("rananeeti.test.full")
        ? new SplittableRandom().longs(100, 0, 1_000_000_000).toArray()
        : SEEDS;
  }

  @BeforeAll
  static void startServer() {
    server = PostgresServer.builder().setting("deadlock_timeout", "100ms").start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void whatClientsAreToldIsSoAndTheSimulatorTellsItToo() throws Exception {
    Set<String> endings = new TreeSet<>();
    Counters counters = new Counters();
    for (long seed : seeds()) {
      System.err.println("seed " + seed);

      RealRun run = run(seed);

      assertThat(run.complaints()).as(run.toString()).isEmpty();
      counters.add(run.counters());
      endings.addAll(run.history().endings());
    }
    System.err.printf("transactions ended with %s%n%s", endings, counters);
    assertThat(neverSimulated(endings)).isEmpty();
    if (CHOSEN == null) {
      assertThat(counters.missing()).doesNotContainAnyElementsOf(TAKEN);
    }
  }

  /** Those of these endings that no seed of the simulator has. */
  private static Set<String> neverSimulated(Set<String> endings) {
    Set<String> left = new TreeSet<>(endings);
    try (Directories directories = new Directories()) {
      for (long seed = 1; seed <= MOST_SIMULATED && !left.isEmpty(); seed++) {
        SimulatedRun run = new SimulatedRun(seed, false, directories);
        run.run();
        left.removeAll(run.history().endings());
      }
    }
    return left;
  }

  private RealRun run(long seed) throws SQLException {
    RealRun run =
        new RealRun(seed, server, SimulatedWorkloadsIT::store, directory.resolve("seed-" + seed));
    run.run();
    return run;
  }

  /** A text takes the type of its column, as it does in the simulator. */
  private static Store store(String url) {
    return AuroraStore.builder("orders")
        .url(url + "?stringtype=unspecified")
        .user(server.user())
        .password(server.password())
        .poolSize(4)
        .build();
  }

  @Test
  void whatSomebodyDeletesOrWritesTwiceIsFound() throws Exception {
    RealRun run = run(1);
    assertThat(run.audit()).as(run.toString()).isEmpty();

    server.execute("INSERT INTO events SELECT * FROM events LIMIT 1");
    assertThat(run.audit()).anyMatch(each -> each.startsWith("twice in the database"));

    server.execute("DELETE FROM event_rows WHERE place = (SELECT max(place) FROM event_rows)");
    assertThat(run.audit()).isEmpty();

    server.execute("UPDATE accounts SET v = v + 1 WHERE k = 'ann'");
    assertThat(run.audit()).containsExactly("the accounts hold 301 together");

    server.execute("DELETE FROM event_rows WHERE place = (SELECT min(place) FROM event_rows)");
    assertThat(run.audit()).anyMatch(each -> each.startsWith("acknowledged and lost"));
  }
}
