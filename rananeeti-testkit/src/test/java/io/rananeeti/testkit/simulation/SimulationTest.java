package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The whole platform in virtual time under many seeds. {@code -Drananeeti.simulation.seed=n} runs
 * one of them and prints its trace, {@code -Drananeeti.simulation.skip=i,j} leaves faults out of
 * it, {@code -Drananeeti.simulation.history=directory} writes what clients saw of it for Elle.
 * {@code -Drananeeti.simulation.seeds=n} runs so many, {@code -Drananeeti.simulation.minutes=n} as
 * many as that time allows, both from {@code -Drananeeti.simulation.first=n} on.
 */
final class SimulationTest {

  private static final long SEEDS = Boolean.getBoolean("rananeeti.test.full") ? 200_000 : 4_000;
  private static final int ENOUGH_FAILED = 3;

  SimulationTest() {}

  @Test
  void everyTransactionEndsAsItsCallerWasToldWhateverFails() throws Exception {
    Long chosen = Long.getLong("rananeeti.simulation.seed");
    if (chosen != null) {
      one(chosen);
      return;
    }
    long minutes = Long.getLong("rananeeti.simulation.minutes", 0);
    long first = Long.getLong("rananeeti.simulation.first", 1);
    long seeds = Long.getLong("rananeeti.simulation.seeds", SEEDS);
    long last = minutes == 0 ? first + seeds - 1 : Long.MAX_VALUE - 1;
    long nanos = minutes == 0 ? Long.MAX_VALUE / 4 : TimeUnit.MINUTES.toNanos(minutes);
    Campaign campaign = new Campaign(first, last, nanos, ENOUGH_FAILED);

    campaign.run();

    System.out.println("[simulation] " + campaign);
    assertThat(campaign.failed()).as(() -> reports(campaign)).isEmpty();
    assertThat(campaign.counters().missing()).as("never reached in %s", campaign).isEmpty();
  }

  private static String reports(Campaign campaign) {
    try (Directories directories = new Directories()) {
      return campaign.failed().stream()
          .map(seed -> new Shrinking(seed, directories).report())
          .collect(Collectors.joining(System.lineSeparator()));
    }
  }

  private static void one(long seed) throws IOException {
    Campaign.silence();
    try (Directories directories = new Directories()) {
      SimulatedRun run = new SimulatedRun(seed, true, directories, skipped());

      run.run();

      System.out.println(run.simulation().story());
      String directory = System.getProperty("rananeeti.simulation.history");
      if (directory != null) {
        System.out.println("[simulation] " + new EdnHistory(run).write(Path.of(directory)));
      }
      assertThat(run.complaints()).as("seed=%d%n%s", seed, run.history()).isEmpty();
    }
  }

  private static Set<Integer> skipped() {
    return Stream.of(System.getProperty("rananeeti.simulation.skip", "").split(","))
        .filter(number -> !number.isEmpty())
        .map(Integer::valueOf)
        .collect(Collectors.toSet());
  }
}
