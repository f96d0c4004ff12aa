package io.rananeeti.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.internal.codec.RecordCodec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmokeTest {

  @TempDir Path directory;

  @Test
  void measuresEverySubjectAtBothLevelsAndLeavesNothingBehind() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Plan plan = Plan.of("directory=" + directory, "sizes=512", "threads=2", "rounds=1", "turn=10");

    int cells = Rounds.run(plan, new PrintStream(out, true, StandardCharsets.UTF_8));

    assertThat(cells).isEqualTo(2);
    for (Kind kind : Kind.values()) {
      assertThat(out.toString(StandardCharsets.UTF_8)).contains("| " + kind + " |");
    }
    try (var left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void opensWhatAnotherProcessHasLeft() throws Exception {
    Openings.measure(List.of(Kind.FILE), 100, directory);
  }

  @Test
  void entriesHaveTheSizeThatIsAskedFor() {
    assertThat(RecordCodec.encode(Entries.ofSize(512))).hasSize(512);
    assertThat(RecordCodec.encode(Entries.ofSize(4096))).hasSize(4096);
  }

  @Test
  void quartilesAreInterpolated() {
    Quartiles quartiles = Quartiles.of(List.of(4.0, 1.0, 2.0, 3.0));

    assertThat(quartiles).isEqualTo(new Quartiles(1.75, 2.5, 3.25));
  }
}
