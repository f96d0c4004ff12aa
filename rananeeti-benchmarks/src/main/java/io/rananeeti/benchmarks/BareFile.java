package io.rananeeti.benchmarks;

import io.rananeeti.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The baseline: what one writes by hand. Files of {@value #FILE_BYTES} bytes made of zeros ahead of
 * the appends, each append one write of a reused direct buffer under a lock, group commit, {@code
 * force(false)}. No frame, no checksum, no way to find the end again.
 */
final class BareFile implements Subject, GroupCommit.Target {

  static final int FILE_BYTES = 64 << 20;
  private static final int STEP = 1 << 20;

  private final Path directory;
  private final byte[] entry;
  private final int step;
  private final boolean forces;
  private final ByteBuffer buffer;
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(STEP);
  private final ReentrantLock writing = new ReentrantLock();
  private final GroupCommit commits = new GroupCommit(this);
  private final List<Path> full = new ArrayList<>();
  private final List<FileChannel> closing = new ArrayList<>();
  private volatile FileChannel channel;
  private Path file;
  private int position;
  private int zeroed;
  private int files;
  private volatile long appended;

  /**
   * @param whole whether a file is made of zeros and forced when it is begun, or a step at a time
   */
  BareFile(Path directory, byte[] entry, Durability durability, boolean whole) throws IOException {
    this.directory = directory;
    this.entry = entry.clone();
    this.step = whole ? FILE_BYTES : STEP;
    this.forces = durability == Durability.FORCE;
    this.buffer = ByteBuffer.allocateDirect(entry.length);
    this.file = directory.resolve("bare-0");
    this.channel = begin();
  }

  @Override
  public long append() throws IOException {
    writing.lock();
    try {
      if (position + entry.length > zeroed) {
        makeRoom();
      }
      buffer.clear().put(entry).flip();
      channel.write(buffer, position);
      position += entry.length;
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

  /** What came before the current file was forced before it was begun. */
  @Override
  public void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void release() throws IOException {
    channel.force(false);
    for (FileChannel old : closing) {
      old.close();
    }
    for (Path old : full) {
      Files.delete(old);
    }
    closing.clear();
    full.clear();
  }

  @Override
  public void close() throws IOException {
    release();
    channel.close();
    Files.delete(file);
  }

  private void makeRoom() throws IOException {
    if (position + entry.length > FILE_BYTES) {
      if (forces) {
        channel.force(false);
      }
      full.add(file);
      closing.add(channel);
      channel = begin();
    } else {
      zero(channel);
    }
  }

  private FileChannel begin() throws IOException {
    file = directory.resolve("bare-" + ++files);
    FileChannel begun =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    position = 0;
    zeroed = 0;
    zero(begun);
    begun.force(true);
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    }
    return begun;
  }

  private void zero(FileChannel into) throws IOException {
    for (int end = zeroed + step; zeroed < end; zeroed += STEP) {
      into.write(zeros.clear(), zeroed);
    }
  }
}
