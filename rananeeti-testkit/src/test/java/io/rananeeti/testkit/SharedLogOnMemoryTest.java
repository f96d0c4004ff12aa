package io.rananeeti.testkit;

import io.rananeeti.internal.shared.SharedLog;
import io.rananeeti.internal.shared.SharedLogOptions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.TransactionLog;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

class SharedLogOnMemoryTest extends TransactionLogContract {

  private static final long MAX_BYTES = 1L << 30;

  private final SharedLogStorage storage =
      new InMemorySharedStorage(Seams.system()).node("contract");
  private @Nullable SharedLog opened;

  @Override
  protected TransactionLog open() {
    SharedLogOptions options =
        new SharedLogOptions("contract", MAX_BYTES, 256 << 20, Duration.ofSeconds(20), false);
    SharedLog log = SharedLog.open(storage, "contract", 1, options, Seams.system());
    opened = log;
    return log;
  }

  @Override
  protected void fill() {
    limitTo(1);
  }

  @Override
  protected void makeRoom() {
    limitTo(MAX_BYTES);
  }

  private void limitTo(long bytes) {
    SharedLog log = opened;
    if (log != null) {
      log.limitTo(bytes);
    }
  }
}
