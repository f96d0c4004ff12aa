package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.log.DurableLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a log may lie, what it says where it may not, and who may read it. */
final class DurableLogPlaceIT {

  private static final long MEGABYTE = 1 << 20;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  DurableLogPlaceIT() {}

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void saysThatAFileSystemIsMountedReadOnly(StorageKind kind) throws Exception {
    LoopDisk.assumePossible("a log on a file system that is mounted read-only");
    try (LoopDisk disk = LoopDisk.ext4(32 * MEGABYTE)) {
      kind.open(disk.root().resolve("log")).close();
      disk.remount("ro");

      assertThatExceptionOfType(LogFailedException.class)
          .isThrownBy(() -> kind.open(disk.root().resolve("log")))
          .withMessageContaining("mount it for writing");
      assertThatExceptionOfType(LogFailedException.class)
          .isThrownBy(() -> kind.open(disk.root().resolve("new")))
          .withMessageContaining("mount it for writing");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void warnsOfAFileSystemInMemory(StorageKind kind) throws Exception {
    LoopDisk.assumePossible("a log on tmpfs");
    try (LoopDisk disk = LoopDisk.mount("tmpfs", "size=64m");
        DurableLog log = kind.open(disk.root().resolve("log"))) {
      assertThat(log.warnings()).singleElement().asString().contains("in memory", "tmpfs");
      log.force(log.append(Written.record(1, 1)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void warnsOfAContainersOwnLayer(StorageKind kind) throws Exception {
    LoopDisk.assumePossible("a log on overlayfs");
    try (LoopDisk layers = LoopDisk.ext4(64 * MEGABYTE)) {
      Path lower = Files.createDirectory(layers.root().resolve("lower"));
      Path upper = Files.createDirectory(layers.root().resolve("upper"));
      Path work = Files.createDirectory(layers.root().resolve("work"));
      try (LoopDisk disk =
              LoopDisk.mount(
                  "overlay", "lowerdir=%s,upperdir=%s,workdir=%s".formatted(lower, upper, work));
          DurableLog log = kind.open(disk.root().resolve("log"))) {
        assertThat(log.warnings()).singleElement().asString().contains("container", "overlay");
        log.force(log.append(Written.record(1, 1)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void namesTheProcessThatHasIt(StorageKind kind) throws Exception {
    try (ChildLog child =
        ChildLog.start(ChildLog.Task.of(kind, directory).with(0, 1, 600), 0, new Written())) {
      child.await("waiting", line -> {});

      assertThatExceptionOfType(LogFailedException.class)
          .isThrownBy(() -> kind.open(directory))
          .withMessageContaining("in use")
          .withMessageContaining("pid=%d;", child.pid());

      child.kill();
    }
    kind.open(directory).close();
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void saysThatItsDirectoryIsAFile(StorageKind kind) throws Exception {
    Path file = Files.createFile(directory.resolve("log"));

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> kind.open(file))
        .withMessageContaining("is a file, no directory");
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void isPrivateToItsUserAfterUseAndAfterARepair(StorageKind kind) throws Exception {
    Written written = new Written();
    Path log = directory.resolve("a").resolve("log");
    try (ChildLog child =
        ChildLog.start(ChildLog.Task.of(kind, log).with(1, 20, 600), 0, written)) {
      child.await("waiting", line -> {});
      assertPrivate(log);
      child.say("document");
      child.await("half", line -> {});
      child.kill();
    }

    try (DurableLog again = kind.open(log)) {
      written.verify(again, "after a repair");
      assertThat(kind.segments(log).resolve("cut-off")).isNotEmptyDirectory();
      assertPrivate(log);
    }
    assertPrivate(log);
  }

  private static void assertPrivate(Path log) throws IOException {
    Set<String> others = new TreeSet<>();
    try (Stream<Path> all = Files.walk(log)) {
      for (Path path : all.toList()) {
        String expected = Files.isDirectory(path) ? "rwx------" : "rw-------";
        String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        if (!permissions.equals(expected)) {
          others.add(permissions + " " + log.relativize(path));
        }
      }
    }
    assertThat(others).isEmpty();
  }
}
