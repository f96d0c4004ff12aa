package io.rananeeti.internal.chronicle;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A directory with one queue of one file, and what is known of it.
 *
 * <p>It is written in the process that made it, until it is sealed; from then on it is only read.
 * The thread that appends moves {@code end} and {@code taken}, and seals; the thread that forces
 * forces; any thread reads.
 */
final class Segment {

  /** Chronicle names the file after the moment of its roll cycle, which is always the first. */
  static final String FILE = "19700101-00F.cq4";

  /** The queue's own bookkeeping: of use to nobody once the segment is sealed. */
  static final String METADATA = "metadata.cq4t";

  private static final String PREFIX = "segment-";
  private static final int OFFSET_BITS = 32;

  private final long number;
  private final Path directory;
  private @Nullable RandomAccessFile open;
  private volatile long end;
  private volatile long taken;
  private volatile boolean sealed;

  private Segment(
      long number, Path directory, @Nullable RandomAccessFile open, long end, boolean sealed) {
    this.number = number;
    this.directory = directory;
    this.open = open;
    this.end = end;
    this.taken = end;
    this.sealed = sealed;
  }

  /** One that an earlier process has written. */
  static Segment sealed(long number, Path directory) throws IOException {
    return new Segment(number, directory, null, Files.size(directory.resolve(FILE)), true);
  }

  /** One that this process writes; the file stays open until it was forced after its sealing. */
  static Segment active(long number, Path directory, RandomAccessFile file) {
    return new Segment(number, directory, file, 0, false);
  }

  static Path directory(Path parent, long number) {
    return parent.resolve(PREFIX + "%010d".formatted(number));
  }

  /** The number in a directory's name, 0 if it is no segment's. */
  static long number(Path directory) {
    String name = String.valueOf(directory.getFileName());
    return name.matches(PREFIX + "\\d{10}") ? Long.parseLong(name.substring(PREFIX.length())) : 0;
  }

  static long numberOf(long position) {
    return position >>> OFFSET_BITS;
  }

  static long offsetOf(long position) {
    return position & ((1L << OFFSET_BITS) - 1);
  }

  long position(long offset) {
    return number << OFFSET_BITS | offset;
  }

  long number() {
    return number;
  }

  Path directory() {
    return directory;
  }

  Path file() {
    return directory.resolve(FILE);
  }

  /** Where what has been appended ends; a reader goes no further. */
  long end() {
    return end;
  }

  /** Bytes on disk. */
  long taken() {
    return taken;
  }

  boolean sealed() {
    return sealed;
  }

  void grownTo(long newEnd) {
    end = newEnd;
  }

  void takes(long bytes) {
    taken = bytes;
  }

  /** Nothing is appended any more. */
  void seal() {
    taken = end;
    sealed = true;
  }

  /**
   * Returns once all that was appended is on disk, whatever interrupts the thread. One call at a
   * time.
   *
   * @return whether nothing will ever have to be forced again
   */
  boolean force() throws IOException {
    boolean complete = sealed;
    RandomAccessFile file = open;
    if (file == null) {
      file = new RandomAccessFile(file().toFile(), "rw");
      open = file;
    }
    SteadyForce.force(file);
    if (complete) {
      file.close();
    }
    return complete;
  }

  /** Gives the file free without forcing it. */
  void close() throws IOException {
    RandomAccessFile file = open;
    if (file != null) {
      file.close();
    }
  }
}
