package io.rananeeti.internal.storage;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Forces a file, or the names in a directory, in a thread that may be interrupted.
 *
 * <p>An interrupt closes a {@code FileChannel} under its {@code force}, and hides whether that
 * failed; {@code FileDescriptor.sync} takes no interrupt, and always writes the time of the last
 * change as well, a second write for each force. The asynchronous channel does neither: its {@code
 * force} runs in the calling thread, as {@code fdatasync} where the size has not changed, and is no
 * interruptible channel. Nothing else of it is used, so it starts no thread.
 *
 * <p>A failed write-back is reported once to each descriptor that was open then, whoever wrote,
 * also through a mapping: so this is opened before the first write and kept until the last force.
 */
final class SteadyChannel implements AutoCloseable {

  private final AsynchronousFileChannel channel;

  private SteadyChannel(AsynchronousFileChannel channel) {
    this.channel = channel;
  }

  static SteadyChannel of(Path file) throws IOException {
    return new SteadyChannel(AsynchronousFileChannel.open(file, StandardOpenOption.WRITE));
  }

  static SteadyChannel ofNames(Path directory) throws IOException {
    return new SteadyChannel(AsynchronousFileChannel.open(directory, StandardOpenOption.READ));
  }

  /** Returns once the bytes, and the size, are on disk. */
  void force() throws IOException {
    channel.force(false);
  }

  long size() throws IOException {
    return channel.size();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
