package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.internal.log.DurableLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The log's disk is full, at many different levels, without a floor that would refuse earlier. */
final class DurableLogFullDiskIT {

  private static final boolean FULL = Boolean.getBoolean("rananeeti.test.full");
  private static final long MEGABYTE = 1 << 20;
  private static final long DISK = 140 * MEGABYTE;
  private static final long SEGMENT = 64 * MEGABYTE;
  private static final int MORE = 20;

  private static LoopDisk disk;

  private final Written written = new Written();
  private final List<String> said = new ArrayList<>();

  @SuppressWarnings("NullAway.Init")
  DurableLogFullDiskIT() {}

  @BeforeAll
  static void makeDisk() throws IOException {
    LoopDisk.assumePossible("what the log does on a full disk");
    disk = LoopDisk.ext4(DISK);
  }

  @AfterAll
  static void removeDisk() {
    if (disk != null) {
      disk.close();
    }
  }

  @AfterEach
  void emptyDisk() throws IOException {
    disk.giveBack();
    PrivateDirectory.delete(log());
  }

  private enum Jvm {
    COLD("-Xint"),
    WARM("-XX:+TieredCompilation");

    private final String flag;

    Jvm(String flag) {
      this.flag = flag;
    }
  }

  /** Every fifth level is one at which a new segment does not fit any more. */
  static Stream<Arguments> levels() {
    return IntStream.of(FULL ? IntStream.rangeClosed(1, 100).toArray() : new int[] {3, 4, 5})
        .boxed()
        .flatMap(
            seed ->
                Stream.of(StorageKind.CHRONICLE, StorageKind.FILE)
                    .map(kind -> Arguments.of(kind, seed, Jvm.values()[seed % 2])));
  }

  @ParameterizedTest
  @MethodSource("levels")
  void refusesCleanlyAndGoesOnOnceThereIsSpace(StorageKind kind, int seed, Jvm jvm)
      throws Exception {
    ChildLog.Task task = fill(kind, seed, jvm);

    try (ChildLog child = ChildLog.start(task, 0, written)) {
      boolean opened = runUntilFull(child);
      int before = written.count();
      if (opened && seed % 3 != 0) {
        disk.giveBack();
        child.say("write " + MORE);
        child.await("waiting", said::add);
        assertThat(said).as("seed=%d", seed).isEmpty();
        assertThat(written.count()).as("seed=%d", seed).isEqualTo(before + MORE);
        child.end();
      } else if (opened) {
        child.end();
        restartOnTheFullDisk(task, seed);
      }
    }

    disk.giveBack();
    goesOnAfterARestart(kind, "seed=%d kind=%s jvm=%s".formatted(seed, kind, jvm));
  }

  private void restartOnTheFullDisk(ChildLog.Task task, int seed) throws IOException {
    try (ChildLog child = ChildLog.start(task, 1_000_000, written)) {
      if (runUntilFull(child)) {
        child.end();
      }
      System.out.printf("seed=%d restarted on the full disk%n", seed);
    }
  }

  private void goesOnAfterARestart(StorageKind kind, String what) {
    try (DurableLog log = kind.open(log())) {
      int read = written.verify(log, what);
      long sequence = log.append(Written.record(5_000_000, 1));
      log.force(sequence);
      assertThat(log.warnings()).as(what).isEmpty();
      System.out.printf("%s acknowledged=%d read=%d%n", what, written.count(), read);
    }
  }

  /** Whether it was opened; if not it was refused for want of space. */
  private boolean runUntilFull(ChildLog child) throws IOException {
    boolean full = false;
    for (String line = child.line(); line != null; line = child.line()) {
      if (line.startsWith("refused ")) {
        assertThat(line).contains("LogFullException").contains("no space");
        return false;
      }
      if (line.equals("waiting")) {
        assertThat(full).isTrue();
        return true;
      }
      full |= line.startsWith("full ");
      if (!line.startsWith("first append")) {
        assertThat(line).startsWith("full ").contains("no space");
      }
    }
    throw new AssertionError("it ended while it wrote: " + child.errors());
  }

  private ChildLog.Task fill(StorageKind kind, int seed, Jvm jvm) throws IOException {
    Random random = new Random(seed);
    boolean roll = seed % 5 == 0;
    long free = roll ? SEGMENT - MEGABYTE : MEGABYTE / 2;
    free += (long) (random.nextDouble() * (roll ? 4 : 10) * MEGABYTE);
    disk.fillUpTo(free);
    int largest = roll ? 3_000_000 : 100_000;
    System.out.printf(
        "seed=%d kind=%s jvm=%s free=%d largest=%d%n", seed, kind, jvm, disk.free(), largest);
    return ChildLog.Task.of(kind, log()).with(4, 0, largest).flags(jvm.flag);
  }

  private static Path log() {
    return disk.root().resolve("log");
  }
}
