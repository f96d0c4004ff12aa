package io.rananeeti.testkit;

import io.rananeeti.Durability;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.log.TransactionLog;

final class DurableLogOnSimulatedDiskUnforcedTest extends TransactionLogContract {

  private final SimulatedDisk disk = new SimulatedDisk();
  private final ManualSeams seams = new ManualSeams(1);

  @Override
  protected void fill() {
    disk.resize(1);
  }

  @Override
  protected void makeRoom() {
    disk.resize(1 << 20);
  }

  @Override
  protected TransactionLog open() {
    return DurableLog.open(
        directory,
        disk,
        new LogOptions(new LogLimits(1L << 40, 0), Durability.PROCESS, false),
        seams,
        "test");
  }
}
