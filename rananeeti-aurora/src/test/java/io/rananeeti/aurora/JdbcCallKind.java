package io.rananeeti.aurora;

import io.rananeeti.aurora.JdbcCall.Draws;
import java.math.BigDecimal;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.util.Properties;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/** The kinds of calls, how often each is drawn, and what is noted of its answer. */
@SuppressWarnings({
  "NullAway", // what is not there is noted as null
  "ImmutableEnumChecker" // its calls keep nothing
})
enum JdbcCallKind {
  STATEMENT(5, (s, d) -> s.add(createStatement(s.connection, d))),
  PREPARE(7, (s, d) -> s.add(prepare(s.connection, d))),
  PREPARE_CALL(
      2,
      (s, d) ->
          s.add(
              s.connection.prepareCall(
                  d.of("{? = call twice(?)}", "{? = call twice(?)}", "{call twice(?)}")))),
  EXECUTE(12, (s, d) -> execute(text(s, d), JdbcSql.any(d), d)),
  EXECUTE_QUERY(
      8,
      (s, d) -> s.add(text(s, d).executeQuery(d.next(4) == 0 ? JdbcSql.any(d) : JdbcSql.query(d)))),
  EXECUTE_UPDATE(
      7,
      (s, d) -> {
        Statement statement = text(s, d);
        String sql = d.next(4) == 0 ? JdbcSql.any(d) : JdbcSql.write(d);
        return d.yes() ? statement.executeUpdate(sql) : statement.executeLargeUpdate(sql);
      }),
  EXECUTE_WITH_KEYS(4, (s, d) -> withKeys(text(s, d), d)),
  RUN_TO_END(5, (s, d) -> toEnd(text(s, d), d)),
  BATCH_OF_TEXTS(
      3,
      (s, d) -> {
        Statement statement = text(s, d);
        for (int i = d.next(3); i >= 0; i--) {
          statement.addBatch(d.next(6) == 0 ? JdbcSql.any(d) : JdbcSql.write(d));
        }
        return d.yes() ? statement.executeBatch() : statement.executeLargeBatch();
      }),
  ADD_BATCH(2, (s, d) -> done(() -> text(s, d).addBatch(JdbcSql.any(d)))),
  SET(10, (s, d) -> set(s.prepared(d), d)),
  SET_ALL_AND_RUN(
      12,
      (s, d) -> {
        PreparedStatement statement = s.prepared(d);
        if (statement == null) {
          return "-";
        }
        statement.setInt(1, d.next(9));
        if (d.next(8) > 0) {
          statement.setString(2, "v" + d.next(3));
        }
        return runPrepared(s, statement, d);
      }),
  RUN_PREPARED(
      5,
      (s, d) -> {
        PreparedStatement statement = s.prepared(d);
        return statement == null ? "-" : runPrepared(s, statement, d);
      }),
  PREPARED_BATCH(
      4,
      (s, d) -> {
        PreparedStatement statement = s.prepared(d);
        if (statement == null) {
          return "-";
        }
        int ids = d.yes() ? 12 : 1_000_000;
        if (ids == 12) {
          begin(s);
        }
        for (int i = d.next(4); i >= 0; i--) {
          statement.setInt(1, d.next(ids));
          statement.setString(2, "b");
          statement.addBatch();
        }
        return d.yes() ? statement.executeBatch() : statement.executeLargeBatch();
      }),
  ADD_PREPARED_BATCH(
      2,
      (s, d) -> {
        PreparedStatement statement = s.prepared(d);
        return statement == null ? "-" : done(statement::addBatch);
      }),
  CLEAR_PARAMETERS(
      3,
      (s, d) -> {
        PreparedStatement statement = s.prepared(d);
        return statement == null ? "-" : done(statement::clearParameters);
      }),
  EXECUTE_BATCH(
      2,
      (s, d) -> {
        Statement statement = s.statement(d);
        if (statement instanceof PreparedStatement) {
          begin(s);
        }
        return statement.executeBatch();
      }),
  CLEAR_BATCH(1, (s, d) -> done(s.statement(d)::clearBatch)),
  TEXT_ON_PREPARED(
      1,
      (s, d) -> {
        PreparedStatement statement = s.prepared(d);
        return statement == null ? "-" : statement.execute(JdbcSql.any(d));
      }),
  META_DATA_OF_PREPARED(2, (s, d) -> metaDataOf(s, d)),
  CALL(5, (s, d) -> call(s.callable(d), d)),
  OUT_PARAMETER(
      2,
      (s, d) -> {
        CallableStatement call = s.callable(d);
        if (call == null) {
          return "-";
        }
        return d.yes() ? call.getInt(1 + d.next(2)) : call.getObject(1) + " " + call.wasNull();
      }),
  UPDATE_COUNT(4, (s, d) -> updateCount(s.statement(d))),
  MORE_RESULTS(
      4,
      (s, d) -> {
        Statement statement = s.statement(d);
        boolean more =
            d.yes()
                ? statement.getMoreResults()
                : statement.getMoreResults(
                    d.of(
                        Statement.KEEP_CURRENT_RESULT,
                        Statement.CLOSE_ALL_RESULTS,
                        Statement.CLOSE_CURRENT_RESULT));
        return more + " " + updateCount(statement);
      }),
  RESULT_SET(3, (s, d) -> s.add(s.statement(d).getResultSet())),
  GENERATED_KEYS(
      3,
      (s, d) -> {
        Statement statement = s.statement(d);
        ResultSet keys = statement.getGeneratedKeys();
        return s.add(keys) + (statement.getGeneratedKeys().isClosed() ? " closed" : " open");
      }),
  WARNINGS(3, (s, d) -> JdbcSession.warnings(s.statement(d).getWarnings())),
  CLEAR_WARNINGS(1, (s, d) -> done(s.statement(d)::clearWarnings)),
  OPTION(7, (s, d) -> option(s.statement(d), d)),
  OPTIONS(3, (s, d) -> options(s.statement(d))),
  CLOSE_STATEMENT(2, (s, d) -> close(s, s.statement(d))),
  IS_CLOSED(2, (s, d) -> s.statement(d).isClosed()),
  OF_STATEMENT(2, (s, d) -> ofStatement(s, s.statement(d), d)),
  NEXT(
      12,
      (s, d) -> {
        ResultSet rows = s.rows(d);
        return rows == null ? "-" : rows.next() ? "row " + rows.getObject(1) : "end";
      }),
  REST(5, (s, d) -> s.results.isEmpty() ? "-" : JdbcSession.rest(s.rows(d))),
  GET(6, (s, d) -> s.results.isEmpty() ? "-" : get(s.rows(d), d)),
  SCROLL(5, (s, d) -> s.results.isEmpty() ? "-" : scroll(s.rows(d), d)),
  WHERE(
      2,
      (s, d) -> {
        ResultSet rows = s.rows(d);
        return rows == null
            ? "-"
            : rows.getRow() + " " + rows.isBeforeFirst() + rows.isAfterLast() + rows.isFirst();
      }),
  UPDATE_VALUE(5, (s, d) -> s.results.isEmpty() ? "-" : updateValue(s.rows(d), d)),
  UPDATE_ROW(6, (s, d) -> s.results.isEmpty() ? "-" : updateRow(s.rows(d), d)),
  OF_ROWS(3, (s, d) -> s.results.isEmpty() ? "-" : ofRows(s, s.rows(d), d)),
  CLOSE_ROWS(
      3,
      (s, d) -> {
        ResultSet rows = s.rows(d);
        return rows == null ? "-" : done(rows::close);
      }),
  AUTO_COMMIT_OFF(
      7,
      (s, d) -> {
        s.connection.setAutoCommit(false);
        return s.connection.getAutoCommit();
      }),
  AUTO_COMMIT_ON(
      3,
      (s, d) -> {
        s.rollsBack();
        s.connection.setAutoCommit(true);
        s.connection.setReadOnly(false);
        return s.connection.getAutoCommit();
      }),
  COMMIT(
      6,
      (s, d) -> {
        return s.rollsBack() ? "rolled back" : done(s.connection::commit);
      }),
  ROLLBACK(4, (s, d) -> done(s.connection::rollback)),
  COMMIT_BY_TEXT(
      4,
      (s, d) -> {
        Statement statement = text(s, d);
        String sql = d.sayOneOf("COMMIT", "END", "commit work");
        return s.rollsBack() ? "rolled back" : execute(statement, sql, d);
      }),
  BEGIN_BY_TEXT(
      4, (s, d) -> execute(text(s, d), d.sayOneOf("BEGIN", "START TRANSACTION", "begin"), d)),
  READ_ONLY_BY_TEXT(
      2,
      (s, d) -> {
        Statement statement = text(s, d);
        statement.execute("ROLLBACK");
        String sql =
            d.sayOneOf(
                "BEGIN READ ONLY",
                "SET TRANSACTION READ ONLY",
                "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY");
        return execute(statement, sql, d);
      }),
  ROLLBACK_BY_TEXT(3, (s, d) -> execute(text(s, d), d.sayOneOf("ROLLBACK", "ABORT"), d)),
  SEVERAL_WITH_CONTROL(3, (s, d) -> several(s, text(s, d), d)),
  SAVEPOINT(
      4,
      (s, d) -> {
        Savepoint set =
            d.yes() ? s.connection.setSavepoint() : s.connection.setSavepoint(d.of("s", "T", "u"));
        s.savepoints.add(set);
        return "set";
      }),
  ROLLBACK_TO(
      4,
      (s, d) -> {
        Savepoint to = d.oneOf(s.savepoints);
        return to == null ? "-" : done(() -> s.connection.rollback(to));
      }),
  RELEASE(
      3,
      (s, d) -> {
        Savepoint which = d.oneOf(s.savepoints);
        return which == null ? "-" : done(() -> s.connection.releaseSavepoint(which));
      }),
  SAVEPOINT_BY_TEXT(
      4,
      (s, d) ->
          execute(
              text(s, d),
              d.sayOneOf("SAVEPOINT s", "ROLLBACK TO s", "RELEASE SAVEPOINT s", "SAVEPOINT \"T\""),
              d)),
  NAMES_OF_SAVEPOINT(
      1,
      (s, d) -> {
        Savepoint which = d.oneOf(s.savepoints);
        return which == null ? "-" : d.yes() ? which.getSavepointId() : which.getSavepointName();
      }),
  READ_ONLY(
      2,
      (s, d) -> {
        if (s.connection.getAutoCommit()) {
          return "-";
        }
        s.connection.setReadOnly(d.yes());
        return s.connection.isReadOnly();
      }),
  ISOLATION(
      2,
      (s, d) ->
          done(
              () ->
                  s.connection.setTransactionIsolation(
                      d.of(
                          Connection.TRANSACTION_READ_COMMITTED,
                          Connection.TRANSACTION_REPEATABLE_READ,
                          Connection.TRANSACTION_SERIALIZABLE,
                          Connection.TRANSACTION_NONE,
                          17)))),
  GET_ISOLATION(2, (s, d) -> s.connection.getTransactionIsolation()),
  SCHEMA(1, (s, d) -> done(() -> s.connection.setSchema(d.of("public", "other", "none", null)))),
  ASKED(4, (s, d) -> asked(s, d)),
  HOLDABILITY(
      2,
      (s, d) -> {
        s.connection.setHoldability(
            d.of(ResultSet.HOLD_CURSORS_OVER_COMMIT, ResultSet.CLOSE_CURSORS_AT_COMMIT, 9));
        return s.connection.getHoldability();
      }),
  CLIENT_INFO(2, (s, d) -> clientInfo(s.connection, d)),
  CONNECTION_WARNINGS(
      2,
      (s, d) -> {
        String warnings = JdbcSession.warnings(s.connection.getWarnings());
        s.connection.clearWarnings();
        return warnings;
      }),
  OF_CONNECTION(3, (s, d) -> ofConnection(s.connection, d)),
  DATABASE_META_DATA(2, (s, d) -> databaseMetaData(s, d));

