package io.rananeeti.internal.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Appends to one plain file, each document by one write. Used by one thread at a time. */
final class FileSegmentWriter extends SegmentWriter {

  private static final VarHandle HEADER =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int FIRST_CAPACITY = 8 << 10;
  private static final int KEPT_CAPACITY = 1 << 20;

  private final RandomAccessFile file;
  private byte[] document = new byte[FIRST_CAPACITY];

  FileSegmentWriter(Segment segment) throws IOException {
    super(segment, DocumentHeader.LENGTH, STEP);
    file = new RandomAccessFile(segment.file().toFile(), "rw");
    try {
      reserve(0);
    } catch (IOException | RuntimeException | Error failure) {
      abandon();
      segment.close();
      throw failure;
    }
  }

  /** The file's own position is the end: nothing else moves this descriptor. */
  @Override
  protected long write(ByteBuffer bytes, long end) throws IOException {
    int length = bytes.remaining();
    int whole = (int) DocumentHeader.behind(0, length);
    byte[] out = roomFor(whole);
    HEADER.set(out, 0, length);
    bytes.get(out, DocumentHeader.LENGTH, length);
    Arrays.fill(out, DocumentHeader.LENGTH + length, whole, (byte) 0);
    file.write(out, 0, whole);
    return end;
  }

  @Override
  protected void finish() throws IOException {
    file.close();
  }

  private byte[] roomFor(int length) {
    if (document.length < length || (document.length > KEPT_CAPACITY && length <= KEPT_CAPACITY)) {
      document = new byte[Math.max(FIRST_CAPACITY, length + length / 4)];
    }
    return document;
  }
}
