package io.rananeeti.internal.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads what {@link CborWriter} writes, and nothing else of CBOR, from bytes that nobody vouches
 * for. Used by one thread.
 *
 * <p>Every length is checked against the bytes that are left before anything is allocated by it,
 * and what is skipped may be nested {@value #DEEPEST} deep at most. Anything unexpected is a {@link
 * CodecException}.
 */
final class CborReader {

  private static final int DEEPEST = 64;
  private static final int ARGUMENT_MASK = 0x1F;

  private final ByteBuffer in;

  CborReader(ByteBuffer in) {
    this.in = in;
  }

  /** The number of key-value pairs that follow. */
  int map() {
    return count(Cbor.MAP, 2);
  }

  /** The number of elements that follow. */
  int array() {
    return count(Cbor.ARRAY, 1);
  }

  /** An array of exactly this many elements. */
  void array(int elements) {
    int found = array();
    if (found != elements) {
      throw malformed("an array of " + elements + " expected, found " + found);
    }
  }

  /** An integer that fits a long. */
  long integer() {
    int initial = octet();
    int major = initial >>> 5;
    if (major != Cbor.UNSIGNED && major != Cbor.NEGATIVE) {
      throw malformed("an integer expected");
    }
    long argument = argument(initial);
    if (argument < 0) {
      throw malformed("an integer beyond 64 bits");
    }
    return major == Cbor.UNSIGNED ? argument : ~argument;
  }

  /** An integer that fits an int. */
  int int32() {
    long value = integer();
    if (value != (int) value) {
      throw malformed("an integer beyond 32 bits");
    }
    return (int) value;
  }

  boolean bool() {
    int initial = octet();
    if (initial != Cbor.TRUE && initial != Cbor.FALSE) {
      throw malformed("true or false expected");
    }
    return initial == Cbor.TRUE;
  }

  /** Whether null comes next; passes over it if so. */
  boolean nothing() {
    need(1);
    boolean nothing = (in.get(in.position()) & 0xFF) == Cbor.NULL;
    if (nothing) {
      in.get();
    }
    return nothing;
  }

  float float32() {
    expect(Cbor.FLOAT32, "a 32-bit float");
    return Float.intBitsToFloat((int) number(Integer.BYTES));
  }

  double float64() {
    expect(Cbor.FLOAT64, "a 64-bit float");
    return Double.longBitsToDouble(number(Long.BYTES));
  }

  byte[] bytes() {
    byte[] value = new byte[count(Cbor.BYTES, 1)];
    in.get(value);
    return value;
  }

  String text() {
    if (major() == Cbor.TAG) {
      tag(Cbor.UTF16);
      return utf16(bytes());
    }
    ByteBuffer utf8 = in.duplicate();
    int length = count(Cbor.TEXT, 1);
    utf8.position(in.position()).limit(in.position() + length);
    in.position(utf8.limit());
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException notUtf8) {
      throw new CodecException("text is not UTF-8", notUtf8);
    }
  }

  BigInteger bigInteger() {
    if (major() != Cbor.TAG) {
      return BigInteger.valueOf(integer());
    }
    long tag = argument(octet());
    if (tag == Cbor.POSITIVE_BIGNUM) {
      return new BigInteger(1, bytes());
    }
    if (tag == Cbor.NEGATIVE_BIGNUM) {
      return new BigInteger(1, bytes()).not();
    }
    throw malformed("a big integer expected, found tag " + tag);
  }

  BigDecimal decimal() {
    tag(Cbor.DECIMAL_FRACTION);
    array(2);
    long scale = -integer();
    if (scale != (int) scale) {
      throw malformed("a scale beyond 32 bits");
    }
    return new BigDecimal(bigInteger(), (int) scale);
  }

  UUID uuid() {
    tag(Cbor.UUID);
    if (count(Cbor.BYTES, 1) != 2 * Long.BYTES) {
      throw malformed("a UUID has 16 bytes");
    }
    return new UUID(in.getLong(), in.getLong());
  }

  /** Passes over one item of any kind. */
  void skip() {
    skip(DEEPEST);
  }

  /** Nothing may be left. */
  void end() {
    if (in.hasRemaining()) {
      throw malformed(in.remaining() + " bytes too many");
    }
  }

  CodecException malformed(String what) {
    return new CodecException("malformed entry at byte " + in.position() + ": " + what);
  }

  private void skip(int depth) {
    if (depth == 0) {
      throw malformed("nested too deep");
    }
    int initial = octet();
    int major = initial >>> 5;
    long argument = argument(initial);
    long children = 0;
    switch (major) {
      case Cbor.BYTES, Cbor.TEXT -> in.position(in.position() + checked(argument, 1));
      case Cbor.ARRAY -> children = checked(argument, 1);
      case Cbor.MAP -> children = 2L * checked(argument, 2);
      case Cbor.TAG -> children = 1;
      default -> children = 0;
    }
    for (; children > 0; children--) {
      skip(depth - 1);
    }
  }

  private static String utf16(byte[] units) {
    if (units.length % Character.BYTES != 0) {
      throw new CodecException("half a character");
    }
    CharBuffer characters = ByteBuffer.wrap(units).asCharBuffer();
    return characters.toString();
  }

  /** Passes over this tag. */
  void tag(int expected) {
    int initial = octet();
    if (initial >>> 5 != Cbor.TAG || argument(initial) != expected) {
      throw malformed("tag " + expected + " expected");
    }
  }

  private void expect(int initial, String what) {
    if (octet() != initial) {
      throw malformed(what + " expected");
    }
  }

  private int count(int major, int leastBytesEach) {
    int initial = octet();
    if (initial >>> 5 != major) {
      throw malformed("major type " + major + " expected, found " + (initial >>> 5));
    }
    return checked(argument(initial), leastBytesEach);
  }

  private int checked(long count, int leastBytesEach) {
    if (count < 0 || count > in.remaining() / leastBytesEach) {
      throw malformed("a length beyond the end: " + Long.toUnsignedString(count));
    }
    return (int) count;
  }

  private int major() {
    need(1);
    return (in.get(in.position()) & 0xFF) >>> 5;
  }

  private int octet() {
    need(1);
    return in.get() & 0xFF;
  }

  private long argument(int initial) {
    int argument = initial & ARGUMENT_MASK;
    return switch (argument) {
      case Cbor.ONE_BYTE -> number(Byte.BYTES);
      case Cbor.TWO_BYTES -> number(Short.BYTES);
      case Cbor.FOUR_BYTES -> number(Integer.BYTES);
      case Cbor.EIGHT_BYTES -> number(Long.BYTES);
      default -> {
        if (argument > Cbor.EIGHT_BYTES) {
          throw malformed("an indefinite or reserved length");
        }
        yield argument;
      }
    };
  }

  private long number(int bytes) {
    need(bytes);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = (value << Byte.SIZE) | (in.get() & 0xFF);
    }
    return value;
  }

  private void need(int bytes) {
    if (in.remaining() < bytes) {
      throw malformed("it ends too soon");
    }
  }
}
