package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PSQLException;

/**
 * A healthy platform as a drop-in DataSource: the same calls on a connection of the plain driver
 * and on ours, and the same answers.
 */
@SuppressWarnings("NullAway") // results are looked at, not checked for null
class DropInIT extends DropInFixture {

  /** Calls on a connection, and what is noted of their answers. */
  @FunctionalInterface
  private interface Calls {
    void on(Connection connection, Notes notes) throws Exception;
  }

  /** What the calls answered, one line each. */
  private static final class Notes {

    private final List<String> lines = new ArrayList<>();

    void note(Object answer) {
      lines.add(answer instanceof int[] counts ? Arrays.toString(counts) : String.valueOf(answer));
    }

    /** The call's SQLSTATE if it fails. */
    void fails(Call call) {
      try {
        call.run();
        note("no failure");
      } catch (SQLException e) {
        note("SQLSTATE " + e.getSQLState());
      }
    }
  }

  @FunctionalInterface
  private interface Call {
    void run() throws SQLException;
  }

  private void same(Calls calls) throws Exception {
    Notes plain = new Notes();
    try (Connection connection = server.connect()) {
      calls.on(connection, plain);
    }
    plain.note(items());
    emptyTables();
    leaseNothingOfNumbered();
    Notes ours = new Notes();
    try (Connection connection = dataSource.getConnection()) {
      calls.on(connection, ours);
    }
    ours.note(items());

    assertThat(ours.lines).isEqualTo(plain.lines);
    // The platform itself may be asking something on a connection of its own just now.
    await("nothing is left open", DropInIT::isNothingOpen);
  }

