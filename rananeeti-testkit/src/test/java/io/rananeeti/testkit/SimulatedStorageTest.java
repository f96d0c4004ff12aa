package io.rananeeti.testkit;

import io.rananeeti.log.LogStorage;

final class SimulatedStorageTest extends LogStorageContract {

  private final SimulatedDisk disk = new SimulatedDisk();

  @Override
  protected LogStorage.Factory factory() {
    return disk;
  }
}
