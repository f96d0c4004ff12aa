package io.rananeeti.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.opentest4j.TestAbortedException;

/**
 * A file system of its own in an image file, mounted through a loop device; needs root. What a file
 * of the image holds is what the file system has given to its device: a copy of it is what a power
 * cut leaves, less what a device may lose of its own cache.
 *
 * <p>Closed at the end of the JVM at the latest, the newest first.
 */
final class LoopDisk implements AutoCloseable {

  private static final Duration RELEASE = Duration.ofSeconds(10);
  private static final long MEGABYTE = 1 << 20;
  private static final int FINEST = 4096;
  private static final Path IN_MEMORY = Path.of("/dev/shm");
  private static final long SCRATCH_BYTES = 4L << 30;

  private static final Deque<LoopDisk> OPEN = new ConcurrentLinkedDeque<>();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> OPEN.forEach(LoopDisk::close), "loop-disks-at-exit"));
  }

  private final Path image;
  private final Path root;
  private final boolean imageIsOurs;
  private @Nullable Path requestSize;
  private String usualRequestSize = "";

  private LoopDisk(Path image, Path root, boolean imageIsOurs) {
    this.image = image;
    this.root = root;
    this.imageIsOurs = imageIsOurs;
  }

  /** Ends the test with a line that says why if images can't be mounted here. */
  static void assumePossible(String what) {
    String reason = missing(List.of("mount", "umount", "mkfs.ext4", "mkfs.xfs", "fallocate"));
    if (!"root".equals(System.getProperty("user.name"))) {
      reason = "only root may mount";
    }
    if (reason == null) {
      try {
        ext4(16 * MEGABYTE).close();
      } catch (IOException | TestkitException impossible) {
        reason = "an image can't be mounted: " + impossible.getMessage();
      }
    }
    skipIf(reason, what);
  }

  /** Ends the test with a line that says why if this program is not there. */
  static void assumeProgram(String program, String what) {
    skipIf(missing(List.of(program)), what);
  }

  /** Ends the test with a line that says why if processes get no namespace of their own here. */
  static void assumeNamespaces(String what) {
    String reason = missing(List.of("unshare"));
    if (reason == null) {
      Command tried =
          Command.run(
              List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "true"));
      reason = tried.status() == 0 ? null : tried.output();
    }
    skipIf(reason, what);
  }

  static void skipIf(@Nullable String reason, String what) {
    if (reason != null) {
      System.out.println("NOT TESTED HERE: " + what + ": " + reason);
    }
    Assumptions.assumeTrue(reason == null, String.valueOf(reason));
  }

  private static @Nullable String missing(List<String> programs) {
    return programs.stream()
        .filter(program -> find(program).isEmpty())
        .findFirst()
        .map(program -> program + " is not installed")
        .orElse(null);
  }

  /** An empty ext4 that forces nothing by itself: its journal is committed by forces only. */
  static LoopDisk ext4(long bytes) throws IOException {
    return made(scratch("ext4"), bytes, true);
  }

  /** An empty ext4 whose image lies in this directory; the image stays when it is closed. */
  static LoopDisk ext4In(Path directory, String name, long bytes) throws IOException {
    return made(directory.resolve(name), bytes, false);
  }

  /** An XFS to keep images on: a copy of a file there is of one moment, whoever writes to it. */
  static LoopDisk xfs(long bytes) throws IOException {
    Path image = scratch("xfs");
    grow(image, bytes);
    run(program("mkfs.xfs"), "-q", "-f", "-m", "reflink=1", image.toString());
    return mounted(image, true, "loop,noatime");
  }

  private static LoopDisk made(Path image, long bytes, boolean imageIsOurs) throws IOException {
    grow(image, bytes);
    format(image);
    return mounted(image, imageIsOurs, "loop,noatime,commit=300");
  }

  private static void format(Path image) {
    run(
        program("mkfs.ext4"),
        "-q",
        "-F",
        "-m",
        "0",
        "-E",
        "nodiscard,lazy_itable_init=0,lazy_journal_init=0",
        image.toString());
  }

  /**
   * An ext4 in this directory whose free blocks have no place in its image, all others have: once
   * the directory's disk is full, writing to new blocks fails with EIO, as on a disk that has run
   * out of sectors to put in the place of bad ones, while journal and metadata go on.
   */
  static LoopDisk sparse(Path directory, String name, long bytes) throws IOException {
    Path image = directory.resolve(name);
    run(program("dd"), "if=/dev/zero", "of=" + image, "bs=1M", "count=" + bytes / MEGABYTE);
    format(image);
    LoopDisk disk = mounted(image, false, "loop,noatime,commit=300");
    run(program("fstrim"), disk.root.toString());
    disk.writeBlockByBlock();
    return disk;
  }

  /**
   * A loop device takes a request that found space for its first part only for a success, so no
   * request may have parts.
   */
  private void writeBlockByBlock() throws IOException {
    try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
      String device =
          mounts
              .map(line -> line.split(" ", -1))
              .filter(fields -> fields[1].equals(root.toString()))
              .map(fields -> fields[0].substring("/dev/".length()))
              .findFirst()
              .orElseThrow();
      requestSize = Path.of("/sys/block", device, "queue", "max_sectors_kb");
      usualRequestSize = Files.readString(requestSize).strip();
      Files.writeString(requestSize, "4");
    }
  }

  private void writeAsUsual() throws IOException {
    if (requestSize != null) {
      Files.writeString(requestSize, usualRequestSize);
      requestSize = null;
    }
  }

  private static LoopDisk mounted(Path image, boolean imageIsOurs, String options)
      throws IOException {
    Path root = Files.createTempDirectory("rananeeti-disk-");
    try {
      run(program("mount"), "-o", options, image.toString(), root.toString());
    } catch (TestkitException impossible) {
      Files.delete(root);
      Files.delete(image);
      throw impossible;
    }
    LoopDisk disk = new LoopDisk(image, root, imageIsOurs);
    OPEN.addFirst(disk);
    return disk;
  }

  /** A file system of any kind that needs no image. */
  static LoopDisk mount(String type, String options) throws IOException {
    Path root = Files.createTempDirectory("rananeeti-disk-");
    run(program("mount"), "-t", type, "-o", options, type, root.toString());
    LoopDisk disk = new LoopDisk(root, root, false);
    OPEN.addFirst(disk);
    return disk;
  }

  /**
   * The power is cut: what this disk's device holds at this moment, mounted. Its image must lie on
   * an {@link #xfs}.
   */
  LoopDisk cut() throws IOException {
    Path copy = image.resolveSibling(image.getFileName() + "-cut-" + System.nanoTime());
    run(program("cp"), "--reflink=always", image.toString(), copy.toString());
    return mounted(copy, true, "loop,noatime");
  }

  Path image() {
    return image;
  }

  Path root() {
    return root;
  }

  /** Mounts it again with these options. */
  void remount(String options) {
    run(program("mount"), "-o", "remount," + options, root.toString());
  }

  /** Unmounts and mounts again. */
  void reboot() throws IOException {
    writeAsUsual();
    unmount();
    run(program("mount"), "-o", "loop,noatime", image.toString(), root.toString());
  }

  long free() throws IOException {
    return Files.getFileStore(root).getUsableSpace();
  }

  /** Takes space until no more than this is free, in a file that {@link #giveBack} deletes. */
  void fillUpTo(long leaveFree) throws IOException {
    Path ballast = ballast();
    FileStore store = Files.getFileStore(root);
    try (RandomAccessFile file = new RandomAccessFile(ballast.toFile(), "rw")) {
      long excess = store.getUsableSpace() - leaveFree;
      file.seek(file.length());
      byte[] block = new byte[FINEST];
      for (long written = 0; written + FINEST <= excess; written += FINEST) {
        file.write(block);
      }
      file.getFD().sync();
    } catch (IOException full) {
      if (leaveFree >= 0 && store.getUsableSpace() > leaveFree + MEGABYTE) {
        throw full;
      }
    }
  }

  /** Takes all of it, also what the file system holds back for a moment after each try. */
  void fill() throws IOException {
    long before = -1;
    long after = 0;
    while (after != before) {
      before = after;
      fillUpTo(-MEGABYTE);
      after = Files.size(ballast());
    }
  }

  void giveBack() throws IOException {
    Files.deleteIfExists(ballast());
  }

  private Path ballast() {
    return root.resolve("ballast");
  }

  @Override
  public void close() {
    if (!OPEN.remove(this)) {
      return;
    }
    try {
      writeAsUsual();
      unmount();
      Files.deleteIfExists(root);
      if (imageIsOurs) {
        Files.deleteIfExists(image);
      }
    } catch (IOException left) {
      throw new UncheckedIOException(left);
    }
  }

  /** A file that was mapped is given free a moment after it was closed. */
  private void unmount() {
    if (!Await.until(() -> Command.run(umount()).status() == 0, RELEASE)) {
      Command last = Command.run(umount("-l"));
      System.out.println("busy, so unmounted lazily: " + root + " " + last.output());
    }
  }

  private List<String> umount(String... flags) {
    List<String> command = new ArrayList<>(List.of(program("umount")));
    command.addAll(List.of(flags));
    command.add(root.toString());
    return command;
  }

  private static Path scratch(String kind) throws IOException {
    boolean roomy =
        Files.isWritable(IN_MEMORY)
            && Files.getFileStore(IN_MEMORY).getUsableSpace() >= SCRATCH_BYTES;
    return roomy
        ? Files.createTempFile(IN_MEMORY, "rananeeti-", "." + kind)
        : Files.createTempFile("rananeeti-", "." + kind);
  }

  private static void grow(Path image, long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  static String program(String name) {
    return find(name)
        .orElseThrow(() -> new TestAbortedException(name + " is not installed"))
        .toString();
  }

  private static Optional<Path> find(String name) {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    return Stream.concat(Stream.of(path.split(":", -1)), Stream.of("/usr/sbin", "/sbin"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static void run(String... command) {
    Command ended = Command.run(List.of(command));
    if (ended.status() != 0) {
      throw new TestkitException("failed: " + String.join(" ", command) + ": " + ended.output());
    }
  }
}
