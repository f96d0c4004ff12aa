package io.rananeeti.dynamo;

import io.rananeeti.store.Parameter.Kind;
import java.sql.Date;
import java.sql.SQLType;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.Temporal;
import java.util.Calendar;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;

/**
 * JDBC's dates and times: the same day and time of day whether they are given to DynamoDB at once
 * or come from the log, which keeps them with the offset that they had.
 */
final class Dates {

  /** As {@link Time} writes itself. */
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

  private Dates() {}

  /** What the log has kept. */
  static Object kept(Kind kind, Temporal value) {
    return switch (kind) {
      case DATE_WITH_OFFSET -> OffsetDateTime.from(value).toLocalDate();
      case TIME_WITH_OFFSET -> TIME.format(value);
      default -> value;
    };
  }

  /**
   * The value of a setter's arguments.
   *
   * @param args the number, the value, then a Calendar or a type where there is one
   */
  @SuppressWarnings("JavaUtilDate") // JDBC passes its subclasses
  static @Nullable Object given(String setter, @Nullable Object[] args) {
    if (!(args[1] instanceof java.util.Date date)) {
      return args[1];
    }
    Instant moment =
        date instanceof Timestamp timestamp
            ? timestamp.toInstant()
            : Instant.ofEpochMilli(date.getTime());
    OffsetDateTime there =
        moment.atOffset(ZoneOffset.ofTotalSeconds(zone(args).getOffset(date.getTime()) / 1_000));
    Kind kind = setter.equals("setObject") ? kind(date, args) : kind(setter);
    return kept(kind, there);
  }

  private static Kind kind(String setter) {
    return switch (setter) {
      case "setDate" -> Kind.DATE_WITH_OFFSET;
      case "setTime" -> Kind.TIME_WITH_OFFSET;
      default -> Kind.TIMESTAMP;
    };
  }

  /** By the given type, or else its own. */
  private static Kind kind(java.util.Date date, @Nullable Object[] args) {
    Integer type = args.length > 2 ? type(args[2]) : null;
    if (type != null) {
      return switch (type) {
        case Types.DATE -> Kind.DATE_WITH_OFFSET;
        case Types.TIME -> Kind.TIME_WITH_OFFSET;
        default -> Kind.TIMESTAMP;
      };
    }
    if (date instanceof Date) {
      return Kind.DATE_WITH_OFFSET;
    }
    return date instanceof Time ? Kind.TIME_WITH_OFFSET : Kind.TIMESTAMP;
  }

  private static @Nullable Integer type(@Nullable Object given) {
    return given instanceof SQLType type
        ? type.getVendorTypeNumber()
        : given instanceof Integer number ? number : null;
  }

  private static TimeZone zone(@Nullable Object[] args) {
    return args.length > 2 && args[2] instanceof Calendar calendar
        ? calendar.getTimeZone()
        : TimeZone.getDefault();
  }
}