  private final int weight;
  private final Body body;

  JdbcCallKind(int weight, Body body) {
    this.weight = weight;
    this.body = body;
  }

  /** Makes the call; what is noted of it. */
  @FunctionalInterface
  private interface Body {
    @Nullable Object on(JdbcSession session, Draws draws) throws SQLException;
  }

  @FunctionalInterface
  private interface Call {
    void run() throws SQLException;
  }

  int weight() {
    return weight;
  }

  @Nullable Object on(JdbcSession session, Draws draws) throws SQLException {
    return body.on(session, draws);
  }

  private static boolean same(@Nullable Object one, @Nullable Object other) {
    return one == other;
  }

  private static String done(Call call) throws SQLException {
    call.run();
    return "done";
  }

  /** Out of auto-commit mode, in which the driver may commit a part of a batch that fails. */
  private static void begin(JdbcSession s) throws SQLException {
    if (s.connection.getAutoCommit()) {
      try (Statement statement = s.connection.createStatement()) {
        statement.execute("BEGIN");
      }
    }
  }

  /** A statement that takes texts; made if there is none. */
  private static Statement text(JdbcSession s, Draws d) throws SQLException {
    Statement found = s.statement(d);
    if (found instanceof PreparedStatement) {
      found = s.connection.createStatement();
      s.add(found);
    }
    return found;
  }

