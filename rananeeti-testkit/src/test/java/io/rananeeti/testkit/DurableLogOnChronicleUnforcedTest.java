package io.rananeeti.testkit;

import io.rananeeti.Durability;
import io.rananeeti.internal.chronicle.ChronicleStorage;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.TransactionLog;

final class DurableLogOnChronicleUnforcedTest extends TransactionLogContract {

  @Override
  protected TransactionLog open() {
    LogOptions limits = new LogOptions(new LogLimits(1L << 40, 0), Durability.PROCESS, false);
    return DurableLog.open(directory, ChronicleStorage::open, limits, Seams.system(), "test");
  }
}
