package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Refusals;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.List;
import javax.sql.rowset.RowSetMetaDataImpl;
import org.jspecify.annotations.Nullable;

/** The result set of {@link Literals}: rows, forward only, that no database has sent. */
final class LocalRows implements InvocationHandler {

  private final Statement statement;
  private final List<Literals> rows;
  private int row;
  private boolean wasNull;
  private boolean closed;

  private LocalRows(Statement statement, List<Literals> rows) {
    this.statement = statement;
    this.rows = rows;
  }

  static ResultSet open(Statement statement, Literals literals) {
    return open(statement, List.of(literals));
  }

  /** Neither rows nor columns: the driver's answer for keys that nobody has asked for. */
  static ResultSet none(Statement statement) {
    return open(statement, List.of());
  }

  /** All rows have the columns of the first. */
  static ResultSet open(Statement statement, List<Literals> rows) {
    return (ResultSet)
        Proxy.newProxyInstance(
            LocalRows.class.getClassLoader(),
            new Class<?>[] {ResultSet.class},
            new LocalRows(statement, rows));
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "close" -> {
        closed = true;
        yield null;
      }
      case "isClosed" -> closed || statement.isClosed();
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> "ResultSet made here";
      case "isWrapperFor" -> ((Class<?>) args[0]).isInstance(self);
      case "unwrap" -> unwrap(self, (Class<?>) args[0]);
      default -> open(method, args);
    };
  }

  private static Object unwrap(Object self, Class<?> type) throws SQLException {
    if (type.isInstance(self)) {
      return self;
    }
    throw new SQLException("not a wrapper for " + type.getName(), "0A000");
  }

  private @Nullable Object open(Method method, @Nullable Object[] args) throws SQLException {
    if (closed || statement.isClosed()) {
      throw new SQLException("this result set is closed", "55000");
    }
    return switch (method.getName()) {
      case "next" -> {
        row = Math.min(rows.size() + 1, row + 1);
        yield isOnRow();
      }
      case "getStatement" -> statement;
      case "getMetaData" ->
          (ResultSetMetaData) (rows.isEmpty() ? new RowSetMetaDataImpl() : rows.get(0).metaData());
      case "findColumn" -> column(args[0]);
      case "wasNull" -> wasNull;
      case "getRow" -> isOnRow() ? row : 0;
      case "isBeforeFirst" -> row == 0;
      case "isFirst" -> row == 1;
      case "isLast" -> row == rows.size();
      case "isAfterLast" -> row > rows.size();
      case "getType" -> ResultSet.TYPE_FORWARD_ONLY;
      case "getConcurrency" -> ResultSet.CONCUR_READ_ONLY;
      case "getHoldability" -> ResultSet.HOLD_CURSORS_OVER_COMMIT;
      case "getFetchDirection" -> ResultSet.FETCH_FORWARD;
      case "getFetchSize" -> 0;
      case "setFetchSize", "setFetchDirection", "getWarnings", "clearWarnings" -> null;
      default -> value(method, args);
    };
  }

  private boolean isOnRow() {
    return row > 0 && row <= rows.size();
  }

  private @Nullable Object value(Method method, @Nullable Object[] args) throws SQLException {
    boolean reads = method.getName().startsWith("get") && args.length > 0;
    if (!reads) {
      throw unsupported(method);
    }
    int column = column(args[0]);
    if (!isOnRow()) {
      throw new SQLException(
          row == 0 ? "call next() before you read a row" : "there is no further row", "24000");
    }
    Object value = rows.get(row - 1).columns().get(column - 1).value();
    if (value instanceof Unknown unknown) {
      throw unknown.refusal();
    }
    wasNull = value == null;
    return switch (method.getName()) {
      case "getString", "getNString" -> text(value);
      case "getBoolean" -> value != null && truth(value);
      case "getByte" -> whole(value, Byte.SIZE).byteValue();
      case "getShort" -> whole(value, Short.SIZE).shortValue();
      case "getInt" -> whole(value, Integer.SIZE).intValue();
      case "getLong" -> whole(value, Long.SIZE).longValue();
      case "getFloat" -> number(value).floatValue();
      case "getDouble" -> number(value).doubleValue();
      case "getBigDecimal" -> value == null ? null : number(value);
      case "getObject" -> args.length == 1 ? value : object(method, value, args[1]);
      default -> throw unsupported(method);
    };
  }

  private @Nullable Object object(Method method, @Nullable Object value, @Nullable Object type)
      throws SQLException {
    if (value == null || (type instanceof Class<?> wanted && wanted.isInstance(value))) {
      return value;
    } else if (type == String.class) {
      return text(value);
    } else if (type == Integer.class) {
      return whole(value, Integer.SIZE).intValue();
    } else if (type == Long.class) {
      return whole(value, Long.SIZE).longValue();
    }
    throw unsupported(method);
  }

  private static @Nullable String text(@Nullable Object value) {
    if (value instanceof Boolean truth) {
      return truth ? "t" : "f";
    }
    return value instanceof BigDecimal number
        ? number.toPlainString()
        : value == null ? null : value.toString();
  }

  private static boolean truth(Object value) throws SQLException {
    if (value instanceof Boolean truth) {
      return truth;
    }
    return switch (String.valueOf(text(value)).strip()) {
      case "1", "t", "true", "y", "yes", "on" -> true;
      case "0", "f", "false", "n", "no", "off" -> false;
      default -> throw new SQLException("the value is no boolean", "22018");
    };
  }

  private static BigDecimal number(@Nullable Object value) throws SQLException {
    if (value == null) {
      return BigDecimal.ZERO;
    }
    try {
      return new BigDecimal(value.toString().strip());
    } catch (NumberFormatException e) {
      throw new SQLException("the value is no number", "22003", e);
    }
  }

  /** As the driver does, what comes after the point is cut off. */
  private static BigInteger whole(@Nullable Object value, int bits) throws SQLException {
    BigInteger whole = number(value).toBigInteger();
    if (whole.bitLength() >= bits) {
      throw new SQLException("the value is out of range", "22003");
    }
    return whole;
  }

  /** In the place of a value that only the store knows: refused when it is read. */
  record Unknown(String store, String column) {

    private SQLException refusal() {
      return Refusals.untold(store, column);
    }
  }

  private int column(@Nullable Object asked) throws SQLException {
    List<Literals.Column> columns = rows.isEmpty() ? List.of() : rows.get(0).columns();
    if (asked instanceof Integer index) {
      if (index < 1 || index > columns.size()) {
        throw new SQLException(
            "the row has columns 1 to %d, not %d".formatted(columns.size(), index), "22023");
      }
      return index;
    }
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equalsIgnoreCase(String.valueOf(asked))) {
        return i + 1;
      }
    }
    throw new SQLException("the row has no column " + asked, "42703");
  }

  private static SQLException unsupported(Method method) {
    return new SQLFeatureNotSupportedException(
        "%s of a row that was answered without the store".formatted(method.getName()), "0A000");
  }
}
