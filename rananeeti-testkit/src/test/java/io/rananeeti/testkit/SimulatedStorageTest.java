package io.rananeeti.testkit;

import io.rananeeti.log.LogStorage;

final class SimulatedStorageTest extends LogStorageContract {

  private final SimulatedDisk disk = new SimulatedDisk();

  @Override
  protected LogStorage.Factory factory() {
    return disk;
  }

  @Override
  protected void fill() {
    disk.resize(1);
  }

  @Override
  protected void makeRoom() {
    disk.resize(1 << 20);
  }

  @Override
  protected boolean isKeptAside(byte[] removed) {
    return disk.keptAside() == 1;
  }
}
