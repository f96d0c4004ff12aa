package io.rananeeti.testkit.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where platforms keep the few real files beside their log. A process that dies never gives its
 * lock on them back, so the next one gets a copy of its directory. Best on a file system in memory.
 */
public final class Directories implements AutoCloseable {

  private static final Path MEMORY = Path.of("/dev/shm");
  private static final AtomicLong LAST = new AtomicLong();

  private final Path root;

  /** A root for all of them. */
  public Directories() {
    try {
      root =
          Files.isWritable(MEMORY)
              ? Files.createTempDirectory(MEMORY, "rananeeti-simulation-")
              : Files.createTempDirectory("rananeeti-simulation-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new one, with what is in this one, but for its lock; empty for null. */
  Path next(@Nullable Path dead) {
    try {
      Path fresh = Files.createDirectory(root.resolve(String.valueOf(LAST.incrementAndGet())));
      if (dead != null) {
        move(dead, fresh);
      }
      return fresh;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files themselves stay locked for as long as this JVM runs, so they are copied. */
  private static void move(Path from, Path to) throws IOException {
    copy(from, to);
    delete(from);
  }

  /** With what is in the spool, which is on a disk that loses nothing. */
  private static void copy(Path from, Path to) throws IOException {
    for (Path file : files(from)) {
      if (!file.endsWith("lock")) {
        Path copy = to.resolve(file.getFileName());
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        if (Files.isDirectory(file)) {
          copy(file, copy);
        }
      }
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private static void delete(Path directory) throws IOException {
    for (Path file : files(directory)) {
      if (Files.isDirectory(file)) {
        delete(file);
      } else {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  /** Nobody needs it any more. */
  void done(Path directory) {
    try {
      delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    done(root);
  }
}
