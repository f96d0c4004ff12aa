package io.rananeeti.internal.jdbc;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Types;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An array that the application made with {@code createArrayOf}. It needs no store: the driver's is
 * made of it when it is sent, and only then the database says whether it knows the type.
 */
final class LocalArray implements Array {

  private final String elementType;
  private final @Nullable Object[] elements;
  private boolean freed;

  LocalArray(@Nullable Object elementType, @Nullable Object elements) throws SQLException {
    if (elementType == null || !(elements instanceof @Nullable Object[] given)) {
      throw new SQLException("createArrayOf takes the name of a type, and its elements", "22004");
    }
    this.elementType = String.valueOf(elementType);
    this.elements = (@Nullable Object[]) Call.copyOfArray(given);
  }

  /** What it was made of; freed or not. */
  @Nullable Object[] elements() {
    return elements;
  }

  @Override
  public String getBaseTypeName() throws SQLException {
    checkNotFreed();
    return elementType;
  }

  @Override
  public int getBaseType() throws SQLException {
    checkNotFreed();
    return Types.OTHER;
  }

  @Override
  public Object getArray() throws SQLException {
    checkNotFreed();
    return elements.clone();
  }

  @Override
  public Object getArray(long index, int count) throws SQLException {
    checkNotFreed();
    if (index < 1 || count < 0 || index - 1 + count > elements.length) {
      throw new SQLException("the array has no such elements", "2202E");
    }
    int from = (int) index - 1;
    return Arrays.copyOfRange(elements, from, from + count);
  }

  @Override
  public Object getArray(Map<String, Class<?>> types) throws SQLException {
    return getArray();
  }

  @Override
  public Object getArray(long index, int count, Map<String, Class<?>> types) throws SQLException {
    return getArray(index, count);
  }

  @Override
  public ResultSet getResultSet() throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "an array that was not read from the database has no result set; getArray() has its elements",
        "0A000");
  }

  @Override
  public ResultSet getResultSet(Map<String, Class<?>> types) throws SQLException {
    return getResultSet();
  }

  @Override
  public ResultSet getResultSet(long index, int count) throws SQLException {
    return getResultSet();
  }

  @Override
  public ResultSet getResultSet(long index, int count, Map<String, Class<?>> types)
      throws SQLException {
    return getResultSet();
  }

  @Override
  public void free() {
    freed = true;
  }

  @Override
  public String toString() {
    return "Array[" + elementType + "]";
  }

  private void checkNotFreed() throws SQLException {
    if (freed) {
      throw new SQLException("the array has been freed", "55000");
    }
  }
}
