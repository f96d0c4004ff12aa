package io.rananeeti.benchmarks;

import io.rananeeti.Durability;
import io.rananeeti.internal.chronicle.ChronicleStorage;
import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.file.Path;

/** What is compared. */
public enum Kind {
  /** The baseline, zeros a step at a time as the log does. */
  BARE,
  /** The baseline with a whole file of zeros when it is begun. */
  BARE_WHOLE,
  /** The log on plain files. */
  FILE,
  /** The log on Chronicle Queue. */
  CHRONICLE,
  /** Plain files without the log. */
  FILE_STORAGE,
  /** Chronicle Queue without the log. */
  CHRONICLE_STORAGE,
  /** The disk alone; nothing at all at {@link Durability#PROCESS}. */
  RAW;

  Subject open(Path directory, Cell cell) throws IOException {
    byte[] bytes = new byte[cell.size()];
    return switch (this) {
      case BARE -> new BareFile(directory, bytes, cell.durability(), false);
      case BARE_WHOLE -> new BareFile(directory, bytes, cell.durability(), true);
      case RAW -> new RawForce(directory, bytes, cell.threads());
      case FILE, CHRONICLE ->
          new WholeLog(directory, storage(), Entries.ofSize(cell.size()), cell.durability());
      case FILE_STORAGE, CHRONICLE_STORAGE ->
          new StorageAlone(directory, storage(), bytes, cell.durability());
    };
  }

  boolean measures(Durability durability) {
    return this != RAW || durability == Durability.FORCE;
  }

  LogStorage.Factory storage() {
    return name().startsWith("CHRONICLE") ? ChronicleStorage::open : FileStorage::open;
  }
}
