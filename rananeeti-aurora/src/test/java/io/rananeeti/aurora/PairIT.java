package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Isolation;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/** The pair at COMMIT (C1 to C4, C8). */
class PairIT extends StoreFixture {

  @Test
  void theRowIsWrittenWithTheCommit() throws Exception {
    TransactionId id = nextId();
    try (Connection connection = connect()) {
      run(connection, "INSERT INTO orders VALUES (101, 'tea')");

      boolean written = store.commit(connection, id, false);

      assertThat(written).isTrue();
      assertThat(state(connection)).isEqualTo(TransactionState.IDLE);
    }
    assertThat(outcome(id)).isEqualTo("APPLIED");
    assertThat(ask("SELECT name FROM orders WHERE id = 101")).isEqualTo("tea");
  }

  @Test
  void theRowIsNotWrittenByPlainQueries() throws Exception {
    TransactionId id = nextId();
    try (Connection connection = connect()) {
      run(connection, "SELECT count(*) FROM orders");

      boolean written = store.commit(connection, id, false);

      assertThat(written).isFalse();
      assertThat(state(connection)).isEqualTo(TransactionState.IDLE);
    }
    assertThat(outcome(id)).isNull();
  }

  @Test
  void whatIsNotProvenToBePlainLeavesARow() throws Exception {
    TransactionId id = nextId();
    try (Connection connection = connect()) {
      run(connection, "NOTIFY kitchen");

      boolean written = store.commit(connection, id, true);

      assertThat(written).isTrue();
    }
    assertThat(outcome(id)).isEqualTo("APPLIED");
  }

  @Test
  void aRollbackToASavepointDoesNotUndoTheRow() throws Exception {
    TransactionId id = nextId();
    try (Connection connection = connect()) {
      run(connection, "INSERT INTO orders VALUES (102, 'tea')");
      Savepoint savepoint = connection.setSavepoint();
      run(connection, "INSERT INTO orders VALUES (103, 'tea')");
      connection.rollback(savepoint);

      store.commit(connection, id, false);
    }
    assertThat(outcome(id)).isEqualTo("APPLIED");
    assertThat(ask("SELECT count(*) FROM orders WHERE id IN (102, 103)")).isEqualTo("1");
  }

  @Test
  void aDeferredConstraintFailsThePairAndLeavesNoRow() throws Exception {
    TransactionId id = nextId();
    try (Connection connection = connect()) {
      run(connection, "INSERT INTO slots VALUES (1), (1)");

      SQLException failure = failureOfCommit(connection, id);

      assertThat(failure.getSQLState()).isEqualTo("23505");
      assertThat(store.settledOtherwise(failure)).isFalse();
      assertThat(store.classify(failure)).isEqualTo(Failure.REFUSED);
      assertThat(state(connection)).isEqualTo(TransactionState.IDLE);
      assertThat(ask(connection, "SELECT 1")).isEqualTo("1");
      connection.rollback();
    }
    assertThat(outcome(id)).isNull();
  }

  @Test
  void aFailedTransactionFailsThePair() throws Exception {
    TransactionId id = nextId();
    try (Connection connection = connect()) {
      run(connection, "INSERT INTO orders VALUES (104, 'tea')");
      assertThatThrownBy(() -> run(connection, "SELECT nothing")).isInstanceOf(SQLException.class);

      SQLException failure = failureOfCommit(connection, id);

      assertThat(failure.getSQLState()).isEqualTo("25P02");
      assertThat(store.settledOtherwise(failure)).isFalse();
    }
    assertThat(outcome(id)).isNull();
    assertThat(ask("SELECT count(*) FROM orders WHERE id = 104")).isEqualTo("0");
  }

  @ParameterizedTest
  @EnumSource(
      value = Isolation.class,
      names = {"READ_COMMITTED", "REPEATABLE_READ", "SERIALIZABLE"})
  void aFencedOriginalCannotCommit(Isolation isolation) throws Exception {
    TransactionId id = nextId();
    long order = 200L + isolation.level();
    try (Connection connection = connect()) {
      connection.setTransactionIsolation(isolation.level());
      run(connection, "INSERT INTO orders VALUES (%d, 'tea')".formatted(order));
      settle(id, Outcome.ABORTED);

      SQLException failure = failureOfCommit(connection, id);

      assertThat(store.settledOtherwise(failure)).isTrue();
      assertThat(state(connection)).isEqualTo(TransactionState.IDLE);
    }
    assertThat(outcome(id)).isEqualTo("ABORTED");
    assertThat(ask("SELECT count(*) FROM orders WHERE id = " + order)).isEqualTo("0");
  }

