package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * No number of a sequence is used twice, on any node, ever, whatever dies at whatever step: seeds
 * in which everybody who inserts takes a number first, 150 in {@code verify}, 1,000 in {@code
 * -Pfull}. {@code -Drananeeti.simulation.seed=n} runs one of them and prints its trace.
 */
final class LeasedIdsSimulationTest {

  private static final long SEEDS = Boolean.getBoolean("rananeeti.test.full") ? 1_000 : 150;
  private static final int LENGTH = 4;

  LeasedIdsSimulationTest() {}

  @Test
  void noNumberIsUsedTwiceWhateverDies() {
    Campaign.silence();
    Long chosen = Long.getLong("rananeeti.simulation.seed");
    List<String> complaints = new ArrayList<>();
    long accepted = 0;
    long runs = 0;
    try (Directories directories = new Directories()) {
      for (long seed : chosen == null ? all() : new long[] {chosen}) {
        SimulatedRun run = SimulatedRun.numbered(seed, chosen != null, directories, LENGTH);
        run.run();
        run.complaints()
            .forEach(complaint -> complaints.add("seed=" + run.seed() + " " + complaint));
        accepted += run.numbersAccepted();
        runs++;
        System.out.print(run.simulation().story());
      }
    }
    System.out.printf(
        "[leased ids] %,d runs, %,d transactions accepted with a number out of a lease%n",
        runs, accepted);
    assertThat(complaints).isEmpty();
    assertThat(chosen != null || accepted > runs).as("too few leases are used").isTrue();
  }

  private static long[] all() {
    return LongStream.rangeClosed(1, SEEDS).toArray();
  }
}
