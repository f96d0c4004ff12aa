package io.rananeeti.internal.log;

/**
 * The layout of a frame, which carries one entry. Numbers are big-endian.
 *
 * <pre>
 * offset  bytes  field
 *      0      4  magic, "RLF1"
 *      4      4  n, the length of the payload
 *      8      8  sequence of the entry, from 1, grows by one
 *     16      8  forced: the last sequence that was known to be on disk when this was written
 *     24      n  payload, the entry
 * 24 + n      4  CRC32C of the log's id (16 bytes) and of all before it
 * </pre>
 *
 * <p>{@code forced} is what tells a torn tail from a loss: see {@link LogScan}.
 */
final class FrameDescriptor {

  static final int MAGIC = 0x524C4631;

  static final int MAGIC_OFFSET = 0;
  static final int LENGTH_OFFSET = 4;
  static final int SEQUENCE_OFFSET = 8;
  static final int FORCED_OFFSET = 16;
  static final int PAYLOAD_OFFSET = 24;
  static final int CHECKSUM_LENGTH = 4;

  /** What a frame adds to its payload. */
  static final int OVERHEAD = PAYLOAD_OFFSET + CHECKSUM_LENGTH;

  private FrameDescriptor() {}
}
