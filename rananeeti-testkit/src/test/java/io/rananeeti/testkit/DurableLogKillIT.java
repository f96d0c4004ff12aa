package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.internal.chronicle.ChronicleStorage;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A process with a log on a real disk, killed with SIGKILL at random moments, again and again. */
final class DurableLogKillIT {

  private static final int KILLS = 3;

  private final Map<Long, Long> acknowledged = new HashMap<>();

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  DurableLogKillIT() {}

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Boolean.getBoolean("rananeeti.test.full") ? 17 : 3);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void losesNothingAcknowledgedAndDoublesNothing(long seed) throws Exception {
    Random random = new Random(seed);

    for (int kill = 0; kill < KILLS; kill++) {
      runAndKill(random, "seed=%d kill=%d".formatted(seed, kill), kill * 10_000_000L);
    }

    try (DurableLog log = open()) {
      verify(TransactionLogContract.entries(log, 1), seed);
    }
  }

  private void runAndKill(Random random, String what, long firstNumber) throws IOException {
    Process writer = start(firstNumber);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.US_ASCII))) {
      System.out.println(what + " " + lines.readLine());
      read(lines, random.nextInt(3_000));
      writer.toHandle().destroyForcibly();
      read(lines, Integer.MAX_VALUE);
    } finally {
      writer.destroyForcibly();
    }
    assertThat(writer.onExit().join().exitValue()).as(what).isEqualTo(128 + 9);
  }

  /** A line is one write, shorter than what a pipe takes in one piece: it comes whole or not. */
  private void read(BufferedReader lines, int most) throws IOException {
    for (int i = 0; i < most; i++) {
      String line = lines.readLine();
      if (line == null) {
        return;
      }
      if (line.matches("\\d+ \\d+")) {
        String[] pair = line.split(" ", 2);
        acknowledged.put(Long.valueOf(pair[0]), Long.valueOf(pair[1]));
      }
    }
  }

  private void verify(List<LogEntry> entries, long seed) {
    Map<Long, Long> found = new HashMap<>();
    long sequence = 1;
    for (LogEntry entry : entries) {
      assertThat(entry.sequence()).as("seed=%d", seed).isEqualTo(sequence++);
      if (entry.record() instanceof LogRecord.Mark mark) {
        assertThat(found.put(mark.id().number(), entry.sequence())).as("seed=%d", seed).isNull();
      }
    }
    assertThat(acknowledged).as("seed=%d", seed).isNotEmpty();
    assertThat(found).as("seed=%d", seed).containsAllEntriesOf(acknowledged);
    System.out.printf(
        "seed=%d acknowledged=%d read=%d%n", seed, acknowledged.size(), entries.size());
  }

  private Process start(long firstNumber) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--"))
        .forEach(command::add);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(LogWriter.class.getName());
    command.add(directory.toString());
    command.add(Long.toString(firstNumber));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private DurableLog open() {
    LogOptions limits = LogOptions.within(new LogLimits(1L << 40, 0));
    return DurableLog.open(directory, ChronicleStorage::open, limits, Seams.system(), "verify");
  }
}