  private static boolean isNothingOpen() {
    try {
      return openTransactions().isEmpty();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** What our closed connections have left open on the server. */
  private static List<String> openTransactions() throws SQLException {
    try (Connection connection = server.connect()) {
      return read(
          connection,
          "SELECT query FROM pg_stat_activity"
              + " WHERE application_name LIKE 'shop/%' AND state LIKE 'idle in%'");
    }
  }

  @Test
  void autoCommitIsSwitchedInTheMiddleOfATransaction() throws Exception {
    same(
        (connection, notes) -> {
          notes.note(connection.getAutoCommit());
          insert(connection, 1, "a");
          connection.setAutoCommit(false);
          insert(connection, 2, "b");
          connection.rollback();
          insert(connection, 3, "c");
          connection.setAutoCommit(true);
          insert(connection, 4, "d");
          notes.fails(connection::commit);
          notes.fails(connection::rollback);
          connection.setAutoCommit(false);
          insert(connection, 5, "e");
        });
  }

  @Test
  void aResultSetIsReadWhileOtherStatementsRunInAutoCommitMode() throws Exception {
    same(
        (connection, notes) -> {
          insert(connection, 1, "a");
          insert(connection, 2, "b");
          try (Statement outer = connection.createStatement();
              ResultSet rows = outer.executeQuery("SELECT id FROM items ORDER BY id")) {
            while (rows.next()) {
              notes.note(
                  run(
                      connection,
                      "UPDATE items SET name = name || '!' WHERE id = " + rows.getInt(1)));
              notes.note(read(connection, "SELECT count(*) FROM items"));
            }
          }
        });
  }

  @Test
  void aResultSetIsReadAfterTheCommitAndAfterTheRollback() throws Exception {
    same(
        (connection, notes) -> {
          insert(connection, 1, "a");
          insert(connection, 2, "b");
          connection.setAutoCommit(false);
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT id FROM items ORDER BY id");
          rows.next();
          connection.commit();
          rows.next();
          notes.note(rows.getInt(1));
          insert(connection, 3, "c");
          connection.rollback();
          notes.note(rows.getInt(1));
          notes.note(rows.next());
          notes.note(statement.executeQuery("SELECT 7").next());
        });
  }

  @Test
  void aStatementIsUsedAgainFromTransactionToTransaction() throws Exception {
    same(
        (connection, notes) -> {
          try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            statement.setFetchSize(7);
            for (int i = 0; i < 20; i++) {
              connection.setAutoCommit(i % 3 != 0);
              statement.setInt(1, i);
              statement.setString(2, "n" + i);
              notes.note(statement.executeUpdate());
              notes.note(statement.getFetchSize());
              notes.note(statement.getMaxRows());
              notes.note(statement.getWarnings());
              if (i % 6 == 0) {
                connection.rollback();
              } else if (i % 3 == 0) {
                connection.commit();
              }
              statement.setFetchSize(i);
              notes.note(statement.getUpdateCount());
            }
          }
        });
  }

  @Test
  void executeKeepsItsBooks() throws Exception {
    same(
        (connection, notes) -> {
          for (boolean autoCommit : new boolean[] {true, false}) {
            connection.setAutoCommit(autoCommit);
            try (Statement statement = connection.createStatement()) {
              notes.note(statement.getUpdateCount());
              notes.note(statement.getMoreResults());
              notes.note(statement.execute("INSERT INTO items VALUES (1, 'a'), (2, 'b')"));
              notes.note(statement.getUpdateCount());
              notes.note(statement.getResultSet());
              notes.note(statement.getMoreResults());
              notes.note(statement.getUpdateCount());
              notes.note(statement.execute("SELECT name FROM items ORDER BY id"));
              notes.note(statement.getUpdateCount());
              notes.note(rest(statement.getResultSet()));
              notes.note(statement.getMoreResults());
              notes.note(statement.getUpdateCount());
              ResultSet rows = statement.executeQuery("SELECT 1");
              notes.note(statement.getResultSet() == null);
              notes.note(statement.getUpdateCount());
              statement.executeUpdate("DELETE FROM items");
              notes.note(rows.isClosed());
              notes.note(statement.getUpdateCount());
              notes.note(statement.getLargeUpdateCount());
            }
          }
        });
  }

  @Test
  void severalStatementsInOneText() throws Exception {
    same(
        (connection, notes) -> {
          for (boolean autoCommit : new boolean[] {true, false}) {
            connection.setAutoCommit(autoCommit);
            try (Statement statement = connection.createStatement()) {
              notes.note(
                  statement.execute(
                      "INSERT INTO items VALUES (1, 'a;b'); SELECT id FROM items; DELETE FROM items; SELECT 9"));
              notes.note(statement.getUpdateCount());
              notes.note(statement.getMoreResults());
              notes.note(rest(statement.getResultSet()));
              notes.note(statement.getMoreResults());
              notes.note(statement.getUpdateCount());
              notes.note(statement.getMoreResults());
              notes.note(rest(statement.getResultSet()));
              notes.note(statement.getMoreResults());
              notes.note(statement.getUpdateCount());
            }
            notes.fails(() -> run(connection, "INSERT INTO items VALUES (5, 'x'); SELECT 1 / 0"));
          }
        });
  }

  @Test
  void batchesOfParametersAndOfTexts() throws Exception {
    same(
        (connection, notes) -> {
          for (boolean autoCommit : new boolean[] {true, false}) {
            connection.setAutoCommit(autoCommit);
            try (PreparedStatement statement = connection.prepareStatement(INSERT);
                Statement texts = connection.createStatement()) {
              notes.note(statement.executeBatch());
              notes.note(texts.executeBatch());
              for (int i = 0; i < 5; i++) {
                statement.setInt(1, i);
                statement.setString(2, "n" + i);
                statement.addBatch();
              }
              statement.setInt(1, 100);
              notes.note(statement.executeUpdate());
              notes.note(statement.executeBatch());
              notes.note(statement.getUpdateCount());
              notes.note(statement.executeBatch());
              statement.setInt(1, 200);
              statement.addBatch();
              statement.clearBatch();
              notes.note(statement.executeBatch());
              texts.addBatch("UPDATE items SET name = 'x' WHERE id < 3");
              texts.addBatch("DELETE FROM items WHERE id = 4");
              texts.addBatch("INSERT INTO items VALUES (50, 'fifty')");
              notes.note(texts.executeBatch());
              notes.note(texts.executeBatch());
              texts.addBatch("SET LOCAL work_mem = '1MB'");
              texts.addBatch("DELETE FROM items WHERE id = 50");
              notes.note(texts.executeBatch());
              notes.fails(() -> statement.addBatch("SELECT 1"));
              run(connection, "DELETE FROM items");
            }
          }
        });
  }

  @Test
  void aFailingBatchTellsTheSameCountsAndLeavesTheSameBehind() throws Exception {
    same(
        (connection, notes) -> {
          for (boolean autoCommit : new boolean[] {true, false}) {
            connection.setAutoCommit(autoCommit);
            try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
              for (int id : new int[] {1, 2, 1, 3}) {
                statement.setInt(1, id);
                statement.setString(2, "n");
                statement.addBatch();
              }
              failing(statement, notes);
            }
            notes.note(count(connection));
            if (!autoCommit) {
              connection.rollback();
            }
            try (Statement texts = connection.createStatement()) {
              texts.addBatch("INSERT INTO items VALUES (7, 'seven')");
              texts.addBatch("INSERT INTO nowhere VALUES (8)");
              texts.addBatch("INSERT INTO items VALUES (9, 'nine')");
              failing(texts, notes);
            }
            if (!autoCommit) {
              connection.rollback();
            }
          }
        });
  }

