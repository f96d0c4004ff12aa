package io.rananeeti.internal.chronicle;

import io.rananeeti.internal.log.DurableFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import net.openhft.chronicle.wire.Wire;
import org.jspecify.annotations.Nullable;

/**
 * Appends to one segment through Chronicle Queue. Used by one thread at a time.
 *
 * <p><b>A full disk.</b> The queue writes through a mapping, and a page that finds no block is a
 * signal that may end the process. So zeros are written through the file, {@value #STEP} bytes at a
 * time, until {@value #MARGIN} bytes and the append itself lie ahead of the end: there a full disk
 * is an {@link IOException}, and nothing has happened yet. This holds for the first append too: the
 * file and the queue's bookkeeping are made of zeros before the queue sees them. The margin is for
 * the index that the queue writes between documents.
 *
 * <p><b>One mapping.</b> The block is as large as a segment gets, so that the queue maps the file
 * once, when it is made, and never in the middle of an append.
 */
final class SegmentWriter {

  /** The largest segment; the queue maps a quarter more. */
  static final long LARGEST_SEGMENT = 64L << 20;

  /** A quarter of a block is what the queue takes at most in one document. */
  static final int LARGEST_APPEND = (int) (LARGEST_SEGMENT / 4) - (1 << 16);

  private static final int STEP = 1 << 20;
  private static final int MARGIN = 128 << 10;
  private static final int METADATA_BYTES = 64 << 10;
  private static final long TIMEOUT_MILLIS = 1_000;
  private static final byte[] ZEROS = new byte[STEP];

  private final Segment segment;
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private final RandomAccessFile file;
  private long zeroed;

  private SegmentWriter(Segment segment, SingleChronicleQueue queue, RandomAccessFile file) {
    this.segment = segment;
    this.queue = queue;
    this.appender = queue.createAppender();
    this.file = file;
  }

  /**
   * Makes a new segment; once this returns, its name is on disk.
   *
   * @throws IOException if there is no space; nothing is left of it then
   */
  static SegmentWriter create(Path parent, long number) throws IOException {
    Path directory = Segment.directory(parent, number);
    deleteDirectory(directory);
    DurableFiles.makeDirectory(directory);
    try {
      return create(directory, parent, number);
    } catch (IOException | RuntimeException | Error failure) {
      deleteDirectory(directory);
      throw failure;
    }
  }

  Segment segment() {
    return segment;
  }

  /** Whether so many bytes still go into this segment. */
  boolean hasRoomFor(int bytes) {
    return zeroedFor(bytes) <= LARGEST_SEGMENT;
  }

  /** Writes zeros ahead for so many bytes. */
  void reserve(int bytes) throws IOException {
    long needed = zeroedFor(bytes);
    while (zeroed < needed) {
      file.seek(zeroed);
      file.write(ZEROS);
      zeroed += STEP;
      segment.takes(zeroed + METADATA_BYTES);
    }
  }

  /** Appends, and returns where. */
  long append(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (zeroedFor(length) > zeroed) {
      throw new IOException("an append without its reservation, bytes=" + length);
    }
    long offset;
    try (DocumentContext document = appender.writingDocument()) {
      offset = write(document, bytes) - WireHeader.LENGTH;
    }
    segment.grownTo(WireHeader.behind(offset, length));
    return segment.position(offset);
  }

  /**
   * Ends the segment, and gives back what was reserved ahead of its end. The bookkeeping goes last,
   * once the new length is on disk: a segment that still has it is cut to its length at the next
   * open.
   */
  void seal() throws IOException {
    queue.close();
    try {
      file.setLength(segment.end());
      file.getFD().sync();
      Files.deleteIfExists(segment.directory().resolve(Segment.METADATA));
    } finally {
      segment.seal();
    }
  }

  static void deleteDirectory(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(Segment.METADATA));
    Files.deleteIfExists(directory.resolve(Segment.FILE));
    Files.deleteIfExists(directory);
  }

  private static SegmentWriter create(Path directory, Path parent, long number) throws IOException {
    Files.write(directory.resolve(Segment.METADATA), new byte[METADATA_BYTES]);
    SingleChronicleQueue queue = queue(directory);
    RandomAccessFile file = null;
    try {
      Path path = directory.resolve(Segment.FILE);
      file = new RandomAccessFile(path.toFile(), "rw");
      SegmentWriter writer =
          new SegmentWriter(Segment.active(number, directory, file), queue, file);
      writer.reserve(0);
      writer.letTheQueueMapItsFile();
      file.getFD().sync();
      DurableFiles.forceNames(directory);
      DurableFiles.forceNames(parent);
      return writer;
    } catch (IOException | RuntimeException | Error failure) {
      closeAfter(failure, queue, file);
      throw failure;
    }
  }

  /**
   * The clock that the queue rolls by stands still, so it never rolls. Nobody else can have this
   * queue: the log's directory is locked and the segment is new.
   */
  private static SingleChronicleQueue queue(Path directory) {
    return SingleChronicleQueueBuilder.binary(directory)
        .rollCycle(RollCycles.FAST_HOURLY)
        .timeProvider(() -> 0)
        .blockSize(LARGEST_SEGMENT)
        .timeoutMS(TIMEOUT_MILLIS)
        .checkInterrupts(false)
        .syncMode(SyncMode.NONE)
        .build();
  }

  private void letTheQueueMapItsFile() {
    appender.singleThreadedCheckDisabled(true);
    try (DocumentContext document = appender.writingDocument()) {
      document.rollbackOnClose();
    }
  }

  private static long write(DocumentContext document, ByteBuffer bytes) throws IOException {
    try {
      Wire wire = document.wire();
      if (wire == null) {
        throw new IOException("the queue gave no document");
      }
      Bytes<?> out = wire.bytes();
      long start = out.writePosition();
      int length = bytes.remaining();
      out.writeSome(bytes);
      if (out.writePosition() != start + length) {
        throw new IOException("the queue took a part of an append only");
      }
      return start;
    } catch (IOException | RuntimeException | Error failure) {
      document.rollbackOnClose();
      throw failure;
    }
  }

  private long zeroedFor(int bytes) {
    return WireHeader.behind(segment.end(), bytes) + MARGIN;
  }

  private static void closeAfter(
      Throwable failure, SingleChronicleQueue queue, @Nullable RandomAccessFile file) {
    queue.close();
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException suppressed) {
      failure.addSuppressed(suppressed);
    }
  }
}
