package io.rananeeti.internal.codec;

import java.math.BigDecimal;
import java.nio.ByteBuffer;

/**
 * The entry as a later release of the same format version might write it: each map has more keys.
 */
final class LaterRelease {

  private static final byte[] MORE_KEYS =
      new CborWriter()
          .integer(99)
          .map(1)
          .text("deep")
          .array(3)
          .decimal(BigDecimal.TEN)
          .nothing()
          .bytes(new byte[300])
          .integer(-1)
          .float64(0.5)
          .toByteArray();

  private final ByteBuffer in;
  private final CborWriter out = new CborWriter();

  LaterRelease(byte[] entry) {
    in = ByteBuffer.wrap(entry);
  }

  byte[] entry() {
    out.raw(in.getLong());
    item();
    return out.toByteArray();
  }

  private void item() {
    int start = in.position();
    int initial = in.get() & 0xFF;
    long argument = argument(initial & 0x1F);
    int major = initial >>> 5;
    if (major == Cbor.MAP) {
      out.map((int) argument + 2);
      items(2 * argument);
      out.raw(MORE_KEYS);
      return;
    }
    boolean string = major == Cbor.BYTES || major == Cbor.TEXT;
    copy(start, in.position() + (string ? (int) argument : 0));
    if (major == Cbor.TAG || major == Cbor.ARRAY) {
      items(major == Cbor.TAG ? 1 : argument);
    }
  }

  private void items(long count) {
    for (long i = 0; i < count; i++) {
      item();
    }
  }

  private void copy(int from, int to) {
    byte[] bytes = new byte[to - from];
    in.get(from, bytes).position(to);
    out.raw(bytes);
  }

  private long argument(int bits) {
    return switch (bits) {
      case Cbor.ONE_BYTE -> in.get() & 0xFF;
      case Cbor.TWO_BYTES -> in.getShort() & 0xFFFF;
      case Cbor.FOUR_BYTES -> in.getInt() & 0xFFFF_FFFFL;
      case Cbor.EIGHT_BYTES -> in.getLong();
      default -> bits;
    };
  }
}