  private static String count(Connection connection) {
    try {
      return String.valueOf(read(connection, "SELECT count(*) FROM items"));
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  private static void failing(Statement statement, Notes notes) throws SQLException {
    try {
      statement.executeBatch();
      notes.note("no failure");
    } catch (BatchUpdateException e) {
      notes.note(e.getSQLState() + " " + Arrays.toString(e.getUpdateCounts()));
    }
  }

  @Test
  void parametersOfEveryKind() throws Exception {
    server.execute(
        "CREATE TABLE made (i int, s smallint, l bigint, f real, d double precision, n numeric,"
            + " b boolean, t text, y bytea, dt date, tm time, ts timestamp, tz timestamptz, u uuid,"
            + " a int[])");
    same(
        (connection, notes) -> {
          run(
              connection,
              "CREATE TABLE IF NOT EXISTS made (i int, s smallint, l bigint, f real, d double precision, n numeric,"
                  + " b boolean, t text, y bytea, dt date, tm time, ts timestamp, tz timestamptz, u uuid,"
                  + " a int[])");
          Calendar tokyo = new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo"));
          Timestamp moment = Timestamp.from(Instant.parse("2024-03-31T01:30:00.123456Z"));
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "INSERT INTO made VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            statement.setInt(1, 1);
            statement.setShort(2, (short) 2);
            statement.setLong(3, 3L);
            statement.setFloat(4, 4.5f);
            statement.setDouble(5, 5.5);
            statement.setBigDecimal(6, new BigDecimal("6.60"));
            statement.setBoolean(7, true);
            statement.setString(8, "acht");
            statement.setBytes(9, new byte[] {9, 0});
            statement.setDate(10, java.sql.Date.valueOf("2024-02-29"));
            statement.setTime(11, Time.valueOf("11:12:13"));
            statement.setTimestamp(12, moment, tokyo);
            statement.setTimestamp(13, moment);
            statement.setObject(14, new UUID(1, 2));
            statement.setArray(15, connection.createArrayOf("int4", new Object[] {1, 2, 3}));
            notes.note(statement.executeUpdate());
            statement.setObject(1, 1, Types.INTEGER);
            statement.setObject(2, null);
            statement.setNull(3, Types.BIGINT);
            statement.setNull(4, Types.REAL, "float4");
            statement.setObject(5, 5);
            statement.setObject(6, "7.123", Types.NUMERIC, 2);
            statement.setObject(7, false);
            statement.setCharacterStream(8, new StringReader("stream"), 6);
            statement.setObject(9, new byte[] {1});
            statement.setObject(10, LocalDate.of(2024, 1, 2));
            statement.setObject(11, LocalTime.of(1, 2, 3));
            statement.setObject(12, LocalDateTime.of(2024, 1, 2, 3, 4, 5, 6000));
            statement.setObject(
                13, OffsetDateTime.of(2024, 1, 2, 3, 4, 5, 0, ZoneOffset.ofHours(9)));
            statement.setNull(14, Types.OTHER);
            statement.setNull(15, Types.ARRAY);
            notes.note(statement.executeUpdate());
            notes.note(statement.getParameterMetaData().getParameterCount());
            statement.clearParameters();
            notes.fails(statement::executeUpdate);
            statement.setInt(1, 1);
            notes.fails(statement::executeUpdate);
            notes.fails(() -> statement.setObject(0, "x"));
          }
          notes.note(read(connection, "SELECT made::text FROM made"));
        });
  }

  @Test
  void whatIsChangedAfterASetterDoesNotCount() throws Exception {
    same(
        (connection, notes) -> {
          run(connection, "CREATE TABLE made (y bytea, ts timestamp)");
          byte[] bytes = {1};
          Timestamp time = new Timestamp(0);
          try (PreparedStatement statement =
              connection.prepareStatement("INSERT INTO made VALUES (?, ?)")) {
            for (int i = 0; i < 3; i++) {
              bytes[0] = (byte) i;
              time.setTime(i * 1000L);
              statement.setBytes(1, bytes);
              statement.setTimestamp(2, time);
              statement.addBatch();
            }
            statement.executeBatch();
          }
          notes.note(read(connection, "SELECT made::text FROM made ORDER BY y"));
        });
  }

  @Test
  void generatedKeysAndReturning() throws Exception {
    same(
        (connection, notes) -> {
          for (boolean autoCommit : new boolean[] {true, false}) {
            connection.setAutoCommit(autoCommit);
            String sql = "INSERT INTO numbered (name) VALUES (?)";
            try (PreparedStatement keys =
                    connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS);
                PreparedStatement named = connection.prepareStatement(sql, new String[] {"id"});
                Statement text = connection.createStatement();
                PreparedStatement returning =
                    connection.prepareStatement(sql + " RETURNING id, name")) {
              keys.setString(1, "a");
              notes.note(keys.executeUpdate());
              notes.note(rest(keys.getGeneratedKeys()));
              keys.setString(1, "b");
              keys.addBatch();
              keys.setString(1, "c");
              keys.addBatch();
              notes.note(keys.executeBatch());
              notes.note(rest(keys.getGeneratedKeys()));
              named.setString(1, "d");
              notes.note(named.execute());
              notes.note(named.getUpdateCount());
              notes.note(rest(named.getGeneratedKeys()));
              text.executeUpdate(
                  "INSERT INTO numbered (name) VALUES ('t')", Statement.RETURN_GENERATED_KEYS);
              notes.note(rest(text.getGeneratedKeys()));
              text.executeUpdate("INSERT INTO numbered (name) VALUES ('u')", new String[] {"name"});
              notes.note(rest(text.getGeneratedKeys()));
              returning.setString(1, "e");
              notes.note(rest(returning.executeQuery()));
              returning.setString(1, "f");
              notes.note(returning.execute());
              notes.note(rest(returning.getResultSet()));
            }
            if (!autoCommit) {
              connection.commit();
            }
          }
          notes.note(read(connection, "SELECT id || name FROM numbered ORDER BY id"));
        });
  }