  private static Statement createStatement(Connection connection, Draws d) throws SQLException {
    int type =
        d.of(
            ResultSet.TYPE_FORWARD_ONLY,
            ResultSet.TYPE_SCROLL_INSENSITIVE,
            ResultSet.TYPE_SCROLL_SENSITIVE);
    int concurrency =
        d.of(
            ResultSet.CONCUR_UPDATABLE,
            ResultSet.CONCUR_READ_ONLY,
            ResultSet.CONCUR_UPDATABLE,
            d.next(12) == 0 ? 55 : ResultSet.CONCUR_UPDATABLE);
    int holdability = d.of(ResultSet.HOLD_CURSORS_OVER_COMMIT, ResultSet.CLOSE_CURSORS_AT_COMMIT);
    return switch (d.next(4)) {
      case 0 -> connection.createStatement();
      case 1 -> connection.createStatement(type, concurrency, holdability);
      default -> connection.createStatement(type, concurrency);
    };
  }

  private static PreparedStatement prepare(Connection connection, Draws d) throws SQLException {
    String sql = JdbcSql.prepared(d);
    return switch (d.next(10)) {
      case 0 -> connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS);
      case 1 -> connection.prepareStatement(sql, new String[] {d.of("id", "name", "nothing")});
      case 2 -> connection.prepareStatement(sql, d.of(new int[] {1}, new int[0]));
      case 3 -> connection.prepareStatement(sql, Statement.NO_GENERATED_KEYS);
      case 4 ->
          connection.prepareStatement(
              sql, ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
      case 5 ->
          connection.prepareStatement(
              sql,
              ResultSet.TYPE_FORWARD_ONLY,
              ResultSet.CONCUR_READ_ONLY,
              ResultSet.HOLD_CURSORS_OVER_COMMIT);
      default -> connection.prepareStatement(sql);
    };
  }

