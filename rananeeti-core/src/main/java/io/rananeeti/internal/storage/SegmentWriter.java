package io.rananeeti.internal.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;

/**
 * Appends to one segment. Used by one thread at a time.
 *
 * <p><b>A full disk.</b> Zeros are written through the file, {@value #STEP} bytes at a time, until
 * the append and a margin lie ahead of the end: there a full disk is an {@link IOException}, and
 * nothing has happened yet. The append itself overwrites blocks that are already the file's, so it
 * finds its space, and a force after it changes no size: on most file systems that is one write and
 * no journal entry.
 */
public abstract class SegmentWriter {

  /** The largest segment. */
  public static final long LARGEST_SEGMENT = 64L << 20;

  protected static final int STEP = 1 << 20;
  private static final byte[] ZEROS = new byte[STEP];

  private final Segment segment;
  private final RandomAccessFile zeros;
  private final int margin;
  private final int piece;
  private long zeroed;

  /**
   * Of a segment whose file is there and empty.
   *
   * @param margin bytes that are zeroed behind each append for what the writer itself adds
   * @param piece bytes that are zeroed by one write, a divisor of {@value #STEP}
   */
  protected SegmentWriter(Segment segment, int margin, int piece) throws IOException {
    this.segment = segment;
    this.margin = margin;
    this.piece = piece;
    this.zeros = new RandomAccessFile(segment.file().toFile(), "rw");
  }

  /**
   * Writes the bytes behind all others, with a {@link DocumentHeader} before them.
   *
   * @param end where the last append ended
   * @return where the header stands, at or behind that
   */
  protected abstract long write(ByteBuffer bytes, long end) throws IOException;

  /** Ends the writing: nothing touches the file any more once this returns. */
  protected abstract void finish() throws IOException;

  /** The segment that is written. */
  public final Segment segment() {
    return segment;
  }

  /** Whether so many bytes still go into this segment. */
  final boolean hasRoomFor(int bytes) {
    return needed(bytes) <= LARGEST_SEGMENT;
  }

  /** Writes zeros ahead for so many bytes. */
  public final void reserve(int bytes) throws IOException {
    long needed = needed(bytes);
    while (zeroed < needed) {
      zeroStep();
      segment.takes(zeroed);
    }
  }

  /** Repeats the whole step after a failure in the middle of one. */
  private void zeroStep() throws IOException {
    zeros.seek(zeroed);
    for (int done = 0; done < STEP; done += piece) {
      zeros.write(ZEROS, 0, piece);
    }
    zeroed += STEP;
  }

  /** Appends, and returns where. */
  final long append(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (needed(length) > zeroed) {
      throw new IOException("an append without its reservation, bytes=" + length);
    }
    long offset = write(bytes, segment.end());
    segment.grownTo(DocumentHeader.behind(offset, length));
    return segment.position(offset);
  }

  /**
   * Ends the segment, and gives back what was reserved ahead of its end. Forces nothing: the next
   * force of the storage does, and removes the marker after that.
   */
  final void seal() throws IOException {
    try {
      finish();
      zeros.setLength(segment.end());
    } finally {
      segment.seal();
      zeros.close();
    }
  }

  /** Gives the files free after a failure, without a word about what is in them. */
  public final void abandon() throws IOException {
    try {
      finish();
    } finally {
      zeros.close();
    }
  }

  private long needed(int bytes) {
    return DocumentHeader.behind(segment.end(), bytes) + margin;
  }
}
