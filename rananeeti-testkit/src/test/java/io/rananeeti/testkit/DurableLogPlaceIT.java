package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.log.LogRecord;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a log may lie, what it says where it may not, and who may read it. */
final class DurableLogPlaceIT {

  private static final long MEGABYTE = 1 << 20;
  private static final int SOMEBODY = 65534;

  private static final Duration STALL = Duration.ofSeconds(30);

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

  /** People delete it when they take it for a left-over. */
  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void isInUseAlthoughItsLockFileWasDeleted(StorageKind kind) throws Exception {
    Written written = new Written();
    try (ChildLog child =
        ChildLog.start(ChildLog.Task.of(kind, directory).with(1, 5, 600), 0, written)) {
      child.await("waiting", line -> {});
      Files.delete(directory.resolve("lock"));

      for (int attempt = 1; attempt <= 2; attempt++) {
        assertThatExceptionOfType(LogFailedException.class)
            .isThrownBy(() -> kind.open(directory))
            .withMessageContaining("in use")
            .withMessageContaining("deleted its lock file");
      }
      child.say("write 5");
      child.await("waiting", line -> {});
      child.kill();
    }
    try (DurableLog log = kind.open(directory)) {
      written.verify(log, "after its lock file was deleted");
    }
  }

  /** As in an application server, where an application that was not closed is deployed again. */
  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void isHeldAgainstOtherProcessesAlthoughAnotherClassLoaderTriedToOpenIt(StorageKind kind)
      throws Exception {
    try (URLClassLoader loader =
            new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
        DurableLog log = kind.open(directory)) {
      assertThatExceptionOfType(InvocationTargetException.class)
          .isThrownBy(() -> open(loader, kind, directory))
          .havingCause()
          .withMessageContaining("in use")
          .withMessageContaining("this one; close the platform that has it");

      Files.delete(directory.resolve("log-id"));
      try (ChildLog child =
          ChildLog.start(ChildLog.Task.of(kind, directory).with(1, 1, 600), 0, new Written())) {
        assertThat(child.line())
            .contains("refused", "in use", "pid=" + ProcessHandle.current().pid());
      }
      log.force(log.append(Written.record(1, 1)));
    }
  }

  private static URL[] classPath() throws IOException {
    String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
    URL[] urls = new URL[entries.length];
    for (int i = 0; i < entries.length; i++) {
      urls[i] = Path.of(entries[i]).toUri().toURL();
    }
    return urls;
  }

