package io.rananeeti.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/** What is in a segment's file while an append is under way. */
final class HalfDocument {

  private static final int HEADER = 4;
  private static final int LENGTH_MASK = (1 << 30) - 1;
  private static final long SEGMENT = 64L << 20;
  private static final int SEQUENCE = 8;

  private HalfDocument() {}

  /** Writes the first half of the frame that would be next behind the newest segment's last. */
  static void leave(StorageKind kind, Path log) throws IOException {
    long newest = 1;
    while (kind.file(log, newest + 1).toFile().exists()) {
      newest++;
    }
    Path file = kind.file(log, newest);
    byte[] frame = next(file);
    if (kind == StorageKind.CHRONICLE) {
      openDocument(file, frame);
    } else {
      writeHalf(file, frame);
    }
  }

  /** The document stays open for the rest of the process. */
  private static void openDocument(Path file, byte[] frame) {
    @SuppressWarnings("resource")
    DocumentContext document =
        SingleChronicleQueueBuilder.binary(Objects.requireNonNull(file.getParent()))
            .rollCycle(RollCycles.FAST_HOURLY)
            .timeProvider(() -> 0)
            .blockSize(SEGMENT)
            .build()
            .createAppender()
            .writingDocument();
    Bytes<?> out = Objects.requireNonNull(document.wire()).bytes();
    out.write(frame, 0, frame.length / 2);
  }

  private static void writeHalf(Path file, byte[] frame) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      ByteBuffer half = ByteBuffer.allocate(HEADER + frame.length / 2);
      half.order(ByteOrder.LITTLE_ENDIAN).putInt(frame.length).put(frame, 0, frame.length / 2);
      out.seek(end(file));
      out.write(half.array());
    }
  }

  private static byte[] next(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long last = last(channel);
      ByteBuffer frame = ByteBuffer.allocate(header(channel, last) & LENGTH_MASK);
      channel.read(frame, last + HEADER);
      frame.putLong(SEQUENCE, frame.getLong(SEQUENCE) + 1);
      return frame.array();
    }
  }

  private static long end(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long last = last(channel);
      return behind(last, header(channel, last));
    }
  }

  private static long last(FileChannel channel) throws IOException {
    long last = 0;
    long offset = 0;
    for (int header = header(channel, 0); header > 0; header = header(channel, offset)) {
      last = header >>> 30 == 0 ? offset : last;
      offset = behind(offset, header);
    }
    return last;
  }

  private static long behind(long offset, int header) {
    return (offset + HEADER + (header & LENGTH_MASK) + 3) & -4;
  }

  private static int header(FileChannel channel, long offset) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    channel.read(header, offset);
    return header.getInt(0);
  }
}
