package io.rananeeti.testkit;

import io.rananeeti.Durability;
import io.rananeeti.internal.chronicle.ChronicleStorage;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogStorage;
import java.nio.file.Path;

/** The storages that lie on a real disk. */
enum StorageKind {
  CHRONICLE(ChronicleStorage::open, "chronicle", "19700101-00F.cq4"),
  FILE(FileStorage::open, "file", "documents"),

  /** Not ours: the proof that the tests would show a force that forces too little. */
  QUEUE_SYNCED(PlainQueueStorage::syncing, "queue", "none"),

  /** The same with its files forced: the proof that they show nothing else. */
  QUEUE_FORCED(PlainQueueStorage::forcing, "queue", "none");

  private static final LogLimits NO_LIMITS = new LogLimits(1L << 40, 0);

  @SuppressWarnings("ImmutableEnumChecker") // method references, which hold nothing
  private final LogStorage.Factory factory;

  private final String directory;
  private final String file;

  StorageKind(LogStorage.Factory factory, String directory, String file) {
    this.factory = factory;
    this.directory = directory;
    this.file = file;
  }

  /** Opens a log that is full only when its disk is. */
  DurableLog open(Path log) {
    return open(log, Durability.FORCE, Seams.system());
  }

  /** The same, going on without these entries. */
  DurableLog open(Path log, String acceptedLoss) {
    LogOptions options = new LogOptions(NO_LIMITS, Durability.FORCE, false, acceptedLoss);
    return DurableLog.open(log, factory, options, Seams.system(), "test");
  }

  DurableLog open(Path log, Durability durability, Seams seams) {
    LogOptions options = new LogOptions(NO_LIMITS, durability, false);
    return DurableLog.open(log, factory, options, seams, "test");
  }

  /** Where a segment's documents are. */
  Path file(Path log, long number) {
    return log.resolve(directory).resolve("segment-%010d".formatted(number)).resolve(file);
  }

  /** The segments' parent. */
  Path segments(Path log) {
    return log.resolve(directory);
  }
}
