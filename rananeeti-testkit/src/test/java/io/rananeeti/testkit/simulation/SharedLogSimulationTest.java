package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Several nodes that share their logs: every acknowledged transaction is applied once, by whomever,
 * and in the order of all nodes, whoever dies, sleeps, or does not reach the shared log. {@code
 * -Drananeeti.simulation.seed=n} runs one seed and prints its trace.
 */
final class SharedLogSimulationTest {

  private static final long SEEDS =
      Long.getLong(
          "rananeeti.simulation.seeds", Boolean.getBoolean("rananeeti.test.full") ? 20_000 : 150);

  SharedLogSimulationTest() {}

  @Test
  void whateverHappensToNodesEverythingIsAppliedOnceAndInOrder() {
    play(SimulatedRun::shared);
  }

  @Test
  void whateverARegionHadNotGotIsThereBeforeAnythingNewOfAnyNode() {
    play(SimulatedRun::sharedTails);
  }

  /** Makes a run of a seed. */
  private interface Kind {
    SimulatedRun run(long seed, boolean told, Directories directories);
  }

  private static void play(Kind kind) {
    Campaign.silence();
    Long chosen = Long.getLong("rananeeti.simulation.seed");
    long first = Long.getLong("rananeeti.simulation.first", 1);
    List<String> complaints = new ArrayList<>();
    long[] seeds =
        chosen == null ? LongStream.range(first, first + SEEDS).toArray() : new long[] {chosen};
    try (Directories directories = new Directories()) {
      for (long seed : seeds) {
        SimulatedRun run = kind.run(seed, chosen != null, directories);
        run.run();
        run.complaints()
            .forEach(complaint -> complaints.add("seed=" + run.seed() + " " + complaint));
        System.out.print(run.simulation().story());
      }
    }
    assertThat(complaints).isEmpty();
  }
}
