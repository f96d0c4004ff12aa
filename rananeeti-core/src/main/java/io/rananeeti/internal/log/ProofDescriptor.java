package io.rananeeti.internal.log;

/**
 * The layout of the file {@code proof}. Numbers are big-endian.
 *
 * <pre>
 * offset  bytes  field
 *      0      4  magic, "RLP1"
 *      4      4  reserved, 0
 *      8     16  id of the log
 *     24      8  forced: the last sequence that was known to be on disk when this was written
 *     32      8  released: entries below this one may have been given back
 *     40      4  CRC32C of all before it
 * </pre>
 */
final class ProofDescriptor {

  static final int MAGIC = 0x524C5031;

  static final int MAGIC_OFFSET = 0;
  static final int ID_OFFSET = 8;
  static final int FORCED_OFFSET = 24;
  static final int RELEASED_OFFSET = 32;
  static final int CHECKSUM_OFFSET = 40;
  static final int LENGTH = 44;

  private ProofDescriptor() {}
}
