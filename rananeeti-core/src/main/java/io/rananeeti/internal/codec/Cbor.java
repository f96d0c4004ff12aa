package io.rananeeti.internal.codec;

/** The numbers of RFC 8949 that the log's format uses. */
final class Cbor {

  static final int UNSIGNED = 0;
  static final int NEGATIVE = 1;
  static final int BYTES = 2;
  static final int TEXT = 3;
  static final int ARRAY = 4;
  static final int MAP = 5;
  static final int TAG = 6;
  static final int SIMPLE = 7;

  static final int ONE_BYTE = 24;
  static final int TWO_BYTES = 25;
  static final int FOUR_BYTES = 26;
  static final int EIGHT_BYTES = 27;

  static final int FALSE = 0xF4;
  static final int TRUE = 0xF5;
  static final int NULL = 0xF6;
  static final int FLOAT32 = 0xFA;
  static final int FLOAT64 = 0xFB;

  static final int POSITIVE_BIGNUM = 2;
  static final int NEGATIVE_BIGNUM = 3;
  static final int DECIMAL_FRACTION = 4;
  static final int UUID = 37;

  /**
   * Our own tag, from the range that is free for first come, first served use: a byte string in
   * UTF-16BE, for text that UTF-8 can't hold since a surrogate in it has no partner.
   */
  static final int UTF16 = 82_016;

  private Cbor() {}
}
