package io.rananeeti.aurora.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.PlatformListener;
import io.rananeeti.aurora.scenarios.Contestant.Entrant;
import io.rananeeti.aurora.scenarios.Race.Score;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same scenarios for the platform, the driver alone and the AWS wrapper: all three at once on
 * the same cluster, under the same load, each with a table of its own, so that the same fault
 * strikes them at the same moment. Writes {@code target/failover-table.md}; with {@code -Pfull}
 * only.
 */
@Tag("emulator")
@EnabledIfSystemProperty(named = "rananeeti.test.full", matches = "true")
class FailoverTableIT {

  private static final int SEEDS = Integer.getInteger("rananeeti.seeds", 3);
  private static final Duration PACE = Duration.ofMillis(100);
  private static final Duration STALL = Duration.ofSeconds(60);
  private static final Logger WRAPPER = Logger.getLogger("software.amazon.jdbc");

  private final Map<Scenario, Map<Contestant, List<Score>>> scores = new TreeMap<>();
  private final List<Double> loads = new ArrayList<>();
  private final List<Double> accepting = Collections.synchronizedList(new ArrayList<>());
  @TempDir Path directory;

  @Test
  void theSameScenariosForAll() throws Exception {
    WRAPPER.setLevel(Level.OFF);
    try (Cluster cluster = Cluster.start("compared")) {
      for (int seed = 1; seed <= SEEDS; seed++) {
        for (Scenario scenario : Scenario.values()) {
          run(cluster, scenario, seed);
          loads.add(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
          cluster.restore();
          Files.writeString(Path.of("target", "failover-table.md"), table());
        }
      }
    }
    System.err.println(table());
    assertThat(all(Contestant.RANANEETI)).allMatch(each -> each.failed() == 0);
    assertThat(all(Contestant.RANANEETI)).allMatch(each -> each.lost() + each.doubled() == 0);
    assertThat(scores.get(Scenario.REGION_KILLED_WITH_A_TAIL).get(Contestant.PGJDBC))
        .anyMatch(each -> each.lost() > 0);
  }

  private List<Score> all(Contestant contestant) {
    return scores.values().stream().flatMap(each -> each.get(contestant).stream()).toList();
  }

  private void run(Cluster cluster, Scenario scenario, int seed) throws Exception {
    Moments moments = new Moments(scenario, seed);
    for (Contestant each : Contestant.values()) {
      cluster.execute(
          "DROP TABLE IF EXISTS " + each.table(),
          "CREATE TABLE " + each.table() + " (token text NOT NULL, part int NOT NULL)");
    }
    cluster.aurora().awaitReplication();
    Outages outages = new Outages();
    Map<Contestant, Entrant> entrants = new EnumMap<>(Contestant.class);
    Map<Contestant, Race> races = new EnumMap<>(Contestant.class);
    Path log = directory.resolve(scenario.name() + seed);
    for (Contestant each : Contestant.values()) {
      entrants.put(each, each.enter(cluster, log, outages));
      races.put(each, Race.start(entrants.get(each), PACE));
    }
    awaitSuccess(races, System.nanoTime());
    moments.pass(2_000, 2_500);
    long struck = System.nanoTime();
    scenario.play(cluster, moments);
    awaitSuccess(races, System.nanoTime());
    moments.pass(500, 1_000);
    races.values().forEach(Race::stop);
    races.forEach((who, race) -> assertThat(race.ended(STALL)).as(who + " ended").isTrue());
    races.forEach((who, race) -> accepting.addAll(outages.accepting(who, race)));
    for (Entrant each : entrants.values()) {
      each.closing().close();
    }
    try (Connection database = cluster.connect()) {
      for (Map.Entry<Contestant, Race> each : races.entrySet()) {
        note(scenario, each.getKey(), each.getValue(), each.getValue().score(database, struck));
      }
    }
  }

  private void note(Scenario scenario, Contestant contestant, Race race, Score score) {
    System.err.printf("TABLE %s, %s: %s %s%n", scenario, contestant, score, counted(race.states()));
    scores
        .computeIfAbsent(scenario, s -> new EnumMap<>(Contestant.class))
        .computeIfAbsent(contestant, c -> new ArrayList<>())
        .add(score);
  }

  private static Map<String, Long> counted(List<String> states) {
    return states.stream()
        .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
  }

  /** Whoever has not come back in that time stays out, and his stall is as long. */
  private static void awaitSuccess(Map<Contestant, Race> races, long since) {
    long end = System.nanoTime() + STALL.toNanos();
    while (System.nanoTime() < end
        && !races.values().stream().allMatch(race -> race.succeededSince(since))) {
      Moments.until(System.nanoTime() + 20_000_000);
    }
  }

  private String table() {
    StringBuilder table = new StringBuilder();
    table.append(
        "| scenario | who | failed calls | of these unknown | longest stall, s | longest time without success, s | lost | doubled |\n");
    table.append("|---|---|---|---|---|---|---|---|\n");
    scores.forEach(
        (scenario, byWho) ->
            byWho.forEach((who, of) -> table.append(line(scenario, who, of)).append('\n')));
    table.append(
        "%nCommits accepted while the store was DOWN: %d, p50 %.1f ms, p99 %.1f ms, longest %.1f ms.%n"
            .formatted(accepting.size(), accepted(0.5), accepted(0.99), accepted(1)));
    table.append(
        "Load average meanwhile %.1f on %d cores.%n"
            .formatted(
                loads.stream().mapToDouble(each -> each).average().orElse(0),
                Runtime.getRuntime().availableProcessors()));
    return table.toString();
  }

  private static String line(Scenario scenario, Contestant who, List<Score> of) {
    return "| %s | %s | %d | %d | %.1f | %.1f | %d | %d |"
        .formatted(
            scenario,
            who,
            median(of, Score::failed),
            median(of, Score::unknown),
            median(of, Score::stall) / 1e3,
            median(of, Score::silence) / 1e3,
            median(of, Score::lost),
            median(of, Score::doubled));
  }

  private static long median(List<Score> of, ToLongFunction<Score> what) {
    return of.stream().mapToLong(what).sorted().toArray()[of.size() / 2];
  }

  private double accepted(double share) {
    List<Double> sorted = accepting.stream().sorted().toList();
    return sorted.isEmpty()
        ? 0
        : sorted.get((int) Math.min(sorted.size() - 1, share * sorted.size()));
  }

  /** When the store was known to be down. */
  private static final class Outages implements PlatformListener {

    private final Queue<long[]> times = new ConcurrentLinkedQueue<>();
    private volatile long down;

    @Override
    public void availability(String store, Availability from, Availability to) {
      if (to == Availability.DOWN) {
        down = System.nanoTime();
      } else if (from == Availability.DOWN && down != 0) {
        times.add(new long[] {down, System.nanoTime()});
      }
    }

    private List<Double> accepting(Contestant who, Race race) {
      return who != Contestant.RANANEETI
          ? List.of()
          : times.stream().flatMap(each -> race.within(each[0], each[1]).stream()).toList();
    }
  }
}
