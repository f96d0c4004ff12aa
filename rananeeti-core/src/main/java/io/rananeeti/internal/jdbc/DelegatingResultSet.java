package io.rananeeti.internal.jdbc;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A result set of the driver behind another object, method by method: nothing but one-line calls,
 * since whoever reads a result set makes many, and a reflective proxy would cost each of them some
 * 30 ns. {@code DelegationTest} asks for every method of the interface.
 */
@SuppressWarnings("deprecation") // it has them all
abstract class DelegatingResultSet implements ResultSet {

  /** The driver's. */
  final ResultSet driver;

  DelegatingResultSet(ResultSet driver) {
    this.driver = driver;
  }

  @Override
  public boolean absolute(int rows) throws SQLException {
    return driver.absolute(rows);
  }

  @Override
  public void afterLast() throws SQLException {
    driver.afterLast();
  }

  @Override
  public void beforeFirst() throws SQLException {
    driver.beforeFirst();
  }

  @Override
  public void cancelRowUpdates() throws SQLException {
    driver.cancelRowUpdates();
  }

  @Override
  public void clearWarnings() throws SQLException {
    driver.clearWarnings();
  }

  @Override
  public void close() throws SQLException {
    driver.close();
  }

  @Override
  public void deleteRow() throws SQLException {
    driver.deleteRow();
  }

  @Override
  public int findColumn(String label) throws SQLException {
    return driver.findColumn(label);
  }

  @Override
  public boolean first() throws SQLException {
    return driver.first();
  }

  @Override
  public @Nullable Array getArray(String label) throws SQLException {
    return driver.getArray(label);
  }

  @Override
  public @Nullable Array getArray(int column) throws SQLException {
    return driver.getArray(column);
  }

  @Override
  public @Nullable InputStream getAsciiStream(String label) throws SQLException {
    return driver.getAsciiStream(label);
  }

  @Override
  public @Nullable InputStream getAsciiStream(int column) throws SQLException {
    return driver.getAsciiStream(column);
  }

  @Override
  public @Nullable BigDecimal getBigDecimal(String label, int scale) throws SQLException {
    return driver.getBigDecimal(label, scale);
  }

  @Override
  public @Nullable BigDecimal getBigDecimal(String label) throws SQLException {
    return driver.getBigDecimal(label);
  }

  @Override
  public @Nullable BigDecimal getBigDecimal(int column, int scale) throws SQLException {
    return driver.getBigDecimal(column, scale);
  }

  @Override
  public @Nullable BigDecimal getBigDecimal(int column) throws SQLException {
    return driver.getBigDecimal(column);
  }

  @Override
  public @Nullable InputStream getBinaryStream(String label) throws SQLException {
    return driver.getBinaryStream(label);
  }

  @Override
  public @Nullable InputStream getBinaryStream(int column) throws SQLException {
    return driver.getBinaryStream(column);
  }

  @Override
  public @Nullable Blob getBlob(String label) throws SQLException {
    return driver.getBlob(label);
  }

  @Override
  public @Nullable Blob getBlob(int column) throws SQLException {
    return driver.getBlob(column);
  }

  @Override
  public boolean getBoolean(String label) throws SQLException {
    return driver.getBoolean(label);
  }

  @Override
  public boolean getBoolean(int column) throws SQLException {
    return driver.getBoolean(column);
  }

  @Override
  public byte getByte(String label) throws SQLException {
    return driver.getByte(label);
  }

  @Override
  public byte getByte(int column) throws SQLException {
    return driver.getByte(column);
  }

  @Override
  public byte @Nullable [] getBytes(String label) throws SQLException {
    return driver.getBytes(label);
  }

  @Override
  public byte @Nullable [] getBytes(int column) throws SQLException {
    return driver.getBytes(column);
  }

  @Override
  public @Nullable Reader getCharacterStream(String label) throws SQLException {
    return driver.getCharacterStream(label);
  }

  @Override
  public @Nullable Reader getCharacterStream(int column) throws SQLException {
    return driver.getCharacterStream(column);
  }

  @Override
  public @Nullable Clob getClob(String label) throws SQLException {
    return driver.getClob(label);
  }

