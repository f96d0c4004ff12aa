package io.rananeeti.benchmarks;

import io.rananeeti.Durability;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A storage without the log over it: the bytes alone, with the group commit of the baseline. What
 * the log adds to it are codec, frame, checksum, and the reading back of what was forced.
 */
final class StorageAlone implements Subject, GroupCommit.Target {

  private final LogStorage storage;
  private final byte[] entry;
  private final ByteBuffer buffer;
  private final boolean forces;
  private final ReentrantLock writing = new ReentrantLock();
  private final GroupCommit commits = new GroupCommit(this);
  private long position;
  private volatile long appended;

  StorageAlone(Path directory, LogStorage.Factory factory, byte[] entry, Durability durability)
      throws IOException {
    this.storage = factory.open(directory);
    this.entry = entry.clone();
    this.buffer = ByteBuffer.allocate(entry.length);
    this.forces = durability == Durability.FORCE;
  }

  @Override
  public long append() throws IOException {
    writing.lock();
    try {
      buffer.clear().put(entry).flip();
      storage.reserve(entry.length);
      position = storage.append(buffer);
      long number = appended + 1;
      appended = number;
      return number;
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void commit(long number) throws IOException {
    if (forces) {
      commits.force(number);
    }
  }

  @Override
  public long appended() {
    return appended;
  }

  @Override
  public void force() throws IOException {
    storage.force();
  }

  @Override
  public void release() throws IOException {
    storage.force();
    storage.release(position);
  }

  @Override
  public void close() throws IOException {
    storage.close();
  }
}
