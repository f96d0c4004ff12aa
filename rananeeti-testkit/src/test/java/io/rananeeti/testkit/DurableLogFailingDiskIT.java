package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.internal.log.DurableLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The disk fails, or is made to look so by strace; and what a force asks of it. */
final class DurableLogFailingDiskIT {

  private static final boolean FULL = Boolean.getBoolean("rananeeti.test.full");
  private static final long MEGABYTE = 1 << 20;
  private static final int CALLS_AT_OPEN = 40;
  private static final int APPENDS = 200;

  /** A call that was done, or the first of its two lines where another thread's came between. */
  private static final Pattern FORCE =
      Pattern.compile("(fdatasync|fsync)\\(\\d+<([^>]*)>(?:\\) += 0| <unfinished)");

  private final Written written = new Written();

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  DurableLogFailingDiskIT() {}

  static Stream<Arguments> kindsAndSeeds() {
    return IntStream.rangeClosed(1, FULL ? 10 : 1)
        .boxed()
        .flatMap(
            seed ->
                Stream.of(StorageKind.CHRONICLE, StorageKind.FILE)
                    .map(kind -> Arguments.of(kind, seed)));
  }

  @ParameterizedTest
  @MethodSource("kindsAndSeeds")
  void acknowledgesNothingAfterAForceThatFailed(StorageKind kind, int seed) throws Exception {
    LoopDisk.assumePossible("a failing force");
    Strace.assumePossible("a failing force");
    try (LoopDisk images = LoopDisk.xfs(1_000 * MEGABYTE);
        LoopDisk disk = LoopDisk.ext4In(images.root(), "disk", 200 * MEGABYTE)) {
      Path log = disk.root().resolve("log");
      String fault = "inject=fdatasync,fsync:error=EIO:when=%d+".formatted(CALLS_AT_OPEN + seed);
      ChildLog.Task task =
          ChildLog.Task.of(kind, log)
              .in(Strace.command(trace(), "-e", "trace=fdatasync,fsync", "-e", fault))
              .with(1 + seed % 2 * 7, 0, 600);

      try (ChildLog child = ChildLog.start(task, 0, written)) {
        expectItsEnd(child);
        child.end();
        assertThat(Files.readString(trace())).contains("EIO");
      }

      try (LoopDisk cut = disk.cut();
          DurableLog again = kind.open(cut.root().resolve("log"))) {
        written.verify(again, "EIO and a power cut, seed=%d kind=%s".formatted(seed, kind));
      }
      try (DurableLog again = kind.open(log)) {
        int read = written.verify(again, "EIO, seed=%d kind=%s".formatted(seed, kind));
        System.out.printf(
            "EIO by strace: seed=%d kind=%s acknowledged=%d read=%d%n",
            seed, kind, written.count(), read);
      }
    }
  }

  /**
   * A device that writes what has a place on it and fails the rest, as one does that has no sectors
   * left to put in the place of bad ones.
   */
  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void believesNothingThatAFailingDeviceHasNotTaken(StorageKind kind) throws Exception {
    LoopDisk.assumePossible("a failing device");
    try (LoopDisk images = LoopDisk.xfs(500 * MEGABYTE);
        LoopDisk disk = LoopDisk.sparse(images.root(), "disk", 100 * MEGABYTE)) {
      Path log = disk.root().resolve("log");
      writeUntilTheDeviceFails(kind, log, images);

      disk.reboot();

      try (DurableLog again = kind.open(log)) {
        int read = written.verify(again, "failing device, kind=" + kind);
        assertThat(again.takesEntries()).isTrue();
        System.out.printf(
            "failing device: kind=%s acknowledged=%d read=%d%n", kind, written.count(), read);
      }
    }
  }