  @Test
  void aFenceHoldsAgainstAnOriginalWithAutosave() throws Exception {
    TransactionId id = nextId();
    try (AuroraStore saving =
        AuroraStore.builder("saving")
            .url(server().url() + "?autosave=always")
            .user(server().user())
            .password(server().password())
            .build()) {
      saving.open(host);
      try (Connection connection = saving.connect(LONG)) {
        run(connection, "INSERT INTO orders VALUES (105, 'tea')");
        settle(id, Outcome.ABORTED);

        SQLException failure =
            catchThrowableOfType(SQLException.class, () -> saving.commit(connection, id, false));

        assertThat(saving.settledOtherwise(failure)).isTrue();
        assertThat(state(connection)).isEqualTo(TransactionState.IDLE);
      }
    }
    assertThat(ask("SELECT count(*) FROM orders WHERE id = 105")).isEqualTo("0");
  }

  @Test
  void aWriteSkewFailsTheCommitAndCanBeSettled() throws Exception {
    onServer(
        "CREATE TABLE duty (who text, present boolean)",
        "INSERT INTO duty VALUES ('a', true), ('b', true)");
    TransactionId id = nextId();
    try (Connection first = connect();
        Connection second = connect()) {
      first.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      second.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      run(first, "SELECT count(*) FROM duty WHERE present");
      run(second, "SELECT count(*) FROM duty WHERE present");
      run(first, "UPDATE duty SET present = false WHERE who = 'a'");
      run(second, "UPDATE duty SET present = false WHERE who = 'b'");
      store.commit(first, nextId(), false);

      SQLException failure = failureOfCommit(second, id);

      assertThat(failure.getSQLState()).isEqualTo("40001");
      assertThat(store.classify(failure)).isEqualTo(Failure.RETRY);
    }
    assertThat(settle(id, Outcome.ABORTED).ours()).isTrue();
  }

  @Test
  void commitAfterSetRoleStillWorks() throws Exception {
    onServer("CREATE ROLE waiter", "GRANT INSERT ON orders TO waiter");
    TransactionId id = nextId();
    Connection connection = connect();
    run(connection, "SET ROLE waiter");
    run(connection, "INSERT INTO orders VALUES (106, 'tea')");

    boolean written = store.commit(connection, id, false);
    store.evict(connection);

    assertThat(written).isTrue();
    assertThat(outcome(id)).isEqualTo("APPLIED");
  }

  @Test
  void noSearchPathMisleadsThePair() throws Exception {
    onServer(
        "CREATE SCHEMA trap",
        "CREATE FUNCTION trap.pg_current_xact_id_if_assigned() RETURNS xid8 LANGUAGE sql AS 'SELECT NULL::xid8'",
        "CREATE TABLE trap.ledger (nothing int)");
    TransactionId id = nextId();
    Connection connection = connect();
    run(connection, "SET search_path = trap, pg_catalog, public");
    run(connection, "INSERT INTO public.orders VALUES (107, 'tea')");

    boolean written = store.commit(connection, id, false);
    store.evict(connection);

    assertThat(written).isTrue();
    assertThat(outcome(id)).isEqualTo("APPLIED");
  }

  @Test
  void thePairIsPreparedOnTheServerAfterSomeUses() throws Exception {
    try (Connection connection = connect()) {
      for (int use = 0; use < 7; use++) {
        run(connection, "INSERT INTO orders VALUES (%d, 'tea')".formatted(300 + use));
        assertThat(store.commit(connection, nextId(), false)).isTrue();
      }
      String prepared =
          "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%rananeeti.ledger%'";

      assertThat(ask(connection, prepared)).isEqualTo("1");
    }
  }

  @Test
  void thePairSurvivesThatTheApplicationDropsAllPreparedStatements() throws Exception {
    try (Connection connection = connect()) {
      for (int use = 0; use < 14; use++) {
        if (use == 7) {
          run(connection, "DEALLOCATE ALL");
        }
        run(connection, "INSERT INTO orders VALUES (%d, 'tea')".formatted(320 + use));
        assertThat(store.commit(connection, nextId(), false)).isTrue();
      }
    }
  }

  @Test
  void aReadOnlyTransactionDoesNotTakeThePair() throws Exception {
    TransactionId id = nextId();
    try (Connection connection = connect()) {
      run(connection, "SET TRANSACTION READ ONLY");
      run(connection, "SELECT count(*) FROM orders");

      SQLException failure = failureOfCommit(connection, id);

      assertThat(failure.getSQLState()).isEqualTo("25006");
      assertThat(store.settledOtherwise(failure)).isFalse();
    }
    assertThat(outcome(id)).isNull();
  }

  @Test
  void asynchronousCommitIsWarnedOf() throws Exception {
    assertThat(store.warnings()).isEmpty();
    try (AuroraStore careless =
        AuroraStore.builder("careless")
            .url(server().url() + "?options=-c%20synchronous_commit=off")
            .user(server().user())
            .password(server().password())
            .build()) {
      careless.open(host);
      careless.connect(LONG).close();

      assertThat(careless.warnings()).singleElement().asString().contains("synchronous_commit=off");
    }
  }

  private SQLException failureOfCommit(Connection connection, TransactionId id) {
    return catchThrowableOfType(SQLException.class, () -> store.commit(connection, id, false));
  }

  private static TransactionState state(Connection connection) throws SQLException {
    return connection.unwrap(PgConnection.class).getTransactionState();
  }
}