  private static String execute(Statement statement, String sql, Draws d) throws SQLException {
    return switch (d.next(8)) {
      case 0 -> statement.executeUpdate(sql) + " count";
      case 1 -> JdbcSession.rest(statement.executeQuery(sql));
      default -> statement.execute(sql) + " " + updateCount(statement);
    };
  }

  private static String updateCount(Statement statement) throws SQLException {
    return statement.getUpdateCount() + "/" + statement.getLargeUpdateCount();
  }

  private static String withKeys(Statement statement, Draws d) throws SQLException {
    String sql = JdbcSql.inserting(d);
    Object answer =
        switch (statement.isClosed() ? 0 : d.next(7)) {
          case 0 -> statement.execute(sql, Statement.RETURN_GENERATED_KEYS);
          case 1 -> statement.executeUpdate(sql, Statement.RETURN_GENERATED_KEYS);
          case 2 -> statement.executeUpdate(sql, new String[] {d.of("id", "name", "nothing")});
          case 3 -> statement.executeLargeUpdate(sql, Statement.RETURN_GENERATED_KEYS);
          case 4 -> statement.execute(sql, new int[] {1});
          case 5 -> statement.executeUpdate(sql, d.of(Statement.NO_GENERATED_KEYS, 77));
          default -> statement.execute(sql, new String[] {"id", "name"});
        };
    return answer + " " + updateCount(statement) + keys(statement);
  }

