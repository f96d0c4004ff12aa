package io.rananeeti.dynamo;

import io.rananeeti.aws.internal.JdbcFace;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Items as rows, fetched page by page as they are read. Columns are those that the query lists; of
 * one that takes all attributes, those of the first page in the order of their names, and others by
 * name only. An attribute that an item lacks is read as null. Used by one thread.
 */
final class DynamoResultSet extends JdbcFace {

  private final Statement statement;
  private final Pages pages;
  private final long most;
  private final List<String> columns = new ArrayList<>();
  private Iterator<Map<String, AttributeValue>> page;
  private @Nullable Map<String, AttributeValue> current;
  private long row;
  private boolean ended;
  private boolean wasNull;
  private boolean closed;

  private DynamoResultSet(Statement statement, Pages pages, long most) throws SQLException {
    super(DynamoConnection.SERVICE);
    this.statement = statement;
    this.pages = pages;
    this.most = most;
    List<Map<String, AttributeValue>> first = pages.next();
    columns.addAll(pages.labels());
    if (columns.isEmpty()) {
      TreeSet<String> names = new TreeSet<>();
      first.forEach(item -> names.addAll(item.keySet()));
      columns.addAll(names);
    }
    page = first.iterator();
  }

  /**
   * The answer, its first page fetched.
   *
   * @param most rows; 0 for all
   */
  static ResultSet open(Statement statement, Pages pages, long most) throws SQLException {
    return new DynamoResultSet(statement, pages, most).as(ResultSet.class);
  }

  @Override
  protected @Nullable Object call(Object self, Method method, @Nullable Object[] args)
      throws SQLException {
    return switch (method.getName()) {
      case "close" -> {
        closed = true;
        yield null;
      }
      case "isClosed" -> closed;
      default -> {
        if (closed) {
          throw new SQLException("this result set is closed", "24000");
        }
        yield open(method.getName(), args);
      }
    };
  }

  private @Nullable Object open(String name, @Nullable Object[] args) throws SQLException {
    return switch (name) {
      case "next" -> next();
      case "wasNull" -> wasNull;
      case "getStatement" -> statement;
      case "getMetaData" -> metaData();
      case "findColumn" -> column(String.valueOf(args[0]));
      case "getRow" -> current == null ? 0 : (int) row;
      case "isBeforeFirst" -> row == 0 && !ended;
      case "isFirst" -> row == 1 && current != null;
      case "isAfterLast" -> ended && row > 0;
      case "getType" -> ResultSet.TYPE_FORWARD_ONLY;
      case "getConcurrency" -> ResultSet.CONCUR_READ_ONLY;
      case "getHoldability" -> ResultSet.CLOSE_CURSORS_AT_COMMIT;
      case "getFetchDirection" -> ResultSet.FETCH_FORWARD;
      case "getFetchSize" -> 0;
      case "setFetchSize", "setFetchDirection", "clearWarnings", "getWarnings" -> null;
      default -> {
        if (!name.startsWith("get") || args.length == 0) {
          throw unsupported("ResultSet." + name);
        }
        yield get(name, args);
      }
    };
  }

  private boolean next() throws SQLException {
    current = null;
    if (ended || (most > 0 && row >= most)) {
      ended = true;
      return false;
    }
    while (!page.hasNext()) {
      if (pages.isOver()) {
        ended = true;
        return false;
      }
      page = pages.next().iterator();
    }
    current = page.next();
    row++;
    return true;
  }

  private int column(String label) throws SQLException {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).equalsIgnoreCase(label)) {
        return i + 1;
      }
    }
    throw new SQLException("there is no column " + label, "42703");
  }

  private @Nullable Object get(String name, @Nullable Object[] args) throws SQLException {
    AttributeValue value = value(args[0]);
    wasNull = value == null || Boolean.TRUE.equals(value.nul());
    AttributeValue there = wasNull ? null : value;
    if (name.equals("getObject") && args.length > 1 && args[1] instanceof Class<?> type) {
      if (type == AttributeValue.class) {
        return value;
      }
      return there == null ? null : Conversions.to(type, there);
    }
    return switch (name) {
      case "getObject" -> there == null ? null : Values.toJava(there);
      case "getString", "getNString" -> there == null ? null : Conversions.string(there);
      case "getBytes" -> there == null ? null : Conversions.to(byte[].class, there);
      case "getBoolean" ->
          there != null && Boolean.TRUE.equals(Conversions.to(Boolean.class, there));
      case "getByte" -> there == null ? (byte) 0 : Conversions.to(Byte.class, there);
      case "getShort" -> there == null ? (short) 0 : Conversions.to(Short.class, there);
      case "getInt" -> there == null ? 0 : Conversions.to(Integer.class, there);
      case "getLong" -> there == null ? 0L : Conversions.to(Long.class, there);
      case "getFloat" -> there == null ? 0f : Conversions.to(Float.class, there);
      case "getDouble" -> there == null ? 0d : Conversions.to(Double.class, there);
      case "getBigDecimal" -> there == null ? null : Conversions.number(there);
      case "getTimestamp" -> there == null ? null : Conversions.to(java.sql.Timestamp.class, there);
      case "getDate" -> there == null ? null : Conversions.to(java.sql.Date.class, there);
      case "getBinaryStream" ->
          there == null
              ? null
              : new ByteArrayInputStream((byte[]) Conversions.to(byte[].class, there));
      case "getCharacterStream" ->
          there == null ? null : new StringReader(Conversions.string(there));
      default -> throw unsupported("ResultSet." + name);
    };
  }

  private @Nullable AttributeValue value(@Nullable Object column) throws SQLException {
    Map<String, AttributeValue> item = current;
    if (item == null) {
      throw new SQLException("there is no current row: call next() first", "24000");
    }
    if (column instanceof Integer index) {
      if (index < 1 || index > columns.size()) {
        throw new SQLException("there is no column " + index, "42703");
      }
      return item.get(columns.get(index - 1));
    }
    String label = String.valueOf(column);
    AttributeValue exact = item.get(label);
    if (exact != null) {
      return exact;
    }
    return item.get(columns.get(column(label) - 1));
  }

  private ResultSetMetaData metaData() {
    return (ResultSetMetaData)
        Proxy.newProxyInstance(
            DynamoResultSet.class.getClassLoader(),
            new Class<?>[] {ResultSetMetaData.class},
            (self, method, given) -> describe(method.getName(), given == null ? 0 : given[0]));
  }

  private Object describe(String name, Object argument) throws SQLException {
    if (name.equals("getColumnCount")) {
      return columns.size();
    }
    if (!(argument instanceof Integer index) || index < 1 || index > columns.size()) {
      throw name.equals("unwrap") || name.equals("isWrapperFor")
          ? unsupported("ResultSetMetaData." + name)
          : new SQLException("there is no column " + argument, "42703");
    }
    return switch (name) {
      case "getColumnName", "getColumnLabel" -> columns.get(index - 1);
      case "getColumnType" -> Types.OTHER;
      case "getColumnTypeName" -> "ATTRIBUTE";
      case "getColumnClassName" -> Object.class.getName();
      case "getTableName", "getSchemaName", "getCatalogName" -> "";
      case "isNullable" -> ResultSetMetaData.columnNullable;
      case "isReadOnly", "isCaseSensitive", "isSearchable" -> true;
      case "getPrecision", "getScale", "getColumnDisplaySize" -> 0;
      default -> false;
    };
  }

  @Override
  public String toString() {
    return "DynamoResultSet";
  }
}
