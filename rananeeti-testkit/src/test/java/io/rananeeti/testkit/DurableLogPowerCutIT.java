package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.internal.log.DurableLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The power is cut: the log lies on a disk of its own, and what the device holds at one moment is
 * mounted elsewhere, where the file system replays its journal, and read.
 */
final class DurableLogPowerCutIT {

  private static final boolean FULL = Boolean.getBoolean("rananeeti.test.full");
  private static final int SMALL = 600;
  private static final int LARGE = 3_000_000;
  private static final int ENTRIES_TO_ROLL = 45;
  private static final int FEW = 8;
  private static final int MANY = 64;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long IMAGES = 3L << 30;
  private static final long DISK = 600L << 20;

  private static LoopDisk images;

  private final Written written = new Written();
  private final AtomicLong number = new AtomicLong();
  private LoopDisk disk;

  @SuppressWarnings("NullAway.Init")
  DurableLogPowerCutIT() {}

  @BeforeAll
  static void makeRoomForImages() throws IOException {
    LoopDisk.assumePossible("what a power cut leaves of the log");
    images = LoopDisk.xfs(IMAGES);
  }

  @AfterAll
  static void removeImages() {
    if (images != null) {
      images.close();
    }
  }

  @BeforeEach
  void makeDisk() throws IOException {
    disk = LoopDisk.ext4In(images.root(), "disk-" + System.nanoTime(), DISK);
  }

  @AfterEach
  void removeDisk() {
    disk.close();
    assertThat(disk.image().toFile().delete()).isTrue();
  }

  static Stream<Arguments> kindsAndSeeds() {
    return LongStream.rangeClosed(1, FULL ? 50 : 2)
        .boxed()
        .flatMap(
            seed ->
                Stream.of(StorageKind.CHRONICLE, StorageKind.FILE)
                    .map(kind -> Arguments.of(kind, seed)));
  }