  private static String keys(Statement statement) throws SQLException {
    try (ResultSet keys = statement.getGeneratedKeys()) {
      return " keys" + JdbcSession.columns(keys.getMetaData()) + " " + JdbcSession.rest(keys);
    }
  }

  private static String toEnd(Statement statement, Draws d) throws SQLException {
    StringBuilder all = new StringBuilder();
    boolean rows = statement.execute(JdbcSql.several(d));
    while (rows || statement.getUpdateCount() != -1) {
      all.append(rows ? JdbcSession.rest(statement.getResultSet()) : updateCount(statement));
      all.append('|');
      rows = statement.getMoreResults();
    }
    return all.toString();
  }

  private static String several(JdbcSession s, Statement statement, Draws d) throws SQLException {
    String answer;
    try {
      answer = execute(statement, JdbcSql.controlling(d), d);
    } catch (SQLException e) {
      answer = "SQLSTATE " + e.getSQLState();
    }
    Statement other = s.connection.createStatement();
    try (other) {
      return answer + " " + other.execute("SAVEPOINT probe");
    }
  }

  private static String runPrepared(JdbcSession s, PreparedStatement statement, Draws d)
      throws SQLException {
    return switch (d.next(5)) {
      case 0 -> statement.executeUpdate() + " " + updateCount(statement);
      case 1 -> "large " + statement.executeLargeUpdate();
      case 2 -> s.add(statement.executeQuery());
      default -> {
        boolean rows = statement.execute();
        yield rows ? s.add(statement.getResultSet()) : updateCount(statement);
      }
    };
  }

  private static String set(@Nullable PreparedStatement statement, Draws d) throws SQLException {
    if (statement == null) {
      return "-";
    }
    int index = d.next(15) == 0 ? d.of(0, 3, 9, -1) : 1 + d.next(2);
    int number = d.next(9);
    switch (d.next(11)) {
      case 0 -> statement.setLong(index, number);
      case 1 -> statement.setString(index, String.valueOf(number));
      case 2 -> statement.setObject(index, number);
      case 3 -> statement.setObject(index, String.valueOf(number), Types.INTEGER);
      case 4 -> statement.setNull(index, d.of(Types.INTEGER, Types.VARCHAR, Types.NULL));
      case 5 -> statement.setBigDecimal(index, BigDecimal.valueOf(number));
      case 6 -> statement.setObject(index, d.of(LocalDate.EPOCH, new UUID(1, number)));
      case 7 -> statement.setObject(index, null);
      case 8 -> statement.setShort(index, (short) number);
      case 9 -> statement.setObject(index, new Object());
      default -> statement.setInt(index, number);
    }
    return "set";
  }

  private static String metaDataOf(JdbcSession s, Draws d) throws SQLException {
    PreparedStatement statement = s.prepared(d);
    if (statement == null || statement.isClosed()) {
      return "-";
    }
    inTransaction(s);
    if (d.yes()) {
      return JdbcSession.columns(statement.getMetaData());
    }
    ParameterMetaData meta = statement.getParameterMetaData();
    StringBuilder all = new StringBuilder().append(meta.getParameterCount());
    for (int i = 1; i <= meta.getParameterCount(); i++) {
      all.append(' ').append(meta.getParameterTypeName(i)).append(meta.getParameterMode(i));
    }
    return all.toString();
  }

  private static Object call(@Nullable CallableStatement call, Draws d) throws SQLException {
    if (call == null) {
      return "-";
    }
    if (d.next(5) > 0) {
      call.registerOutParameter(1, d.next(6) == 0 ? Types.VARCHAR : Types.INTEGER);
    }
    if (d.next(5) > 0) {
      call.setInt(d.next(8) == 0 ? 1 : 2, d.next(9));
    }
    boolean rows = call.execute();
    return rows ? "rows" : call.getInt(1) + " " + call.wasNull() + " " + updateCount(call);
  }

