package io.rananeeti.internal.log;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log that is locked, scanned, cut behind its last valid entry, and forced: everything up to
 * {@code last} is on disk.
 */
record Opening(
    LogDirectory directory,
    LogStorage storage,
    SparseIndex index,
    LogLimits limits,
    String name,
    UUID id,
    long last) {

  private static final Logger LOG = LoggerFactory.getLogger(DurableLog.class);

  static Opening open(
      Path path, LogStorage.Factory factory, LogLimits limits, Seams seams, String name) {
    try {
      LogDirectory directory = LogDirectory.hold(path);
      try {
        return open(directory, factory, limits, seams, name);
      } catch (IOException | RuntimeException | Error failure) {
        closeAfter(failure, directory);
        throw failure;
      }
    } catch (IOException failure) {
      throw new LogFailedException(
          "the log can't be opened: directory=%s cause=%s".formatted(path, failure), failure);
    }
  }

  private static Opening open(
      LogDirectory directory,
      LogStorage.Factory factory,
      LogLimits limits,
      Seams seams,
      String name)
      throws IOException {
    LogStorage storage = factory.open(directory.path());
    try {
      UUID id = identify(directory, storage, seams);
      SparseIndex index = new SparseIndex();
      LogScan.Found found = LogScan.scan(storage, new Framing(id), index);
      if (found.torn()) {
        LOG.info(
            "{}: the log ends in bytes that were never acknowledged, kept aside; last={}",
            name,
            found.last());
        storage.truncate(found.lastPosition());
      }
      storage.force();
      return new Opening(directory, storage, index, limits, name, id, found.last());
    } catch (IOException | RuntimeException | Error failure) {
      closeAfter(failure, storage);
      throw failure;
    }
  }

  private static UUID identify(LogDirectory directory, LogStorage storage, Seams seams)
      throws IOException {
    UUID id = directory.id();
    if (id != null) {
      return id;
    }
    try (LogStorage.Reader reader = storage.read(0)) {
      if (reader.next() != null) {
        throw new LogFailedException(
            "the log has entries and no log-id: directory=%s; bring the file back from a copy"
                .formatted(directory.path()),
            null);
      }
    }
    return directory.drawId(seams.random());
  }

  private static void closeAfter(Throwable failure, AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception suppressed) {
      failure.addSuppressed(suppressed);
    }
  }
}
