package io.rananeeti.internal.shared;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;

/** What slots and heads have in common: numbers in big-endian order, and a checksum at the end. */
final class Checked {

  static final int CHECKSUM_LENGTH = Integer.BYTES;
  static final int UUID_LENGTH = 2 * Long.BYTES;

  private static final int LONGEST_TEXT = 200;

  private Checked() {}

  /** Whether the last four bytes are the checksum of those before them. */
  static boolean isWhole(byte[] bytes, UUID salt) {
    int checked = bytes.length - CHECKSUM_LENGTH;
    return checked >= 0 && ByteBuffer.wrap(bytes).getInt(checked) == checksum(bytes, checked, salt);
  }

  /** Writes the checksum of all that stands before the last four bytes into these. */
  static byte[] completed(byte[] bytes, UUID salt) {
    int checked = bytes.length - CHECKSUM_LENGTH;
    ByteBuffer.wrap(bytes).putInt(checked, checksum(bytes, checked, salt));
    return bytes;
  }

  static ByteBuffer put(ByteBuffer out, UUID id) {
    return out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }

  static UUID uuid(ByteBuffer in) {
    return new UUID(in.getLong(), in.getLong());
  }

  /** A text for people, cut where it is too long. */
  static byte[] text(String text) {
    String cut = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text;
    return cut.getBytes(StandardCharsets.UTF_8);
  }

  static String text(ByteBuffer rest) {
    return StandardCharsets.UTF_8.decode(rest.slice()).toString();
  }

  private static int checksum(byte[] bytes, int length, UUID salt) {
    CRC32C checksum = new CRC32C();
    ByteBuffer id = put(ByteBuffer.allocate(UUID_LENGTH), salt).flip();
    checksum.update(id);
    checksum.update(bytes, 0, length);
    return (int) checksum.getValue();
  }
}
