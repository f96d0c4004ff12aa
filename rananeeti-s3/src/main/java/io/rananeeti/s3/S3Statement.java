package io.rananeeti.s3;

import io.rananeeti.aws.internal.BufferedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement: an operation becomes an action of the connection's transaction, and answers 1. */
final class S3Statement extends BufferedStatement<Object> {

  private final S3Connection connection;

  S3Statement(S3Connection connection, Class<? extends Statement> type, @Nullable String text) {
    super(connection, type, text);
    this.connection = connection;
  }

  @Override
  protected boolean execute(String sql) throws SQLException {
    run(sql, row());
    return false;
  }

  @Override
  protected ResultSet query(@Nullable Object[] args) throws SQLException {
    throw new SQLException(S3Texts.UNKNOWN, "42601");
  }

  @Override
  protected long update(String sql) throws SQLException {
    return run(sql, row());
  }

  private long run(String sql, List<Object> values) throws SQLException {
    count(0);
    if (connection.control(sql)) {
      return 0;
    }
    connection.write(ActionText.action(sql, values));
    return count(1);
  }

  @Override
  protected int runBatch() throws SQLException {
    List<List<Object>> all = takeBatch();
    for (List<Object> values : all) {
      run(textOf(new Object[0]), values);
    }
    return all.size();
  }

  @Override
  protected void addText(@Nullable Object[] args) throws SQLException {
    throw unsupported("Statement.addBatch(String)");
  }

  @Override
  protected Object value(String setter, @Nullable Object[] args) throws SQLException {
    Object value = args[1];
    if (value == null) {
      throw new SQLException("operations of S3 have no nulls", "22004");
    }
    return bytesOf(value);
  }

  @Override
  protected String shown(String sql) {
    return sql;
  }
}
