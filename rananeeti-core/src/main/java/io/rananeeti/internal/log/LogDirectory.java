package io.rananeeti.internal.log;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.storage.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a log, held for one process at a time: {@code lock} is locked through the
 * operating system for as long as this is open, and ends with the process however that ends; it
 * holds the process id of its owner, for people. {@code log-id} is the log's identity, {@link
 * Proof} what must be readable in it.
 *
 * <p>{@code log-id} is locked too, and so read through one descriptor only: people delete {@code
 * lock} when they take it for a left-over, and what they start then must not write beside a process
 * that lives.
 */
public final class LogDirectory implements AutoCloseable {

  private static final String LOCK = "lock";
  private static final String ID = "log-id";
  private static final int UUID_LENGTH = 36;
  private static final int LONGEST = 256;
  private static final String NOT_KNOWN =
      "unknown, since somebody has deleted its lock file while it runs";

  /**
   * Directories held by this process. A POSIX lock belongs to the process and goes when
   * <em>any</em> descriptor of its file is closed, so a second open in one process must not even
   * touch the file. Those that were deleted without being closed are forgotten.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  /**
   * Files whose lock another class loader of this JVM holds: to close one would end that lock for
   * the whole process.
   */
  private static final List<FileChannel> LEFT_OPEN = new CopyOnWriteArrayList<>();

  private final Path directory;
  private final FileChannel lockFile;
  private @Nullable FileChannel idFile;

  private LogDirectory(Path directory, FileChannel lockFile) {
    this.directory = directory;
    this.lockFile = lockFile;
  }

  /**
   * Makes it if it is not there, and locks it.
   *
   * @throws LogFailedException if another log of this process, or another process, has it, or if it
   *     is there for others
   */
  static LogDirectory hold(Path path) throws IOException {
    refuseIfForOthers(path);
    DurableFiles.makeDirectory(path);
    Path directory = path.toRealPath();
    HELD.removeIf(Files::notExists);
    if (!HELD.add(directory)) {
      throw inUseHere(directory);
    }
    try {
      return lockBoth(directory);
    } catch (IOException | RuntimeException failure) {
      HELD.remove(directory);
      throw failure;
    }
  }

  /** A log's directory becomes private to its user, which must not happen to {@code /tmp}. */
  private static void refuseIfForOthers(Path path) throws IOException {
    boolean isLog = Files.exists(path.resolve(LOCK)) || Files.exists(path.resolve(ID));
    if (!isLog && Files.isDirectory(path) && DurableFiles.isForOthers(path)) {
      throw new LogFailedException(
          "the log would make a directory private to this user that other users may use and that holds other files: directory=%s; give the log a directory of its own"
              .formatted(path),
          null);
    }
  }

  private static LogDirectory lockBoth(Path directory) throws IOException {
    LogDirectory held = new LogDirectory(directory, lock(directory, LOCK));
    try {
      if (held.hasId()) {
        held.idFile = lock(directory, ID);
      }
      held.lockFile.truncate(0);
      DurableFiles.writeAll(held.lockFile, ProcessHandle.current().pid() + "\n");
      return held;
    } catch (IOException | RuntimeException failure) {
      held.closeId();
      held.lockFile.close();
      throw failure;
    }
  }

  Path path() {
    return directory;
  }

  /** Whether there is an identity, readable or not. */
  boolean hasId() {
    return Files.exists(directory.resolve(ID));
  }

  /** The log's identity, null if it has none yet, or none that can be read. */
  @Nullable UUID id() throws IOException {
    FileChannel file = idFile;
    if (file == null) {
      return null;
    }
    String text = read(file);
    try {
      UUID id = UUID.fromString(text.substring(0, Math.min(UUID_LENGTH, text.length())));
      return text.equals(line(id)) ? id : null;
    } catch (IllegalArgumentException damaged) {
      return null;
    }
  }

  /** Gives the log its identity, or gives it back. */
  void writeId(UUID id) throws IOException {
    DurableFiles.writeAtomically(directory.resolve(ID), line(id));
    closeId();
    idFile = lock(directory, ID);
  }

  private void closeId() throws IOException {
    FileChannel file = idFile;
    idFile = null;
    if (file != null) {
      file.close();
    }
  }

  /** The id and its CRC32C: a flipped bit must not make another log of it. */
  private static String line(UUID id) {
    CRC32C checksum = new CRC32C();
    checksum.update(id.toString().getBytes(StandardCharsets.US_ASCII));
    return "%s %08x\n".formatted(id, checksum.getValue());
  }

  /** A random UUID (version 4). */
  public static UUID randomUuid(RandomGenerator random) {
    long most = (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
    long least = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(most, least);
  }

  @Override
  public void close() throws IOException {
    try {
      closeId();
      lockFile.close();
    } finally {
      HELD.remove(directory);
    }
  }

  private static FileChannel lock(Path directory, String name) throws IOException {
    FileChannel channel = DurableFiles.openPrivate(directory.resolve(name));
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse(directory, name.equals(LOCK) ? read(channel).strip() : NOT_KNOWN);
      }
      return channel;
    } catch (OverlappingFileLockException other) {
      LEFT_OPEN.add(channel);
      throw inUseHere(directory);
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  private static String read(FileChannel file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LONGEST);
    file.read(bytes, 0);
    return StandardCharsets.ISO_8859_1.decode(bytes.flip()).toString();
  }

  private static LogFailedException inUse(Path directory, String pid) {
    return new LogFailedException(
        "the log is in use: directory=%s pid=%s; stop that process, or give this one another directory"
            .formatted(directory, pid),
        null);
  }

  private static LogFailedException inUseHere(Path directory) {
    return new LogFailedException(
        "the log is in use: directory=%s pid=%d, this one; close the platform that has it, or give this one another directory"
            .formatted(directory, ProcessHandle.current().pid()),
        null);
  }
}
