package io.rananeeti.internal.jdbc;

import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Date;
import java.sql.JDBCType;
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
import java.time.ZoneId;
import java.util.Calendar;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Turns what an application passed to a setter into a parameter that can be kept. */
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

  private Parameters() {}

  /**
   * The parameter of this call.
   *
   * @param setter the name of the JDBC method
   * @param args its arguments, the index first
   * @return null if it can't be kept (streams, LOBs, arrays, driver types)
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
      case "setDate" -> value instanceof Date date ? date(date, args) : null;
      case "setTime" ->
          value instanceof Time time && args.length == 2
              ? Parameter.of(Kind.TIME, localTime(time))
              : null;
      case "setTimestamp" ->
          value instanceof Timestamp timestamp
              ? Parameter.of(
                  Kind.TIMESTAMP, timestamp.toInstant().atZone(zone(args)).toOffsetDateTime())
              : null;
      case "setNString" -> Parameter.of(Kind.NSTRING, value);
      default -> plain(value);
    };
  }

  private static Object nonNull(@Nullable Object value) {
    return value == null ? Types.NULL : value;
  }

  private static Parameter nothing(int sqlType, @Nullable String typeName) {
    return new Parameter(Kind.NULL, null, sqlType, Parameter.UNTYPED, typeName);
  }

  private static int typeOfNull(String setter, @Nullable Object[] args) {
    return switch (setter) {
      case "setString" -> Types.VARCHAR;
      case "setNString" -> Types.NVARCHAR;
      case "setBigDecimal" -> Types.NUMERIC;
      case "setBytes" -> Types.VARBINARY;
      case "setDate" -> Types.DATE;
      case "setTime" -> Types.TIME;
      case "setTimestamp" -> Types.TIMESTAMP;
      default -> args.length > 2 ? sqlType(args[2]) : Types.NULL;
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
    if (value instanceof BigDecimal) {
      return Parameter.of(Kind.DECIMAL, value);
    }
    if (value instanceof String) {
      return Parameter.of(Kind.STRING, value);
    }
    return value instanceof byte[] bytes ? Parameter.of(Kind.BYTES, bytes.clone()) : null;
  }

  private static @Nullable Parameter object(Object value, @Nullable Object[] args) {
    int sqlType = args.length > 2 ? sqlType(args[2]) : Parameter.UNTYPED;
    int scale = args.length > 3 && args[3] instanceof Integer given ? given : Parameter.UNTYPED;
    if (sqlType != Parameter.UNTYPED || OBJECTS.contains(value.getClass())) {
      Object kept = kept(value);
      return kept == null ? null : new Parameter(Kind.OBJECT, kept, sqlType, scale, null);
    }
    if (value instanceof Date date) {
      return Parameter.of(Kind.DATE, date.toLocalDate());
    }
    if (value instanceof Time time) {
      return Parameter.of(Kind.TIME, localTime(time));
    }
    if (value instanceof Timestamp) {
      return of("setTimestamp", new Object[] {args[0], value});
    }
    if (value instanceof BigInteger number) {
      return Parameter.of(Kind.DECIMAL, new BigDecimal(number));
    }
    return value instanceof Character character
        ? Parameter.of(Kind.STRING, character.toString())
        : plain(value);
  }

  private static @Nullable Object kept(Object value) {
    if (OBJECTS.contains(value.getClass())) {
      return value;
    }
    Parameter plain = plain(value);
    return plain == null ? null : plain.value();
  }

  private static @Nullable Parameter date(Date date, @Nullable Object[] args) {
    return args.length == 2 ? Parameter.of(Kind.DATE, date.toLocalDate()) : null;
  }

  private static LocalTime localTime(Time time) {
    return Instant.ofEpochMilli(time.getTime()).atZone(ZoneId.systemDefault()).toLocalTime();
  }

  private static ZoneId zone(@Nullable Object[] args) {
    return args.length > 2 && args[2] instanceof Calendar calendar
        ? calendar.getTimeZone().toZoneId()
        : ZoneId.systemDefault();
  }

  private static int sqlType(@Nullable Object type) {
    if (type instanceof SQLType given) {
      Integer number = given.getVendorTypeNumber();
      return number == null ? JDBCType.OTHER.getVendorTypeNumber() : number;
    }
    return type instanceof Integer number ? number : Parameter.UNTYPED;
  }
}
