package io.rananeeti.internal.storage;

/**
 * The header in front of each document of a segment: four bytes, little-endian, at a multiple of
 * four. It is Chronicle Queue's; plain files use the same, so that both are read and mended by the
 * same code.
 *
 * <pre>
 * bit   31     not complete: being written, or never finished
 * bit   30     metadata: the queue's own, such as its index; never in a plain file
 * bits  29-0   length of what follows
 * </pre>
 *
 * <p>Zero stands where nothing has been written yet.
 */
public final class DocumentHeader {

  /** Bytes of a header. */
  public static final int LENGTH = 4;

  private static final int ALIGNMENT = 4;
  private static final int NOT_COMPLETE = 1 << 31;
  private static final int METADATA = 1 << 30;
  private static final int LENGTH_MASK = METADATA - 1;

  private DocumentHeader() {}

  static boolean complete(int header) {
    return header != 0 && (header & NOT_COMPLETE) == 0;
  }

  static boolean metadata(int header) {
    return (header & METADATA) != 0;
  }

  static int length(int header) {
    return header & LENGTH_MASK;
  }

  /** Where the header behind a document of this length stands. */
  public static long behind(long offset, long length) {
    return aligned(offset + LENGTH + length);
  }

  static long aligned(long offset) {
    return (offset + ALIGNMENT - 1) & -ALIGNMENT;
  }
}
