package io.rananeeti.internal.archive;

import io.rananeeti.internal.storage.DurableFiles;
import io.rananeeti.log.ArchiveStorage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * An archive in a directory: each object a file of its name, private to the user, on disk before
 * {@link #put} returns.
 *
 * <p>A file is written under another name and then gets its own by a link, which fails if there is
 * one: so it is there whole or not at all, and none is replaced. Where there are no links it is
 * moved; then of two that put different bytes at the same moment the later one wins.
 */
public final class DirectoryArchive implements ArchiveStorage {

  private static final String PART = ".part";
  private static final int BUFFER = 1 << 16;

  private final Path root;

  /** In this directory, which is made if it is not there. */
  public DirectoryArchive(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public boolean put(String name, Path file, long bytes, String sha256) throws IOException {
    Path target = target(name);
    Path directory = Objects.requireNonNull(target.getParent(), "parent");
    if (Files.exists(target)) {
      DurableFiles.forceNames(directory); // Whoever wrote it may have died before it did.
      return holds(target, bytes, sha256);
    }
    DurableFiles.makeDirectory(directory);
    Path part = target.resolveSibling(target.getFileName() + PART);
    copy(file, part, bytes, sha256);
    boolean first = name(part, target);
    Files.deleteIfExists(part);
    DurableFiles.forceNames(directory);
    return first || holds(target, bytes, sha256);
  }

  private static boolean holds(Path target, long bytes, String sha256) throws IOException {
    return Files.size(target) == bytes && Sha256.of(target).equals(sha256);
  }

  private static void copy(Path file, Path part, long bytes, String sha256) throws IOException {
    Files.deleteIfExists(part); // It may be another name of an object.
    MessageDigest digest = Sha256.begin();
    long copied = 0;
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
        FileChannel out = DurableFiles.openPrivate(part, StandardOpenOption.CREATE_NEW)) {
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (in.read(buffer) >= 0) {
        buffer.flip();
        digest.update(buffer.array(), 0, buffer.limit());
        while (buffer.hasRemaining()) {
          copied += out.write(buffer);
        }
        buffer.clear();
      }
      out.force(true);
    }
    if (copied != bytes || !HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
      Files.delete(part);
      throw new IOException("what was put is not what was said: bytes=" + copied);
    }
  }

  /** False if there is a file of that name. */
  private static boolean name(Path part, Path target) throws IOException {
    try {
      Files.createLink(target, part);
      return true;
    } catch (FileAlreadyExistsException another) {
      return false;
    } catch (UnsupportedOperationException | IOException noLinks) {
      if (Files.exists(target)) {
        return false;
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      return true;
    }
  }

  @Override
  public List<Stored> list(String prefix, String after, int most) throws IOException {
    Path directory = directory(prefix);
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<String> names;
    try (Stream<Path> all = Files.walk(directory)) {
      names =
          all.filter(path -> !path.toString().endsWith(PART) && Files.isRegularFile(path))
              .map(this::name)
              .filter(name -> name.startsWith(prefix) && name.compareTo(after) > 0)
              .sorted()
              .limit(most)
              .toList();
    }
    List<Stored> stored = new ArrayList<>();
    for (String name : names) {
      stored.add(new Stored(name, Files.size(root.resolve(name))));
    }
    return stored;
  }

  /** The one in which all names that begin so are. */
  private Path directory(String prefix) {
    int slash = prefix.lastIndexOf('/');
    return slash < 0 ? root : target(prefix.substring(0, slash));
  }

  private String name(Path path) {
    List<String> parts = new ArrayList<>();
    root.relativize(path).forEach(part -> parts.add(part.toString()));
    return String.join("/", parts);
  }

  @Override
  public InputStream open(String name, long from) throws IOException {
    FileChannel channel = FileChannel.open(target(name), StandardOpenOption.READ);
    try {
      return Channels.newInputStream(channel.position(from));
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  private Path target(String name) {
    Path target = root.resolve(name).normalize();
    if (!target.startsWith(root) || target.equals(root) || name.endsWith(PART)) {
      throw new IllegalArgumentException("no name of an object: " + name);
    }
    return target;
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return root.toString();
  }
}
