package io.rananeeti.examples.cafe;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where the cafe keeps its things: one cafe at a time, and nobody else may look. */
final class DataDirectory implements AutoCloseable {

  private final Path root;
  private final FileChannel lock;

  private DataDirectory(Path root, FileChannel lock) {
    this.root = root;
    this.lock = lock;
  }

  /**
   * Makes the directory if it is not there, and takes it.
   *
   * @throws CafeException if that can't be, or another cafe has it
   */
  static DataDirectory open(Path path) {
    Path root = path.toAbsolutePath().normalize();
    try {
      Lines.directory(root);
      return take(root);
    } catch (IOException e) {
      throw new CafeException(
          "The cafe can't use the directory %s (%s): name another one with --data."
              .formatted(root, e),
          e);
    }
  }

  private static DataDirectory take(Path root) throws IOException {
    FileChannel channel =
        FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = channel.tryLock();
    if (lock == null) {
      channel.close();
      throw new CafeException(
          "Another cafe uses the directory %s: stop it, or name another one with --data."
              .formatted(root),
          null);
    }
    return new DataDirectory(root, channel);
  }

  /** Of the embedded database. */
  Path postgres() {
    return root.resolve("postgres");
  }

  /** Of the platform's log. */
  Path log() {
    return root.resolve("log");
  }

  /** Of the receipts, where they are the cafe's own. */
  Path receipts() {
    return root.resolve("receipts");
  }

  /** Of the orders' logs. */
  Path orders() {
    return root.resolve("orders");
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
