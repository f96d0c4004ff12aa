package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class CountersTest {

  private static final Path DOCS = Path.of("..", "docs", "simulation.md");

  CountersTest() {}

  @Test
  void whatWasNeverReachedIsMissing() {
    Counters counters = new Counters();
    counters.count(FaultKind.POWER_CUT);
    counters.count(Branch.FENCED);

    assertThat(counters.missing())
        .hasSize(all().size() - 2)
        .doesNotContain("POWER_CUT", "FENCED")
        .contains("HANGS", "MET_ABORTED");
  }

  @Test
  void theDocsNameEveryFaultAndEveryBranch() throws Exception {
    String docs = Files.readString(DOCS);

    assertThat(all()).allSatisfy(name -> assertThat(docs).contains("| `" + name + "` |"));
  }

  private static List<String> all() {
    return Stream.<Enum<?>[]>of(FaultKind.values(), Branch.values())
        .flatMap(Stream::of)
        .map(Enum::name)
        .toList();
  }
}
