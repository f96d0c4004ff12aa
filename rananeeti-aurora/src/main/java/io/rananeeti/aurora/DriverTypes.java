package io.rananeeti.aurora;

import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import io.rananeeti.store.ParameterCodec;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Calendar;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.HStoreConverter;
import org.postgresql.util.PGTime;
import org.postgresql.util.PGTimestamp;
import org.postgresql.util.PGobject;

/**
 * Keeps what pgjdbc sends for values that are its own, or that it knows by their text: a {@code
 * PGobject} of any class (jsonb, inet, interval, geometry), its arrays, a {@code Map} for hstore,
 * and objects of any class that are set as text.
 *
 * <p>The portable form is PostgreSQL's text for the type, which every release of it reads.
 */
final class DriverTypes implements ParameterCodec {

  static final DriverTypes INSTANCE = new DriverTypes();

  private DriverTypes() {}

  @Override
  public @Nullable Parameter encode(Object value, int sqlType) throws SQLException {
    if (value instanceof PGTimestamp timestamp) {
      return is(sqlType, Types.TIMESTAMP) || is(sqlType, Types.TIMESTAMP_WITH_TIMEZONE)
          ? timestamp(timestamp, timestamp.getCalendar())
          : null;
    }
    if (value instanceof PGTime time) {
      return is(sqlType, Types.TIME) ? time(time, time.getCalendar()) : null;
    }
    if (value instanceof PGobject object && is(sqlType, Types.OTHER)) {
      return named(object.getType(), object.getValue());
    }
    if (value instanceof Array array) {
      return is(sqlType, Types.ARRAY)
          ? named(array.getBaseTypeName() + "[]", array.toString())
          : null;
    }
    if (value instanceof Map<?, ?> map && is(sqlType, Types.OTHER)) {
      return named("hstore", HStoreConverter.toString(map));
    }
    if (value instanceof Number number && sqlType == Parameter.UNTYPED) {
      return decimal(number);
    }
    return isSentAsText(sqlType)
        ? new Parameter(Kind.OBJECT, value.toString(), sqlType, Parameter.UNTYPED, null)
        : null;
  }

  @Override
  public Object decode(Parameter parameter) throws SQLException {
    PGobject object = new PGobject();
    object.setType(String.valueOf(parameter.typeName()));
    object.setValue((String) parameter.value());
    return object;
  }

  private static boolean is(int sqlType, int own) {
    return sqlType == Parameter.UNTYPED || sqlType == own;
  }

  private static Parameter named(String type, @Nullable String text) {
    return text == null
        ? new Parameter(Kind.NULL, null, Types.OTHER, Parameter.UNTYPED, type)
        : Parameter.of(Kind.DRIVER, text, type);
  }

  /** Without a calendar it is a timestamp without a time zone. */
  private static Parameter timestamp(Timestamp timestamp, @Nullable Calendar calendar) {
    OffsetDateTime there = at(timestamp.toInstant(), calendar);
    return Parameter.of(Kind.OBJECT, calendar == null ? there.toLocalDateTime() : there);
  }

  private static Parameter time(Time time, @Nullable Calendar calendar) {
    OffsetDateTime there = at(Instant.ofEpochMilli(time.getTime()), calendar);
    return Parameter.of(Kind.OBJECT, calendar == null ? there.toLocalTime() : there.toOffsetTime());
  }

  private static OffsetDateTime at(Instant moment, @Nullable Calendar calendar) {
    ZoneId zone =
        calendar == null
            ? ZoneId.systemDefault()
            : ZoneOffset.ofTotalSeconds(
                calendar.getTimeZone().getOffset(moment.toEpochMilli()) / 1_000);
    return moment.atZone(zone).toOffsetDateTime();
  }

  private static @Nullable Parameter decimal(Number number) {
    try {
      return Parameter.of(Kind.DECIMAL, new BigDecimal(number.toString()));
    } catch (NumberFormatException notDecimal) {
      return null;
    }
  }

  private static boolean isSentAsText(int sqlType) {
    return switch (sqlType) {
      case Types.OTHER, Types.DISTINCT, Types.CHAR, Types.VARCHAR, Types.LONGVARCHAR -> true;
      default -> false;
    };
  }
}
