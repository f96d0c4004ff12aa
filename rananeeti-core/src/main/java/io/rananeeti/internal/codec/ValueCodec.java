package io.rananeeti.internal.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.UUID;

/** The part of the format that holds a value; drawn in {@link EntryDescriptor}. */
final class ValueCodec {

  private ValueCodec() {}

  static void write(CborWriter out, ValueType type, Object value) {
    switch (type) {
      case BOOLEAN -> out.bool((Boolean) value);
      case LONG, BYTE, SHORT, INTEGER -> out.integer(((Number) value).longValue());
      case CHARACTER -> out.integer((Character) value);
      case FLOAT -> out.float32((Float) value);
      case DOUBLE -> out.float64((Double) value);
      case BIG_DECIMAL -> out.decimal((BigDecimal) value);
      case BIG_INTEGER -> out.bigInteger((BigInteger) value);
      case STRING -> out.text((String) value);
      case BYTES -> out.bytes((byte[]) value);
      case LOCAL_DATE -> out.integer(((LocalDate) value).toEpochDay());
      case LOCAL_TIME -> out.integer(((LocalTime) value).toNanoOfDay());
      case LOCAL_DATE_TIME -> writeLocal(out.array(2), (LocalDateTime) value);
      case OFFSET_TIME -> writeOffsetTime(out, (OffsetTime) value);
      case OFFSET_DATE_TIME -> writeOffsetDateTime(out, (OffsetDateTime) value);
      case INSTANT -> TransactionCodec.writeInstant(out, (Instant) value);
      case UUID -> out.uuid((UUID) value);
    }
  }

  static Object read(CborReader in, ValueType type) {
    return switch (type) {
      case BOOLEAN -> in.bool();
      case LONG -> in.integer();
      case BYTE -> (byte) ranged(in, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case SHORT -> (short) ranged(in, Short.MIN_VALUE, Short.MAX_VALUE);
      case INTEGER -> in.int32();
      case CHARACTER -> (char) ranged(in, Character.MIN_VALUE, Character.MAX_VALUE);
      case FLOAT -> in.float32();
      case DOUBLE -> in.float64();
      case BIG_DECIMAL -> in.decimal();
      case BIG_INTEGER -> in.bigInteger();
      case STRING -> in.text();
      case BYTES -> in.bytes();
      case LOCAL_DATE -> LocalDate.ofEpochDay(in.integer());
      case LOCAL_TIME -> LocalTime.ofNanoOfDay(in.integer());
      case LOCAL_DATE_TIME -> readLocalDateTime(in);
      case OFFSET_TIME -> readOffsetTime(in);
      case OFFSET_DATE_TIME -> readOffsetDateTime(in);
      case INSTANT -> TransactionCodec.readInstant(in);
      case UUID -> in.uuid();
    };
  }

  private static int ranged(CborReader in, int least, int most) {
    int value = in.int32();
    if (value < least || value > most) {
      throw in.malformed("an integer out of the range of its type");
    }
    return value;
  }

  private static void writeLocal(CborWriter out, LocalDateTime value) {
    out.integer(value.toLocalDate().toEpochDay()).integer(value.toLocalTime().toNanoOfDay());
  }

  private static LocalDateTime readLocal(CborReader in) {
    LocalDate date = LocalDate.ofEpochDay(in.integer());
    return LocalDateTime.of(date, LocalTime.ofNanoOfDay(in.integer()));
  }

  private static LocalDateTime readLocalDateTime(CborReader in) {
    in.array(2);
    return readLocal(in);
  }

  private static void writeOffsetTime(CborWriter out, OffsetTime value) {
    out.array(2)
        .integer(value.toLocalTime().toNanoOfDay())
        .integer(value.getOffset().getTotalSeconds());
  }

  private static OffsetTime readOffsetTime(CborReader in) {
    in.array(2);
    LocalTime time = LocalTime.ofNanoOfDay(in.integer());
    return OffsetTime.of(time, ZoneOffset.ofTotalSeconds(in.int32()));
  }

  private static void writeOffsetDateTime(CborWriter out, OffsetDateTime value) {
    writeLocal(out.array(3), value.toLocalDateTime());
    out.integer(value.getOffset().getTotalSeconds());
  }

  private static OffsetDateTime readOffsetDateTime(CborReader in) {
    in.array(3);
    LocalDateTime local = readLocal(in);
    return OffsetDateTime.of(local, ZoneOffset.ofTotalSeconds(in.int32()));
  }
}
