package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The simulator finds bugs: each of those that are planted, within so few seeds; and none where
 * nothing is planted. {@code -Drananeeti.planted=regex} hunts some alone, {@code
 * -Drananeeti.planted.seeds=n} for longer.
 */
final class PlantedFaultsTest {

  private static final long SEEDS = Long.getLong("rananeeti.planted.seeds", 2_000);
  private static final long CONTROL_SEEDS = 150;

  PlantedFaultsTest() {}

  /**
   * What became of the hunt for a fault.
   *
   * @param seed the first that complains; 0 if none does
   */
  private record Found(long seed, String complaint, long millis) {}

  @Test
  void eachPlantedFaultIsFoundAndNothingWhereNoneIsPlanted() throws Exception {
    Campaign.silence();
    Pattern only = Pattern.compile(System.getProperty("rananeeti.planted", ""));
    Map<String, Future<Found>> hunts = new LinkedHashMap<>();
    ExecutorService hunters = Executors.newFixedThreadPool(2);
    try {
      Future<Found> control = hunters.submit(() -> hunt(PlantedCode::intact, CONTROL_SEEDS));
      for (PlantedFault fault : PlantedFaults.ALL) {
        if (only.matcher(fault.name()).find()) {
          hunts.put(
              fault.toString(), hunters.submit(() -> hunt(() -> PlantedCode.with(fault), SEEDS)));
        }
      }
      assertThat(control.get().complaint()).as("with no fault planted").isEmpty();
      assertThat(notFound(hunts)).as("planted, and not found in %d seeds", SEEDS).isEmpty();
    } finally {
      hunters.shutdownNow();
    }
  }

  private static List<String> notFound(Map<String, Future<Found>> hunts)
      throws InterruptedException, ExecutionException {
    List<String> notFound = new ArrayList<>();
    for (Map.Entry<String, Future<Found>> hunt : hunts.entrySet()) {
      Found found = hunt.getValue().get();
      System.out.printf(
          "[planted] %s: %s in %,d ms%n",
          hunt.getKey(),
          found.seed() == 0
              ? "NOT FOUND"
              : "seed %d of as many tried, %s"
                  .formatted(found.seed(), found.complaint().lines().findFirst().orElse("")),
          found.millis());
      if (found.seed() == 0) {
        notFound.add(hunt.getKey());
      }
    }
    return notFound;
  }

  @SuppressWarnings("unchecked") // it is of another loader, and has Java's own interfaces
  private static Found hunt(Supplier<PlantedCode> code, long seeds) throws Exception {
    long begun = System.nanoTime();
    Object run =
        code.get().loadClass(PlantedRun.class.getName()).getDeclaredConstructor().newInstance();
    try (AutoCloseable closing = (AutoCloseable) run) {
      for (long seed = 1; seed <= seeds; seed++) {
        String complaint = ((LongFunction<String>) run).apply(seed);
        if (!complaint.isEmpty()) {
          return new Found(seed, complaint, (System.nanoTime() - begun) / 1_000_000);
        }
      }
      return new Found(0, "", (System.nanoTime() - begun) / 1_000_000);
    }
  }
}