  private static void open(ClassLoader loader, StorageKind kind, Path log) throws Exception {
    Class<?> kinds = loader.loadClass(StorageKind.class.getName());
    Method open = kinds.getDeclaredMethod("open", Path.class);
    open.setAccessible(true);
    for (Object same : kinds.getEnumConstants()) {
      if (same.toString().equals(kind.name())) {
        open.invoke(same, log);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void saysThatItsDirectoryIsALinkToWhatIsNotThere(StorageKind kind) throws Exception {
    Path link = directory.resolve("log");
    Files.createSymbolicLink(link, directory.resolve("not-mounted"));

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> kind.open(link))
        .withMessageContaining("is a link to what is not there");
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void leavesADirectoryAloneThatIsThereForOthers(StorageKind kind) throws Exception {
    Path shared = Files.createDirectory(directory.resolve("shared"));
    Set<PosixFilePermission> forAll = PosixFilePermissions.fromString("rwxrwxrwx");
    Files.setPosixFilePermissions(shared, forAll);
    Path other = Files.createFile(shared.resolve("other"));

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> kind.open(shared))
        .withMessageContaining("a directory of its own");
    assertThat(Files.getPosixFilePermissions(shared)).isEqualTo(forAll);
    assertThat(shared).isDirectoryNotContaining(file -> !file.equals(other));

    Files.delete(other);
    kind.open(shared).close();
    Files.setPosixFilePermissions(shared, forAll);
    kind.open(shared).close();
    assertPrivate(shared);
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void takesNothingWhileItsDirectoryIsGoneAndSaysSo(StorageKind kind) throws Exception {
    Path log = directory.resolve("log");
    Path elsewhere = directory.resolve("elsewhere");
    LogRecord large = Written.record(1, (int) (2 * MEGABYTE));
    try (DurableLog opened = kind.open(log)) {
      Files.move(log, elsewhere);

      assertThatExceptionOfType(LogFullException.class)
          .isThrownBy(() -> opened.append(large))
          .withMessageContaining("its directory is where it was");
      assertThat(opened.takesEntries()).isFalse();

      Files.move(elsewhere, log);
      opened.force(opened.append(large));
      assertThat(opened.warnings()).isEmpty();
    }
  }

  /** The root of a file system of its own, where only root may look into {@code lost+found}. */
  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void mayBeTheRootOfAFileSystem(StorageKind kind) throws Exception {
    LoopDisk.assumePossible("a log in the root of a file system");
    LoopDisk.assumeProgram("setpriv", "a log in the root of a file system");
    try (LoopDisk disk = LoopDisk.ext4(32 * MEGABYTE)) {
      Files.setAttribute(disk.root().resolve("lost+found"), "unix:uid", SOMEBODY);

      try (ChildLog child = withoutTheRightsOfRoot(kind, disk.root())) {
        child.await("waiting", line -> assertThat(line).startsWith("first append"));
        child.end();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void saysThatItsDirectoryBelongsToAnotherUser(StorageKind kind) throws Exception {
    LoopDisk.assumePossible("a log in a directory of another user");
    LoopDisk.assumeProgram("setpriv", "a log in a directory of another user");
    Path log = Files.createDirectory(directory.resolve("log"));
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.setAttribute(log, "unix:uid", SOMEBODY);

    try (ChildLog child = withoutTheRightsOfRoot(kind, log)) {
      assertThat(child.line()).contains("refused", "belongs to another user", "below it");
    }
  }

  private static ChildLog withoutTheRightsOfRoot(StorageKind kind, Path log) throws IOException {
    return ChildLog.start(
        ChildLog.Task.of(kind, log)
            .with(1, 1, 600)
            .in("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"),
        0,
        new Written());
  }

  /** A repair takes as much space as the log; what it could not end must not take it for good. */
  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void saysThatARepairFoundNoSpaceAndLeavesNothingOfIt(StorageKind kind) throws Exception {
    LoopDisk.assumePossible("a repair on a full disk");
    try (LoopDisk disk = LoopDisk.ext4(48 * MEGABYTE)) {
      Path log = disk.root().resolve("log");
      try (DurableLog opened = kind.open(log)) {
        for (int entry = 1; entry <= 12; entry++) {
          opened.force(opened.append(Written.record(entry, (int) MEGABYTE)));
        }
      }
      flip(kind.file(log, 1), 6 * MEGABYTE);
      long before = disk.free();
      disk.fillUpTo(6 * MEGABYTE);
      long full = disk.free();

      assertThatExceptionOfType(LogFailedException.class)
          .isThrownBy(() -> kind.open(log, "7"))
          .withMessageContaining("as much space again")
          .withMessageContaining("free some");
      awaitFree(disk, full - MEGABYTE);

      disk.giveBack();
      awaitFree(disk, before - MEGABYTE);
      kind.open(log, "7").close();
      kind.open(log).close();
    }
  }

  /** Chronicle gives back what it has mapped in a thread of its own. */
  private static void awaitFree(LoopDisk disk, long bytes) throws IOException {
    long end = System.nanoTime() + STALL.toNanos();
    while (disk.free() <= bytes) {
      assertThat(System.nanoTime()).as("free=%d of %d", disk.free(), bytes).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile documents = new RandomAccessFile(file.toFile(), "rw")) {
      documents.seek(at);
      int was = documents.read();
      documents.seek(at);
      documents.write(was ^ 0x10);
    }
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
