package io.rananeeti.internal.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * Writes CBOR (RFC 8949) of definite length, each number in its shortest form, into a buffer that
 * grows. Used by one thread.
 */
final class CborWriter {

  private static final int FIRST_CAPACITY = 512;
  private static final int LARGEST_HEAD = 9;
  private static final int SMALL = 24;

  private byte[] buffer = new byte[FIRST_CAPACITY];
  private int length;

  byte[] toByteArray() {
    return Arrays.copyOf(buffer, length);
  }

  /** Bytes as they are, outside CBOR. */
  CborWriter raw(byte[] bytes) {
    ensure(bytes.length);
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
    return this;
  }

  CborWriter map(int entries) {
    return head(Cbor.MAP, entries);
  }

  CborWriter array(int elements) {
    return head(Cbor.ARRAY, elements);
  }

  CborWriter tag(int tag) {
    return head(Cbor.TAG, tag);
  }

  CborWriter integer(long value) {
    return value >= 0 ? head(Cbor.UNSIGNED, value) : head(Cbor.NEGATIVE, ~value);
  }

  CborWriter bool(boolean value) {
    return octet(value ? Cbor.TRUE : Cbor.FALSE);
  }

  CborWriter float32(float value) {
    return octet(Cbor.FLOAT32).number(Float.floatToRawIntBits(value), Integer.BYTES);
  }

  CborWriter float64(double value) {
    return octet(Cbor.FLOAT64).number(Double.doubleToRawLongBits(value), Long.BYTES);
  }

  CborWriter bytes(byte[] value) {
    return head(Cbor.BYTES, value.length).raw(value);
  }

  CborWriter text(String value) {
    ByteBuffer utf8;
    try {
      utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
    } catch (CharacterCodingException unpaired) {
      return tag(Cbor.UTF16).bytes(utf16(value));
    }
    head(Cbor.TEXT, utf8.remaining());
    ensure(utf8.remaining());
    int bytes = utf8.remaining();
    utf8.get(buffer, length, bytes);
    length += bytes;
    return this;
  }

  CborWriter bigInteger(BigInteger value) {
    if (value.bitLength() < Long.SIZE) {
      return integer(value.longValue());
    }
    return value.signum() > 0
        ? tag(Cbor.POSITIVE_BIGNUM).bytes(magnitude(value))
        : tag(Cbor.NEGATIVE_BIGNUM).bytes(magnitude(value.not()));
  }

  CborWriter decimal(BigDecimal value) {
    return tag(Cbor.DECIMAL_FRACTION)
        .array(2)
        .integer(-(long) value.scale())
        .bigInteger(value.unscaledValue());
  }

  CborWriter uuid(UUID value) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES);
    bytes.putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
    return tag(Cbor.UUID).bytes(bytes.array());
  }

  private static byte[] magnitude(BigInteger value) {
    byte[] signed = value.toByteArray();
    return signed[0] == 0 ? Arrays.copyOfRange(signed, 1, signed.length) : signed;
  }

  private static byte[] utf16(String value) {
    ByteBuffer units = ByteBuffer.allocate(value.length() * Character.BYTES);
    units.asCharBuffer().put(value);
    return units.array();
  }

  private CborWriter head(int major, long argument) {
    int type = major << 5;
    if (argument < SMALL) {
      return octet(type | (int) argument);
    }
    if (argument <= 0xFF) {
      return octet(type | Cbor.ONE_BYTE).number(argument, Byte.BYTES);
    }
    if (argument <= 0xFFFF) {
      return octet(type | Cbor.TWO_BYTES).number(argument, Short.BYTES);
    }
    if (argument <= 0xFFFF_FFFFL) {
      return octet(type | Cbor.FOUR_BYTES).number(argument, Integer.BYTES);
    }
    return octet(type | Cbor.EIGHT_BYTES).number(argument, Long.BYTES);
  }

  private CborWriter octet(int value) {
    return number(value, Byte.BYTES);
  }

  private CborWriter number(long value, int bytes) {
    ensure(LARGEST_HEAD);
    for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      buffer[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  private void ensure(int more) {
    if (buffer.length - length >= more) {
      return;
    }
    long needed = (long) length + more;
    if (needed > Integer.MAX_VALUE - Long.BYTES) {
      throw new IllegalArgumentException("a record of more than 2 GiB can't be logged");
    }
    long grown = Math.min(Math.max(needed, 2L * buffer.length), Integer.MAX_VALUE - Long.BYTES);
    buffer = Arrays.copyOf(buffer, (int) grown);
  }
}
