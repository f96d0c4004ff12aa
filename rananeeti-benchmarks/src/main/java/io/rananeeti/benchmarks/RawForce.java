package io.rananeeti.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The limit of the disk: one thread overwrites blocks that are the file's already, and forces. One
 * call stands for a perfect group: one entry of each thread, one write, one force.
 */
final class RawForce implements Subject {

  private final Path file;
  private final FileChannel channel;
  private final ByteBuffer group;
  private int position;
  private long calls;

  RawForce(Path directory, byte[] entry, int threads) throws IOException {
    file = directory.resolve("raw");
    channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    group = ByteBuffer.allocateDirect(entry.length * threads);
    ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
    for (int at = 0; at < BareFile.FILE_BYTES; at += zeros.capacity()) {
      channel.write(zeros.clear(), at);
    }
    channel.force(true);
  }

  @Override
  public long append() throws IOException {
    if (position + group.capacity() > BareFile.FILE_BYTES) {
      position = 0;
    }
    channel.write(group.clear(), position);
    position += group.capacity();
    return ++calls;
  }

  @Override
  public void commit(long number) throws IOException {
    channel.force(false);
  }

  @Override
  public int callers(int threads) {
    return 1;
  }

  @Override
  public int entriesPerCall(int threads) {
    return threads;
  }

  @Override
  public void release() {}

  @Override
  public void close() throws IOException {
    channel.close();
    Files.delete(file);
  }
}