  @Override
  public @Nullable Clob getClob(int column) throws SQLException {
    return driver.getClob(column);
  }

  @Override
  public int getConcurrency() throws SQLException {
    return driver.getConcurrency();
  }

  @Override
  public @Nullable String getCursorName() throws SQLException {
    return driver.getCursorName();
  }

  @Override
  public @Nullable Date getDate(String label, Calendar calendar) throws SQLException {
    return driver.getDate(label, calendar);
  }

  @Override
  public @Nullable Date getDate(String label) throws SQLException {
    return driver.getDate(label);
  }

  @Override
  public @Nullable Date getDate(int column, Calendar calendar) throws SQLException {
    return driver.getDate(column, calendar);
  }

  @Override
  public @Nullable Date getDate(int column) throws SQLException {
    return driver.getDate(column);
  }

  @Override
  public double getDouble(String label) throws SQLException {
    return driver.getDouble(label);
  }

  @Override
  public double getDouble(int column) throws SQLException {
    return driver.getDouble(column);
  }

  @Override
  public int getFetchDirection() throws SQLException {
    return driver.getFetchDirection();
  }

  @Override
  public int getFetchSize() throws SQLException {
    return driver.getFetchSize();
  }

  @Override
  public float getFloat(String label) throws SQLException {
    return driver.getFloat(label);
  }

  @Override
  public float getFloat(int column) throws SQLException {
    return driver.getFloat(column);
  }

  @Override
  public int getHoldability() throws SQLException {
    return driver.getHoldability();
  }

  @Override
  public int getInt(String label) throws SQLException {
    return driver.getInt(label);
  }

  @Override
  public int getInt(int column) throws SQLException {
    return driver.getInt(column);
  }

  @Override
  public long getLong(String label) throws SQLException {
    return driver.getLong(label);
  }

  @Override
  public long getLong(int column) throws SQLException {
    return driver.getLong(column);
  }

  @Override
  public ResultSetMetaData getMetaData() throws SQLException {
    return driver.getMetaData();
  }

  @Override
  public @Nullable Reader getNCharacterStream(String label) throws SQLException {
    return driver.getNCharacterStream(label);
  }

  @Override
  public @Nullable Reader getNCharacterStream(int column) throws SQLException {
    return driver.getNCharacterStream(column);
  }

  @Override
  public @Nullable NClob getNClob(String label) throws SQLException {
    return driver.getNClob(label);
  }

  @Override
  public @Nullable NClob getNClob(int column) throws SQLException {
    return driver.getNClob(column);
  }

  @Override
  public @Nullable String getNString(String label) throws SQLException {
    return driver.getNString(label);
  }

  @Override
  public @Nullable String getNString(int column) throws SQLException {
    return driver.getNString(column);
  }

  @Override
  public <T> @Nullable T getObject(String label, Class<T> type) throws SQLException {
    return driver.getObject(label, type);
  }

  @Override
  public @Nullable Object getObject(String label, Map<String, Class<?>> types) throws SQLException {
    return driver.getObject(label, types);
  }

  @Override
  public @Nullable Object getObject(String label) throws SQLException {
    return driver.getObject(label);
  }

  @Override
  public <T> @Nullable T getObject(int column, Class<T> type) throws SQLException {
    return driver.getObject(column, type);
  }

  @Override
  public @Nullable Object getObject(int column, Map<String, Class<?>> types) throws SQLException {
    return driver.getObject(column, types);
  }

  @Override
  public @Nullable Object getObject(int column) throws SQLException {
    return driver.getObject(column);
  }

  @Override
  public @Nullable Ref getRef(String label) throws SQLException {
    return driver.getRef(label);
  }

  @Override
  public @Nullable Ref getRef(int column) throws SQLException {
    return driver.getRef(column);
  }

  @Override
  public int getRow() throws SQLException {
    return driver.getRow();
  }

  @Override
  public @Nullable RowId getRowId(String label) throws SQLException {
    return driver.getRowId(label);
  }

  @Override
  public @Nullable RowId getRowId(int column) throws SQLException {
    return driver.getRowId(column);
  }

  @Override
  public @Nullable SQLXML getSQLXML(String label) throws SQLException {
    return driver.getSQLXML(label);
  }

