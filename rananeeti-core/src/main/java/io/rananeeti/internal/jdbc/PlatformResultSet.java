package io.rananeeti.internal.jdbc;

import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.NClob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A result set that the application holds. Reading is the driver's; what leads back to the
 * statement, changes rows, or hands out what can change the database goes through the connection,
 * because such a transaction is more than the plain query that it began with (C2). Owned by the
 * thread that uses the connection.
 */
final class PlatformResultSet extends DelegatingResultSet {

  private final StatementHandler statement;
  private final Rows rows;

  PlatformResultSet(StatementHandler statement, @Nullable Connection physical, ResultSet driver) {
    super(driver);
    this.statement = statement;
    this.rows = new Rows(statement.connection(), physical);
  }

  @Override
  public Statement getStatement() throws SQLException {
    if (driver.isClosed()) {
      throw new SQLException("this result set is closed", "55000");
    }
    return statement.proxy();
  }

  @Override
  public void close() throws SQLException {
    driver.close();
    statement.isRead();
  }

  @Override
  public boolean next() throws SQLException {
    try {
      return driver.next();
    } catch (SQLException e) {
      throw rows.failed(e);
    }
  }

  @Override
  public boolean absolute(int row) throws SQLException {
    return rows.move(() -> driver.absolute(row));
  }

  @Override
  public boolean relative(int distance) throws SQLException {
    return rows.move(() -> driver.relative(distance));
  }

  @Override
  public boolean previous() throws SQLException {
    return rows.move(driver::previous);
  }

  @Override
  public boolean first() throws SQLException {
    return rows.move(driver::first);
  }

  @Override
  public boolean last() throws SQLException {
    return rows.move(driver::last);
  }

  @Override
  public boolean isLast() throws SQLException {
    return rows.move(driver::isLast);
  }

  @Override
  public void refreshRow() throws SQLException {
    if (driver.isClosed()) {
      driver.refreshRow();
    } else {
      rows.read(driver::refreshRow);
    }
  }

  @Override
  public void insertRow() throws SQLException {
    change(driver::insertRow);
  }

  @Override
  public void updateRow() throws SQLException {
    change(driver::updateRow);
  }

  @Override
  public void deleteRow() throws SQLException {
    change(driver::deleteRow);
  }

  /** A result set that can't be updated says so by itself. */
  private void change(Rows.Change change) throws SQLException {
    if (driver.isClosed() || driver.getConcurrency() != CONCUR_UPDATABLE) {
      change.run();
    } else {
      rows.change(change);
    }
  }

  @Override
  public @Nullable Blob getBlob(int column) throws SQLException {
    return rows.handOut(driver.getBlob(column));
  }

  @Override
  public @Nullable Blob getBlob(String label) throws SQLException {
    return rows.handOut(driver.getBlob(label));
  }

  @Override
  public @Nullable Clob getClob(int column) throws SQLException {
    return rows.handOut(driver.getClob(column));
  }

  @Override
  public @Nullable Clob getClob(String label) throws SQLException {
    return rows.handOut(driver.getClob(label));
  }

  @Override
  public @Nullable NClob getNClob(int column) throws SQLException {
    return rows.handOut(driver.getNClob(column));
  }

  @Override
  public @Nullable NClob getNClob(String label) throws SQLException {
    return rows.handOut(driver.getNClob(label));
  }

  @Override
  public @Nullable Object getObject(int column) throws SQLException {
    return value(driver.getObject(column));
  }

  @Override
  public @Nullable Object getObject(String label) throws SQLException {
    return value(driver.getObject(label));
  }

  @Override
  public @Nullable Object getObject(int column, Map<String, Class<?>> types) throws SQLException {
    return value(driver.getObject(column, types));
  }

  @Override
  public @Nullable Object getObject(String label, Map<String, Class<?>> types) throws SQLException {
    return value(driver.getObject(label, types));
  }

  @Override
  public <T> @Nullable T getObject(int column, Class<T> type) throws SQLException {
    return rows.handOut(driver.getObject(column, type));
  }

  @Override
  public <T> @Nullable T getObject(String label, Class<T> type) throws SQLException {
    return rows.handOut(driver.getObject(label, type));
  }

  /** A cursor that a column refers to is a result set, too. */
  private @Nullable Object value(@Nullable Object value) throws SQLException {
    return value instanceof ResultSet cursor
        ? statement.rowsOf(cursor, rows.physical())
        : rows.handOut(value);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(this) || driver.isWrapperFor(type);
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    T found = driver.unwrap(type);
    rows.unwrapped();
    return found;
  }

  @Override
  public String toString() {
    return "ResultSet of " + statement.proxy();
  }
}
