package io.rananeeti.aurora;

import io.rananeeti.store.Content;
import io.rananeeti.store.Parameter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Objects;
import java.util.SimpleTimeZone;

/** Sets recorded parameters by the setters that they came by. */
final class ParameterBinder {

  private ParameterBinder() {}

  /**
   * Sets a row of them.
   *
   * @param values where the content is that they name, until the statement was run
   */
  static void bind(PreparedStatement statement, List<Parameter> row, SpooledValues values)
      throws SQLException {
    for (int index = 1; index <= row.size(); index++) {
      Parameter parameter = row.get(index - 1);
      if (parameter.value() instanceof Content content) {
        bindContent(statement, index, parameter, content, values);
      } else {
        bind(statement, index, parameter);
      }
    }
  }

  /** Bytes as a stream, which the driver reads while it sends; of text it wants a String. */
  private static void bindContent(
      PreparedStatement statement,
      int index,
      Parameter parameter,
      Content content,
      SpooledValues values)
      throws SQLException {
    try {
      switch (parameter.kind()) {
        case BYTES ->
            statement.setBinaryStream(index, values.stream(content), length(index, content));
        case BLOB, CLOB -> statement.setBlob(index, values.stream(content), content.length());
        default -> bind(statement, index, values.whole(parameter));
      }
    } catch (IOException e) {
      throw new SQLException("content can't be read", SpooledValues.LOST, e);
    }
  }

  private static int length(int index, Content content) throws SQLException {
    if (content.length() > Integer.MAX_VALUE) {
      throw new SQLException(
          "parameter %d has %d bytes, more than a value may have"
              .formatted(index, content.length()),
          "54000");
    }
    return (int) content.length();
  }

  private static void bind(PreparedStatement statement, int index, Parameter parameter)
      throws SQLException {
    if (parameter.kind() == Parameter.Kind.NULL) {
      bindNull(statement, index, parameter);
      return;
    }
    Object value = Objects.requireNonNull(parameter.value(), "a parameter without a value");
    switch (parameter.kind()) {
      case NULL -> throw new IllegalStateException("set above");
      case BOOLEAN -> statement.setBoolean(index, (Boolean) value);
      case INT8 -> statement.setByte(index, ((Number) value).byteValue());
      case INT16 -> statement.setShort(index, ((Number) value).shortValue());
      case INT32 -> statement.setInt(index, ((Number) value).intValue());
      case INT64 -> statement.setLong(index, ((Number) value).longValue());
      case FLOAT32 -> statement.setFloat(index, (Float) value);
      case FLOAT64 -> statement.setDouble(index, (Double) value);
      case DECIMAL -> statement.setBigDecimal(index, (BigDecimal) value);
      // The driver has no setNString; both are the same text to the server.
      case STRING, NSTRING -> statement.setString(index, (String) value);
      case BYTES -> statement.setBytes(index, (byte[]) value);
      case DATE_WITH_OFFSET -> bindDate(statement, index, (OffsetDateTime) value);
      case TIME_WITH_OFFSET -> bindTime(statement, index, (OffsetTime) value);
      case BLOB -> bindLarge(statement, index, (byte[]) value);
      // The driver writes a CLOB as a large object in UTF-8, as it does a BLOB.
      case CLOB -> bindLarge(statement, index, ((String) value).getBytes(StandardCharsets.UTF_8));
      case ARRAY -> bindArray(statement, index, parameter, (Object[]) value);
      case DRIVER -> statement.setObject(index, DriverTypes.INSTANCE.decode(parameter));
      case DATE -> statement.setDate(index, Date.valueOf((LocalDate) value));
      case TIME -> statement.setTime(index, time((LocalTime) value));
      case TIMESTAMP -> bindTimestamp(statement, index, (OffsetDateTime) value);
      case OBJECT -> bindObject(statement, index, parameter, supported(value));
    }
  }

  private static void bindNull(PreparedStatement statement, int index, Parameter parameter)
      throws SQLException {
    int type = parameter.sqlType() == Parameter.UNTYPED ? Types.NULL : parameter.sqlType();
    if (parameter.typeName() == null) {
      statement.setNull(index, type);
    } else {
      statement.setNull(index, type, parameter.typeName());
    }
  }

  // With a calendar, so that the server sees the local time and the offset of the application.

  private static void bindTimestamp(PreparedStatement statement, int index, OffsetDateTime value)
      throws SQLException {
    statement.setTimestamp(index, Timestamp.from(value.toInstant()), calendar(value.getOffset()));
  }

  private static void bindDate(PreparedStatement statement, int index, OffsetDateTime value)
      throws SQLException {
    long moment = value.toInstant().toEpochMilli();
    statement.setDate(index, new Date(moment), calendar(value.getOffset()));
  }

  private static void bindTime(PreparedStatement statement, int index, OffsetTime value)
      throws SQLException {
    long moment = value.atDate(LocalDate.EPOCH).toInstant().toEpochMilli();
    statement.setTime(index, new Time(moment), calendar(value.getOffset()));
  }

  /** Of an offset to the second: in 1800, zones had such. */
  private static Calendar calendar(ZoneOffset offset) {
    return new GregorianCalendar(
        new SimpleTimeZone(offset.getTotalSeconds() * 1_000, offset.getId()));
  }

  /** A new large object, of the transaction that is open; its number is the parameter. */
  private static void bindLarge(PreparedStatement statement, int index, byte[] value)
      throws SQLException {
    statement.setBlob(index, new ByteArrayInputStream(value), (long) value.length);
  }

  private static void bindArray(
      PreparedStatement statement, int index, Parameter parameter, Object[] value)
      throws SQLException {
    String elementType = parameter.typeName();
    if (elementType == null) {
      bindObject(statement, index, parameter, value);
    } else {
      statement.setArray(index, statement.getConnection().createArrayOf(elementType, value));
    }
  }

  private static void bindObject(
      PreparedStatement statement, int index, Parameter parameter, Object value)
      throws SQLException {
    if (parameter.sqlType() == Parameter.UNTYPED) {
      statement.setObject(index, value);
    } else if (parameter.scale() == Parameter.UNTYPED) {
      statement.setObject(index, value, parameter.sqlType());
    } else {
      statement.setObject(index, value, parameter.sqlType(), parameter.scale());
    }
  }

  private static Object supported(Object value) {
    return value instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : value;
  }

  /** Keeps the milliseconds, which {@link Time#valueOf(LocalTime)} drops. */
  private static Time time(LocalTime value) {
    Instant instant = LocalDate.EPOCH.atTime(value).atZone(ZoneId.systemDefault()).toInstant();
    return new Time(instant.toEpochMilli());
  }
}
