package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyManager;

/** What the drop-in once did otherwise than the driver, or let others find. */
@SuppressWarnings("NullAway") // results are looked at, not checked for null
class DropInEdgesIT extends DropInFixture {

  private static final String PID = "SELECT pg_backend_pid()";

  @Override
  String url() {
    return server.url();
  }

  @Test
  void aResultSetLeadsBackToOurStatementAndConnection() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        CallableStatement call = connection.prepareCall("{call twice(4)}")) {
      ResultSet rows = statement.executeQuery("SELECT 1");
      assertThat(rows.getStatement()).isSameAs(statement);
      assertThat(statement.getResultSet()).isSameAs(rows);
      assertThat(rows.getStatement().getConnection()).isSameAs(connection);
      assertThat(rows.unwrap(ResultSet.class)).isSameAs(rows);
      assertThat(rows.isWrapperFor(org.postgresql.jdbc.PgResultSet.class)).isTrue();

      call.execute();
      assertThat(call.getResultSet().getStatement()).isSameAs(call);

      statement.executeUpdate(
          "INSERT INTO numbered (name) VALUES ('a')", Statement.RETURN_GENERATED_KEYS);
      assertThat(statement.getGeneratedKeys().getStatement()).isSameAs(statement);
      assertThat(statement.getGeneratedKeys()).isSameAs(statement.getGeneratedKeys());

      DatabaseMetaData meta = connection.getMetaData();
      ResultSet tables = meta.getTables(null, "public", "items", null);
      assertThat(tables.getStatement().getConnection()).isSameAs(connection);
      assertThat(tables.getStatement().getResultSet()).isSameAs(tables);
      tables.getStatement().close();
      assertThat(tables.isClosed()).isTrue();

      rows.close();
      assertThatThrownBy(rows::getStatement).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void rowsThatAreChangedThroughAResultSetAreCommitted() throws Exception {
    for (boolean autoCommit : new boolean[] {true, false}) {
      try (Connection connection = dataSource.getConnection()) {
        run(connection, "DELETE FROM items");
        insert(connection, 1, "a");
        insert(connection, 2, "b");
        connection.setAutoCommit(autoCommit);
        try (Statement statement = updatable(connection);
            ResultSet rows = statement.executeQuery("SELECT id, name FROM items ORDER BY id")) {
          rows.next();
          rows.updateString("name", "changed");
          rows.updateRow();
          insert(connection, 3, "between");
          rows.next();
          rows.deleteRow();
          rows.moveToInsertRow();
          rows.updateInt("id", 4);
          rows.updateString("name", "inserted");
          rows.insertRow();
        }
        if (!autoCommit) {
          connection.commit();
        }
      }
      assertThat(items()).containsExactly("1=changed", "3=between", "4=inserted");
    }
  }

  @Test
  void aRowThatIsChangedAfterTheCommitBelongsToTheNextTransaction() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      insert(connection, 1, "a");
      connection.setAutoCommit(false);
      try (Statement statement = updatable(connection);
          ResultSet rows = statement.executeQuery("SELECT id, name FROM items")) {
        rows.next();
        connection.commit();
        rows.updateString("name", "rolled back");
        rows.updateRow();
        connection.rollback();
        rows.updateString("name", "kept");
        rows.updateRow();
        connection.commit();
      }
    }
    assertThat(items()).containsExactly("1=kept");
  }

  @Test
  void aFailedChangeOfARowFailsItsTransactionOnly() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = updatable(connection)) {
      insert(connection, 1, "a");
      insert(connection, 2, "b");
      ResultSet rows = statement.executeQuery("SELECT id, name FROM items ORDER BY id");
      rows.next();
      rows.updateInt("id", 2);
      assertState("23505", rows::updateRow);
      rows.cancelRowUpdates();
      rows.updateString("name", "c");
      rows.updateRow();
    }
    assertThat(items()).containsExactly("1=c", "2=b");
  }

  private static Statement updatable(Connection connection) throws SQLException {
    return connection.createStatement(
        ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
  }

  @Test
  void aLargeObjectIsWrittenThroughAResultSet() throws Exception {
    server.execute("CREATE TABLE made (o oid)", "INSERT INTO made SELECT lo_create(0)");
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT o FROM made")) {
        rows.next();
        Blob blob = rows.getBlob(1);
        blob.setBytes(1, new byte[] {1, 2, 3});
        Blob late = rows.getBlob(1);
        connection.commit();
        late.setBytes(1, new byte[] {1, 2, 3});
        connection.commit();
        run(connection, "SELECT 1");
        connection.rollback();
      }
      assertThat(read(connection, "SELECT lo_get(o)::text FROM made")).containsExactly("\\x010203");
    }
  }

  @Test
  void aFailureInAutoCommitModeCostsNoPhysicalConnection() throws Exception {
    String pid;
    try (Connection connection = dataSource.getConnection()) {
      pid = read(connection, PID).get(0);
    }
    List<String> failing =
        List.of(
            "SELECT 1 / 0",
            "nonsense",
            "INSERT INTO items VALUES (-1, 'x'), (-1, 'y')",
            "VACUUM nowhere",
            "BEGIN; SELECT 1 / 0");
    for (String sql : failing) {
      try (Connection connection = dataSource.getConnection()) {
        assertThatThrownBy(() -> run(connection, sql)).isInstanceOf(SQLException.class);
      }
      try (Connection connection = dataSource.getConnection()) {
        assertThat(read(connection, PID)).as(sql).containsExactly(pid);
      }
    }
  }

  @Test
  void aWriteInAReadOnlyTransactionCostsNoPhysicalConnection() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      String pid = read(connection, PID).get(0);
      run(connection, "SAVEPOINT s");
      assertState("25006", () -> insert(connection, 1, "a"));
      assertState("25P02", () -> insert(connection, 1, "a"));
      run(connection, "ROLLBACK TO s");
      assertThat(read(connection, PID)).containsExactly(pid);
    }
  }

  @Test
  void aTransactionMadeReadOnlyByTextCommits() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      run(connection, "BEGIN READ ONLY");
      read(connection, "SELECT count(*) FROM items");
      run(connection, "COMMIT");
      connection.setAutoCommit(false);
      run(connection, "SET TRANSACTION READ ONLY");
      read(connection, "SELECT twice(4)");
      connection.commit();
      run(connection, "BEGIN READ ONLY");
      assertState("25006", () -> insert(connection, 1, "a"));
      connection.rollback();
    }
    assertThat(items()).isEmpty();
  }

  @Test
  void clearedParametersAreNotSentAgain() throws Exception {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(INSERT)) {
      connection.setAutoCommit(false);
      statement.setInt(1, 1);
      statement.setString(2, "a");
      statement.executeUpdate();
      statement.clearParameters();
      statement.setInt(1, 2);
      assertState("22023", statement::executeUpdate);
      connection.commit();
      statement.setString(2, "b");
      statement.addBatch();
      statement.clearParameters();
      statement.setInt(1, 3);
      statement.addBatch();
      assertThatThrownBy(statement::executeBatch).isInstanceOf(SQLException.class);
      connection.rollback();
    }
    assertThat(items()).containsExactly("1=a");
  }

  @Test
  void aBatchThatCouldNotBeHandedOverIsNotRunWithTheNextOne() throws Exception {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(INSERT)) {
      connection.setAutoCommit(false);
      insert(connection, 9, "keeps the transaction");
      statement.setInt(1, 1);
      statement.setString(2, "a");
      statement.addBatch();
      statement.setObject(1, "no number", Types.INTEGER);
      statement.addBatch();
      assertThatThrownBy(statement::executeBatch).isInstanceOf(SQLException.class);
      statement.setInt(1, 2);
      statement.addBatch();
      assertThat(statement.executeBatch()).containsExactly(1);
      connection.commit();
    }
    assertThat(items()).containsExactly("2=a", "9=keeps the transaction");
  }

  @Test
  void whatTheDriverAloneHasBegunIsCommittedAndRolledBack() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
      connection.setAutoCommit(false);
      copy.copyIn("COPY items FROM STDIN", new StringReader("1\ta\n"));
      connection.commit();
      copy.copyIn("COPY items FROM STDIN", new StringReader("2\tb\n"));
      connection.rollback();
      copy.copyIn("COPY items FROM STDIN", new StringReader("3\tc\n"));
      connection.setAutoCommit(true);
      copy.copyIn("COPY items FROM STDIN", new StringReader("4\td\n"));
    }
    assertThat(items()).containsExactly("1=a", "3=c", "4=d");
  }

  @Test
  void aStatementIsUnwrapped() throws Exception {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement("SELECT ?::int")) {
      assertThat(statement.isWrapperFor(PGStatement.class)).isTrue();
      statement.unwrap(PGStatement.class).setPrepareThreshold(1);
      assertThat(statement.unwrap(PGStatement.class).getPrepareThreshold()).isOne();
      statement.setInt(1, 5);
      assertThat(rest(statement.executeQuery())).containsExactly("5");
      assertThat(statement.unwrap(Statement.class)).isSameAs(statement);
      assertThatThrownBy(() -> statement.unwrap(String.class)).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void autoCommitIsSwitchedOffWithinATransactionByText() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      run(connection, "BEGIN");
      insert(connection, 1, "a");
      connection.setAutoCommit(false);
      connection.rollback();
      run(connection, "BEGIN");
      connection.setSchema("other");
      run(connection, "ROLLBACK");
      insert(connection, 2, "b");
      connection.commit();
    }
    assertThat(items()).containsExactly("2=b");
  }

  @Test
  void textsThatBeginAndEndTransactionsAmongOtherThings() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      run(connection, "BEGIN; INSERT INTO items VALUES (1, 'a')");
      insert(connection, 2, "b");
      run(connection, "ROLLBACK");
      run(connection, "BEGIN; INSERT INTO items VALUES (3, 'c')");
      run(connection, "INSERT INTO items VALUES (4, 'd'); COMMIT");
      insert(connection, 5, "auto-commit again");
      run(connection, "BEGIN");
      run(connection, "PREPARE nothing AS SELECT 1; ROLLBACK; BEGIN; DELETE FROM items; ROLLBACK");
      insert(connection, 6, "and again");
    }
    assertThat(items()).containsExactly("3=c", "4=d", "5=auto-commit again", "6=and again");
  }

  @Test
  void aFetchSizeHidesNoRowsInAutoCommitMode() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.setFetchSize(2);
      ResultSet rows = statement.executeQuery("SELECT twice(g) FROM generate_series(1, 9) g");
      assertThat(rest(rows)).hasSize(9);
      assertThat(statement.getFetchSize()).isEqualTo(2);
      assertThat(rest(statement.executeQuery("SELECT * FROM generate_series(1, 9)"))).hasSize(9);
    }
  }

  @Test
  void anAnswerOfAnotherKindThanAskedForUndoesNothingInAutoCommitMode() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      assertState("02000", () -> statement.executeQuery("INSERT INTO items VALUES (1, 'a')"));
      assertState(
          "0100E", () -> statement.executeUpdate("INSERT INTO items VALUES (2, 'b') RETURNING id"));
      run(connection, "BEGIN");
      insert(connection, 3, "c");
      assertState("02000", () -> statement.executeQuery("COMMIT"));
      assertState("02000", () -> statement.executeQuery("SET search_path TO other"));
      run(connection, "SET search_path TO public");
    }
    assertThat(items()).containsExactly("1=a", "2=b", "3=c");
  }

  @Test
  void nothingOfAFailedTextReachesOtherUsersOfThePool() throws Exception {
    List<String> soiling =
        List.of(
            "SET search_path TO other; COMMIT; SELECT 1 / 0",
            "BEGIN; SET search_path TO other; COMMIT; SELECT 1 / 0");
    for (String sql : soiling) {
      try (Connection connection = dataSource.getConnection();
          Statement statement = connection.createStatement()) {
        assertThatThrownBy(() -> statement.execute(sql)).isInstanceOf(SQLException.class);
      }
      try (Connection connection = dataSource.getConnection();
          Statement statement = connection.createStatement()) {
        assertState("02000", () -> statement.executeQuery("SET search_path TO other"));
      }
      try (Connection one = dataSource.getConnection();
          Connection two = dataSource.getConnection()) {
        one.setAutoCommit(false);
        two.setAutoCommit(false);
        assertThat(one.getSchema()).as(sql).isEqualTo("public");
        assertThat(two.getSchema()).as(sql).isEqualTo("public");
      }
    }
  }

  @Test
  void settingsAreMadeBeforeTheTransactionGetsItsOptions() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      run(connection, "SET work_mem = '7MB'");
      run(connection, "BEGIN ISOLATION LEVEL SERIALIZABLE");
      assertThat(connection.getTransactionIsolation())
          .isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
      assertThat(read(connection, "SHOW work_mem")).containsExactly("7MB");
      run(connection, "ROLLBACK");
      run(connection, "RESET work_mem");
      assertThat(read(connection, "SHOW work_mem")).doesNotContain("7MB");
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      run(connection, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
      assertThat(connection.getTransactionIsolation())
          .isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
    }
  }

  @Test
  void theApplicationsNameFollowsItsConnectionAndNoOther() throws Exception {
    String name = "SHOW application_name";
    String fresh;
    String pid;
    try (Connection connection = dataSource.getConnection()) {
      fresh = read(connection, name).get(0);
      pid = read(connection, PID).get(0);
      connection.setClientInfo("ApplicationName", "it's me");
      assertThat(read(connection, name)).containsExactly("it's me");
      assertThat(connection.getClientInfo("ApplicationName")).isEqualTo("it's me");
      assertThat(connection.getClientInfo()).containsEntry("ApplicationName", "it's me");
    }
    try (Connection connection = dataSource.getConnection()) {
      assertThat(read(connection, name)).containsExactly(fresh);
      assertThat(read(connection, PID)).containsExactly(pid);
      Properties all = new Properties();
      all.setProperty("rananeeti.defer", "false");
      connection.setClientInfo(all);
      assertThat(connection.getClientInfo("rananeeti.defer")).isEqualTo("false");
      assertThat(read(connection, name)).containsExactly(fresh);
    }
  }

  @Test
  void holdabilityIsThatOfTheConnectionWhenTheStatementIsMade() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT);
      Statement held = connection.createStatement();
      connection.setHoldability(ResultSet.CLOSE_CURSORS_AT_COMMIT);
      connection.setAutoCommit(false);
      held.setFetchSize(2);
      ResultSet rows = held.executeQuery("SELECT generate_series(1, 9)");
      connection.commit();
      assertThat(rest(rows)).hasSize(9);
      assertThat(held.getResultSetHoldability()).isEqualTo(ResultSet.HOLD_CURSORS_OVER_COMMIT);
      assertState("22023", () -> connection.setHoldability(7));
      assertThatThrownBy(() -> connection.setTypeMap(Map.of("x", String.class)))
          .isInstanceOf(SQLFeatureNotSupportedException.class);
    }
  }

  @Test
  void keysThatWereNotAskedForAreAnEmptyResultSet() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("INSERT INTO items VALUES (1, 'a')");
      try (ResultSet keys = statement.getGeneratedKeys()) {
        assertThat(keys.next()).isFalse();
        assertThat(keys.getMetaData().getColumnCount()).isZero();
      }
      assertThat(connection.createStatement().getGeneratedKeys().next()).isFalse();
    }
  }

  @Test
  void warningsBeforeAFailureAreKept() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      assertState(
          "P0001",
          () ->
              statement.execute(
                  "DO $$ BEGIN RAISE NOTICE 'first'; RAISE EXCEPTION 'then'; END $$"));
      assertThat(statement.getWarnings().getMessage()).isEqualTo("first");
      statement.execute("ROLLBACK");
      assertThat(statement.getWarnings().getSQLState()).isEqualTo("25P01");
    }
  }

  @Test
  void aClosedResultSetGivesItsConnectionBack() throws Exception {
    try (Connection one = dataSource.getConnection();
        Connection two = dataSource.getConnection();
        Connection three = dataSource.getConnection();
        Statement first = one.createStatement();
        Statement second = two.createStatement()) {
      first.executeQuery("SELECT 1").close();
      second.executeQuery("SELECT 1").close();

      assertThat(read(three, "SELECT 1")).containsExactly("1");
    }
  }
}
