package io.rananeeti.internal.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes CBOR (RFC 8949) of definite length, each number in its shortest form, into a buffer that
 * grows and can be used again. Used by one thread at a time.
 *
 * <p>Once the buffer is as large as what is written into it, nothing allocates but decimals, big
 * integers and text that UTF-8 can't hold.
 */
public final class CborWriter {

  private static final int FIRST_CAPACITY = 512;
  private static final int KEPT_CAPACITY = 1 << 20;
  private static final int LARGEST_CAPACITY = Integer.MAX_VALUE - Long.BYTES;
  private static final int SMALL = 24;

  private static final int UNPAIRED = -1;
  private static final int TWO_BYTES_FROM = 0x80;
  private static final int THREE_BYTES_FROM = 0x800;
  private static final int FOUR_BYTES_FROM = 0x10000;

  private final BiConsumer<String, String> pair = this::pair;
  private final int largest;
  private byte[] buffer = new byte[FIRST_CAPACITY];
  private int length;
  private @Nullable ContentSplice splice;

  /** With nothing written, up to 2 GiB. */
  public CborWriter() {
    this(LARGEST_CAPACITY);
  }

  /**
   * With nothing written. What takes more than so many bytes is refused before there is memory for
   * it.
   */
  public CborWriter(int largest) {
    this.largest = largest;
  }

  /**
   * The buffer; what was written are its first {@link #length()} bytes. Another one after the next
   * write or {@link #reset}.
   */
  public byte[] array() {
    return buffer;
  }

  /** How many bytes were written, room kept in front included. */
  public int length() {
    return length;
  }

  /**
   * The next write goes to this offset. What stands before it stays, or is of no certain content
   * where nothing was written yet: so room can be kept in front, and what is behind taken back. A
   * buffer beyond {@value #KEPT_CAPACITY} bytes is given up for the smallest that holds them.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public void reset(int newLength) {
    if (newLength < 0) {
      throw new IllegalArgumentException("a negative length: " + newLength);
    }
    if (newLength > buffer.length || buffer.length > KEPT_CAPACITY) {
      buffer = Arrays.copyOf(buffer, Math.max(newLength, FIRST_CAPACITY));
    }
    length = newLength;
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
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

  CborWriter nothing() {
    return octet(Cbor.NULL);
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
    int bytes = isAscii(value) ? value.length() : utf8Length(value);
    if (bytes == UNPAIRED) {
      return tag(Cbor.UTF16).bytes(utf16(value));
    }
    head(Cbor.TEXT, bytes);
    ensure(bytes);
    if (bytes == value.length()) {
      ascii(value);
    } else {
      utf8(value);
    }
    return this;
  }

  /** Begins a byte string, or a text in UTF-8, of so many bytes that follow outside of this. */
  CborWriter begin(boolean text, long bytes) {
    return head(text ? Cbor.TEXT : Cbor.BYTES, bytes);
  }

  /** Who writes content in full; null where its name stands for it. */
  @Nullable ContentSplice splice() {
    return splice;
  }

  /** Has content written in full from now on. */
  CborWriter splicing(ContentSplice with) {
    splice = with;
    return this;
  }

  /** Each name and its value, as texts. */
  CborWriter pairs(Map<String, String> values) {
    values.forEach(pair);
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
    return tag(Cbor.UUID)
        .head(Cbor.BYTES, 2 * Long.BYTES)
        .number(value.getMostSignificantBits(), Long.BYTES)
        .number(value.getLeastSignificantBits(), Long.BYTES);
  }

  private void pair(String name, String value) {
    text(name).text(value);
  }

  /** Eight bytes as they are, outside CBOR. */
  CborWriter raw(long bytes) {
    return number(bytes, Long.BYTES);
  }

  /** How many bytes the text takes; {@link #UNPAIRED} if UTF-8 can't hold it. */
  private static int utf8Length(String value) {
    long bytes = 0;
    for (int i = 0; i < value.length(); i++) {
      char unit = value.charAt(i);
      if (unit < TWO_BYTES_FROM) {
        bytes += 1;
      } else if (unit < THREE_BYTES_FROM) {
        bytes += 2;
      } else if (!Character.isSurrogate(unit)) {
        bytes += 3;
      } else if (isPair(value, i)) {
        bytes += 4;
        i++;
      } else {
        return UNPAIRED;
      }
    }
    return (int) Math.min(bytes, LARGEST_CAPACITY);
  }

  private static boolean isPair(String value, int at) {
    return at + 1 < value.length()
        && Character.isSurrogatePair(value.charAt(at), value.charAt(at + 1));
  }

  /** The lower halves of the characters are all there is; nothing else copies them at once. */
  @SuppressWarnings("deprecation")
  private void ascii(String value) {
    value.getBytes(0, value.length(), buffer, length);
    length += value.length();
  }

  private static boolean isAscii(String value) {
    int bits = 0;
    for (int i = 0; i < value.length(); i++) {
      bits |= value.charAt(i);
    }
    return bits < TWO_BYTES_FROM;
  }

  private void utf8(String value) {
    for (int i = 0; i < value.length(); i++) {
      int point = value.codePointAt(i);
      if (point < TWO_BYTES_FROM) {
        buffer[length++] = (byte) point;
      } else if (point < THREE_BYTES_FROM) {
        buffer[length++] = (byte) (0xC0 | point >> 6);
        continuation(point);
      } else if (point < FOUR_BYTES_FROM) {
        buffer[length++] = (byte) (0xE0 | point >> 12);
        continuation(point >> 6);
        continuation(point);
      } else {
        buffer[length++] = (byte) (0xF0 | point >> 18);
        continuation(point >> 12);
        continuation(point >> 6);
        continuation(point);
        i++;
      }
    }
  }

  private void continuation(int bits) {
    buffer[length++] = (byte) (0x80 | (bits & 0x3F));
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
    ensure(bytes);
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
    if (needed > largest) {
      throw new IllegalArgumentException(
          "a record too large for the log, which takes %d bytes at most".formatted(largest));
    }
    long grown = Math.min(Math.max(needed, 2L * buffer.length), largest);
    buffer = Arrays.copyOf(buffer, (int) grown);
  }
}
