package io.rananeeti.internal.jdbc;

import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Date;
import java.sql.SQLType;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.Calendar;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Turns what an application passed to a setter into a parameter that can be kept, as far as values
 * of the Java platform go; {@link Intake} deals with all others.
 */
final class Parameters {

  private static final Set<Class<?>> OBJECTS =
      Set.of(
          LocalDate.class,
          LocalTime.class,
          LocalDateTime.class,
          OffsetTime.class,
          OffsetDateTime.class,
          Instant.class,
          UUID.class);

  private static final Set<Class<?>> PLAIN =
      Set.of(
          Boolean.class,
          Byte.class,
          Short.class,
          Integer.class,
          Long.class,
          Float.class,
          Double.class,
          BigDecimal.class,
          BigInteger.class,
          Character.class,
          String.class);

  private Parameters() {}

  /**
   * The parameter of this call.
   *
   * @param setter the name of the JDBC method
   * @param args its arguments, the index first
   * @return null if the value is of another type
   */
  static @Nullable Parameter of(String setter, @Nullable Object[] args) {
    Object value = args[1];
    if (setter.equals("setNull")) {
      return nothing((int) nonNull(value), args.length > 2 ? (String) args[2] : null);
    }
    if (value == null) {
      return nothing(typeOfNull(setter, args), null);
    }
    return switch (setter) {
      case "setObject" -> object(value, args);
      case "setDate", "setTime", "setTimestamp" ->
          value instanceof java.util.Date date ? dated(setter, date, zone(args)) : null;
      case "setNString" -> Parameter.of(Kind.NSTRING, value);
      default -> plain(value);
    };
  }

  /** The JDBC type that was given with a value; {@link Parameter#UNTYPED} if none was. */
  static int sqlType(@Nullable Object[] args) {
    return args.length > 2 ? sqlType(args[2]) : Parameter.UNTYPED;
  }

  private static Object nonNull(@Nullable Object value) {
    return value == null ? Types.NULL : value;
  }

  private static Parameter nothing(int sqlType, @Nullable String typeName) {
    return new Parameter(Kind.NULL, null, sqlType, Parameter.UNTYPED, typeName);
  }

  private static int typeOfNull(String setter, @Nullable Object[] args) {
    return switch (setter) {
      case "setString", "setAsciiStream", "setUnicodeStream", "setCharacterStream" -> Types.VARCHAR;
      case "setNString", "setNCharacterStream" -> Types.NVARCHAR;
      case "setBigDecimal" -> Types.NUMERIC;
      case "setBytes", "setBinaryStream" -> Types.VARBINARY;
      case "setDate" -> Types.DATE;
      case "setTime" -> Types.TIME;
      case "setTimestamp" -> Types.TIMESTAMP;
      case "setArray" -> Types.ARRAY;
      case "setBlob" -> Types.BLOB;
      case "setClob", "setNClob" -> Types.CLOB;
      case "setSQLXML" -> Types.SQLXML;
      case "setObject" -> args.length > 2 ? sqlType(args[2]) : Types.NULL;
      default -> Types.NULL;
    };
  }

  private static @Nullable Parameter plain(Object value) {
    if (value instanceof Boolean) {
      return Parameter.of(Kind.BOOLEAN, value);
    }
    if (value instanceof Byte number) {
      return Parameter.of(Kind.INT8, number.longValue());
    }
    if (value instanceof Short number) {
      return Parameter.of(Kind.INT16, number.longValue());
    }
    if (value instanceof Integer number) {
      return Parameter.of(Kind.INT32, number.longValue());
    }
    if (value instanceof Long) {
      return Parameter.of(Kind.INT64, value);
    }
    if (value instanceof Float) {
      return Parameter.of(Kind.FLOAT32, value);
    }
    if (value instanceof Double) {
      return Parameter.of(Kind.FLOAT64, value);
    }
    if (value.getClass() == BigDecimal.class) {
      return Parameter.of(Kind.DECIMAL, value);
    }
    if (value instanceof String) {
      return Parameter.of(Kind.STRING, value);
    }
    return value instanceof byte[] bytes ? Parameter.of(Kind.BYTES, bytes.clone()) : null;
  }

  private static @Nullable Parameter object(Object value, @Nullable Object[] args) {
    int sqlType = sqlType(args);
    int scale = args.length > 3 && args[3] instanceof Integer given ? given : Parameter.UNTYPED;
    if (value instanceof java.util.Date date) {
      return object(date, sqlType);
    }
    if (value.getClass().isArray() && !(value instanceof byte[])) {
      Object[] kept = ArrayCopy.sameType(value);
      return kept == null ? null : new Parameter(Kind.ARRAY, kept, sqlType, scale, null);
    }
    if (sqlType != Parameter.UNTYPED || OBJECTS.contains(value.getClass())) {
      Object kept = value instanceof byte[] bytes ? bytes.clone() : value;
      return isKept(value) ? new Parameter(Kind.OBJECT, kept, sqlType, scale, null) : null;
    }
    if (value.getClass() == BigInteger.class) {
      return Parameter.of(Kind.DECIMAL, new BigDecimal((BigInteger) value));
    }
    return value instanceof Character character
        ? Parameter.of(Kind.STRING, character.toString())
        : plain(value);
  }

  /** Whether the log keeps this value as it is. */
  static boolean isKept(Object value) {
    return isKept(value.getClass());
  }

  /** Whether the log keeps values of this type as they are. */
  static boolean isKept(Class<?> type) {
    return OBJECTS.contains(type) || PLAIN.contains(type) || type == byte[].class;
  }

  private static @Nullable Parameter object(java.util.Date date, int sqlType) {
    String setter = setter(date, sqlType);
    return setter.isEmpty() ? null : dated(setter, date, TimeZone.getDefault());
  }

  /** By the given type, or else its own; empty if there is none. */
  private static String setter(java.util.Date date, int sqlType) {
    boolean untyped = sqlType == Parameter.UNTYPED;
    if (sqlType == Types.TIMESTAMP || (untyped && date instanceof Timestamp)) {
      return "setTimestamp";
    }
    if (sqlType == Types.TIME || (untyped && date instanceof Time)) {
      return "setTime";
    }
    return sqlType == Types.DATE || (untyped && date instanceof Date) ? "setDate" : "";
  }

  /**
   * With the offset at that moment, since the driver sends it, and a column with a time zone takes
   * it.
   */
  @SuppressWarnings("JavaUtilDate") // JDBC passes its subclasses
  private static Parameter dated(String setter, java.util.Date date, TimeZone zone) {
    Instant moment =
        date instanceof Timestamp timestamp
            ? timestamp.toInstant()
            : Instant.ofEpochMilli(date.getTime());
    OffsetDateTime there =
        moment.atOffset(ZoneOffset.ofTotalSeconds(zone.getOffset(date.getTime()) / 1_000));
    return switch (setter) {
      case "setDate" -> Parameter.of(Kind.DATE_WITH_OFFSET, there);
      case "setTime" -> Parameter.of(Kind.TIME_WITH_OFFSET, there.toOffsetTime());
      default -> Parameter.of(Kind.TIMESTAMP, there);
    };
  }

  private static TimeZone zone(@Nullable Object[] args) {
    return args.length > 2 && args[2] instanceof Calendar calendar
        ? calendar.getTimeZone()
        : TimeZone.getDefault();
  }

  private static int sqlType(@Nullable Object type) {
    if (type instanceof SQLType given) {
      Integer number = given.getVendorTypeNumber();
      return number == null ? Types.OTHER : number;
    }
    return type instanceof Integer number ? number : Parameter.UNTYPED;
  }
}