  @Override
  public @Nullable SQLXML getSQLXML(int column) throws SQLException {
    return driver.getSQLXML(column);
  }

  @Override
  public short getShort(String label) throws SQLException {
    return driver.getShort(label);
  }

  @Override
  public short getShort(int column) throws SQLException {
    return driver.getShort(column);
  }

  @Override
  public @Nullable Statement getStatement() throws SQLException {
    return driver.getStatement();
  }

  @Override
  public @Nullable String getString(String label) throws SQLException {
    return driver.getString(label);
  }

  @Override
  public @Nullable String getString(int column) throws SQLException {
    return driver.getString(column);
  }

  @Override
  public @Nullable Time getTime(String label, Calendar calendar) throws SQLException {
    return driver.getTime(label, calendar);
  }

  @Override
  public @Nullable Time getTime(String label) throws SQLException {
    return driver.getTime(label);
  }

  @Override
  public @Nullable Time getTime(int column, Calendar calendar) throws SQLException {
    return driver.getTime(column, calendar);
  }

  @Override
  public @Nullable Time getTime(int column) throws SQLException {
    return driver.getTime(column);
  }

  @Override
  public @Nullable Timestamp getTimestamp(String label, Calendar calendar) throws SQLException {
    return driver.getTimestamp(label, calendar);
  }

  @Override
  public @Nullable Timestamp getTimestamp(String label) throws SQLException {
    return driver.getTimestamp(label);
  }

  @Override
  public @Nullable Timestamp getTimestamp(int column, Calendar calendar) throws SQLException {
    return driver.getTimestamp(column, calendar);
  }

  @Override
  public @Nullable Timestamp getTimestamp(int column) throws SQLException {
    return driver.getTimestamp(column);
  }

  @Override
  public int getType() throws SQLException {
    return driver.getType();
  }

  @Override
  public @Nullable URL getURL(String label) throws SQLException {
    return driver.getURL(label);
  }

  @Override
  public @Nullable URL getURL(int column) throws SQLException {
    return driver.getURL(column);
  }

  @Override
  public @Nullable InputStream getUnicodeStream(String label) throws SQLException {
    return driver.getUnicodeStream(label);
  }

  @Override
  public @Nullable InputStream getUnicodeStream(int column) throws SQLException {
    return driver.getUnicodeStream(column);
  }

  @Override
  public @Nullable SQLWarning getWarnings() throws SQLException {
    return driver.getWarnings();
  }

  @Override
  public void insertRow() throws SQLException {
    driver.insertRow();
  }

  @Override
  public boolean isAfterLast() throws SQLException {
    return driver.isAfterLast();
  }

  @Override
  public boolean isBeforeFirst() throws SQLException {
    return driver.isBeforeFirst();
  }

  @Override
  public boolean isClosed() throws SQLException {
    return driver.isClosed();
  }

  @Override
  public boolean isFirst() throws SQLException {
    return driver.isFirst();
  }

  @Override
  public boolean isLast() throws SQLException {
    return driver.isLast();
  }

  @Override
  public boolean isWrapperFor(java.lang.Class<?> type) throws SQLException {
    return driver.isWrapperFor(type);
  }

  @Override
  public boolean last() throws SQLException {
    return driver.last();
  }

  @Override
  public void moveToCurrentRow() throws SQLException {
    driver.moveToCurrentRow();
  }

  @Override
  public void moveToInsertRow() throws SQLException {
    driver.moveToInsertRow();
  }

  @Override
  public boolean next() throws SQLException {
    return driver.next();
  }

  @Override
  public boolean previous() throws SQLException {
    return driver.previous();
  }

  @Override
  public void refreshRow() throws SQLException {
    driver.refreshRow();
  }

  @Override
  public boolean relative(int rows) throws SQLException {
    return driver.relative(rows);
  }

  @Override
  public boolean rowDeleted() throws SQLException {
    return driver.rowDeleted();
  }

  @Override
  public boolean rowInserted() throws SQLException {
    return driver.rowInserted();
  }

  @Override
  public boolean rowUpdated() throws SQLException {
    return driver.rowUpdated();
  }

