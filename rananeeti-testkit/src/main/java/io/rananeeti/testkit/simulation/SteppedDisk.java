package io.rananeeti.testkit.simulation;

import io.rananeeti.log.LogStorage;
import io.rananeeti.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A disk at each of whose calls somebody else may go on, and whose forces take time; with what lies
 * beside the log on it.
 */
final class SteppedDisk implements LogStorage.Factory {

  private final Simulation simulation;
  private final LogStorage.Factory disk;
  private final BesideTheLog beside;

  SteppedDisk(Simulation simulation, SimulatedDisk disk, BesideTheLog beside) {
    this.simulation = simulation;
    this.disk = disk;
    this.beside = beside;
  }

  @Override
  public LogStorage open(Path directory) throws IOException {
    simulation.point("disk.open");
    beside.opened(directory);
    return new Stepped(disk.open(directory));
  }

  private final class Stepped implements LogStorage {

    private final LogStorage storage;

    Stepped(LogStorage storage) {
      this.storage = storage;
    }

    @Override
    public int maxAppend() {
      return storage.maxAppend();
    }

    @Override
    public void reserve(int bytes) throws IOException {
      simulation.point("disk.reserve");
      storage.reserve(bytes);
    }

    @Override
    public long append(ByteBuffer bytes) throws IOException {
      simulation.point("disk.append");
      return storage.append(bytes);
    }

    @Override
    public void force() throws IOException {
      simulation.point("disk.force");
      beside.overwritten();
      storage.force();
      simulation.point("disk.forced");
    }

    @Override
    public Reader read(long fromPosition) throws IOException {
      simulation.point("disk.read");
      return storage.read(fromPosition);
    }

    @Override
    public void truncate(long position) throws IOException {
      simulation.point("disk.truncate");
      storage.truncate(position);
    }

    @Override
    public void refresh(long fromPosition) throws IOException {
      simulation.point("disk.refresh");
      storage.refresh(fromPosition);
    }

    @Override
    public boolean releases(long belowPosition) {
      return storage.releases(belowPosition);
    }

    @Override
    public void release(long belowPosition) throws IOException {
      beside.forced();
      simulation.point("disk.release");
      storage.release(belowPosition);
    }

    @Override
    public long size() throws IOException {
      simulation.point("disk.size");
      return storage.size();
    }

    @Override
    public long free() throws IOException {
      simulation.point("disk.free");
      return storage.free();
    }

    @Override
    public void close() throws IOException {
      simulation.point("disk.close");
      storage.close();
    }
  }
}
