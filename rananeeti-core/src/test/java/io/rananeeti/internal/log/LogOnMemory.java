package io.rananeeti.internal.log;

import io.rananeeti.internal.time.Seams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * Durable logs on storages in memory. They share one directory and one proof, for a model checker
 * opens thousands: no more than one is in use at a time, and none is closed.
 */
final class LogOnMemory {

  private static final UUID ID = new UUID(3, 4);
  private static final LogOptions OPTIONS = LogOptions.within(new LogLimits(1 << 20, 0));
  private static final LogDirectory DIRECTORY = directory();
  private static final Proof PROOF = proof();

  private LogOnMemory() {}

  /** Opens an empty one. */
  static DurableLog open(MemoryStorage storage, Seams seams) {
    LogScan.Found nothing = new LogScan.Found(0, 0, -1, false, "", null);
    return DurableLog.of(
        new Opening(
            DIRECTORY,
            storage,
            new SparseIndex(),
            PROOF,
            OPTIONS,
            "lincheck",
            ID,
            nothing,
            List.of()),
        seams);
  }

  /** That the scan of the next open, after a power cut, finds each entry up to this one. */
  static void requireFound(MemoryStorage storage, long last) {
    LogScan.Found found =
        LogScan.scan(storage.afterPowerCut(), new Framing(ID), new SparseIndex(), null);
    if (found.torn() || found.damage() != null || found.last() < last) {
      throw new IllegalStateException("forced up to %d, found %s".formatted(last, found));
    }
  }

  private static LogDirectory directory() {
    try {
      Path path = Files.createTempDirectory("rananeeti-lincheck");
      for (String name : List.of("", "lock", "proof")) {
        path.resolve(name).toFile().deleteOnExit();
      }
      return LogDirectory.hold(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Proof proof() {
    try {
      return Proof.open(DIRECTORY.path(), Seams.system().newWaiter(), new Proof.Read(ID, 0, 1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
