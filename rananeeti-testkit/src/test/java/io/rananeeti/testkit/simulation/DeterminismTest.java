package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The same seed gives the same trace, byte for byte. */
final class DeterminismTest {

  private static final int SEEDS = 80;

  DeterminismTest() {}

  @Test
  void theSameSeedGivesTheSameTraceTwiceInOneJvm() {
    Campaign.silence();
    try (Directories directories = new Directories()) {
      for (long seed = 1; seed <= SEEDS; seed++) {
        String first = trace(seed, directories);
        String second = trace(seed, directories);

        assertThat(second).as("seed=%d", seed).isEqualTo(first);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameTraceInAnotherJvm() throws Exception {
    Campaign.silence();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(DeterminismTest.class.getName());
    Process other =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();

    String theirs = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(other.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(theirs.lines().toList()).hasSize(SEEDS).isEqualTo(digests());
  }

  @Test
  void anotherSeedGivesAnotherTrace() {
    Campaign.silence();
    try (Directories directories = new Directories()) {
      assertThat(trace(1, directories)).isNotEqualTo(trace(2, directories));
    }
  }

  /** Prints the digests of the traces; the other JVM. */
  public static void main(String[] args) throws Exception {
    Campaign.silence();
    digests().forEach(System.out::println);
  }

  private static List<String> digests() throws Exception {
    List<String> digests = new ArrayList<>();
    try (Directories directories = new Directories()) {
      for (long seed = 1; seed <= SEEDS; seed++) {
        byte[] trace = trace(seed, directories).getBytes(StandardCharsets.UTF_8);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(trace);
        digests.add(seed + " " + HexFormat.of().formatHex(digest));
      }
    }
    return digests;
  }

  private static String trace(long seed, Directories directories) {
    SimulatedRun run = new SimulatedRun(seed, true, directories);
    run.run();
    return run.simulation().story() + run.history() + run.counters();
  }
}