  @Test
  void callsOfFunctions() throws Exception {
    same(
        (connection, notes) -> {
          for (boolean autoCommit : new boolean[] {true, false}) {
            connection.setAutoCommit(autoCommit);
            try (CallableStatement call = connection.prepareCall("{? = call twice(?)}")) {
              call.registerOutParameter(1, Types.INTEGER);
              call.setInt(2, 21);
              call.execute();
              notes.note(call.getInt(1));
              call.setInt(2, 4);
              call.execute();
              notes.note(call.getInt(1));
              notes.note(call.wasNull());
            }
          }
        });
  }

  @Test
  void savepointsByCall() throws Exception {
    same(
        (connection, notes) -> {
          notes.fails(() -> connection.setSavepoint());
          connection.setAutoCommit(false);
          insert(connection, 1, "a");
          Savepoint unnamed = connection.setSavepoint();
          insert(connection, 2, "b");
          Savepoint named = connection.setSavepoint("Named \"one\"");
          notes.note(named.getSavepointName());
          notes.fails(named::getSavepointId);
          notes.fails(unnamed::getSavepointName);
          insert(connection, 3, "c");
          connection.rollback(named);
          insert(connection, 4, "d");
          connection.releaseSavepoint(named);
          notes.fails(() -> connection.rollback(named));
          notes.fails(() -> insert(connection, 4, "again"));
          notes.fails(() -> insert(connection, 5, "aborted"));
          connection.rollback(unnamed);
          insert(connection, 6, "f");
          connection.commit();
          notes.fails(() -> connection.rollback(unnamed));
          connection.rollback();
          insert(connection, 7, "g");
          notes.fails(() -> insert(connection, 7, "g"));
          connection.rollback();
          insert(connection, 8, "h");
          connection.commit();
        });
  }

  @Test
  void savepointsByText() throws Exception {
    same(
        (connection, notes) -> {
          connection.setAutoCommit(false);
          insert(connection, 1, "a");
          run(connection, "SAVEPOINT s");
          insert(connection, 2, "b");
          run(connection, "SAVEPOINT \"S\"");
          insert(connection, 3, "c");
          run(connection, "ROLLBACK TO SAVEPOINT \"S\"");
          run(connection, "savepoint s");
          insert(connection, 4, "d");
          run(connection, "RELEASE s");
          run(connection, "ROLLBACK TO s");
          insert(connection, 5, "e");
          notes.fails(() -> run(connection, "ROLLBACK TO \"S\""));
          notes.fails(() -> run(connection, "SELECT 1"));
          run(connection, "ROLLBACK WORK TO SAVEPOINT s");
          insert(connection, 6, "f");
          run(connection, "COMMIT");
          connection.setAutoCommit(true);
          notes.fails(() -> run(connection, "SAVEPOINT x"));
          notes.fails(() -> run(connection, "ROLLBACK TO x"));
        });
  }

