package io.rananeeti.internal.codec;

/**
 * The layout of an entry, format version 1. Numbers are big-endian.
 *
 * <pre>
 * offset  bytes  field
 *      0      1  format version, {@value #VERSION}
 *      1      1  flags, 0; a reader refuses any it does not know
 *      2      2  reserved, 0
 *      4      4  key id, 0 for "not encrypted"; reserved for encryption
 *      8      n  the record: one CBOR map (RFC 8949) of definite length with integer keys
 * </pre>
 *
 * <p>A reader skips integer keys that it does not know, so a later version may add some without a
 * new number as long as leaving them out is harmless. Whatever changes the meaning of what is there
 * takes a new format version, which older readers refuse.
 *
 * <p>The maps, key by key, stand where they are written and read: {@link RecordCodec}, {@link
 * TransactionCodec}, {@link ParameterCodec}.
 */
final class EntryDescriptor {

  static final int VERSION = 1;

  static final int VERSION_OFFSET = 0;
  static final int FLAGS_OFFSET = 1;
  static final int RESERVED_OFFSET = 2;
  static final int KEY_ID_OFFSET = 4;
  static final int HEADER_LENGTH = 8;

  static final int NO_FLAGS = 0;
  static final int NO_KEY = 0;

  private EntryDescriptor() {}
}
