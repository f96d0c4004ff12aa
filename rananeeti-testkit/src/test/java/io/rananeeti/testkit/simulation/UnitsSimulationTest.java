package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Units of work that have parts for two other stores: each is whole in all of them, once, or nobody
 * has it, whatever happens to the stores and to the processes (U1 to U5). {@code
 * -Drananeeti.simulation.seed=n} runs one seed and prints its trace.
 */
final class UnitsSimulationTest {

  private static final long SEEDS =
      Long.getLong(
          "rananeeti.simulation.seeds", Boolean.getBoolean("rananeeti.test.full") ? 20_000 : 400);

  private static final long SEEDS_OF_NODES =
      Long.getLong(
          "rananeeti.simulation.seeds", Boolean.getBoolean("rananeeti.test.full") ? 20_000 : 120);

  private final Map<Units.Way, Long> ways = new EnumMap<>(Units.Way.class);

  UnitsSimulationTest() {}

  @Test
  void everyUnitIsWholeInAllItsStoresOnceOrNotAtAll() {
    play("units", SEEDS, SimulatedRun::ofUnits);
  }

  @Test
  void everyUnitHasItsPlaceInTheOrderOfAllNodes() {
    play("units of nodes", SEEDS_OF_NODES, SimulatedRun::ofUnitsOfNodes);
  }

  /** Makes a run of a seed. */
  private interface Kind {
    SimulatedRun run(long seed, boolean told, Directories directories);
  }

  private void play(String name, long many, Kind kind) {
    Campaign.silence();
    Long chosen = Long.getLong("rananeeti.simulation.seed");
    long first = Long.getLong("rananeeti.simulation.first", 1);
    List<String> complaints = new ArrayList<>();
    long[] seeds =
        chosen == null ? LongStream.range(first, first + many).toArray() : new long[] {chosen};
    try (Directories directories = new Directories()) {
      for (long seed : seeds) {
        SimulatedRun run = kind.run(seed, chosen != null, directories);
        run.run();
        run.complaints()
            .forEach(each -> System.out.println("[" + name + "] seed=" + seed + " " + each));
        run.complaints()
            .forEach(complaint -> complaints.add("seed=" + run.seed() + " " + complaint));
        Objects.requireNonNull(run.units())
            .ways()
            .forEach((way, times) -> ways.merge(way, times, Long::sum));
        System.out.print(run.simulation().story());
      }
    }
    System.out.println("[" + name + "] " + ways);
    assertThat(complaints).isEmpty();
    if (chosen == null) {
      assertThat(ways.keySet()).as("never happened: others than").contains(Units.Way.values());
    }
  }
}