  @Test
  void transactionsByText() throws Exception {
    same(
        (connection, notes) -> {
          run(connection, "BEGIN");
          insert(connection, 1, "a");
          run(connection, "ROLLBACK");
          insert(connection, 2, "b");
          run(connection, "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY");
          notes.note(read(connection, "SHOW transaction_isolation"));
          notes.fails(() -> insert(connection, 3, "c"));
          run(connection, "ROLLBACK");
          notes.note(read(connection, "SHOW transaction_isolation"));
          run(connection, "END");
          run(connection, "COMMIT");
          run(connection, "begin work");
          insert(connection, 4, "d");
          notes.fails(() -> insert(connection, 4, "d"));
          notes.fails(() -> insert(connection, 5, "d"));
          run(connection, "ABORT");
          run(connection, "BEGIN");
          insert(connection, 6, "f");
          run(connection, "COMMIT");
          connection.setAutoCommit(false);
          insert(connection, 7, "g");
          run(connection, "ROLLBACK");
          insert(connection, 8, "h");
          run(connection, "COMMIT");
        });
  }

  @Test
  void settingsFollowTheConnectionAndAreUndoneWithTheirTransaction() throws Exception {
    same(
        (connection, notes) -> {
          run(connection, "SET search_path TO other, public");
          notes.note(read(connection, "SHOW search_path"));
          notes.note(read(connection, "SELECT set_config('app.tenant', 'seven', false)"));
          connection.setAutoCommit(false);
          notes.note(read(connection, "SELECT current_setting('app.tenant')"));
          run(connection, "SET LOCAL work_mem = '9MB'");
          notes.note(read(connection, "SHOW work_mem"));
          connection.commit();
          notes.note(read(connection, "SHOW work_mem"));
          run(connection, "SET lock_timeout = 1234");
          run(connection, "SAVEPOINT s");
          run(connection, "SET lock_timeout = 5678");
          run(connection, "ROLLBACK TO s");
          notes.note(read(connection, "SHOW lock_timeout"));
          connection.rollback();
          notes.note(read(connection, "SHOW lock_timeout"));
          connection.setSchema("public");
          notes.note(connection.getSchema());
          connection.commit();
          notes.note(connection.getSchema());
          connection.setSchema("other");
          notes.note(read(connection, "SHOW search_path"));
          connection.rollback();
          notes.note(connection.getSchema());
          run(connection, "SET TIME ZONE 'Asia/Tokyo'");
          connection.commit();
          notes.note(read(connection, "SHOW timezone"));
          run(connection, "RESET app.tenant");
          connection.commit();
          notes.note(read(connection, "SELECT current_setting('app.tenant', true)"));
          connection.setSchema(null);
          connection.commit();
          notes.note(connection.getSchema());
        });
  }

  @Test
  void settingsDoNotReachOtherUsersOfThePool() throws Exception {
    String state =
        "SELECT current_setting('search_path') || current_setting('work_mem')"
            + " || coalesce(current_setting('app.tenant', true), '') || current_setting('role')"
            + " || current_setting('default_transaction_isolation')"
            + " || current_setting('default_transaction_read_only')"
            + " || (SELECT count(*) FROM pg_class WHERE relname = 'scratch' AND relnamespace = pg_my_temp_schema())"
            + " || (SELECT count(*) FROM pg_listening_channels())"
            + " || (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())";
    List<String> fresh;
    try (Connection connection = dataSource.getConnection()) {
      fresh = read(connection, state);
    }
    List<String> soiling =
        List.of(
            "SET search_path TO other, public",
            "SET work_mem = '7MB'",
            "SELECT set_config('app.tenant', 'x', false)",
            "SELECT set_config('app.tenant', 'x', false), 1",
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SET SCHEMA 'other'",
            "CREATE TEMP TABLE scratch (a int)",
            "SELECT 1 AS a INTO TEMP scratch",
            "LISTEN news",
            "SELECT pg_advisory_lock(5)",
            "SET ROLE pg_monitor",
            "SET work_mem = '3MB'; SET search_path = other");
    for (String sql : soiling) {
      for (boolean autoCommit : new boolean[] {true, false}) {
        try (Connection connection = dataSource.getConnection()) {
          connection.setAutoCommit(autoCommit);
          run(connection, sql);
          if (!autoCommit) {
            connection.commit();
          }
        }
        for (int i = 0; i < 3; i++) {
          try (Connection one = dataSource.getConnection();
              Connection two = dataSource.getConnection()) {
            one.setAutoCommit(false);
            assertThat(read(one, state)).as(sql).isEqualTo(fresh);
            assertThat(read(two, state)).as(sql).isEqualTo(fresh);
          }
        }
      }
    }
  }

