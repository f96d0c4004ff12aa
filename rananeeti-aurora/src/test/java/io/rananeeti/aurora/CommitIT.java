package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.UpdateCounts;
import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.Message;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** The rules of COMMIT (C1 to C8) where only a real server shows them, through the DataSource. */
@SuppressWarnings("NullAway") // results are looked at, not checked for null
class CommitIT extends DropInFixture {

  private static final Message PAIR = Message.running("INSERT INTO rananeeti.ledger \\(");

  private final List<Fault> faults = new ArrayList<>();

  /** C1: the reply is lost, the keys were in the application's hands already. */
  @Test
  void generatedKeysWereGoneWhenTheCommitBehindThemWasSettled() throws Exception {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO numbered (name) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
      struck(proxy.on(PAIR).loseReply());
      statement.setString(1, "a");

      assertThat(statement.executeUpdate()).isEqualTo(1);

      try (ResultSet keys = statement.getGeneratedKeys()) {
        assertThat(rest(keys)).isEqualTo(ask("SELECT id FROM numbered"));
      }
      assertThat(ask("SELECT name FROM numbered")).containsExactly("a");
    }
  }

  @Test
  void theKeysOfABatchWereGoneWhenItsCommitWasSettled() throws Exception {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO numbered (name) VALUES (?)", new String[] {"id"})) {
      for (String name : List.of("a", "b")) {
        statement.setString(1, name);
        statement.addBatch();
      }
      struck(proxy.on(PAIR).loseReply());

      assertThat(statement.executeBatch()).containsExactly(1, 1);

      try (ResultSet keys = statement.getGeneratedKeys()) {
        assertThat(rest(keys)).hasSize(2).isEqualTo(ask("SELECT id FROM numbered ORDER BY id"));
      }
    }
  }

  @Test
  void rowsOfReturningStayReadableWhenTheCommitBehindThemIsSettled() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      struck(proxy.on(PAIR).loseReply());

      try (ResultSet rows =
          statement.executeQuery("INSERT INTO numbered (name) VALUES ('a'), ('b') RETURNING id")) {
        assertThat(rest(rows)).hasSize(2).isEqualTo(ask("SELECT id FROM numbered ORDER BY id"));
      }
    }
  }

  /** C2: NOTIFY has no transaction id, and is known all the same. */
  @Test
  void aNotificationWhoseCommitLostItsReplyIsSentOnce() throws Exception {
    try (Connection listener = server.connect();
        PlatformConnection connection = transaction()) {
      run(listener, "LISTEN kitchen");
      run(connection, "NOTIFY kitchen, 'tea'");
      struck(proxy.on(PAIR).loseReply());

      connection.commit();

      assertThat(connection.receipt().status()).isEqualTo(Receipt.Status.APPLIED);
      assertThat(heard(listener)).containsExactly("tea");
    }
  }

  /** C2 */
  @Test
  void aNotificationWhoseCommitDidNotArriveIsSaidNotToBeSent() throws Exception {
    try (Connection listener = server.connect();
        PlatformConnection connection = transaction()) {
      run(listener, "LISTEN kitchen");
      read(connection, "SELECT pg_notify('kitchen', 'tea')");
      struck(proxy.on(PAIR).cutBefore());

      assertState("40001", connection::commit);

      assertThat(heard(listener)).isEmpty();
    }
  }

  private static List<String> heard(Connection listener) throws SQLException {
    run(listener, "SELECT 1");
    return Stream.of(listener.unwrap(PGConnection.class).getNotifications())
        .map(PGNotification::getParameter)
        .toList();
  }

  /** C2: a cursor WITH HOLD is made by COMMIT, without a transaction id. */
  @Test
  void theCommitOfAHeldCursorIsNotTakenForOneOfNothing() throws Exception {
    try (PlatformConnection connection = transaction()) {
      run(connection, "DECLARE held CURSOR WITH HOLD FOR SELECT 7");
      connection.commit();

      assertThat(ledger(connection)).containsExactly("APPLIED");
      assertThat(read(connection, "FETCH 1 FROM held")).containsExactly("7");
      connection.commit();
    }
    try (PlatformConnection connection = transaction()) {
      run(connection, "DECLARE held CURSOR WITH HOLD FOR SELECT 7");
      struck(proxy.on(PAIR).loseReply());

      connection.commit();

      assertThat(ledger(connection)).containsExactly("APPLIED");
      assertState("08006", () -> read(connection, "FETCH 1 FROM held"));
    }
  }

  /** C2: writes to a foreign table have no transaction id here. */
  @Test
  void aWriteToAForeignTableIsSettled() throws Exception {
    server.execute(
        "CREATE EXTENSION IF NOT EXISTS postgres_fdw",
        "DROP SERVER IF EXISTS elsewhere CASCADE",
        "CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '%d', dbname '%s')"
            .formatted(server.port(), server.database()),
        "CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (user '%s', password '%s')"
            .formatted(server.user(), server.password()),
        "CREATE FOREIGN TABLE other.far (id int, name text) SERVER elsewhere OPTIONS (schema_name 'public', table_name 'items')");
    try (PlatformConnection connection = transaction()) {
      run(connection, "INSERT INTO other.far VALUES (1, 'a')");
      struck(proxy.on(PAIR).loseReply());

      connection.commit();

      assertThat(ledger(connection)).containsExactly("APPLIED");
    }
    assertThat(items()).containsExactly("1=a");
  }

  /** C3 */
  @Test
  void aReadOnlyTransactionIsCommittedWithoutThePair() throws Exception {
    long before = proxy.count(PAIR);
    try (PlatformConnection connection = platform.getConnection("orders")) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      read(connection, "SELECT count(*) FROM items");
      connection.commit();
    }
    assertThat(proxy.count(PAIR)).isEqualTo(before);
    try (PlatformConnection connection = platform.getConnection("orders")) {
      insert(connection, 1, "a");
    }
    assertThat(proxy.count(PAIR)).isEqualTo(before + 1);
  }

  /** C3 */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET TRANSACTION READ ONLY",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
        "SET LOCAL transaction_read_only = on",
        "SET transaction_read_only = on",
        "BEGIN READ ONLY"
      })
  void aTransactionThatMadeItselfReadOnlyWasToldToRunAgain(String text) throws Exception {
    try (PlatformConnection connection = transaction()) {
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      run(connection, text);
      assertThat(read(connection, "SELECT count(*) FROM items")).containsExactly("0");

      connection.commit();

      assertThat(connection.receipt().status()).isEqualTo(Receipt.Status.APPLIED);
      assertThat(ledger(connection)).isEmpty();
      insert(connection, 1, "a");
      connection.commit();
    }
    assertThat(items()).containsExactly("1=a");
  }

  /** C3: what was written before is not taken for nothing, and is not asked for again and again. */
  @ParameterizedTest
  @ValueSource(strings = {"SET LOCAL transaction_read_only = on", "SET TRANSACTION READ ONLY"})
  void aTransactionThatBecameReadOnlyAfterItHadWrittenBlockedTheDrainForEver(String text)
      throws Exception {
    try (PlatformConnection connection = transaction()) {
      insert(connection, 1, "a");
      run(connection, text);

      assertState("25006", connection::commit);

      assertThat(items()).isEmpty();
      insert(connection, 2, "b");
      connection.commit();
    }
    assertThat(items()).containsExactly("2=b");
  }

  /** C3: the pair is left out where nothing was written, not where it was only said so. */
  @Test
  void whatAReadOnlyConnectionWroteAfterAllWasCommittedWithoutThePair() throws Exception {
    long before = proxy.count(PAIR);
    try (PlatformConnection connection = platform.getConnection("orders")) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      run(connection, "SET TRANSACTION READ WRITE");
      insert(connection, 1, "a");

      connection.commit();
    }
    assertThat(proxy.count(PAIR)).isEqualTo(before + 1);
    assertThat(items()).containsExactly("1=a");
  }

  /** C3: a function may write, and then a lost reply is not taken for nothing written. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET TRANSACTION READ WRITE",
        "SET LOCAL transaction_read_only = off",
        "SET TRANSACTION READ ONLY; SET TRANSACTION READ WRITE"
      })
  void aLostCommitOfAReadOnlyConnectionThatHadWrittenByAFunctionIsSettled(String texts)
      throws Exception {
    server.execute(
        "CREATE OR REPLACE FUNCTION note(i int) RETURNS int LANGUAGE sql"
            + " AS 'INSERT INTO items VALUES (i, ''f'') RETURNING id'");
    for (int id = 1; id <= 2; id++) {
      boolean arrives = id == 1;
      try (PlatformConnection connection = platform.getConnection("orders")) {
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
        for (String text : texts.split("; ", -1)) {
          run(connection, text);
        }
        read(connection, "SELECT note(" + id + ")");
        if (arrives) {
          proxy.on(PAIR).loseReply();
          connection.commit();
        } else {
          proxy.on(PAIR).cutBefore();
          assertState("40001", connection::commit);
        }
      }
    }
    assertThat(items()).containsExactly("1=f");
  }

  /** C3: a savepoint undoes what was said after it, and nothing that was said before. */
  @Test
  void aReadOnlyTransactionThatWentBackToASavepointWasToldToRunAgainEachTime() throws Exception {
    try (PlatformConnection connection = transaction()) {
      run(connection, "SET TRANSACTION READ ONLY");
      Savepoint savepoint = connection.setSavepoint();
      read(connection, "SELECT now()");
      connection.rollback(savepoint);
      connection.commit();

      savepoint = connection.setSavepoint();
      run(connection, "SET LOCAL transaction_read_only = on");
      connection.rollback(savepoint);
      insert(connection, 1, "a");
      long before = proxy.count(PAIR);
      connection.commit();
      assertThat(proxy.count(PAIR)).isEqualTo(before + 1);
    }
    assertThat(items()).containsExactly("1=a");
  }

  /** C3: what it wrote before is applied. */
  @Test
  @Tag(OUTAGE)
  void aDetachedTransactionThatBecameReadOnlyAfterItHadWrittenBlockedTheDrainForEver()
      throws Exception {
    closePlatform();
    proxy = FaultProxy.inFrontOf(server);
    proxy.refuse();
    open(2, UpdateCounts.PROMISE_ONE);
    try (PlatformConnection connection = transaction()) {
      insert(connection, 1, "a");
      run(connection, "SET LOCAL transaction_read_only = on");
      connection.commit();
      insert(connection, 2, "b");
      run(connection, "SET LOCAL transaction_read_only = on");
      assertState("25006", () -> insert(connection, 3, "c"));
      connection.rollback();
    }
    proxy.pass();
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).containsExactly("1=a");
  }

  /** C3: only the transaction that said so is read-only. */
  @ParameterizedTest
  @ValueSource(strings = {"SET LOCAL transaction_read_only = on", "SET TRANSACTION READ ONLY"})
  void aStrayWriteOfATransactionThatMadeItselfReadOnlyIsNoOutage(String text) throws Exception {
    try (PlatformConnection connection = transaction()) {
      run(connection, text);
      assertState("25006", () -> insert(connection, 1, "a"));
      connection.rollback();
      insert(connection, 2, "b");
      connection.commit();
    }
    assertThat(items()).containsExactly("2=b");
  }

  /** C4: the row is written in the name of the role, and settled before that is entered. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCommitInTheNameOfAnotherRoleIsSettledAndRunAgainInItsName(boolean arrives)
      throws Exception {
    server.execute(
        "DROP ROLE IF EXISTS waiter",
        "CREATE ROLE waiter",
        "CREATE TABLE other.served (id int, by text DEFAULT current_user)",
        "GRANT USAGE ON SCHEMA other TO waiter",
        "GRANT INSERT ON other.served TO waiter");
    try (PlatformConnection connection = transaction()) {
      run(connection, "SET ROLE waiter");
      run(connection, "INSERT INTO other.served (id) VALUES (1)");
      if (arrives) {
        struck(proxy.on(PAIR).loseReply());
      } else {
        struck(proxy.on(PAIR).cutBefore());
      }

      connection.commit();

      assertThat(connection.receipt().status()).isEqualTo(Receipt.Status.APPLIED);
    }
    assertThat(ask("SELECT id || by FROM other.served")).containsExactly("1waiter");
    server.execute("DROP TABLE other.served", "DROP OWNED BY waiter", "DROP ROLE waiter");
  }

  /** C5: what a serializable transaction has read is true only once its COMMIT is answered. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET default_transaction_isolation = 'serializable'"
      })
  void plainQueriesWereTakenForAnsweredWhereATextMadeThemSerializable(String text)
      throws Exception {
    try (PlatformConnection connection = transaction()) {
      run(connection, text);
      read(connection, "SELECT count(*) FROM items");
      struck(proxy.on(PAIR).loseReply());

      assertState("40001", connection::commit);
    }
  }

  /** C5 */
  @Test
  void plainQueriesEndWithSuccessWhateverBecomesOfTheirCommit() throws Exception {
    try (PlatformConnection connection = transaction()) {
      read(connection, "SELECT count(*) FROM items");
      struck(proxy.on(PAIR).cutBefore());

      connection.commit();

      assertThat(connection.receipt().status()).isEqualTo(Receipt.Status.APPLIED);
      assertThat(ask("SELECT outcome FROM rananeeti.ledger")).isEmpty();
    }
  }

  /** C7 */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "CALL committing()",
        "DO $$ BEGIN INSERT INTO items VALUES (1, 'a'); COMMIT; END $$",
        "INSERT INTO items VALUES (1, 'a'); COMMIT",
        "BEGIN; INSERT INTO items VALUES (1, 'a'); END",
        "VACUUM items",
        "CREATE INDEX CONCURRENTLY ON items (name)"
      })
  void aLostReplyToWhatCommitsByItselfSaysThatNobodyKnows(String text) throws Exception {
    server.execute(
        "CREATE OR REPLACE PROCEDURE committing() LANGUAGE plpgsql AS"
            + " $$ BEGIN INSERT INTO items VALUES (1, 'a'); COMMIT; END $$");
    try (Connection connection = dataSource.getConnection()) {
      struck(proxy.on(Message.running("committing|items")).loseReply());

      assertUnknowable(() -> run(connection, text));

      assertThat(read(connection, "SELECT 1")).containsExactly("1");
    }
    assertThat(items()).hasSize(text.contains("INSERT") || text.contains("CALL") ? 1 : 0);
  }

  /** C7: a prepared transaction is fenced by nothing, and must not be run again beside it. */
  @Test
  void aPreparedTransactionWhoseReplyWasLostWasRunAgainBesideItself() throws Exception {
    try (PlatformConnection connection = transaction()) {
      insert(connection, 1, "a");
      struck(proxy.on(Message.running("PREPARE TRANSACTION")).loseReply());

      assertUnknowable(() -> run(connection, "PREPARE TRANSACTION 'lunch'"));

      assertState("25P02", () -> insert(connection, 2, "b"));
      assertState("25P02", connection::commit);
      server.execute("COMMIT PREPARED 'lunch'");
      insert(connection, 3, "c");
      connection.commit();
    }
    assertThat(items()).containsExactly("1=a", "3=c");
  }

  /** C7 */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "COMMIT AND CHAIN",
        "INSERT INTO items VALUES (2, 'b'); COMMIT",
        "INSERT INTO items VALUES (2, 'b'); PREPARE TRANSACTION 'lunch'"
      })
  void aLostReplyToACommitInATextSaysThatNobodyKnows(String text) throws Exception {
    try (PlatformConnection connection = transaction()) {
      insert(connection, 1, "a");
      struck(proxy.on(Message.running("CHAIN|\\(2, 'b'\\)")).loseReply());

      assertUnknowable(() -> run(connection, text));

      assertState("25P02", connection::commit);
    }
    if (text.contains("PREPARE")) {
      server.execute("COMMIT PREPARED 'lunch'");
    }
    assertThat(items()).contains("1=a");
  }

  /** C8 */
  @Test
  void whatIsCommittedAsynchronouslyIsSaidByHealth() throws Exception {
    assertThat(alarms()).noneMatch(alarm -> alarm.contains("synchronous_commit"));
    try (PlatformConnection connection = transaction()) {
      run(connection, "SET LOCAL synchronous_commit = off");
      insert(connection, 1, "a");
      connection.commit();
    }

    assertThat(alarms()).anyMatch(alarm -> alarm.contains("synchronous_commit=off"));
  }

  /** C8: what is settled is durable, whatever the session says. */
  @Test
  void aSettledCommitWaitsForTheDiskWhateverTheTransactionSaid() throws Exception {
    server.execute(
        "CREATE TABLE other.how (setting text)",
        "CREATE FUNCTION other.note() RETURNS trigger LANGUAGE plpgsql AS"
            + " $$ BEGIN UPDATE other.how SET setting = current_setting('synchronous_commit'); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON other.how DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION other.note()");
    try (PlatformConnection connection = transaction()) {
      run(connection, "SET LOCAL synchronous_commit = off");
      run(connection, "INSERT INTO other.how VALUES ('?')");
      struck(proxy.on(PAIR).cutBefore());

      connection.commit();
    }
    assertThat(ask("SELECT setting FROM other.how")).containsExactly("on");
  }

  /** A fault that has to strike, or the test shows nothing. */
  private void struck(Fault fault) {
    faults.add(fault);
  }

  @AfterEach
  void allHaveStruck() {
    assertThat(faults).allMatch(fault -> fault.triggered() == 1);
  }

  private List<String> alarms() {
    return platform.health().stores().get("orders").alarms();
  }

  private PlatformConnection transaction() throws SQLException {
    PlatformConnection connection = platform.getConnection("orders");
    connection.setAutoCommit(false);
    return connection;
  }

  private static void assertUnknowable(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    SQLException failure = catchThrowableOfType(SQLException.class, call);
    assertThat(failure.getSQLState()).as(failure.toString()).isEqualTo("08007");
    assertThat(failure.getMessage()).contains("can't be settled");
  }

  /** The row of the last transaction of this connection. */
  private List<String> ledger(PlatformConnection connection) throws SQLException {
    Receipt receipt = connection.receipt();
    assertThat(platform.outcome(receipt.id())).isEqualTo(Outcome.APPLIED);
    return ask("SELECT outcome FROM rananeeti.ledger WHERE number = " + receipt.id().number());
  }

  /** Asked beside the platform. */
  private static List<String> ask(String question) throws SQLException {
    try (Connection connection = server.connect()) {
      return read(connection, question);
    }
  }
}
