package io.rananeeti.internal.log;

import io.rananeeti.internal.storage.DurableFiles;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The folder {@value #NAME} in the log's directory, made when the first file is: private to the
 * user like all of it, and held with it for one process.
 *
 * <p>Written and read by streams and not by channels, which an interrupt would close. A file is
 * forced through the descriptor that wrote it, since a failed write-back is reported to those that
 * were open then.
 */
final class DiskSpoolFolder implements SpoolFolder {

  static final String NAME = "spool";

  private static final String DRAFT = "draft-";

  private final Path folder;
  private final UUID incarnation;
  private final AtomicLong drafts = new AtomicLong();

  /** Drafts have the incarnation in their names, so that none is another process's. */
  DiskSpoolFolder(Path log, UUID incarnation) {
    this.incarnation = incarnation;
    this.folder = log.resolve(NAME);
  }

  @Override
  public Draft draft() throws IOException {
    makeFolder();
    Path file = folder.resolve(DRAFT + incarnation + "-" + drafts.incrementAndGet());
    DurableFiles.openPrivate(file).close();
    return new DraftFile(file, new FileOutputStream(file.toFile()));
  }

  /** One at a time: who finds it there must find its own name forced. */
  private synchronized void makeFolder() throws IOException {
    if (Files.notExists(folder)) {
      DurableFiles.makeDirectory(folder);
    }
  }

  @Override
  public void forceNames() throws IOException {
    DurableFiles.forceNames(folder);
  }

  @Override
  public Map<String, Long> open() throws IOException {
    if (Files.notExists(folder)) {
      return Map.of();
    }
    DurableFiles.makeDirectory(folder);
    Map<String, Long> found = new HashMap<>();
    for (Path file : files()) {
      String name = String.valueOf(file.getFileName());
      if (name.startsWith(DRAFT)) {
        Files.deleteIfExists(file);
      } else if (Files.isRegularFile(file)) {
        found.put(name, Files.size(file));
      }
    }
    return found;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Override
  public InputStream read(String name) throws IOException {
    return new FileInputStream(folder.resolve(name).toFile());
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(folder.resolve(name));
  }

  private static final class DraftFile implements Draft {

    private final Path file;
    private final FileOutputStream out;
    private boolean published;

    DraftFile(Path file, FileOutputStream out) {
      this.file = file;
      this.out = out;
    }

    @Override
    public void write(byte[] bytes, int count) throws IOException {
      out.write(bytes, 0, count);
    }

    @Override
    public void force() throws IOException {
      out.getFD().sync();
    }

    @Override
    public void publish(String name) throws IOException {
      Files.move(
          file,
          file.resolveSibling(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      published = true;
    }

    @Override
    public void close() throws IOException {
      try (out) {
        if (!published) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