  @Test
  void temporaryTablesLocksAndChannelsStayWithTheConnection() throws Exception {
    same(
        (connection, notes) -> {
          run(connection, "CREATE TEMP TABLE scratch (a int)");
          run(connection, "INSERT INTO scratch VALUES (1)");
          notes.note(read(connection, "SELECT a FROM scratch"));
          notes.note(read(connection, "SELECT pg_try_advisory_lock(77)"));
          notes.note(read(connection, "SELECT pg_advisory_unlock(77)"));
          run(connection, "PREPARE p AS SELECT 5");
          notes.note(read(connection, "EXECUTE p"));
          run(connection, "LISTEN news");
          run(connection, "NOTIFY news, 'hello'");
          PGConnection driver = connection.unwrap(PGConnection.class);
          PGNotification[] heard = driver.getNotifications(10_000);
          notes.note(heard.length + heard[0].getParameter());
        });
  }

  @Test
  void theDriverIsReachedByUnwrapping() throws Exception {
    same(
        (connection, notes) -> {
          notes.note(connection.isWrapperFor(PGConnection.class));
          notes.note(connection.isWrapperFor(String.class));
          CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
          notes.note(copy.copyIn("COPY items FROM STDIN", new StringReader("1\ta\n2\tb\n")));
          notes.note(read(connection, "SELECT count(*) FROM items"));
          connection.setAutoCommit(false);
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn("COPY items FROM STDIN", new StringReader("3\tc\n"));
          connection.rollback();
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn("COPY items FROM STDIN", new StringReader("4\td\n"));
          connection.commit();
          assertThatThrownBy(() -> connection.unwrap(String.class))
              .isInstanceOf(SQLException.class);
        });
  }

  @Test
  void definitionsAndCommandsOutsideTransactions() throws Exception {
    same(
        (connection, notes) -> {
          run(connection, "CREATE TABLE made (a int)");
          run(connection, "CREATE INDEX CONCURRENTLY made_a ON made (a)");
          run(connection, "VACUUM made");
          connection.setAutoCommit(false);
          notes.fails(() -> run(connection, "VACUUM made"));
          connection.rollback();
          run(connection, "ALTER TABLE made ADD b int");
          connection.rollback();
          run(connection, "ALTER TABLE made ADD c int");
          connection.commit();
          notes.note(
              read(
                  connection,
                  "SELECT attname FROM pg_attribute WHERE attrelid = 'made'::regclass AND attnum > 0"));
        });
  }

  @Test
  void cursorsAndLimits() throws Exception {
    same(
        (connection, notes) -> {
          connection.setAutoCommit(false);
          try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(10);
            ResultSet rows = statement.executeQuery("SELECT generate_series(1, 95)");
            notes.note(rest(rows).size());
            ResultSet open = statement.executeQuery("SELECT generate_series(1, 95)");
            open.next();
            connection.commit();
            notes.fails(
                () -> {
                  while (open.next()) {
                    assertThat(open.getInt(1)).isPositive();
                  }
                });
            connection.rollback();
            statement.setMaxRows(3);
            notes.note(rest(statement.executeQuery("SELECT generate_series(1, 95)")));
            statement.setQueryTimeout(1);
            notes.fails(() -> statement.executeQuery("SELECT pg_sleep(60)"));
            connection.rollback();
            notes.note(statement.getQueryTimeout());
            notes.fails(() -> statement.setFetchSize(-1));
            notes.fails(() -> statement.setMaxRows(-1));
          }
          try (Statement scrolling =
              connection.createStatement(
                  ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
            insert(connection, 1, "a");
            ResultSet rows = scrolling.executeQuery("SELECT id, name FROM items");
            notes.note(rows.last());
            rows.updateString(2, "changed");
            rows.updateRow();
            connection.commit();
          }
        });
  }