  @ParameterizedTest
  @MethodSource("kindsAndSeeds")
  void keepsSingleAppendsAcknowledgedRightBeforeTheCut(StorageKind kind, long seed)
      throws Exception {
    Random random = new Random(seed);

    try (DurableLog log = kind.open(log(disk))) {
      for (int cut = 0; cut < 2; cut++) {
        for (int i = random.nextInt(100); i >= 0; i--) {
          write(log, random.nextInt(SMALL));
        }
        verifyAfterACut(kind, "seed=%d single kind=%s".formatted(seed, kind));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kindsAndSeeds")
  void keepsWhatGroupsOfManyThreadsWereToldAtARandomMoment(StorageKind kind, long seed)
      throws Exception {
    Random random = new Random(seed);

    Load load = new Load(MANY, SMALL, random.nextInt(400));
    cutWhileThreadsWrite(kind, random, "seed=%d groups kind=%s".formatted(seed, kind), load);
  }

  @ParameterizedTest
  @MethodSource("kindsAndSeeds")
  void keepsLargeEntriesAcrossReservationsAndRollsAtARandomMoment(StorageKind kind, long seed)
      throws Exception {
    Random random = new Random(seed);

    Load load = new Load(FEW, LARGE, ENTRIES_TO_ROLL + random.nextInt(20));
    cutWhileThreadsWrite(kind, random, "seed=%d large kind=%s".formatted(seed, kind), load);

    assertThat(kind.file(log(disk), 2)).exists();
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void keepsTheEntryThatMadeTheLogRoll(StorageKind kind) throws Exception {
    try (DurableLog log = kind.open(log(disk))) {
      while (!kind.file(log(disk), 2).toFile().exists()) {
        write(log, LARGE);
      }
      verifyAfterACut(kind, "roll kind=" + kind);
    }
  }

  /** Each cut is of a log that was opened on what the cut before has left. */
  @ParameterizedTest
  @MethodSource("kindsAndSeeds")
  void keepsWhatIsWrittenOnWhatACutHasLeft(StorageKind kind, long seed) throws Exception {
    Random random = new Random(seed);
    String what = "seed=%d again kind=%s".formatted(seed, kind);
    LoopDisk current = disk;
    List<LoopDisk> cuts = new ArrayList<>();
    try {
      for (int cut = 0; cut < 3; cut++) {
        try (DurableLog log = kind.open(log(current))) {
          written.verify(log, what);
          for (int i = random.nextInt(20); i >= 0; i--) {
            write(log, random.nextInt(random.nextInt(5) == 0 ? LARGE : SMALL));
          }
          log.append(Written.record(number.incrementAndGet(), SMALL));
          current = current.cut();
          cuts.add(0, current);
        }
      }
      try (DurableLog log = kind.open(log(current))) {
        written.verify(log, what);
      }
    } finally {
      cuts.forEach(LoopDisk::close);
    }
  }

  /** The test of the test. */
  @Test
  void wouldShowThatTheQueuesOwnSyncLosesWhatLiesInEarlierChunks() throws Exception {
    assertThatThrownBy(() -> cutBehindGroupsAcrossChunks(StorageKind.QUEUE_SYNCED))
        .satisfies(shown -> System.out.println("with sync() only: " + headline(shown)))
        .hasMessageContaining("missing");
  }

  @Test
  void showsNothingWhereTheQueuesFilesAreForced() throws Exception {
    cutBehindGroupsAcrossChunks(StorageKind.QUEUE_FORCED);
  }

  private void cutBehindGroupsAcrossChunks(StorageKind kind) throws IOException {
    try (DurableLog log = kind.open(log(disk))) {
      for (int group = 0; group < 12; group++) {
        appendGroup(log, 500);
      }
      written.verify(log, "before the cut");
      verifyAfterACut(kind, "chunks kind=" + kind);
    }
  }

  private void appendGroup(DurableLog log, int entries) {
    Map<Long, Long> appended = new HashMap<>();
    long last = 0;
    for (int i = 0; i < entries; i++) {
      long mine = number.incrementAndGet();
      last = log.append(Written.record(mine, SMALL));
      appended.put(mine, last);
    }
    log.force(last);
    appended.forEach(written::acknowledged);
  }

  private static String headline(Throwable shown) {
    return String.valueOf(shown.getMessage()).lines().findFirst().orElse("");
  }

  private record Load(int threads, int largest, int entriesBefore) {}

  private void cutWhileThreadsWrite(StorageKind kind, Random random, String what, Load load)
      throws Exception {
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    try (DurableLog log = kind.open(log(disk))) {
      for (int i = 0; i < load.threads(); i++) {
        Random choice = new Random(random.nextLong());
        Thread thread = new Thread(() -> writeUntil(over, log, choice, load.largest()));
        thread.setUncaughtExceptionHandler((dead, failure) -> failures.add(failure));
        thread.start();
        threads.add(thread);
      }
      Await.until(() -> written.count() >= load.entriesBefore() || !failures.isEmpty(), PATIENCE);
      verifyAfterACut(kind, what);
      over.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).as(what).isEmpty();
    } finally {
      over.set(true);
    }
  }

  private void writeUntil(AtomicBoolean over, DurableLog log, Random random, int largest) {
    while (!over.get()) {
      write(log, random.nextInt(largest));
    }
  }

  private void write(DurableLog log, int size) {
    long mine = number.incrementAndGet();
    long sequence = log.append(Written.record(mine, size));
    log.acknowledge(sequence);
    written.acknowledged(mine, sequence);
  }

  /** What was acknowledged before the cut is noted before it. */
  private void verifyAfterACut(StorageKind kind, String what) throws IOException {
    Written before = written.now();
    try (LoopDisk cut = disk.cut();
        DurableLog log = kind.open(log(cut))) {
      int read = before.verify(log, what);
      System.out.printf("%s acknowledged=%d read=%d%n", what, before.count(), read);
    }
  }

  private static Path log(LoopDisk disk) {
    return disk.root().resolve("log");
  }
}
