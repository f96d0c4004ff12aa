package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a postmaster writes about itself into {@code postmaster.pid} of its data directory.
 *
 * <p>Line 1 holds its process id, 3 the seconds since 1970 at which it started, 4 its port, 7 the
 * key and id of its shared memory, 8 its status. The file outlives a killed postmaster, so it
 * proves nothing alone.
 *
 * @param sharedMemory the id of its System V shared memory segment, as {@code ipcrm -m} takes it;
 *     empty where unknown
 */
record PostmasterFile(
    long pid, Instant started, int port, Optional<String> sharedMemory, String status) {

  private static final int PORT_LINE = 3;
  private static final int SHARED_MEMORY_LINE = 6;
  private static final int STATUS_LINE = 7;

  static Path in(Path data) {
    return data.resolve("postmaster.pid");
  }

  /** Reads the file; empty if there is none, or it is not written as far as the port yet. */
  static Optional<PostmasterFile> read(Path data) {
    try {
      return parse(Files.readAllLines(in(data)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new TestkitException("cannot read " + in(data) + ": " + e, e);
    }
  }

  static Optional<PostmasterFile> parse(List<String> lines) {
    if (lines.size() <= PORT_LINE || lines.get(PORT_LINE).isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new PostmasterFile(
              Math.abs(Long.parseLong(lines.get(0).strip())),
              Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip())),
              Integer.parseInt(lines.get(PORT_LINE).strip()),
              sharedMemory(lines),
              line(lines, STATUS_LINE)));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> sharedMemory(List<String> lines) {
    String[] words = line(lines, SHARED_MEMORY_LINE).split("\\s+", -1);
    return words.length == 2 ? Optional.of(words[1]) : Optional.empty();
  }

  private static String line(List<String> lines, int index) {
    return index < lines.size() ? lines.get(index).strip() : "";
  }

  boolean isReady() {
    return status.equals("ready");
  }

  boolean isStopping() {
    return status.equals("stopping");
  }
}
