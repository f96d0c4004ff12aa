package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.testkit.SharedLogRun.Seen;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A run of a seed is repeated by {@code new SharedLogRun(seed).run()}. */
class SharedLogRandomTest {

  private static final int RUNS = Boolean.getBoolean("rananeeti.test.full") ? 20_000 : 400;

  @Test
  void losesAndDoublesNothingWhoeverSleepsAndWakes() throws Exception {
    List<Seen> seen = new ArrayList<>();
    for (long seed = 1; seed <= RUNS; seed++) {
      SharedLogRun run = new SharedLogRun(seed);
      try {
        seen.add(run.run());
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError(
            "seed=" + seed + " trace:\n" + String.join("\n", run.trace()), failure);
      }
    }

    assertThat(seen).extracting(Seen::acknowledged).anyMatch(many -> many > 50);
    assertThat(seen.stream().mapToInt(Seen::zombies).sum()).isGreaterThan(RUNS);
    assertThat(seen.stream().mapToInt(Seen::seals).sum()).isGreaterThan(RUNS);
    assertThat(seen.stream().mapToInt(Seen::owners).sum()).isGreaterThan(2 * RUNS);
  }
}
