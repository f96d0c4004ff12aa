package io.rananeeti.internal.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much disk the log may take. Only new transactions are refused beyond it: marks, which let the
 * log shrink again, are written as long as the disk takes them.
 *
 * @param maxBytes the log's files together, above zero; default 16 GiB
 * @param freeFloor what must stay free on the disk, from zero; default 5 % of it, at most 1 GiB
 */
public record LogLimits(long maxBytes, long freeFloor) {

  private static final long GIBIBYTE = 1L << 30;
  private static final long DEFAULT_MAX_BYTES = 16 * GIBIBYTE;
  private static final long FLOOR_DIVISOR = 20;

  /** Checks the ranges. */
  public LogLimits {
    if (maxBytes <= 0 || freeFloor < 0) {
      throw new IllegalArgumentException(
          "limits of the log out of range, maxBytes=%d freeFloor=%d"
              .formatted(maxBytes, freeFloor));
    }
  }

  /** The defaults for a log in this directory, which need not exist. */
  public static LogLimits defaults(Path directory) throws IOException {
    long total = Files.getFileStore(FileSystems.existing(directory)).getTotalSpace();
    return new LogLimits(DEFAULT_MAX_BYTES, Math.min(GIBIBYTE, total / FLOOR_DIVISOR));
  }
}
