package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Seeds that have found something, by the file {@code regression-seeds.txt}. A seed means what it
 * meant only as long as nothing draws otherwise than it did; so each bug has a direct test as well,
 * which the file names.
 */
final class RegressionSeedsTest {

  private static final String FILE = "regression-seeds.txt";

  RegressionSeedsTest() {}

  static List<Long> seeds() throws IOException {
    try (InputStream file = RegressionSeedsTest.class.getResourceAsStream(FILE)) {
      String text =
          new String(Objects.requireNonNull(file, FILE).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> Long.valueOf(line.split(" ", 2)[0]))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatOnceFailedHolds(long seed) {
    Campaign.silence();
    try (Directories directories = new Directories()) {
      SimulatedRun run = new SimulatedRun(seed, false, directories);

      run.run();

      assertThat(run.complaints()).as("seed=%d%n%s", seed, run.history()).isEmpty();
    }
  }
}
