package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.store.Isolation;
import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.Message;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The original COMMIT, held back on its way, arrives after the platform has settled its
 * transaction: it cannot commit any more, whatever was settled (C1, S1 to S3).
 */
@SuppressWarnings("NullAway") // results are looked at, not checked for null
class ZombieIT extends DropInFixture {

  private static final String ORDER = "INSERT INTO orders (name) VALUES (?)";
  private static final Message PAIR = Message.running("INSERT INTO rananeeti.ledger \\(");
  private static final Message CLAIM = Message.running("INSERT INTO rananeeti.ledger AS l");

  private static int released;
  private static int arrived;

  /** How the application commits what it does. */
  enum Way {
    AUTO_COMMIT,
    AUTO_COMMIT_BATCH,
    TRANSACTION,
    TEXT
  }

  @AfterAll
  static void originalsHaveArrived() {
    assertThat(arrived).as("of %d originals", released).isBetween(Math.min(1, released), released);
  }

  /** Nothing but the ledger keeps an order from coming twice. */
  @BeforeEach
  void makeOrders() throws SQLException {
    server.execute(
        "DROP TABLE IF EXISTS orders",
        "DROP SEQUENCE IF EXISTS calls",
        "CREATE TABLE orders (id bigserial, name text)");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void theOriginalOfWhatWasRunAgainDoesNotDoubleIt(Way way) throws Exception {
    Fault late = holdBackThePair();

    Receipt receipt = order(way);

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertSettled(receipt, "APPLIED");
    assertThat(orders()).containsExactly("tea");
    arrives(late);
    assertThat(orders()).containsExactly("tea");
    assertThat(platform.outcome(receipt.id())).isEqualTo(Outcome.APPLIED);
  }

  @ParameterizedTest
  @EnumSource(
      value = Isolation.class,
      names = {"READ_COMMITTED", "REPEATABLE_READ", "SERIALIZABLE"})
  void noIsolationLetsTheOriginalCommit(Isolation isolation) throws Exception {
    Fault late = holdBackThePair();
    try (PlatformConnection connection = platform.getConnection("orders")) {
      connection.setTransactionIsolation(isolation.level());
      connection.setAutoCommit(false);
      insertOrder(connection, "tea");

      connection.commit();

      assertThat(connection.receipt().status()).isEqualTo(Receipt.Status.APPLIED);
    }
    arrives(late);
    assertThat(orders()).containsExactly("tea");
  }

  @Test
  void theOriginalOfWhatWasAbortedDoesNotCommit() throws Exception {
    Fault late = holdBackThePair();
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      assertThat(read(connection, "SELECT name FROM orders")).isEmpty();
      insertOrder(connection, "tea");

      assertState("40001", connection::commit);

      assertThat(outcomes()).containsExactly("ABORTED");
      arrives(late);
      assertThat(orders()).isEmpty();
      insertOrder(connection, "tea");
      connection.commit();
    }
    assertThat(orders()).containsExactly("tea");
  }

  @Test
  void theOriginalWhoseKeysWereSeenDoesNotCommit() throws Exception {
    Fault late = holdBackThePair();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(ORDER, Statement.RETURN_GENERATED_KEYS)) {
      statement.setString(1, "tea");

      assertState("40001", statement::executeUpdate);

      assertThat(outcomes()).containsExactly("ABORTED");
      arrives(late);
      assertThat(orders()).isEmpty();
      statement.executeUpdate();
      try (ResultSet keys = statement.getGeneratedKeys()) {
        assertThat(rest(keys)).isEqualTo(ids());
      }
    }
    assertThat(orders()).containsExactly("tea");
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void theOriginalDoesNotCommitWhenItsReplayWasRefused(Way way) throws Exception {
    refuseTheSecondTime();
    Fault late = holdBackThePair();

    SQLException refused = catchThrowableOfType(SQLException.class, () -> order(way));

    assertThat(refused.getSQLState()).as(refused.toString()).isEqualTo("23514");
    assertThat(outcomes()).containsExactly("REFUSED");
    arrives(late);
    assertThat(orders()).isEmpty();
    assertThat(platform.deadLetters().list()).as("the caller was told").isEmpty();
  }

  /** Claims are cut until the budget is over; the original's session is kept for longer. */
  @Test
  @Tag(OUTAGE)
  void theOriginalDoesNotDoubleWhatTheDrainHasApplied() throws Exception {
    Fault cut = proxy.on(CLAIM).always().reset();
    Fault late = holdBackThePair();
    Receipt receipt = order(Way.TRANSACTION);
    assertThat(receipt.status()).isEqualTo(Receipt.Status.ACCEPTED);
    cut.cancel();

    assertThat(platform.drain(STALL)).isTrue();

    assertThat(orders()).containsExactly("tea");
    assertSettled(receipt, "APPLIED");
    arrives(late);
    assertThat(orders()).containsExactly("tea");
  }

