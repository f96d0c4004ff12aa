package io.rananeeti.store;

import org.jspecify.annotations.Nullable;

/**
 * One parameter of a statement, as the application set it.
 *
 * <p>The values of each kind: {@code NULL} none, with the JDBC type; {@code BOOLEAN} Boolean;
 * {@code INT8}, {@code INT16}, {@code INT32}, {@code INT64} Long; {@code FLOAT32} Float; {@code
 * FLOAT64} Double; {@code DECIMAL} BigDecimal; {@code STRING} and {@code NSTRING} String; {@code
 * BYTES} byte[]; {@code DATE} LocalDate; {@code TIME} LocalTime; {@code TIMESTAMP} OffsetDateTime
 * (the local time and the offset that the application's calendar had); {@code OBJECT} any of these
 * types or Byte, Short, Integer, BigInteger, Character, LocalDateTime, OffsetTime, OffsetDateTime,
 * Instant, UUID, set with {@code setObject}. The log takes no other type.
 *
 * @param kind which setter it came by
 * @param value null only for {@code NULL}
 * @param sqlType the JDBC type given with it, {@link #UNTYPED} if none was
 * @param scale the scale given with it, {@link #UNTYPED} if none was
 * @param typeName the type's name given with a null, null if none was
 */
public record Parameter(
    Kind kind, @Nullable Object value, int sqlType, int scale, @Nullable String typeName) {

  /** Stands for "none given". */
  public static final int UNTYPED = Integer.MIN_VALUE;

  /** Which JDBC setter a parameter came by. */
  public enum Kind {
    NULL,
    BOOLEAN,
    INT8,
    INT16,
    INT32,
    INT64,
    FLOAT32,
    FLOAT64,
    DECIMAL,
    STRING,
    NSTRING,
    BYTES,
    DATE,
    TIME,
    TIMESTAMP,
    OBJECT
  }

  /** With neither type nor scale. */
  public static Parameter of(Kind kind, Object value) {
    return new Parameter(kind, value, UNTYPED, UNTYPED, null);
  }

  /** Shows no value: parameters never reach logs and messages. */
  @Override
  public String toString() {
    return kind + "(?)";
  }
}
