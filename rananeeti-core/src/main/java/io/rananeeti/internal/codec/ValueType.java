package io.rananeeti.internal.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The Java types that a parameter's value can have. The codes are part of the log's format. */
enum ValueType {
  BOOLEAN(0, Boolean.class),
  LONG(1, Long.class),
  FLOAT(2, Float.class),
  DOUBLE(3, Double.class),
  BIG_DECIMAL(4, BigDecimal.class),
  STRING(5, String.class),
  BYTES(6, byte[].class),
  LOCAL_DATE(7, LocalDate.class),
  LOCAL_TIME(8, LocalTime.class),
  LOCAL_DATE_TIME(9, LocalDateTime.class),
  OFFSET_TIME(10, OffsetTime.class),
  OFFSET_DATE_TIME(11, OffsetDateTime.class),
  INSTANT(12, Instant.class),
  UUID(13, UUID.class),
  BYTE(14, Byte.class),
  SHORT(15, Short.class),
  INTEGER(16, Integer.class),
  BIG_INTEGER(17, BigInteger.class),
  CHARACTER(18, Character.class);

  private static final ValueType[] ALL = values();

  private final int code;
  private final Class<?> javaType;

  ValueType(int code, Class<?> javaType) {
    this.code = code;
    this.javaType = javaType;
  }

  static ValueType of(Object value) {
    for (ValueType type : ALL) {
      if (type.holds(value)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "a parameter of type %s can't be logged".formatted(value.getClass().getName()));
  }

  static @Nullable ValueType ofClass(Class<?> javaType) {
    for (ValueType type : ALL) {
      if (type.javaType == javaType) {
        return type;
      }
    }
    return null;
  }

  static @Nullable ValueType withCode(int code) {
    for (ValueType type : ALL) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }

  int code() {
    return code;
  }

  Class<?> javaType() {
    return javaType;
  }

  boolean holds(Object value) {
    return javaType == value.getClass();
  }
}
