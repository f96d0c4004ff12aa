package io.rananeeti.benchmarks.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthySmokeTest {

  @TempDir Path directory;

  @Test
  void measuresEveryContenderAtEveryWorkAndLeavesNothingBehind() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Plan plan =
        Plan.of(
            "directory=" + directory,
            "commits=MEMORY",
            "threads=2",
            "rounds=1",
            "turn=20",
            "warmUp=1",
            "counted=20");

    int cells = Healthy.run(plan, new PrintStream(out, true, StandardCharsets.UTF_8));

    String printed = out.toString(StandardCharsets.UTF_8);
    assertThat(cells).isEqualTo(2 * Work.values().length);
    for (Contender contender : Contender.values()) {
      assertThat(printed.split("\\| " + contender + " \\|", -1)).hasSize(cells + 1);
    }
    try (var left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }
}
