package io.rananeeti.internal.log;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A few appends in memory, for a model checker: no locks of its own, so that those of the log alone
 * keep the threads apart. {@link #onDisk()} is what a power cut would leave.
 */
final class MemoryStorage implements LogStorage {

  private static final int MOST = 32;

  private final byte[][] appends = new byte[MOST][];
  private volatile int written;
  private volatile int onDisk;
  private volatile boolean failing;

  /** How many appends survive a power cut now. */
  int onDisk() {
    return onDisk;
  }

  /** From now on a force fails, having forced nothing. */
  void failForces() {
    failing = true;
  }

  /** What the next process finds after a power cut now. */
  MemoryStorage afterPowerCut() {
    MemoryStorage found = new MemoryStorage();
    int left = onDisk;
    System.arraycopy(appends, 0, found.appends, 0, left);
    found.written = left;
    found.onDisk = left;
    return found;
  }

  @Override
  public int maxAppend() {
    return 1 << 10;
  }

  @Override
  public void reserve(int bytes) {}

  @Override
  public long append(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    int at = written;
    appends[at] = copy;
    written = at + 1;
    return written;
  }

  @Override
  public void force() throws IOException {
    int covered = written;
    if (failing) {
      throw new IOException("planted");
    }
    onDisk = covered;
  }

  @Override
  public Reader read(long fromPosition) {
    return new MemoryReader((int) Math.max(0, fromPosition - 1));
  }

  @Override
  public void truncate(long position) {
    throw new UnsupportedOperationException("truncate");
  }

  @Override
  public void refresh(long fromPosition) {}

  @Override
  public boolean releases(long belowPosition) {
    return false;
  }

  @Override
  public void release(long belowPosition) {}

  @Override
  public long size() {
    return 0;
  }

  @Override
  public long free() {
    return Long.MAX_VALUE;
  }

  @Override
  public void close() {}

  private final class MemoryReader implements Reader {

    private int read;

    MemoryReader(int read) {
      this.read = read;
    }

    @Override
    public @Nullable ByteBuffer next() {
      return read < written ? ByteBuffer.wrap(appends[read++]) : null;
    }

    @Override
    public long position() {
      return read;
    }

    @Override
    public void close() {}
  }
}
