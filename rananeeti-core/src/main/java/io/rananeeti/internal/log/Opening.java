package io.rananeeti.internal.log;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log that is locked, scanned, cut behind its last valid entry, and forced: everything up to
 * {@code found.last()} is on disk.
 *
 * <p>What was read may be in the memory of the operating system only, even after a force that an
 * earlier process saw fail. So what is not proven to be on disk is written again before the force.
 */
record Opening(
    LogDirectory directory,
    LogStorage storage,
    SparseIndex index,
    Proof proof,
    LogOptions options,
    String name,
    UUID id,
    LogScan.Found found,
    List<String> warnings) {

  private static final Logger LOG = LoggerFactory.getLogger(DurableLog.class);

  private static final String CUT =
      "the log was cut off behind entry %d when it was opened: what lay there was never acknowledged as far as the log can tell%s, and is kept aside in its directory";
  private static final String NO_PROOF =
      "the log's proof was missing or damaged when it was opened: had entries been lost at its beginning or its end, nobody could tell; compare with the stores";

  static Opening open(
      Path path, LogStorage.Factory factory, LogOptions options, Seams seams, String name) {
    try {
      List<String> warnings = new ArrayList<>(FileSystems.check(path, options.onNetwork()));
      warnings.forEach(warning -> LOG.warn("{}: {}", name, warning));
      LogDirectory directory = LogDirectory.hold(path);
      try {
        Opening opening = open(directory, factory, options, seams, name, warnings);
        if (opening == null) {
          opening = open(directory, factory, options, seams, name, warnings);
        }
        return Objects.requireNonNull(opening, "a log that was written anew");
      } catch (IOException | RuntimeException | Error failure) {
        closeAfter(failure, directory);
        throw failure;
      }
    } catch (IOException failure) {
      throw new LogFailedException(
          "the log can't be opened: directory=%s cause=%s".formatted(path, Causes.of(failure)),
          failure);
    }
  }

  /** Gives all of it free after this failure. */
  void closeAfter(Throwable failure) {
    closeAfter(failure, proof);
    closeAfter(failure, storage);
    closeAfter(failure, directory);
  }

  /** Null if it was damaged and has been written anew, to be opened again. */
  private static @Nullable Opening open(
      LogDirectory directory,
      LogStorage.Factory factory,
      LogOptions options,
      Seams seams,
      String name,
      List<String> warnings)
      throws IOException {
    LogSalvage.finish(directory.path());
    LogStorage storage = factory.open(directory.path());
    try {
      Proof.Read proven = Proof.read(directory.path());
      boolean known = directory.hasId();
      UUID id = identify(directory, storage, proven, seams);
      if (known && proven == null) {
        warn(warnings, name, NO_PROOF);
      }
      SparseIndex index = new SparseIndex();
      Framing framing = new Framing(id);
      LogScan.Found found = LogScan.scan(storage, framing, index, proven);
      if (found.damage() != null) {
        warn(
            warnings,
            name,
            LogSalvage.write(
                directory.path(),
                factory,
                storage,
                framing,
                found,
                options.acceptedLoss(),
                seams.now()));
        storage.close();
        return null;
      }
      if (found.torn()) {
        warn(warnings, name, CUT.formatted(found.last(), found.behind()));
        storage.truncate(found.lastPosition());
      }
      storage.refresh(index.before(proven == null ? 0 : proven.forced() + 1));
      storage.force();
      long released = proven == null ? Math.max(1, found.first()) : proven.released();
      Proof.Read now = new Proof.Read(id, found.last(), released);
      Proof proof = Proof.open(directory.path(), seams.newWaiter(), now);
      writeId(directory, id, proof, name);
      return new Opening(directory, storage, index, proof, options, name, id, found, warnings);
    } catch (IOException | RuntimeException | Error failure) {
      closeAfter(failure, storage);
      throw failure;
    }
  }

  /** Said once in the log file, and in the platform's health for as long as this open lasts. */
  private static void warn(List<String> warnings, String name, String warning) {
    LOG.warn("{}: {}", name, warning);
    warnings.add(warning);
  }

  /** The log's id; not written yet where it has none that can be read. */
  private static UUID identify(
      LogDirectory directory, LogStorage storage, Proof.@Nullable Read proven, Seams seams)
      throws IOException {
    UUID id = directory.id();
    if (id == null) {
      return proven == null ? newId(directory, storage, seams) : proven.id();
    }
    if (proven != null && !proven.id().equals(id)) {
      throw new LogFailedException(
          "the log refuses to start: the files of two logs are mixed, and all its entries are in danger: directory=%s log-id=%s proof=%s; put the right ones back"
              .formatted(directory.path(), id, proven.id()),
          null);
    }
    return id;
  }

  /** After the proof: a crash between the two leaves a proof, from which the id is taken. */
  private static void writeId(LogDirectory directory, UUID id, Proof proof, String name)
      throws IOException {
    try {
      if (!id.equals(directory.id())) {
        directory.writeId(id);
        LOG.info("{}: the log's id is {}", name, id);
      }
    } catch (IOException | RuntimeException | Error failure) {
      closeAfter(failure, proof);
      throw failure;
    }
  }

  private static UUID newId(LogDirectory directory, LogStorage storage, Seams seams)
      throws IOException {
    try (LogStorage.Reader reader = storage.read(0)) {
      if (directory.hasId() || reader.next() != null) {
        throw new LogFailedException(
            "the log refuses to start: directory=%s has no log-id that can be read, without which none of its entries can be, from the first to the last; bring the file back from a copy"
                .formatted(directory.path()),
            null);
      }
    }
    return LogDirectory.randomUuid(seams.random());
  }

  private static void closeAfter(Throwable failure, AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception suppressed) {
      failure.addSuppressed(suppressed);
    }
  }
}
