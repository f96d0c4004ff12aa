package io.rananeeti.internal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Files and directories that are private to the user and survive a crash of the machine. */
public final class DurableFiles {

  private static final String PRIVATE_DIRECTORY = "rwx------";
  private static final String PRIVATE_FILE = "rw-------";
  private static final Set<PosixFilePermission> OF_THE_OWNER =
      PosixFilePermissions.fromString("rwx------");

  /** In the root of each ext4, and only root may look into it. */
  static final String LOST_AND_FOUND = "lost+found";

  private DurableFiles() {}

  /** Makes a directory with all above it, or makes an existing one private. */
  public static void makeDirectory(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      Path parent = parent(directory);
      if (Files.notExists(parent)) {
        makeDirectory(parent);
      }
      Files.createDirectory(directory);
      forceNames(parent);
    } else if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    makePrivate(directory, PRIVATE_DIRECTORY);
  }

  /** Whether a directory holds something, and more users than its owner have a right to it. */
  public static boolean isForOthers(Path directory) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(directory, PosixFileAttributeView.class);
    if (view == null || OF_THE_OWNER.containsAll(view.readAttributes().permissions())) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(file -> !file.endsWith(LOST_AND_FOUND));
    }
  }

  /** Opens a private file for writing, made if it is not there. */
  public static FileChannel openPrivate(Path file, OpenOption... more) throws IOException {
    Set<OpenOption> options = new HashSet<>(Set.of(more));
    options.add(StandardOpenOption.CREATE);
    options.add(StandardOpenOption.READ);
    options.add(StandardOpenOption.WRITE);
    FileChannel channel = FileChannel.open(file, options);
    try {
      makePrivate(file, PRIVATE_FILE);
      return channel;
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  /** Writes a small file so that after a crash it is there with all of this, or not at all. */
  public static void writeAtomically(Path file, String text) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel = openPrivate(draft, StandardOpenOption.TRUNCATE_EXISTING)) {
      writeAll(channel, text);
      channel.force(true);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    forceNames(parent(file));
  }

  /** Writes all of it at the channel's position. */
  public static void writeAll(FileChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Returns once the names in a directory are on disk. */
  public static void forceNames(Path directory) throws IOException {
    try (SteadyChannel names = SteadyChannel.ofNames(directory)) {
      names.force();
    }
  }

  /** Makes an empty private file, or leaves the one that is there. */
  static void makeFile(Path file) throws IOException {
    openPrivate(file).close();
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.toAbsolutePath().getParent(), "parent");
  }

  private static void makePrivate(Path path, String permissions) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    if (view != null) {
      view.setPermissions(PosixFilePermissions.fromString(permissions));
    }
  }
}
