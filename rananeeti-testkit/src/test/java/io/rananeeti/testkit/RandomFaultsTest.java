package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Applications that write while their database and their process fail in every way, in an order
 * that a seed has chosen. Which thread runs when is up to the machine, so a seed that failed may
 * have to be run more than once: {@code -Drananeeti.test.seed=n} runs it a hundred times.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class RandomFaultsTest {

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  RandomFaultsTest() {}

  static LongStream seeds() {
    Long chosen = Long.getLong("rananeeti.test.seed");
    if (chosen != null) {
      return LongStream.generate(() -> chosen).limit(100);
    }
    return LongStream.rangeClosed(1, Boolean.getBoolean("rananeeti.test.full") ? 5_000 : 150);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyTransactionEndsAsItsCallerWasTold(long seed) throws Exception {
    RandomRun run = new RandomRun(seed, directory);

    run.run();

    assertThat(run.complaints()).as("seed=%d%n%s", seed, run).isEmpty();
  }
}
