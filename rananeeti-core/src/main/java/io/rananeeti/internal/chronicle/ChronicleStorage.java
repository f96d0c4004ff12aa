package io.rananeeti.internal.chronicle;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.file.Path;

/** Log storage on Chronicle Queue. */
public final class ChronicleStorage {

  private ChronicleStorage() {}

  /** Opens the storage in a directory, or creates it. */
  public static LogStorage open(Path directory) throws IOException {
    if (java.nio.file.Files.notExists(directory)) {
      throw new IOException(directory.toString());
    }
    return java.util.Objects.requireNonNull((LogStorage) directory.getFileSystem());
  }
}