  @Test
  @Tag(OUTAGE)
  void theOriginalDoesNotCommitBesideItsDeadLetter() throws Exception {
    refuseTheSecondTime();
    Fault cut = proxy.on(CLAIM).always().reset();
    Fault late = holdBackThePair();
    Receipt receipt = order(Way.TRANSACTION);
    cut.cancel();
    assertThat(platform.drain(STALL)).isTrue();
    DeadLetter letter = platform.deadLetters().list().get(0);
    assertThat(letter.id()).isEqualTo(receipt.id());

    arrives(late);

    assertThat(orders()).isEmpty();
    server.execute("DROP TRIGGER only_once ON orders");
    platform.deadLetters().retry(letter.id(), "ann", "mended");
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(orders()).containsExactly("tea");
    assertThat(platform.outcome(receipt.id())).isEqualTo(Outcome.REPLACED);
  }

  /** The server does not know that the connection is gone, and keeps its session with its locks. */
  @Test
  void theSessionOfABrokenConnectionHeldUpTheReplayOfItsTransaction() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      insert(connection, 1, "first");
      Fault gone = proxy.on(Message.carrying("second")).deliverLate(Duration.ofHours(1));

      insert(connection, 2, "second");

      connection.commit();
      assertThat(gone.awaitOver(STALL)).isFalse();
    }
    assertThat(items()).containsExactly("1=first", "2=second");
  }

  @Test
  void theSessionOfABrokenConnectionHeldUpTheNextAttemptOfTheApplication() throws Exception {
    server.execute("INSERT INTO items VALUES (1, 'first')");
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      read(connection, "SELECT name FROM items WHERE id = 1 FOR UPDATE");
      Fault gone = proxy.on(Message.carrying("second")).deliverLate(Duration.ofHours(1));
      assertState("40001", () -> insert(connection, 2, "second"));
      connection.rollback();

      assertThat(read(connection, "SELECT name FROM items WHERE id = 1 FOR UPDATE"))
          .containsExactly("first");

      insert(connection, 2, "second");
      connection.commit();
      assertThat(gone.awaitOver(STALL)).isFalse();
    }
    assertThat(items()).containsExactly("1=first", "2=second");
  }

  private Fault holdBackThePair() {
    return proxy.on(PAIR).deliverLate(Duration.ofHours(1));
  }

  /**
   * The rows that the platform wrote are there as long as the original may come (F1). Where the
   * machine was slow, the platform may have ended the original's session before.
   */
  private static void arrives(Fault late) throws Exception {
    assertThat(late.triggered()).isEqualTo(1);
    late.release();
    released++;
    arrived += late.awaitOver(STALL) ? 1 : 0;
    assertThat(ask("SELECT number FROM rananeeti.ledger WHERE claim = 0")).as("its row").isEmpty();
  }

  /** What the original was allowed is refused when it is run again. */
  private static void refuseTheSecondTime() throws SQLException {
    server.execute(
        "CREATE SEQUENCE calls",
        "CREATE OR REPLACE FUNCTION only_once() RETURNS trigger LANGUAGE plpgsql AS"
            + " $$ BEGIN IF nextval('calls') > 1 THEN RAISE EXCEPTION 'twice' USING ERRCODE = '23514';"
            + " END IF; RETURN NEW; END $$",
        "CREATE TRIGGER only_once BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION only_once()");
  }

  private Receipt order(Way way) throws SQLException {
    try (PlatformConnection connection = platform.getConnection("orders")) {
      connection.setAutoCommit(way == Way.AUTO_COMMIT || way == Way.AUTO_COMMIT_BATCH);
      if (way == Way.AUTO_COMMIT_BATCH) {
        insertBatch(connection, "tea");
      } else {
        insertOrder(connection, "tea");
      }
      switch (way) {
        case TRANSACTION -> connection.commit();
        case TEXT -> run(connection, "COMMIT");
        default -> assertThat(connection.getAutoCommit()).isTrue();
      }
      return connection.receipt();
    }
  }

  private static void insertOrder(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ORDER)) {
      statement.setString(1, name);
      assertThat(statement.executeUpdate()).isEqualTo(1);
    }
  }

  private static void insertBatch(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ORDER)) {
      statement.setString(1, name);
      statement.addBatch();
      assertThat(statement.executeBatch()).containsExactly(1);
    }
  }

  private void assertSettled(Receipt receipt, String outcome) throws SQLException {
    assertThat(platform.outcome(receipt.id())).isEqualTo(Outcome.valueOf(outcome));
    assertThat(
            ask(
                "SELECT outcome FROM rananeeti.ledger WHERE number = %d AND claim <> 0"
                    .formatted(receipt.id().number())))
        .as("the row that the platform wrote")
        .containsExactly(outcome);
  }

  private static List<String> outcomes() throws SQLException {
    return ask("SELECT outcome FROM rananeeti.ledger WHERE claim <> 0");
  }

  private static List<String> orders() throws SQLException {
    return ask("SELECT name FROM orders");
  }

  private static List<String> ids() throws SQLException {
    return ask("SELECT id FROM orders");
  }

  /** Asked beside the platform. */
  private static List<String> ask(String question) throws SQLException {
    try (Connection connection = server.connect()) {
      return read(connection, question);
    }
  }
}
