package io.rananeeti.internal.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A directory with a file of documents, and what is known of it.
 *
 * <p>It is written in the process that made it, until it is sealed; from then on it is only read.
 * The thread that appends moves {@code end} and {@code taken}, and seals; the thread that forces
 * forces; any thread reads.
 */
public final class Segment {

  private static final String PREFIX = "segment-";
  private static final int OFFSET_BITS = 32;

  private final long number;
  private final Path directory;
  private final Path file;
  private final Path marker;
  private @Nullable SteadyChannel open;
  private volatile Runnable beforeForce = () -> {};
  private volatile long end;
  private volatile long taken;
  private volatile boolean sealed;

  private Segment(SegmentForm form, long number, Path directory) {
    this.number = number;
    this.directory = directory;
    this.file = directory.resolve(form.file());
    this.marker = directory.resolve(form.marker());
  }

  /** One that an earlier process has written up to here. */
  static Segment sealed(SegmentForm form, long number, Path directory, long end) {
    Segment segment = new Segment(form, number, directory);
    segment.grownTo(end);
    segment.seal();
    return segment;
  }

  /** One that this process writes; its file is there, and no bytes of it were written yet. */
  public static Segment active(SegmentForm form, long number, Path directory) throws IOException {
    Segment segment = new Segment(form, number, directory);
    segment.open = SteadyChannel.of(segment.file);
    return segment;
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
    return file;
  }

  /** Where what has been appended ends; a reader goes no further. */
  public long end() {
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

  /** What the thread that forces does first, beside the one that appends; throws nothing. */
  public void beforeForce(Runnable first) {
    beforeForce = first;
  }

  /** Nothing is appended any more. */
  void seal() {
    taken = end;
    beforeForce = () -> {};
    sealed = true;
  }

  /**
   * Returns once all that was appended is on disk, whatever interrupts the thread. One call at a
   * time. The marker goes with the last one, if the file was cut where what was appended ends: else
   * the next open does that.
   *
   * @return whether nothing will ever have to be forced again
   */
  boolean force() throws IOException {
    boolean complete = sealed;
    SteadyChannel channel = open;
    if (channel == null) {
      channel = SteadyChannel.of(file);
      open = channel;
    }
    beforeForce.run();
    channel.force();
    if (complete) {
      if (channel.size() == end) {
        Files.deleteIfExists(marker);
      }
      channel.close();
    }
    return complete;
  }

  /** Gives the file free without forcing it. */
  public void close() throws IOException {
    SteadyChannel channel = open;
    if (channel != null) {
      channel.close();
    }
  }
}