  /** The process restarts while the file system still shows what it will never write. */
  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void keepsWhatItGoesOnWithOnceTheDeviceIsWellAgain(StorageKind kind) throws Exception {
    LoopDisk.assumePossible("a device that fails for a while");
    try (LoopDisk images = LoopDisk.xfs(500 * MEGABYTE);
        LoopDisk disk = LoopDisk.sparse(images.root(), "disk", 100 * MEGABYTE)) {
      Path log = disk.root().resolve("log");
      writeUntilTheDeviceFails(kind, log, images);

      ChildLog.Task few = ChildLog.Task.of(kind, log).with(1, 50, 600);
      try (ChildLog child = ChildLog.start(few, 1_000_000, written)) {
        child.await("waiting", DurableLogFailingDiskIT::expectNoRefusal);
        try (LoopDisk cut = disk.cut();
            DurableLog again = kind.open(cut.root().resolve("log"))) {
          int read = written.verify(again, "device well again, kind=" + kind);
          System.out.printf(
              "device well again: kind=%s acknowledged=%d read=%d%n", kind, written.count(), read);
        }
        child.end();
      }
    }
  }

  /**
   * Nothing is written while the device's last space is taken: a loop device reports a write that
   * found space for its first part only as a success.
   */
  private void writeUntilTheDeviceFails(StorageKind kind, Path log, LoopDisk images)
      throws IOException {
    ChildLog.Task task = ChildLog.Task.of(kind, log).with(4, 50, 20_000);
    try (ChildLog child = ChildLog.start(task, 0, written)) {
      child.await("waiting", DurableLogFailingDiskIT::expectNoRefusal);
      images.fill();
      child.say("write 10000");
      expectItsEnd(child);
      child.kill();
    }
    images.giveBack();
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void asksTheDiskForOneDataSyncAnAppendAndNoMore(StorageKind kind) throws Exception {
    Strace.assumePossible("which calls a force is");
    Path log = directory.resolve("log");

    Map<String, Integer> few = forces(kind, log, 1);
    Map<String, Integer> more = forces(kind, log, 1 + APPENDS);

    more.replaceAll((call, count) -> count - few.getOrDefault(call, 0));
    more.values().removeIf(count -> count == 0);
    assertThat(more)
        .as("calls that %d more appends have made", APPENDS)
        .isEqualTo(Map.of("fdatasync " + log.relativize(kind.file(log, 1)), APPENDS));
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void changesNoSizeWithAnAppend(StorageKind kind) throws Exception {
    Path log = directory.resolve("log");
    try (ChildLog child = ChildLog.start(ChildLog.Task.of(kind, log).with(1, 1, 600), 0, written)) {
      child.await("waiting", line -> {});
      long size = Files.size(kind.file(log, 1));

      child.say("write " + APPENDS);
      child.await("waiting", line -> {});

      assertThat(written.count()).isEqualTo(2 + APPENDS);
      assertThat(Files.size(kind.file(log, 1))).isEqualTo(size);
      child.end();
    }
  }

  /** By call and file name; each run has a log of its own. */
  private Map<String, Integer> forces(StorageKind kind, Path parent, int appends)
      throws IOException {
    Path log = parent.resolveSibling("log-" + appends);
    ChildLog.Task task =
        ChildLog.Task.of(kind, log)
            .in(Strace.command(trace(), "-y", "-e", "trace=fdatasync,fsync,sync_file_range,msync"))
            .with(1, appends, 600);
    try (ChildLog child = ChildLog.start(task, 0, written)) {
      child.await("waiting", DurableLogFailingDiskIT::expectNoRefusal);
      child.end();
    }
    Map<String, Integer> counts = new TreeMap<>();
    for (String line : Files.readAllLines(trace(), StandardCharsets.ISO_8859_1)) {
      Matcher force = FORCE.matcher(line);
      if (force.find() && force.group(2).startsWith(log.toString())) {
        Path forced = log.relativize(Path.of(force.group(2)));
        counts.merge(force.group(1) + " " + forced, 1, Integer::sum);
      }
    }
    return counts;
  }

  private void expectItsEnd(ChildLog child) throws IOException {
    List<String> said = new ArrayList<>();
    child.await("waiting", said::add);
    assertThat(said)
        .allMatch(line -> line.matches("(first append|ended|stays ended).*"))
        .anyMatch(line -> line.startsWith("ended "))
        .anyMatch(line -> line.equals("stays ended"));
    assertThat(written.count()).isPositive();
  }

  private static void expectNoRefusal(String line) {
    assertThat(line).startsWith("first append");
  }

  private Path trace() {
    return directory.resolve("trace");
  }
}