  @Override
  public void setFetchDirection(int direction) throws SQLException {
    driver.setFetchDirection(direction);
  }

  @Override
  public void setFetchSize(int rows) throws SQLException {
    driver.setFetchSize(rows);
  }

  @Override
  public <T> @Nullable T unwrap(Class<T> type) throws SQLException {
    return driver.unwrap(type);
  }

  @Override
  public void updateArray(String label, @Nullable Array value) throws SQLException {
    driver.updateArray(label, value);
  }

  @Override
  public void updateArray(int column, @Nullable Array value) throws SQLException {
    driver.updateArray(column, value);
  }

  @Override
  public void updateAsciiStream(String label, @Nullable InputStream value, int length)
      throws SQLException {
    driver.updateAsciiStream(label, value, length);
  }

  @Override
  public void updateAsciiStream(String label, @Nullable InputStream value, long length)
      throws SQLException {
    driver.updateAsciiStream(label, value, length);
  }

  @Override
  public void updateAsciiStream(String label, @Nullable InputStream value) throws SQLException {
    driver.updateAsciiStream(label, value);
  }

  @Override
  public void updateAsciiStream(int column, @Nullable InputStream value, int length)
      throws SQLException {
    driver.updateAsciiStream(column, value, length);
  }

  @Override
  public void updateAsciiStream(int column, @Nullable InputStream value, long length)
      throws SQLException {
    driver.updateAsciiStream(column, value, length);
  }

  @Override
  public void updateAsciiStream(int column, @Nullable InputStream value) throws SQLException {
    driver.updateAsciiStream(column, value);
  }

  @Override
  public void updateBigDecimal(String label, @Nullable BigDecimal value) throws SQLException {
    driver.updateBigDecimal(label, value);
  }

  @Override
  public void updateBigDecimal(int column, @Nullable BigDecimal value) throws SQLException {
    driver.updateBigDecimal(column, value);
  }

  @Override
  public void updateBinaryStream(String label, @Nullable InputStream value, int length)
      throws SQLException {
    driver.updateBinaryStream(label, value, length);
  }

  @Override
  public void updateBinaryStream(String label, @Nullable InputStream value, long length)
      throws SQLException {
    driver.updateBinaryStream(label, value, length);
  }

  @Override
  public void updateBinaryStream(String label, @Nullable InputStream value) throws SQLException {
    driver.updateBinaryStream(label, value);
  }

  @Override
  public void updateBinaryStream(int column, @Nullable InputStream value, int length)
      throws SQLException {
    driver.updateBinaryStream(column, value, length);
  }

  @Override
  public void updateBinaryStream(int column, @Nullable InputStream value, long length)
      throws SQLException {
    driver.updateBinaryStream(column, value, length);
  }

  @Override
  public void updateBinaryStream(int column, @Nullable InputStream value) throws SQLException {
    driver.updateBinaryStream(column, value);
  }

  @Override
  public void updateBlob(String label, @Nullable InputStream value, long length)
      throws SQLException {
    driver.updateBlob(label, value, length);
  }

  @Override
  public void updateBlob(String label, @Nullable InputStream value) throws SQLException {
    driver.updateBlob(label, value);
  }

  @Override
  public void updateBlob(String label, @Nullable Blob value) throws SQLException {
    driver.updateBlob(label, value);
  }

  @Override
  public void updateBlob(int column, @Nullable InputStream value, long length) throws SQLException {
    driver.updateBlob(column, value, length);
  }

  @Override
  public void updateBlob(int column, @Nullable InputStream value) throws SQLException {
    driver.updateBlob(column, value);
  }

  @Override
  public void updateBlob(int column, @Nullable Blob value) throws SQLException {
    driver.updateBlob(column, value);
  }

  @Override
  public void updateBoolean(String label, boolean value) throws SQLException {
    driver.updateBoolean(label, value);
  }

  @Override
  public void updateBoolean(int column, boolean value) throws SQLException {
    driver.updateBoolean(column, value);
  }

  @Override
  public void updateByte(String label, byte value) throws SQLException {
    driver.updateByte(label, value);
  }

  @Override
  public void updateByte(int column, byte value) throws SQLException {
    driver.updateByte(column, value);
  }

