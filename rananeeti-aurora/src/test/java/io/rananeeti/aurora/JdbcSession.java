package io.rananeeti.aurora;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.Reader;
import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/**
 * One connection, the plain driver's or ours, and all that was made with it, on which a sequence of
 * {@link JdbcCall}s is made. What the calls answer is noted, one line each.
 */
@SuppressWarnings("NullAway") // what is not there is noted as null
final class JdbcSession {

  private static final int MOST_OBJECTS = 5;

  /** Outside of transactions, and in failed ones. */
  private static final Set<String> SAID_WITHOUT_ASKING = Set.of("25P01", "25P02");

  final Connection connection;
  final List<Statement> statements = new ArrayList<>();
  final List<ResultSet> results = new ArrayList<>();
  final List<Savepoint> savepoints = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private boolean failed;

  JdbcSession(Connection connection) {
    this.connection = connection;
  }

  /** Makes the calls; what they answered. */
  List<String> run(List<JdbcCall> calls) {
    for (JdbcCall call : calls) {
      JdbcCall.Draws draws = call.draws();
      String answer = answer(call, draws);
      notes.add(call + draws.texts() + " -> " + answer);
    }
    return notes;
  }

  private String answer(JdbcCall call, JdbcCall.Draws draws) {
    try {
      return note(call.kind().on(this, draws));
    } catch (SQLException e) {
      failed = true;
      return failure(e);
    } catch (RuntimeException | AssertionError ofDriver) {
      failed = true;
      return ofDriver.getClass().getName();
    }
  }

  /**
   * A failed transaction is rolled back instead of committed: the driver does so in silence, and
   * the platform says so, which is told apart elsewhere.
   */
  boolean rollsBack() throws SQLException {
    if (!failed) {
      return false;
    }
    failed = false;
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
      return false;
    } catch (SQLException e) {
      if (!"25P02".equals(e.getSQLState())) {
        throw e;
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("ROLLBACK");
    }
    return true;
  }

  Statement statement(JdbcCall.Draws draws) throws SQLException {
    if (statements.isEmpty()) {
      add(connection.createStatement());
    }
    return statements.get(draws.next(statements.size()));
  }

  @Nullable PreparedStatement prepared(JdbcCall.Draws draws) throws SQLException {
    return draws.oneOf(
        statements.stream()
            .filter(PreparedStatement.class::isInstance)
            .map(PreparedStatement.class::cast)
            .toList());
  }

  @Nullable CallableStatement callable(JdbcCall.Draws draws) {
    return draws.oneOf(
        statements.stream()
            .filter(CallableStatement.class::isInstance)
            .map(CallableStatement.class::cast)
            .toList());
  }

  /** The newest most often. */
  @Nullable ResultSet rows(JdbcCall.Draws draws) {
    if (results.isEmpty()) {
      return null;
    }
    return draws.next(4) == 0 ? draws.oneOf(results) : results.get(results.size() - 1);
  }

  String add(Statement statement) {
    if (statements.size() == MOST_OBJECTS) {
      statements.remove(0);
    }
    statements.add(statement);
    return statement instanceof CallableStatement
        ? "callable"
        : statement instanceof PreparedStatement ? "prepared" : "statement";
  }

  String add(@Nullable ResultSet rows) throws SQLException {
    if (rows == null) {
      return "no rows";
    }
    results.removeIf(each -> each == rows);
    if (results.size() == MOST_OBJECTS) {
      results.remove(0);
    }
    results.add(rows);
    return "rows" + (rows.isClosed() ? " closed" : columns(rows.getMetaData()));
  }

  static String columns(@Nullable ResultSetMetaData meta) throws SQLException {
    if (meta == null) {
      return "none";
    }
    StringBuilder columns = new StringBuilder();
    for (int i = 1; i <= meta.getColumnCount(); i++) {
      columns
          .append(' ')
          .append(meta.getColumnLabel(i))
          .append(':')
          .append(meta.getColumnTypeName(i))
          .append(':')
          .append(meta.getColumnClassName(i));
    }
    return columns.toString();
  }

  /** The rest of the rows, the first few columns of each. */
  static String rest(ResultSet rows) throws SQLException {
    StringBuilder all = new StringBuilder();
    int columns = Math.min(3, rows.getMetaData().getColumnCount());
    while (rows.next()) {
      for (int i = 1; i <= columns; i++) {
        all.append(note(rows.getObject(i))).append(i == columns ? ";" : ",");
      }
    }
    return all.toString();
  }

  static String note(@Nullable Object answer) throws SQLException {
    if (answer instanceof int[] counts) {
      return Arrays.toString(counts);
    }
    if (answer instanceof long[] counts) {
      return "long" + Arrays.toString(counts);
    }
    if (answer instanceof byte[] bytes) {
      return "bytes" + Arrays.toString(bytes);
    }
    if (answer instanceof Array array) {
      return array.toString();
    }
    if (answer instanceof InputStream || answer instanceof Reader) {
      return "stream";
    }
    if (answer instanceof SQLWarning warning) {
      return warnings(warning);
    }
    return String.valueOf(answer);
  }

  static String warnings(@Nullable SQLWarning first) {
    StringBuilder all = new StringBuilder("warnings");
    for (SQLWarning each = first; each != null; each = each.getNextWarning()) {
      all.append(' ').append(each.getSQLState()).append(' ').append(each.getMessage());
    }
    return all.toString();
  }

  /**
   * What the server says is passed on as the driver has it. Of what the platform says by itself,
   * and of what the driver says without asking, the SQLSTATE is the same.
   */
  private static String failure(SQLException e) {
    StringBuilder said = new StringBuilder("SQLSTATE ").append(e.getSQLState());
    boolean asked = !SAID_WITHOUT_ASKING.contains(String.valueOf(e.getSQLState()));
    if (asked && e instanceof PSQLException driver && driver.getServerErrorMessage() != null) {
      said.append(' ').append(driver.getServerErrorMessage().getMessage());
    }
    if (e instanceof BatchUpdateException batch) {
      said.append(" batch of ").append(batch.getUpdateCounts().length);
    }
    if (e.getNextException() != null) {
      said.append(" next ").append(e.getNextException().getSQLState());
    }
    return said.toString();
  }

  static InputStream stream(Random random) {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return new ByteArrayInputStream(bytes);
  }
}
