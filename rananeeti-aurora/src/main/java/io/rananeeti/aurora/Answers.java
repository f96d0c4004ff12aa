package io.rananeeti.aurora;

import io.rananeeti.store.Answered;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.lang.reflect.InaccessibleObjectException;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Field;
import org.postgresql.core.Oid;
import org.postgresql.core.Tuple;
import org.postgresql.jdbc.PgResultSet;

/**
 * Reads what statements have answered as parameters by which the same values can be set, and
 * compared: in one form, whether the server has sent them as text or in binary.
 *
 * <p>The driver's result sets go forward only where the application has not asked for others, and
 * what it asks of them is the driver's to answer. So its own is left alone, and a second one reads
 * the same rows. What rows these are, the driver tells only to subclasses; where it does not tell
 * it here either, nothing can be kept, and that is said.
 */
final class Answers {

  private static final java.lang.reflect.@Nullable Field FIELDS = member("fields");
  private static final java.lang.reflect.@Nullable Field ROWS = member("rows");
  private static final java.lang.reflect.@Nullable Field CURSOR = member("cursor");

  /** As the driver has infinity. */
  private static final Set<OffsetDateTime> ENDLESS = Set.of(OffsetDateTime.MAX, OffsetDateTime.MIN);

  private Answers() {}

  private static java.lang.reflect.@Nullable Field member(String name) {
    try {
      java.lang.reflect.Field field = PgResultSet.class.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException | InaccessibleObjectException | SecurityException e) {
      return null;
    }
  }

  /** What stands in a result set that nobody has read yet, and stays as it is. */
  static Answered kept(ResultSet answer, int mostRows, int mostBytes) throws SQLException {
    PgResultSet driver = answer.unwrap(PgResultSet.class);
    Object fields = value(FIELDS, driver);
    Object rows = value(ROWS, driver);
    if (!(fields instanceof Field[] columns) || !(rows instanceof List<?> list)) {
      return Answered.unkept("the driver does not tell what it has answered");
    }
    List<Tuple> tuples = list.stream().map(Tuple.class::cast).toList();
    String trouble = trouble(driver, tuples, mostRows, mostBytes);
    if (trouble != null) {
      return Answered.unkept(trouble);
    }
    // Never closed: a statement that closes on completion would take that for its last one.
    ResultSet again = driver.getPGStatement().createResultSet(null, columns, tuples, null);
    return new Answered(labels(columns), rest(again, mostRows));
  }

  private static @Nullable Object value(
      java.lang.reflect.@Nullable Field member, PgResultSet driver) {
    try {
      return member == null ? null : member.get(driver);
    } catch (IllegalAccessException e) {
      return null;
    }
  }

  private static @Nullable String trouble(
      PgResultSet driver, List<Tuple> rows, int mostRows, int mostBytes) throws SQLException {
    boolean cut =
        driver.getPGStatement().getMaxFieldSize() > 0
            || (rows.size() > 0 && rows.size() == driver.getPGStatement().getMaxRows())
            || value(CURSOR, driver) != null;
    if (cut) {
      return "a write has answered only a part of its rows or values";
    }
    long bytes = rows.stream().mapToLong(Tuple::length).sum();
    return rows.size() > mostRows || bytes > mostBytes
        ? "a statement has answered more rows or bytes than are kept"
        : null;
  }

  private static List<String> labels(Field[] columns) {
    List<String> labels = new ArrayList<>();
    for (Field column : columns) {
      labels.add(column.getColumnLabel());
    }
    return labels;
  }

  /**
   * The rows behind the one that a result set is at.
   *
   * @param most one more than that many is enough to be told apart from them
   */
  static List<List<Parameter>> rest(ResultSet rows, int most) throws SQLException {
    PgResultSet driver = rows.unwrap(PgResultSet.class);
    int width = driver.getMetaData().getColumnCount();
    List<List<Parameter>> values = new ArrayList<>();
    while (values.size() <= most && rows.next()) {
      List<Parameter> row = new ArrayList<>(width);
      for (int i = 1; i <= width; i++) {
        row.add(parameter(driver, i));
      }
      values.add(row);
    }
    return values;
  }