  @Override
  public void updateBytes(String label, byte @Nullable [] value) throws SQLException {
    driver.updateBytes(label, value);
  }

  @Override
  public void updateBytes(int column, byte @Nullable [] value) throws SQLException {
    driver.updateBytes(column, value);
  }

  @Override
  public void updateCharacterStream(String label, @Nullable Reader value, int length)
      throws SQLException {
    driver.updateCharacterStream(label, value, length);
  }

  @Override
  public void updateCharacterStream(String label, @Nullable Reader value, long length)
      throws SQLException {
    driver.updateCharacterStream(label, value, length);
  }

  @Override
  public void updateCharacterStream(String label, @Nullable Reader value) throws SQLException {
    driver.updateCharacterStream(label, value);
  }

  @Override
  public void updateCharacterStream(int column, @Nullable Reader value, int length)
      throws SQLException {
    driver.updateCharacterStream(column, value, length);
  }

  @Override
  public void updateCharacterStream(int column, @Nullable Reader value, long length)
      throws SQLException {
    driver.updateCharacterStream(column, value, length);
  }

  @Override
  public void updateCharacterStream(int column, @Nullable Reader value) throws SQLException {
    driver.updateCharacterStream(column, value);
  }

  @Override
  public void updateClob(String label, @Nullable Reader value, long length) throws SQLException {
    driver.updateClob(label, value, length);
  }

  @Override
  public void updateClob(String label, @Nullable Reader value) throws SQLException {
    driver.updateClob(label, value);
  }

  @Override
  public void updateClob(String label, @Nullable Clob value) throws SQLException {
    driver.updateClob(label, value);
  }

  @Override
  public void updateClob(int column, @Nullable Reader value, long length) throws SQLException {
    driver.updateClob(column, value, length);
  }

  @Override
  public void updateClob(int column, @Nullable Reader value) throws SQLException {
    driver.updateClob(column, value);
  }

  @Override
  public void updateClob(int column, @Nullable Clob value) throws SQLException {
    driver.updateClob(column, value);
  }

  @Override
  public void updateDate(String label, @Nullable Date value) throws SQLException {
    driver.updateDate(label, value);
  }

  @Override
  public void updateDate(int column, @Nullable Date value) throws SQLException {
    driver.updateDate(column, value);
  }

  @Override
  public void updateDouble(String label, double value) throws SQLException {
    driver.updateDouble(label, value);
  }

  @Override
  public void updateDouble(int column, double value) throws SQLException {
    driver.updateDouble(column, value);
  }

  @Override
  public void updateFloat(String label, float value) throws SQLException {
    driver.updateFloat(label, value);
  }

  @Override
  public void updateFloat(int column, float value) throws SQLException {
    driver.updateFloat(column, value);
  }

  @Override
  public void updateInt(String label, int value) throws SQLException {
    driver.updateInt(label, value);
  }

  @Override
  public void updateInt(int column, int value) throws SQLException {
    driver.updateInt(column, value);
  }

  @Override
  public void updateLong(String label, long value) throws SQLException {
    driver.updateLong(label, value);
  }

  @Override
  public void updateLong(int column, long value) throws SQLException {
    driver.updateLong(column, value);
  }

  @Override
  public void updateNCharacterStream(String label, @Nullable Reader value, long length)
      throws SQLException {
    driver.updateNCharacterStream(label, value, length);
  }

  @Override
  public void updateNCharacterStream(String label, @Nullable Reader value) throws SQLException {
    driver.updateNCharacterStream(label, value);
  }

  @Override
  public void updateNCharacterStream(int column, @Nullable Reader value, long length)
      throws SQLException {
    driver.updateNCharacterStream(column, value, length);
  }

  @Override
  public void updateNCharacterStream(int column, @Nullable Reader value) throws SQLException {
    driver.updateNCharacterStream(column, value);
  }

  @Override
  public void updateNClob(String label, @Nullable Reader value, long length) throws SQLException {
    driver.updateNClob(label, value, length);
  }

  @Override
  public void updateNClob(String label, @Nullable Reader value) throws SQLException {
    driver.updateNClob(label, value);
  }

