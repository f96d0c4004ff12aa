package io.rananeeti.benchmarks;

import io.rananeeti.Durability;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.LogStorage;
import io.rananeeti.log.TransactionLog;
import java.nio.file.Path;

/** The log as the platform uses it: append a record, acknowledge it. */
final class WholeLog implements Subject {

  private static final LogLimits LIMITS = new LogLimits(1L << 40, 1L << 30);

  private final TransactionLog log;
  private final LogRecord record;
  private volatile long last;

  WholeLog(Path directory, LogStorage.Factory factory, LogRecord record, Durability durability) {
    this.log = open(directory, factory, durability);
    this.record = record;
  }

  /** Opens a log with room for a benchmark. */
  static TransactionLog open(Path directory, LogStorage.Factory factory, Durability durability) {
    LogOptions options = new LogOptions(LIMITS, durability, false);
    return DurableLog.open(directory, factory, options, Seams.system(), "benchmark");
  }

  @Override
  public long append() {
    long sequence = log.append(record);
    last = sequence;
    return sequence;
  }

  @Override
  public void commit(long number) {
    log.acknowledge(number);
  }

  @Override
  public void release() {
    log.force(last);
    log.release(last);
  }

  @Override
  public void close() {
    log.close();
  }
}