  private static Object option(Statement statement, Draws d) throws SQLException {
    if (statement.isClosed()) {
      return "closed, where the driver looks at some of them only";
    }
    int number = d.next(9) == 0 ? -1 : d.next(4);
    switch (d.next(10)) {
      case 0 -> statement.setMaxRows(number);
      case 1, 2 -> statement.setFetchSize(number);
      case 3 -> statement.setQueryTimeout(number < 0 ? number : number * 20);
      case 4 ->
          statement.setFetchDirection(
              statement.getResultSetType() == ResultSet.TYPE_FORWARD_ONLY
                  ? d.of(ResultSet.FETCH_FORWARD, 4711)
                  : ResultSet.FETCH_REVERSE);
      case 5 -> statement.setPoolable(d.yes());
      case 6 -> statement.closeOnCompletion();
      case 7 -> statement.setMaxFieldSize(number);
      case 8 -> statement.setLargeMaxRows(number);
      default -> statement.setCursorName("c");
    }
    return "set";
  }

  private static String options(Statement statement) throws SQLException {
    return statement.getFetchSize()
        + " "
        + statement.getMaxRows()
        + " "
        + statement.getQueryTimeout()
        + " "
        + statement.getFetchDirection()
        + " "
        + statement.getMaxFieldSize()
        + " "
        + statement.getResultSetType()
        + " "
        + statement.getResultSetConcurrency()
        + " "
        + statement.getResultSetHoldability()
        + " "
        + statement.isPoolable()
        + statement.isCloseOnCompletion();
  }

  private static String close(JdbcSession s, Statement statement) throws SQLException {
    statement.close();
    StringBuilder closed = new StringBuilder("closed");
    for (ResultSet rows : s.results) {
      closed.append(' ').append(rows.isClosed());
    }
    return closed.toString();
  }

  private static Object ofStatement(JdbcSession s, Statement statement, Draws d)
      throws SQLException {
    return switch (statement.isClosed() ? 0 : d.next(6)) {
      case 0 -> statement.getConnection() == s.connection;
      case 1 ->
          statement.isWrapperFor(Statement.class) + " " + statement.isWrapperFor(Integer.class);
      case 2 -> statement.unwrap(Statement.class) == statement;
      case 3 -> same(statement.getResultSet(), statement.getResultSet());
      case 4 -> statement.isWrapperFor(PGStatement.class);
      default -> statement.enquoteIdentifier("a b", false) + statement.enquoteLiteral("it's");
    };
  }

  private static Object get(ResultSet rows, Draws d) throws SQLException {
    int column = d.next(12) == 0 ? 9 : 1 + d.next(2);
    String label = d.next(6) == 0 ? "nothing" : d.of("id", "name");
    return switch (d.next(10)) {
      case 0 -> rows.getInt(column) + " " + rows.wasNull();
      case 1 -> rows.getString(column);
      case 2 -> rows.getString(label);
      case 3 -> rows.getLong(label);
      case 4 -> rows.getObject(column, Integer.class);
      case 5 -> rows.getBigDecimal(column);
      case 6 -> rows.getBytes(column);
      case 7 -> rows.getBoolean(column);
      case 8 -> rows.findColumn(label);
      default -> rows.getDate(column);
    };
  }

  private static Object scroll(ResultSet rows, Draws d) throws SQLException {
    return switch (d.next(8)) {
      case 0 -> rows.first();
      case 1 -> rows.last();
      case 2 -> rows.previous();
      case 3 -> rows.absolute(d.next(5) - 1);
      case 4 -> rows.relative(d.next(3) - 1);
      case 5 -> done(rows::beforeFirst);
      case 6 -> rows.isLast();
      default -> done(rows::afterLast);
    };
  }

  private static Object updateValue(ResultSet rows, Draws d) throws SQLException {
    switch (d.next(5)) {
      case 0 -> rows.moveToInsertRow();
      case 1 -> rows.updateInt("id", d.next(12));
      case 2 -> rows.updateNull(2);
      case 3 -> rows.moveToCurrentRow();
      default -> rows.updateString("name", "r" + d.next(3));
    }
    return "updated";
  }