  @Override
  public void updateNClob(String label, @Nullable NClob value) throws SQLException {
    driver.updateNClob(label, value);
  }

  @Override
  public void updateNClob(int column, @Nullable Reader value, long length) throws SQLException {
    driver.updateNClob(column, value, length);
  }

  @Override
  public void updateNClob(int column, @Nullable Reader value) throws SQLException {
    driver.updateNClob(column, value);
  }

  @Override
  public void updateNClob(int column, @Nullable NClob value) throws SQLException {
    driver.updateNClob(column, value);
  }

  @Override
  public void updateNString(String label, @Nullable String value) throws SQLException {
    driver.updateNString(label, value);
  }

  @Override
  public void updateNString(int column, @Nullable String value) throws SQLException {
    driver.updateNString(column, value);
  }

  @Override
  public void updateNull(String label) throws SQLException {
    driver.updateNull(label);
  }

  @Override
  public void updateNull(int column) throws SQLException {
    driver.updateNull(column);
  }

  @Override
  public void updateObject(String label, @Nullable Object value, int scale) throws SQLException {
    driver.updateObject(label, value, scale);
  }

  @Override
  public void updateObject(String label, @Nullable Object value, SQLType type, int scale)
      throws SQLException {
    driver.updateObject(label, value, type, scale);
  }

  @Override
  public void updateObject(String label, @Nullable Object value, SQLType type) throws SQLException {
    driver.updateObject(label, value, type);
  }

  @Override
  public void updateObject(String label, @Nullable Object value) throws SQLException {
    driver.updateObject(label, value);
  }

  @Override
  public void updateObject(int column, @Nullable Object value, int scale) throws SQLException {
    driver.updateObject(column, value, scale);
  }

  @Override
  public void updateObject(int column, @Nullable Object value, SQLType type, int scale)
      throws SQLException {
    driver.updateObject(column, value, type, scale);
  }

  @Override
  public void updateObject(int column, @Nullable Object value, SQLType type) throws SQLException {
    driver.updateObject(column, value, type);
  }

  @Override
  public void updateObject(int column, @Nullable Object value) throws SQLException {
    driver.updateObject(column, value);
  }

  @Override
  public void updateRef(String label, @Nullable Ref value) throws SQLException {
    driver.updateRef(label, value);
  }

  @Override
  public void updateRef(int column, @Nullable Ref value) throws SQLException {
    driver.updateRef(column, value);
  }

  @Override
  public void updateRow() throws SQLException {
    driver.updateRow();
  }

  @Override
  public void updateRowId(String label, @Nullable RowId value) throws SQLException {
    driver.updateRowId(label, value);
  }

  @Override
  public void updateRowId(int column, @Nullable RowId value) throws SQLException {
    driver.updateRowId(column, value);
  }

  @Override
  public void updateSQLXML(String label, @Nullable SQLXML value) throws SQLException {
    driver.updateSQLXML(label, value);
  }

  @Override
  public void updateSQLXML(int column, @Nullable SQLXML value) throws SQLException {
    driver.updateSQLXML(column, value);
  }

  @Override
  public void updateShort(String label, short value) throws SQLException {
    driver.updateShort(label, value);
  }

  @Override
  public void updateShort(int column, short value) throws SQLException {
    driver.updateShort(column, value);
  }

  @Override
  public void updateString(String label, @Nullable String value) throws SQLException {
    driver.updateString(label, value);
  }

  @Override
  public void updateString(int column, @Nullable String value) throws SQLException {
    driver.updateString(column, value);
  }

  @Override
  public void updateTime(String label, @Nullable Time value) throws SQLException {
    driver.updateTime(label, value);
  }

  @Override
  public void updateTime(int column, @Nullable Time value) throws SQLException {
    driver.updateTime(column, value);
  }

  @Override
  public void updateTimestamp(String label, @Nullable Timestamp value) throws SQLException {
    driver.updateTimestamp(label, value);
  }

  @Override
  public void updateTimestamp(int column, @Nullable Timestamp value) throws SQLException {
    driver.updateTimestamp(column, value);
  }

  @Override
  public boolean wasNull() throws SQLException {
    return driver.wasNull();
  }
}
