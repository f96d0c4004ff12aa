package io.rananeeti.store;

import java.sql.Types;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of a statement, as the application set it.
 *
 * <table>
 * <caption>The values of each kind</caption>
 * <tr><td>{@code NULL}<td>none; with the JDBC type, and the type's name if one was given
 * <tr><td>{@code BOOLEAN}<td>Boolean
 * <tr><td>{@code INT8}, {@code INT16}, {@code INT32}, {@code INT64}<td>Long
 * <tr><td>{@code FLOAT32}, {@code FLOAT64}<td>Float, Double
 * <tr><td>{@code DECIMAL}<td>BigDecimal
 * <tr><td>{@code STRING}, {@code NSTRING}<td>String; character streams too
 * <tr><td>{@code BYTES}<td>byte[]; binary streams too
 * <tr><td>{@code DATE}, {@code TIME}<td>LocalDate, LocalTime
 * <tr><td>{@code DATE_WITH_OFFSET}, {@code TIMESTAMP}<td>OffsetDateTime: the moment, and the offset
 *     that the application's calendar had at it
 * <tr><td>{@code TIME_WITH_OFFSET}<td>OffsetTime, likewise
 * <tr><td>{@code BLOB}, {@code CLOB}<td>byte[], String: what was in them
 * <tr><td>{@code ARRAY}<td>an array of objects, in up to six dimensions, whose elements are null or
 *     of one of the types here; with the name of the elements' type if one was given
 * <tr><td>{@code DRIVER}<td>String or byte[]: the portable form that the store's {@link
 *     ParameterCodec} gave to a type of its driver, with the name of the type
 * <tr><td>{@code OBJECT}<td>what was set with {@code setObject}: any of these types or Byte, Short,
 *     Integer, BigInteger, Character, LocalDateTime, OffsetTime, OffsetDateTime, Instant, UUID
 * </table>
 *
 * <p>The log takes no other type. In the place of a String or a byte[] that is too large for an
 * entry stands a {@link Content}, which names what is in the {@link Spool}: with any of the kinds
 * {@code STRING}, {@code NSTRING}, {@code CLOB}, {@code BYTES}, {@code BLOB}, {@code DRIVER} (of
 * text) and {@code OBJECT} (of bytes with the JDBC types for bytes, of text with all others). Text
 * is in UTF-8 there.
 *
 * @param kind which setter it came by
 * @param value null only for {@code NULL}; nobody changes what is in it
 * @param sqlType the JDBC type given with it, {@link #UNTYPED} if none was
 * @param scale the scale given with it, {@link #UNTYPED} if none was
 * @param typeName the name of its type, null if none was given
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
    OBJECT,
    DATE_WITH_OFFSET,
    TIME_WITH_OFFSET,
    BLOB,
    CLOB,
    ARRAY,
    DRIVER
  }

  /** Whether a {@link Content} with this kind and type is text in UTF-8; bytes if not. */
  public boolean isOfText() {
    return switch (kind) {
      case STRING, NSTRING, CLOB, DRIVER -> true;
      case OBJECT ->
          sqlType != Types.BINARY && sqlType != Types.VARBINARY && sqlType != Types.LONGVARBINARY;
      default -> false;
    };
  }

  /** The same with another value. */
  public Parameter withValue(Object other) {
    return new Parameter(kind, other, sqlType, scale, typeName);
  }

  /** With neither type nor scale. */
  public static Parameter of(Kind kind, Object value) {
    return new Parameter(kind, value, UNTYPED, UNTYPED, null);
  }

  /** With the name of its type. */
  public static Parameter of(Kind kind, Object value, @Nullable String typeName) {
    return new Parameter(kind, value, UNTYPED, UNTYPED, typeName);
  }

  /** Shows no value: parameters never reach logs and messages. */
  @Override
  public String toString() {
    return kind + "(?)";
  }
}
