package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The simulator finds bugs: each of those that are planted, within the seeds that {@link
 * SimulationTest} runs; and none where nothing is planted. {@code verify} hunts every third of
 * them, {@code -Pfull} all.
 *
 * <p>A hunt begins at the seed that was seen to find the fault, and goes on with those after it, so
 * that it is short as long as the code stays as it is. {@code -Drananeeti.planted=regex} hunts some
 * faults alone, {@code -Drananeeti.planted.first=1} begins at the first seed of all, {@code
 * -Drananeeti.planted.seeds=n} tries so many.
 */
final class PlantedFaultsTest {

  private static final int ONE_IN = Boolean.getBoolean("rananeeti.test.full") ? 1 : 3;
  private static final long MOST = Long.getLong("rananeeti.planted.seeds", 2_500);
  private static final long ALL_SEEDS = 20_000;
  private static final long CONTROL_SEEDS = 150;

  PlantedFaultsTest() {}

  /**
   * What became of a hunt.
   *
   * @param seed the one that complains; 0 if none does
   */
  private record Found(long seed, long tried, String complaint, long millis) {

    @Override
    public String toString() {
      String line = complaint.lines().findFirst().orElse("");
      return "%s after %d, %,d ms: %s"
          .formatted(
              seed == 0 ? "NOT FOUND" : "found by seed " + seed,
              tried,
              millis,
              line.substring(0, Math.min(line.length(), 150)));
    }
  }

  @Test
  void eachPlantedFaultIsFoundAndNothingWhereNoneIsPlanted() throws Exception {
    Campaign.silence();
    Map<PlantedFault, Future<Found>> hunts = new LinkedHashMap<>();
    ExecutorService hunters = Executors.newFixedThreadPool(2);
    try {
      Future<Found> control = hunters.submit(() -> hunt(PlantedCode::intact, 1, CONTROL_SEEDS));
      for (PlantedFault fault : wanted()) {
        long first = Long.getLong("rananeeti.planted.first", fault.seed());
        hunts.put(fault, hunters.submit(() -> hunt(() -> PlantedCode.with(fault), first, MOST)));
      }

      List<PlantedFault> notFound = notFound(hunts);

      assertThat(control.get().complaint()).as("with no fault planted").isEmpty();
      assertThat(notFound).as("planted, and not found in %d seeds", MOST).isEmpty();
    } finally {
      hunters.shutdownNow();
    }
  }

  @Test
  void theTextOfEachPlantedFaultStandsOnceInItsSource() {
    assertThat(PlantedFaults.all())
        .allSatisfy(fault -> assertThat(PlantedCode.changed(fault)).contains(fault.replacement()));
  }

  @Test
  void eachPlantedFaultHasANameOfItsOwnAndStandsInTheDocs() throws IOException {
    Path docs = Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolveSibling("docs");
    String table = Files.readString(docs.resolve("planted-faults.md"));

    assertThat(PlantedFaults.all()).extracting(PlantedFault::name).doesNotHaveDuplicates();
    assertThat(PlantedFaults.all())
        .allSatisfy(fault -> assertThat(table).contains("| " + fault.name() + " |"));
  }

  private static List<PlantedFault> wanted() {
    List<PlantedFault> all = PlantedFaults.all();
    String name = System.getProperty("rananeeti.planted");
    return name == null
        ? IntStream.range(0, all.size()).filter(i -> i % ONE_IN == 0).mapToObj(all::get).toList()
        : all.stream().filter(fault -> Pattern.compile(name).matcher(fault.name()).find()).toList();
  }

  private static List<PlantedFault> notFound(Map<PlantedFault, Future<Found>> hunts)
      throws InterruptedException, ExecutionException {
    List<PlantedFault> notFound = new ArrayList<>();
    for (Map.Entry<PlantedFault, Future<Found>> hunt : hunts.entrySet()) {
      Found found = hunt.getValue().get();
      System.out.println("[planted] " + hunt.getKey() + " " + found);
      if (found.seed() == 0) {
        notFound.add(hunt.getKey());
      }
    }
    return notFound;
  }

  @SuppressWarnings("unchecked") // of another loader, with an interface of Java's own
  private static Found hunt(Supplier<PlantedCode> code, long first, long most) throws Exception {
    long begun = System.nanoTime();
    Object run =
        code.get().loadClass(PlantedRun.class.getName()).getDeclaredConstructor().newInstance();
    String complaint = "";
    long seed = 0;
    long tried = 0;
    try {
      while (complaint.isEmpty() && tried < most) {
        long base = PlantedRun.base(first);
        seed = base + 1 + (first - base - 1 + tried++) % ALL_SEEDS;
        complaint = ((LongFunction<String>) run).apply(seed);
      }
    } finally {
      ((AutoCloseable) run).close();
    }
    long millis = (System.nanoTime() - begun) / 1_000_000;
    return new Found(complaint.isEmpty() ? 0 : seed, tried, complaint, millis);
  }
}