  private static Object updateRow(ResultSet rows, Draws d) throws SQLException {
    switch (d.next(9)) {
      case 0, 1 -> {
        rows.updateString("name", "w" + d.next(3));
        rows.updateRow();
      }
      case 2, 3 -> {
        rows.moveToInsertRow();
        rows.updateInt("id", d.next(12));
        rows.updateString("name", "i" + d.next(3));
        rows.insertRow();
      }
      case 4 -> rows.deleteRow();
      case 5 -> rows.refreshRow();
      case 6 -> rows.cancelRowUpdates();
      case 7 -> rows.insertRow();
      default -> rows.updateRow();
    }
    return rows.rowUpdated() + " " + rows.rowInserted() + " " + rows.rowDeleted();
  }

  private static Object ofRows(JdbcSession s, ResultSet rows, Draws d) throws SQLException {
    return switch (d.next(9)) {
      case 0 -> s.statements.indexOf(rows.getStatement());
      case 1 -> rows.getStatement().getConnection() == s.connection;
      case 2 -> rows.getType() + " " + rows.getConcurrency();
      case 3 -> rows.getHoldability();
      case 4 -> rows.getFetchSize() + " " + rows.getFetchDirection();
      case 5 -> JdbcSession.warnings(rows.getWarnings());
      case 6 -> rows.isWrapperFor(ResultSet.class) && rows.unwrap(ResultSet.class) == rows;
      case 7 -> rows.getCursorName();
      default -> rows.isClosed();
    };
  }

  /** What begins a transaction with the driver, and with the platform does not. */
  private static void inTransaction(JdbcSession s) throws SQLException {
    try (Statement statement = s.connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  private static Object asked(JdbcSession s, Draws d) throws SQLException {
    inTransaction(s);
    return switch (d.next(4)) {
      case 0 -> s.connection.getSchema();
      case 1 -> s.connection.getCatalog() != null;
      case 2 -> s.connection.nativeSQL("SELECT {fn now()}, {d '2024-01-01'}");
      default -> s.connection.isValid(d.of(0, 5));
    };
  }

  private static Object clientInfo(Connection connection, Draws d) throws SQLException {
    switch (d.next(5)) {
      case 0 -> connection.setClientInfo("ApplicationName", "app" + d.next(2) + "'s");
      case 1 -> connection.setClientInfo("Nothing", "x");
      case 2 -> {
        Properties all = new Properties();
        all.setProperty("ApplicationName", "all");
        all.setProperty("Other", "x");
        connection.setClientInfo(all);
        return connection.getClientInfo();
      }
      case 3 -> {
        return connection.getClientInfo("Other");
      }
      default -> {
        connection.setClientInfo("ApplicationName", "named");
        return connection.getClientInfo("ApplicationName");
      }
    }
    return JdbcSession.warnings(connection.getWarnings());
  }

  private static Object ofConnection(Connection connection, Draws d) throws SQLException {
    return switch (d.next(13)) {
      case 0 -> connection.createBlob();
      case 1 -> connection.createClob();
      case 2 -> connection.createStruct("x", new Object[0]);
      case 3 -> connection.createSQLXML() != null;
      case 4 -> connection.getTypeMap();
      case 5 -> connection.isWrapperFor(Connection.class);
      case 6 -> connection.unwrap(Connection.class) == connection;
      case 7 -> same(connection.getMetaData(), connection.getMetaData());
      case 8 -> {
        connection.setNetworkTimeout(null, d.of(-1, 0, 60_000));
        yield connection.getNetworkTimeout();
      }
      case 9 -> connection.isValid(-1);
      case 10 -> connection.createNClob();
      case 11 -> connection.getAutoCommit();
      default -> connection.isReadOnly();
    };
  }

  private static Object databaseMetaData(JdbcSession s, Draws d) throws SQLException {
    inTransaction(s);
    DatabaseMetaData meta = s.connection.getMetaData();
    return switch (d.next(6)) {
      case 0 -> meta.getDatabaseProductName() + meta.getDriverName();
      case 1 -> meta.getConnection() == s.connection;
      case 2 -> s.add(meta.getColumns(null, "public", "items", null));
      case 3 -> s.add(meta.getPrimaryKeys(null, "public", "numbered"));
      case 4 -> s.add(meta.getTableTypes());
      default -> meta.getUserName() + meta.supportsBatchUpdates() + meta.getMaxColumnNameLength();
    };
  }
}
