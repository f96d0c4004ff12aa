package io.rananeeti.testkit;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One process's view of a {@link SimulatedDisk}; dead once the disk was killed or has crashed. */
final class SimulatedStorage implements LogStorage {

  private final SimulatedDisk disk;

  SimulatedStorage(SimulatedDisk disk) {
    this.disk = disk;
  }

  @Override
  public int maxAppend() {
    return SimulatedDisk.MAX_APPEND;
  }

  @Override
  public void reserve(int bytes) throws IOException {
    disk.reserve(this, bytes);
  }

  @Override
  public long append(ByteBuffer bytes) throws IOException {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    disk.forceName(this);
    return disk.append(this, copy);
  }

  @Override
  public void force() throws IOException {
    disk.force(this);
  }

  @Override
  public Reader read(long fromPosition) {
    return new SimulatedReader(fromPosition);
  }

  @Override
  public void truncate(long position) throws IOException {
    disk.truncate(this, position);
  }

  @Override
  public void refresh(long fromPosition) throws IOException {
    disk.refresh(this, fromPosition);
  }

  @Override
  public boolean releases(long belowPosition) {
    return disk.releases(belowPosition);
  }

  @Override
  public void release(long belowPosition) throws IOException {
    disk.release(this, belowPosition);
  }

  @Override
  public long size() throws IOException {
    return disk.size(this);
  }

  @Override
  public long free() throws IOException {
    return disk.free(this);
  }

  @Override
  public void close() {
    disk.unmount(this);
  }

  private final class SimulatedReader implements Reader {

    private long position;

    SimulatedReader(long fromPosition) {
      this.position = fromPosition - 1;
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
      SimulatedDisk.Piece piece = disk.after(SimulatedStorage.this, position);
      if (piece == null) {
        return null;
      }
      position = piece.position();
      return ByteBuffer.wrap(piece.bytes());
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public void close() {
      position = Long.MAX_VALUE - 1;
    }
  }
}