  private static Parameter parameter(PgResultSet row, int index) throws SQLException {
    Parameter value = value(row, index);
    return row.wasNull()
        ? new Parameter(Kind.NULL, null, Types.NULL, Parameter.UNTYPED, null)
        : value;
  }

  /** Of a null, anything: the caller asks. */
  private static Parameter value(PgResultSet row, int i) throws SQLException {
    return switch (row.getColumnOID(i)) {
      case Oid.INT2, Oid.INT4, Oid.INT8 -> Parameter.of(Kind.INT64, row.getLong(i));
      case Oid.BOOL -> Parameter.of(Kind.BOOLEAN, row.getBoolean(i));
      case Oid.FLOAT4 -> Parameter.of(Kind.FLOAT32, row.getFloat(i));
      case Oid.FLOAT8 -> Parameter.of(Kind.FLOAT64, row.getDouble(i));
      case Oid.NUMERIC -> number(row, i);
      case Oid.TEXT, Oid.VARCHAR, Oid.BPCHAR ->
          Parameter.of(Kind.STRING, orEmpty(row.getString(i)));
      case Oid.BYTEA -> Parameter.of(Kind.BYTES, orNone(row.getBytes(i)));
      case Oid.UUID -> object(row.getObject(i, UUID.class));
      case Oid.DATE -> object(row.getObject(i, LocalDate.class));
      case Oid.TIME -> object(row.getObject(i, LocalTime.class));
      case Oid.TIMESTAMP -> object(row.getObject(i, LocalDateTime.class));
      case Oid.TIMESTAMPTZ -> moment(row.getObject(i, OffsetDateTime.class));
      default -> untyped(row.getString(i));
    };
  }

  private static Parameter number(PgResultSet row, int i) throws SQLException {
    String text = orEmpty(row.getString(i));
    try {
      return Parameter.of(Kind.DECIMAL, new BigDecimal(text));
    } catch (NumberFormatException e) {
      return untyped(text); // NaN and the like.
    }
  }

  private static Parameter moment(@Nullable OffsetDateTime value) {
    return value == null || ENDLESS.contains(value)
        ? object(value)
        : object(value.withOffsetSameInstant(ZoneOffset.UTC));
  }

  private static Parameter object(@Nullable Object value) {
    return value == null ? untyped(null) : Parameter.of(Kind.OBJECT, value);
  }

  /** The server reads it as a value of the column's type. */
  private static Parameter untyped(@Nullable String text) {
    return new Parameter(Kind.OBJECT, orEmpty(text), Types.OTHER, Parameter.UNTYPED, null);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static byte[] orNone(byte @Nullable [] bytes) {
    return bytes == null ? new byte[0] : bytes;
  }

  /** Whether they are the same, in the same order. */
  static boolean same(List<List<Parameter>> one, List<List<Parameter>> other) {
    boolean same = one.size() == other.size();
    for (int i = 0; same && i < one.size(); i++) {
      same = sameRow(one.get(i), other.get(i));
    }
    return same;
  }

  private static boolean sameRow(List<Parameter> one, List<Parameter> other) {
    boolean same = one.size() == other.size();
    for (int i = 0; same && i < one.size(); i++) {
      same = sameValue(one.get(i).value(), other.get(i).value());
    }
    return same;
  }

  private static boolean sameValue(@Nullable Object one, @Nullable Object other) {
    if (one instanceof byte[] bytes && other instanceof byte[] others) {
      return Arrays.equals(bytes, others);
    }
    if (one instanceof BigDecimal number && other instanceof BigDecimal decimal) {
      return number.compareTo(decimal) == 0;
    }
    return Objects.equals(one, other);
  }
}