  @Test
  void aStatementIsCancelledFromAnotherThread() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      CompletableFuture<Void> cancelled =
          CompletableFuture.runAsync(
              () -> {
                awaitSleeping();
                try {
                  statement.cancel();
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });

      assertState("57014", () -> statement.execute("SELECT pg_sleep(60)"));

      cancelled.get(STALL.toSeconds(), TimeUnit.SECONDS);
      assertThat(read(connection, "SELECT 1")).containsExactly("1");
    }
  }

  private static void awaitSleeping() {
    await(
        "it sleeps",
        () -> {
          try (Connection watch = server.connect()) {
            return !read(watch, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
                .isEmpty();
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void statementsCloseWithTheirResultsAndWarn() throws Exception {
    same(
        (connection, notes) -> {
          Statement statement = connection.createStatement();
          statement.closeOnCompletion();
          notes.note(statement.isCloseOnCompletion());
          ResultSet rows = statement.executeQuery("SELECT 1");
          notes.note(statement.isClosed());
          rows.close();
          notes.note(statement.isClosed());
          notes.fails(() -> statement.executeQuery("SELECT 1"));
          Statement noisy = connection.createStatement();
          noisy.execute("DO $$ BEGIN RAISE WARNING 'loud'; END $$");
          notes.note(noisy.getWarnings().getMessage());
          noisy.clearWarnings();
          notes.note(noisy.getWarnings());
          noisy.executeUpdate("INSERT INTO items VALUES (1, 'a')");
          notes.note(noisy.getWarnings());
          notes.note(noisy.isPoolable());
          notes.note(connection.prepareStatement("SELECT 1").isPoolable());
          notes.note(noisy.getConnection() == connection);
          notes.note(noisy.enquoteLiteral("it's"));
          connection.setNetworkTimeout(Runnable::run, 60_000);
          notes.note(connection.getNetworkTimeout());
        });
  }

  @Test
  void metadataInAndOutsideOfTransactions() throws Exception {
    same(
        (connection, notes) -> {
          for (boolean autoCommit : new boolean[] {true, false}) {
            connection.setAutoCommit(autoCommit);
            DatabaseMetaData meta = connection.getMetaData();
            notes.note(meta.getDatabaseProductName());
            notes.note(meta.getConnection() == connection);
            List<String> columns = new ArrayList<>();
            try (ResultSet rows = meta.getColumns(null, "public", "items", null)) {
              while (rows.next()) {
                columns.add(rows.getString("COLUMN_NAME"));
                notes.note(read(connection, "SELECT 1"));
              }
            }
            notes.note(columns);
            try (PreparedStatement statement =
                connection.prepareStatement("SELECT id, name FROM items WHERE id = ?")) {
              notes.note(statement.getMetaData().getColumnName(2));
              notes.note(statement.getParameterMetaData().getParameterTypeName(1));
            }
            notes.note(connection.getCatalog());
            notes.note(connection.nativeSQL("{fn now()}"));
            notes.note(connection.getTransactionIsolation());
            notes.note(connection.getHoldability() > 0);
          }
          connection.rollback();
          connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
          notes.note(read(connection, "SHOW transaction_isolation"));
          notes.fails(
              () -> connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED));
          notes.fails(() -> connection.setReadOnly(true));
          connection.commit();
          connection.setReadOnly(true);
          notes.note(connection.isReadOnly());
          notes.fails(() -> insert(connection, 1, "a"));
          connection.rollback();
          connection.setReadOnly(false);
          insert(connection, 2, "b");
          connection.commit();
          notes.fails(() -> connection.setTransactionIsolation(99));
        });
  }

  @Test
  void closedThingsSaySo() throws Exception {
    Connection connection = dataSource.getConnection();
    Statement statement = connection.createStatement();
    ResultSet rows = statement.executeQuery("SELECT 1");
    connection.setAutoCommit(false);
    insert(connection, 1, "lost");

    connection.close();
    connection.close();
    rows.close();
    statement.close();

    assertThat(connection.isClosed()).isTrue();
    assertThat(statement.isClosed()).isTrue();
    assertThat(connection.isValid(1)).isFalse();
    assertState("08003", connection::createStatement);
    assertState("08003", connection::commit);
    assertState("08003", connection::getMetaData);
    assertState("55000", () -> statement.execute("SELECT 1"));
    assertThat(items()).isEmpty();
  }

  @Test
  void nullsAndNonsenseAreRefusedAsSqlExceptions() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> connection.prepareStatement(null)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> connection.unwrap(null)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> connection.setSavepoint(null)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> connection.rollback(null)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> connection.releaseSavepoint(null)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> connection.isValid(-1)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> statement.execute(null)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> statement.addBatch(null)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> statement.unwrap(String.class)).isInstanceOf(SQLException.class);
      connection.setClientInfo("Nothing", "x");
      assertThat(connection.getWarnings().getSQLState()).isEqualTo("0A000");
      assertThatThrownBy(() -> connection.setClientInfo("rananeeti.nonsense", "x"))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void proxiesAreEqualToThemselvesOnly() throws Exception {
    try (Connection one = dataSource.getConnection();
        Connection other = dataSource.getConnection();
        Statement statement = one.createStatement()) {
      assertThat(Set.of(one, other)).contains(one, other).hasSize(2);
      assertThat(one.toString()).contains("orders");
      assertThat(Set.of(statement, one.createStatement())).contains(statement).hasSize(2);
      assertThat(one.prepareStatement("SELECT 'secret'").toString()).doesNotContain("secret");
    }
  }

  @Test
  void failuresAreTheDriversOwn() throws Exception {
    try (Connection one = dataSource.getConnection();
        Connection two = dataSource.getConnection()) {
      assertThatThrownBy(() -> run(one, "SELECT nonsense"))
          .isInstanceOfSatisfying(
              PSQLException.class,
              e -> assertThat(e.getServerErrorMessage().getSQLState()).isEqualTo("42703"));
      for (Connection each : List.of(one, two)) {
        each.setAutoCommit(false);
        each.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      }
      read(one, "SELECT count(*) FROM items");
      read(two, "SELECT count(*) FROM items");
      insert(one, 1, "a");
      insert(two, 2, "b");
      one.commit();

      assertThatThrownBy(two::commit)
          .isInstanceOfSatisfying(
              PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));

      insert(two, 3, "c");
      two.commit();
    }
    assertThat(items()).containsExactly("1=a", "3=c");
  }

  @Test
  void aFailedTransactionDoesNotCommitInSilence() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      insert(connection, 1, "a");
      assertState("23505", () -> insert(connection, 1, "a"));

      assertState("25P02", connection::commit);

      insert(connection, 2, "b");
      connection.commit();
    }
    assertThat(items()).containsExactly("2=b");
  }

  @Test
  void aHealthyTransactionTakesNoMoreRoundTripsThanThePlainDriver() throws Exception {
    long plain;
    try (Connection connection =
        DriverManager.getConnection(proxy.url(), server.user(), server.password())) {
      plain = roundTrips(connection, 0);
    }
    long ours;
    try (Connection connection = dataSource.getConnection()) {
      ours = roundTrips(connection, 1_000);
    }

    assertThat(ours).as("a few are the probe's").isLessThan(plain + 25);
  }

  private long roundTrips(Connection connection, int from) throws SQLException {
    connection.setAutoCommit(false);
    for (int i = 0; i < 10; i++) {
      insert(connection, from + i, "warm");
      connection.commit();
    }
    long before = proxy.roundTrips();
    for (int i = 10; i < 60; i++) {
      insert(connection, from + i, "hot");
      connection.commit();
    }
    return proxy.roundTrips() - before;
  }

  @Test
  void noConnectionIsEverLost() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      mixed(i);
    }
    try (Connection one = dataSource.getConnection();
        Connection two = dataSource.getConnection()) {
      one.setAutoCommit(false);
      two.setAutoCommit(false);
      assertThat(read(one, "SELECT 1")).isEqualTo(read(two, "SELECT 1"));
    }
  }

  private void mixed(int i) throws SQLException {
    Connection connection = dataSource.getConnection();
    connection.setAutoCommit(i % 2 == 0);
    Statement open = connection.createStatement();
    switch (i % 13) {
      case 0 -> open.executeQuery("SELECT 1");
      case 1 -> insert(connection, i, "n");
      case 2 -> assertState("42601", () -> open.execute("nonsense"));
      case 3 -> connection.getMetaData().getTables(null, null, "items", null);
      case 4 -> connection.createArrayOf("int4", new Object[] {1});
      case 5 -> connection.prepareStatement("SELECT 1").getMetaData();
      case 6 -> {
        open.executeQuery("SELECT 1");
        connection.createStatement().executeQuery("SELECT 2");
        insert(connection, i, "n");
      }
      case 7 -> connection.getTransactionIsolation();
      case 8 -> {
        run(connection, "BEGIN");
        insert(connection, i, "n");
      }
      case 9 ->
          assertState(
              "23505", () -> run(connection, "INSERT INTO items VALUES (-1, 'x'), (-1, 'y')"));
      case 10 -> {
        insert(connection, i, "n");
        if (!connection.getAutoCommit()) {
          connection.setSavepoint();
          assertState("22012", () -> open.executeQuery("SELECT 1 / 0"));
        }
      }
      case 11 ->
          connection.prepareCall("{? = call twice(?)}").registerOutParameter(1, Types.INTEGER);
      default -> {
        open.executeQuery("SELECT 1");
        connection.setAutoCommit(!connection.getAutoCommit());
      }
    }
    connection.close();
  }
}
