package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.DeadLetter;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.UpdateCounts;
import io.rananeeti.testkit.Message;
import java.io.StringReader;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The DataSource while connections break, and while there is no database. */
@SuppressWarnings("NullAway") // results are looked at, not checked for null
class DropInOutageIT extends DropInFixture {

  @Test
  void writesBeforeTheBreakAreRunAgain() throws Exception {
    try (Connection connection = transaction()) {
      insert(connection, 1, "a");
      insert(connection, 2, "b");
      proxy.reset();
      insert(connection, 3, "c");
      assertThat(run(connection, "UPDATE items SET name = 'd' WHERE id < 3")).isEqualTo(2);
      proxy.reset();
      connection.commit();
    }
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).containsExactly("1=d", "2=d", "3=c");
  }

  @Test
  void aBatchThatIsCutOffIsRunAgainAsAWhole() throws Exception {
    try (Connection connection = transaction();
        PreparedStatement statement = connection.prepareStatement(INSERT)) {
      insert(connection, 100, "before");
      for (int i = 0; i < 50; i++) {
        statement.setInt(1, i);
        statement.setString(2, "n");
        statement.addBatch();
      }
      proxy.on(Message.running("INSERT INTO items.*")).loseReply();

      assertThat(statement.executeBatch()).hasSize(50).containsOnly(1);

      connection.commit();
    }
    assertThat(items()).hasSize(51);
  }

  @Test
  void savepointsOfABrokenConnectionCanStillBeGoneBackTo() throws Exception {
    try (Connection connection = transaction()) {
      insert(connection, 1, "a");
      Savepoint first = connection.setSavepoint();
      insert(connection, 2, "b");
      Savepoint second = connection.setSavepoint("second");
      insert(connection, 3, "c");
      proxy.reset();
      insert(connection, 4, "d");
      connection.rollback(second);
      insert(connection, 5, "e");
      connection.releaseSavepoint(second);
      proxy.reset();
      run(connection, "SAVEPOINT third");
      proxy.reset();
      insert(connection, 6, "f");
      proxy.reset();
      run(connection, "ROLLBACK TO third");
      connection.releaseSavepoint(first);
      connection.commit();
    }
    assertThat(items()).containsExactly("1=a", "2=b", "5=e");
  }

  @Test
  void aSavepointOfABrokenConnectionWasReleasedInAFailedTransaction() throws Exception {
    try (Connection connection = transaction()) {
      insert(connection, 1, "a");
      Savepoint first = connection.setSavepoint();
      Savepoint second = connection.setSavepoint();
      proxy.reset();
      assertState("23505", () -> insert(connection, 1, "again"));

      assertState("25P02", () -> connection.releaseSavepoint(second));

      connection.rollback(second);
      connection.releaseSavepoint(second);
      connection.releaseSavepoint(first);
      insert(connection, 2, "b");
      connection.commit();
    }
    assertThat(items()).containsExactly("1=a", "2=b");
  }

  @Test
  void savepointsSurvivedTheReleaseOfAnEarlierOneThatABrokenConnectionHadKnown() throws Exception {
    try (Connection connection = transaction()) {
      insert(connection, 1, "a");
      Savepoint outer = connection.setSavepoint("outer");
      insert(connection, 2, "b");
      Savepoint first = connection.setSavepoint("first");
      proxy.reset();
      insert(connection, 3, "c");
      connection.setSavepoint("second");
      insert(connection, 4, "d");
      Savepoint second = connection.setSavepoint("second");
      insert(connection, 5, "e");

      connection.releaseSavepoint(first);

      assertState("3B001", () -> connection.rollback(second));
      assertState("25P02", () -> insert(connection, 6, "f"));
      connection.rollback(outer);
      insert(connection, 7, "g");
      connection.commit();
    }
    assertThat(items()).containsExactly("1=a", "7=g");
  }

  @Test
  void aBatchThatWasRunAgainStayedOpenInThePool() throws Exception {
    try (Connection connection = transaction();
        PreparedStatement statement = connection.prepareStatement(INSERT)) {
      for (int i = 0; i < 3; i++) {
        statement.setInt(1, i);
        statement.setString(2, "n");
        statement.addBatch();
      }
      statement.executeBatch();
      Savepoint savepoint = connection.setSavepoint();
      proxy.reset();

      connection.rollback(savepoint);

      insert(connection, 3, "n");
      connection.commit();
    }
    assertThat(items()).containsExactly("0=n", "1=n", "2=n", "3=n");
  }

  @Test
  @Tag(OUTAGE)
  void aLargeUpdateStayedOpenInThePoolAndRefusedItselfWhenTheAvailabilityHadChanged()
      throws Exception {
    DeadLetter letter = letter();
    try (Connection connection = transaction();
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeLargeUpdate("INSERT INTO items VALUES (1, 'a')")).isEqualTo(1);
      platform.deadLetters().discard(letter.id(), "ann", "of no use");

      connection.commit();

      assertThat(platform.drain(STALL)).isTrue();
    }
    assertThat(items()).containsExactly("1=a");
    assertThat(platform.deadLetters().list()).isEmpty();
  }

  @Test
  @Tag(OUTAGE)
  void settingsOfAnotherSessionWereFoundInThePoolWhenTheAvailabilityHadChanged() throws Exception {
    DeadLetter letter = letter();
    try (Connection connection = dataSource.getConnection();
        Statement kept = connection.createStatement()) {
      run(connection, "SET work_mem = '7MB'");
      kept.executeQuery("SELECT 1");
      connection.setAutoCommit(false);
      insert(connection, 1, "a");
      platform.deadLetters().discard(letter.id(), "ann", "of no use");

      connection.commit();

      assertThat(platform.drain(STALL)).isTrue();
    }
    awaitUp();
    try (Connection one = transaction();
        Connection two = transaction()) {
      assertThat(read(one, "SHOW work_mem")).containsExactly("4MB");
      assertThat(read(two, "SHOW work_mem")).containsExactly("4MB");
    }
  }

  @Test
  void anAdvisoryLockStayedInThePoolAfterARollbackToASavepointOfABrokenConnection()
      throws Exception {
    try (Connection connection = transaction()) {
      insert(connection, 1, "a");
      Savepoint savepoint = connection.setSavepoint();
      proxy.reset();
      read(connection, "SELECT pg_advisory_lock(7)");

      assertState("40001", () -> connection.rollback(savepoint));
    }
    await(
        "nobody holds the lock",
        () -> ask("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'").isEmpty());
  }

  @Test
  void aFailureThatARollbackToASavepointHasUndoneDoesNotSpoilTheRest() throws Exception {
    try (Connection connection = transaction()) {
      insert(connection, 1, "a");
      Savepoint savepoint = connection.setSavepoint();
      assertState("23505", () -> insert(connection, 1, "again"));
      proxy.reset();
      connection.rollback(savepoint);
      insert(connection, 2, "b");
      proxy.reset();
      insert(connection, 3, "c");
      connection.commit();
    }
    assertThat(items()).containsExactly("1=a", "2=b", "3=c");
  }

  @Test
  void whatIsLostStaysLostUntilTheRollback() throws Exception {
    insertPlain(1);
    try (Connection connection = transaction()) {
      Savepoint savepoint = connection.setSavepoint();
      read(connection, "SELECT name FROM items FOR UPDATE");
      insert(connection, 2, "b");
      proxy.reset();

      assertState("40001", () -> insert(connection, 3, "c"));

      assertState("25P02", () -> insert(connection, 4, "d"));
      assertState("25P02", () -> read(connection, "SELECT id FROM items"));
      assertState("25P02", () -> connection.rollback(savepoint));
      assertState("40001", connection::commit);
      insert(connection, 5, "e");
      connection.commit();
    }
    assertThat(items()).containsExactly("1=n", "5=e");
  }

  /** R6: the count of our update would be the same, and the other's change lost. */
  @Test
  void whatAnotherWroteBetweenTheReadAndTheBreakIsNotOverwritten() throws Exception {
    server.execute("INSERT INTO items VALUES (1, '100')");
    try (Connection connection = transaction()) {
      assertThat(read(connection, "SELECT name FROM items WHERE id = 1 FOR UPDATE"))
          .containsExactly("100");
      proxy.reset();
      server.execute("UPDATE items SET name = '80' WHERE id = 1");

      assertState("40001", () -> run(connection, "UPDATE items SET name = '50' WHERE id = 1"));
      assertState("40001", connection::commit);
    }
    assertThat(items()).containsExactly("1=80");
  }

  @Test
  void autoCommitIsRunAgainOnABreak() throws Exception {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(INSERT)) {
      for (int i = 0; i < 6; i++) {
        proxy.reset();
        statement.setInt(1, i);
        statement.setString(2, "n");
        assertThat(statement.executeUpdate()).isEqualTo(1);
        proxy.reset();
        assertThat(read(connection, "SELECT count(*) FROM items")).containsExactly("" + (i + 1));
      }
    }
  }

  @Test
  void settingsAndIsolationFollowToTheNextConnection() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setSchema("other");
      run(connection, "CREATE TABLE here (a text)");
      proxy.reset();
      connection.setAutoCommit(false);
      run(connection, "SET LOCAL app.tenant = 'seven'");
      proxy.reset();
      run(
          connection,
          "INSERT INTO here VALUES (current_setting('app.tenant')"
              + " || ' ' || current_setting('transaction_isolation'))");
      proxy.reset();
      run(connection, "INSERT INTO here VALUES ('b')");
      connection.commit();
      assertThat(read(connection, "SELECT a FROM here ORDER BY a"))
          .containsExactly("b", "seven repeatable read");
    }
  }

  @Test
  void aResultSetThatWasReadAtOnceSurvivesTheBreak() throws Exception {
    insertPlain(1);
    insertPlain(2);
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM items ORDER BY id")) {
      rows.next();
      proxy.reset();
      assertThat(rows.next()).isTrue();
      assertThat(rows.getInt(1)).isEqualTo(2);
      insert(connection, 3, "c");
    }
    assertThat(items()).hasSize(3);
  }

  @Test
  @Tag(OUTAGE)
  void everythingThatNeedsTheStoreIsRefusedAndTheConnectionGoesOn() throws Exception {
    outage();
    try (Connection connection = transaction();
        Statement statement = connection.createStatement()) {
      List<ThrowingCallable> refused =
          List.of(
              () -> statement.executeQuery("SELECT id FROM items"),
              () -> statement.execute("SELECT * FROM items FOR UPDATE"),
              () -> statement.executeUpdate("INSERT INTO items VALUES (1, now()::text)"),
              () -> statement.executeQuery("INSERT INTO items VALUES (1, 'a') RETURNING id"),
              () ->
                  statement.executeUpdate(
                      "INSERT INTO items VALUES (1, 'a')", Statement.RETURN_GENERATED_KEYS),
              () -> statement.execute("CREATE TABLE made (a int)"),
              () -> statement.execute("INSERT INTO items VALUES (1, 'a'); SELECT 1"),
              () -> statement.execute("SELECT set_config('work_mem', '4MB', false)"),
              () -> statement.execute("SHOW work_mem"),
              () -> statement.execute("VACUUM"),
              () -> connection.getMetaData().getTables(null, null, null, null),
              connection::getCatalog,
              () -> connection.unwrap(org.postgresql.PGConnection.class),
              () -> connection.prepareStatement("SELECT 1").getMetaData(),
              () -> call(connection),
              () -> streamAsAnObject(connection),
              () -> {
                statement.addBatch("INSERT INTO items VALUES (1, 'a')");
                statement.addBatch("SELECT 1");
                statement.executeBatch();
              });
      for (ThrowingCallable each : refused) {
        assertThatThrownBy(each)
            .isInstanceOf(SQLTransientConnectionException.class)
            .isInstanceOfSatisfying(
                SQLException.class,
                e -> assertThat(e.getSQLState()).as(e.toString()).isEqualTo("55R01"));
        connection.rollback();
        assertThat(connection.isValid(1)).isTrue();
      }
      insert(connection, 2, "b");
      connection.commit();
    }
    recover();
    assertThat(items()).containsExactly("2=b");
  }

  private static void call(Connection connection) throws SQLException {
    try (CallableStatement call = connection.prepareCall("{? = call twice(?)}")) {
      call.registerOutParameter(1, java.sql.Types.INTEGER);
      call.setInt(2, 1);
      call.execute();
    }
  }

  private static void streamAsAnObject(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setInt(1, 1);
      statement.setObject(2, new StringReader("s"), java.sql.Types.LONGVARCHAR);
      statement.executeUpdate();
    }
  }

  @Test
  @Tag(OUTAGE)
  void aRefusedTransactionTakesNothingButItsRollback() throws Exception {
    outage();
    try (Connection connection = transaction()) {
      insert(connection, 1, "a");
      Savepoint savepoint = connection.setSavepoint();
      insert(connection, 2, "b");
      assertState("55R01", () -> read(connection, "SELECT id FROM items"));
      assertState("25P02", () -> insert(connection, 3, "c"));
      connection.rollback(savepoint);
      insert(connection, 4, "d");
      connection.commit();
      assertState("55R01", () -> read(connection, "SELECT id FROM items"));
      assertState("25P02", () -> insert(connection, 5, "e"));
      assertState("55R01", connection::commit);
      insert(connection, 6, "f");
      connection.commit();
    }
    recover();
    assertThat(items()).containsExactly("1=a", "4=d", "6=f");
  }

  @Test
  @Tag(OUTAGE)
  void missingParametersAndReadOnlyAreRefusedAtOnceWhileDetached() throws Exception {
    outage();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setInt(1, 1);
      assertState("22023", statement::executeUpdate);
      statement.setString(3, "too many");
      assertState("22023", statement::executeUpdate);
      connection.setReadOnly(true);
      assertState("25006", () -> insert(connection, 1, "a"));
      connection.setReadOnly(false);
      insert(connection, 1, "a");
    }
    recover();
    assertThat(items()).containsExactly("1=a");
    assertThat(platform.deadLetters().list()).isEmpty();
  }

  @Test
  @Tag(OUTAGE)
  void batchesAreTakenWhileDetached() throws Exception {
    outage();
    try (Connection connection = transaction();
        PreparedStatement statement = connection.prepareStatement(INSERT);
        Statement texts = connection.createStatement()) {
      for (int i = 0; i < 3; i++) {
        statement.setInt(1, i);
        statement.setString(2, "n" + i);
        statement.addBatch();
      }
      assertThat(statement.executeBatch()).containsExactly(1, 1, 1);
      assertThat(statement.executeBatch()).isEmpty();
      texts.addBatch("UPDATE items SET name = 'x' WHERE id = 1");
      texts.addBatch("INSERT INTO items VALUES (7, 'a'), (8, 'b')");
      assertThat(texts.executeBatch()).containsExactly(1, 2);
      connection.commit();
      assertThat(connection.getWarnings().getSQLState()).isEqualTo("01R01");
    }
    recover();
    assertThat(items()).containsExactly("0=n0", "1=x", "2=n2", "7=a", "8=b");
  }

  @Test
  @Tag(OUTAGE)
  void updateCountsAreAnsweredAsChosen() throws Exception {
    insertPlain(1);
    outage();
    try (Connection connection = dataSource.getConnection()) {
      assertThat(run(connection, "UPDATE items SET name = 'one' WHERE id = 1")).isEqualTo(1);
      connection.setClientInfo("rananeeti.update-counts", "refuse");
      assertState("55R01", () -> run(connection, "UPDATE items SET name = 'x' WHERE id = 1"));
      connection.setClientInfo("rananeeti.update-counts", "unverified");
      assertThat(run(connection, "UPDATE items SET name = 'x' WHERE id = 77"))
          .isEqualTo(Statement.SUCCESS_NO_INFO);
      connection.setClientInfo("rananeeti.defer", "false");
      assertState("55R01", () -> insert(connection, 5, "e"));
    }
    recover();
    assertThat(items()).containsExactly("1=one");
    assertThat(platform.deadLetters().list()).isEmpty();
  }

  @Test
  @Tag(OUTAGE)
  void aPromiseThatBreaksIsADeadLetter() throws Exception {
    outage();
    Receipt receipt;
    try (PlatformConnection connection = platform.getConnection("orders")) {
      assertThat(run(connection, "DELETE FROM items WHERE id = 99")).isEqualTo(1);
      receipt = connection.receipt();
    }
    recover();
    DeadLetter letter = platform.deadLetters().list().get(0);
    assertThat(letter.id()).isEqualTo(receipt.id());
    assertThat(letter.sqlState()).isEqualTo("44R01");
  }

  @Test
  @Tag(OUTAGE)
  void aTextThatAnsweredTwoIsNotPromisedOne() throws Exception {
    insertPlain(1);
    insertPlain(2);
    String sql = "UPDATE items SET name = 'both'";
    try (Connection connection = dataSource.getConnection()) {
      assertThat(run(connection, sql)).isEqualTo(2);
      outage();
      assertState("55R01", () -> run(connection, sql));
      connection.setClientInfo("rananeeti.update-counts", "unverified");
      assertThat(run(connection, sql)).isEqualTo(Statement.SUCCESS_NO_INFO);
    }
    recover();
  }

  @Test
  @Tag(OUTAGE)
  void aTransactionThatBeganAttachedGoesOnDetached() throws Exception {
    try (Connection connection = transaction()) {
      insert(connection, 1, "a");
      outage();
      insert(connection, 2, "b");
      connection.commit();
      assertThat(connection.getWarnings().getSQLState()).isEqualTo("01R01");
      insert(connection, 3, "c");
      connection.rollback();
    }
    recover();
    assertThat(items()).containsExactly("1=a", "2=b");
  }

  @Test
  @Tag(OUTAGE)
  void warningsDoNotPileUp() throws Exception {
    outage();
    try (Connection connection = dataSource.getConnection()) {
      for (int i = 0; i < 20; i++) {
        insert(connection, i, "n");
      }
      assertThat((Object) connection.getWarnings().getNextWarning()).isNull();
    }
    recover();
    assertThat(items()).hasSize(20);
  }

  @Test
  void aReadOnlyTransactionThatWritesIsRefusedByTheServerAndIsNoOutage() throws Exception {
    try (Connection connection = transaction()) {
      connection.setReadOnly(true);
      assertState("25006", () -> insert(connection, 1, "a"));
      connection.rollback();
      connection.setReadOnly(false);
      run(connection, "SET TRANSACTION READ ONLY");
      assertState("25006", () -> insert(connection, 1, "a"));
      connection.rollback();
      insert(connection, 2, "b");
      connection.commit();
    }
    assertThat(items()).containsExactly("2=b");
  }

  @Test
  void abortEndsACallInAnotherThreadAndGivesTheConnectionBack() throws Exception {
    for (int i = 0; i < 4; i++) {
      Connection connection = transaction();
      insert(connection, i, "lost");
      CompletableFuture<Void> sleeping =
          CompletableFuture.runAsync(
              () -> assertState("08003", () -> run(connection, "SELECT pg_sleep(60)")));
      awaitSleeping();

      connection.abort(Runnable::run);

      sleeping.get(STALL.toSeconds(), TimeUnit.SECONDS);
      assertThat(connection.isClosed()).isTrue();
    }
    try (Connection one = transaction();
        Connection two = transaction()) {
      assertThat(read(one, "SELECT 1")).isEqualTo(read(two, "SELECT 1"));
    }
    assertThat(items()).isEmpty();
    endSleeping();
  }

  /** The server would notice when they wake up, and keep their locks from the next test so long. */
  private static void endSleeping() throws SQLException {
    server.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  }

  private static void awaitSleeping() {
    String asleep =
        "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND state = 'active'";
    await("it sleeps", () -> !ask(asleep).isEmpty());
  }

  @Test
  @Tag(OUTAGE)
  void unverifiedIsThePlatformsOwnChoiceToo() throws Exception {
    platform.close();
    open(2, UpdateCounts.UNVERIFIED);
    awaitUp();
    outage();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("DELETE FROM items WHERE id = ?")) {
      statement.setInt(1, 1);
      statement.addBatch();
      statement.setInt(1, 2);
      statement.addBatch();
      assertThat(statement.executeBatch()).containsOnly(Statement.SUCCESS_NO_INFO);
    }
    recover();
    assertThat(platform.deadLetters().list()).isEmpty();
  }

  /** Asked beside the platform. */
  private static List<String> ask(String question) {
    try (Connection watch = server.connect()) {
      return read(watch, question);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a promise leaves that breaks. */
  private DeadLetter letter() throws Exception {
    outage();
    try (Connection connection = dataSource.getConnection()) {
      run(connection, "DELETE FROM items WHERE id = 99");
    }
    recover();
    return platform.deadLetters().list().get(0);
  }

  private Connection transaction() throws SQLException {
    Connection connection = dataSource.getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  private static void insertPlain(int id) throws SQLException {
    server.execute("INSERT INTO items VALUES (%d, 'n')".formatted(id));
  }
}
