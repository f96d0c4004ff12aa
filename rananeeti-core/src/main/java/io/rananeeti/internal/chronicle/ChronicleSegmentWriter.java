package io.rananeeti.internal.chronicle;

import io.rananeeti.internal.storage.DocumentHeader;
import io.rananeeti.internal.storage.DurableFiles;
import io.rananeeti.internal.storage.Segment;
import io.rananeeti.internal.storage.SegmentWriter;
import java.io.IOException;
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

/**
 * Appends to one segment through Chronicle Queue. Used by one thread at a time.
 *
 * <p><b>A full disk.</b> The queue writes through a mapping, and a page that finds no block is a
 * signal that may end the process. So what it will touch is made of zeros before it does: the
 * margin of {@value #MARGIN} bytes is for the index that it writes between documents, and its
 * bookkeeping is a file of {@value #METADATA_BYTES} bytes from the beginning.
 *
 * <p><b>One mapping.</b> The block is as large as a segment gets, so that the queue maps the file
 * once, when it is made, and never in the middle of an append.
 */
final class ChronicleSegmentWriter extends SegmentWriter {

  private static final int MARGIN = 128 << 10;
  private static final int METADATA_BYTES = 64 << 10;
  private static final long TIMEOUT_MILLIS = 1_000;

  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;

  private ChronicleSegmentWriter(
      Segment segment, SingleChronicleQueue queue, ExcerptAppender appender) throws IOException {
    super(segment, MARGIN);
    this.queue = queue;
    this.appender = appender;
  }

  /**
   * The queue finds no file when the appender is made: before an empty one it would wait until its
   * time is over. The file is there again, of zeros, before the queue maps it.
   */
  static ChronicleSegmentWriter create(ChronicleForm form, Path directory, long number)
      throws IOException {
    Files.write(directory.resolve(form.marker()), new byte[METADATA_BYTES]);
    Path file = directory.resolve(form.file());
    Files.delete(file);
    SingleChronicleQueue queue = queue(directory);
    try {
      ExcerptAppender appender = queue.createAppender();
      appender.singleThreadedCheckDisabled(true);
      DurableFiles.openPrivate(file).close();
      Segment segment = Segment.active(form, number, directory);
      ChronicleSegmentWriter writer = new ChronicleSegmentWriter(segment, queue, appender);
      writer.reserve(0);
      writer.letTheQueueMapItsFile();
      return writer;
    } catch (IOException | RuntimeException | Error failure) {
      queue.close();
      throw failure;
    }
  }

  @Override
  protected long write(ByteBuffer bytes, long end) throws IOException {
    try (DocumentContext document = appender.writingDocument()) {
      return write(document, bytes) - DocumentHeader.LENGTH;
    }
  }

  @Override
  protected void finish() {
    queue.close();
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
}
