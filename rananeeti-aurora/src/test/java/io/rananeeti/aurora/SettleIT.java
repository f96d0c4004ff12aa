package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.sql.Connection;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The steps of settling and draining (S1 to S5, D1, D4, I2). */
class SettleIT extends StoreFixture {

  @Test
  void aClaimAppliesInOneTransaction() throws Exception {
    TransactionId id = nextId();

    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      Claim claim = transaction.claim(List.of(id), Outcome.APPLIED).get(0);
      transaction.guard();
      transaction.enter(Context.NONE);
      apply(transaction, text("INSERT INTO orders VALUES (1, 'tea')", 1));
      transaction.release();
      assertThat(claim).isEqualTo(new Claim(id, true, Outcome.APPLIED, null));
      assertThat(outcome(id)).isNull();
      transaction.commit();
    }

    assertThat(outcome(id)).isEqualTo("APPLIED");
    assertThat(ask("SELECT name FROM orders WHERE id = 1")).isEqualTo("tea");
    assertThat(settle(id, Outcome.ABORTED)).isEqualTo(new Claim(id, false, Outcome.APPLIED, null));
  }

  @Test
  void aClaimThatIsNotCommittedLeavesNothing() throws Exception {
    TransactionId id = nextId();

    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(id), Outcome.APPLIED);
      apply(transaction, text("INSERT INTO orders VALUES (2, 'tea')", 1));
    }

    assertThat(ask("SELECT count(*) FROM orders WHERE id = 2")).isEqualTo("0");
    assertThat(settle(id, Outcome.ABORTED).ours()).isTrue();
  }

  @Test
  void claimWaitsForTheOriginalAndReportsApplied() throws Exception {
    TransactionId id = nextId();
    try (Connection original = strange("original")) {
      run(original, "INSERT INTO orders VALUES (3, 'tea')");
      run(original, row(id));
      CompletableFuture<Claim> claim = CompletableFuture.supplyAsync(() -> settleAtLast(id));
      awaitAnswer("1", "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      assertThat(claim).isNotDone();

      original.commit();

      assertThat(claim.get(30, TimeUnit.SECONDS))
          .isEqualTo(new Claim(id, false, Outcome.APPLIED, null));
    }
  }

  @Test
  void claimWaitsForTheOriginalAndFencesItWhenItRollsBack() throws Exception {
    TransactionId id = nextId();
    try (Connection original = strange("original")) {
      run(original, row(id));
      CompletableFuture<Claim> claim = CompletableFuture.supplyAsync(() -> settleAtLast(id));
      awaitAnswer("1", "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");

      original.rollback();

      assertThat(claim.get(30, TimeUnit.SECONDS))
          .isEqualTo(new Claim(id, true, Outcome.ABORTED, null));
    }
  }

  @Test
  void aClaimThatItsSnapshotCannotSeeAsksForARetry() throws Exception {
    TransactionId id = nextId();
    try (LedgerTransaction transaction = store.begin(Isolation.REPEATABLE_READ)) {
      apply(transaction, text("SELECT 1", Operation.ANY));
      settle(id, Outcome.ABORTED);

      StoreException failure = failure(() -> transaction.claim(List.of(id), Outcome.APPLIED));

      assertThat(failure.failure()).isEqualTo(Failure.RETRY);
    }
  }

  @Test
  void claimsOfManyComeBackInTheOrderGiven() throws Exception {
    TransactionId first = nextId();
    TransactionId second = nextId();
    TransactionId third = nextId();
    settle(second, Outcome.ABORTED);

    try (LedgerTransaction transaction = store.begin(Isolation.SERIALIZABLE)) {
      List<Claim> claims = transaction.claim(List.of(third, first, second), Outcome.APPLIED);

      assertThat(claims)
          .containsExactly(
              new Claim(third, true, Outcome.APPLIED, null),
              new Claim(first, true, Outcome.APPLIED, null),
              new Claim(second, false, Outcome.ABORTED, null));
    }
  }

  @Test
  void aRefusalIsCommittedAsRefusedWithItsCause() throws Exception {
    TransactionId id = nextId();

    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(id), Outcome.APPLIED);
      transaction.guard();
      apply(transaction, text("INSERT INTO orders VALUES (4, 'tea')", 1));
      StoreException refused =
          failure(() -> apply(transaction, text("INSERT INTO orders VALUES (4, 'Alice')", 1)));
      assertThat(refused.failure()).isEqualTo(Failure.REFUSED);
      transaction.retreat();
      transaction.refuse(id, refused.refusal());
      transaction.commit();
    }

    Claim claim = settle(id, Outcome.APPLIED);
    assertThat(claim.ours()).isFalse();
    assertThat(claim.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(claim.refusal())
        .isEqualTo(
            new Refusal("23505", "duplicate key value violates unique constraint \"orders_pkey\""));
    assertThat(ask("SELECT count(*) FROM orders WHERE id = 4")).isEqualTo("0");
  }

  @Test
  void aBrokenPromiseIsARefusal() throws Exception {
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId()), Outcome.APPLIED);
      transaction.guard();

      StoreException refused =
          failure(
              () ->
                  apply(
                      transaction,
                      text("INSERT INTO orders VALUES (5, 'tea')", 1),
                      prepared(
                          "UPDATE orders SET name = ? WHERE id = 999",
                          1,
                          Parameter.of(Kind.STRING, "Alice"))));

      assertThat(refused.refusal())
          .isEqualTo(new Refusal("44R01", "statement 2: promised 1, was 0"));
      transaction.retreat();
    }
  }

  @Test
  void aBatchIsComparedRowByRow() throws Exception {
    Operation batch =
        new Operation(
            "UPDATE orders SET name = name WHERE id = ?",
            true,
            List.of(List.of(Parameter.of(Kind.INT64, 6L)), List.of(Parameter.of(Kind.INT64, 999L))),
            List.of(1L, 1L));
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId()), Outcome.APPLIED);
      transaction.guard();
      apply(transaction, text("INSERT INTO orders VALUES (6, 'tea')", 1));

      StoreException refused = failure(() -> apply(transaction, batch));

      assertThat(refused.getMessage()).isEqualTo("statement 1, row 2: promised 1, was 0");
    }
  }

  @Test
  void aRefusalWithinABatchIsToldWithoutItsValues() throws Exception {
    Operation batch =
        new Operation(
            "INSERT INTO orders VALUES (?, ?)",
            true,
            List.of(
                List.of(Parameter.of(Kind.INT64, 7L), Parameter.of(Kind.STRING, "Alice")),
                List.of(Parameter.of(Kind.INT64, 7L), Parameter.of(Kind.STRING, "Bob"))),
            List.of(1L, 1L));
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId()), Outcome.APPLIED);
      transaction.guard();

      StoreException refused = failure(() -> apply(transaction, batch));

      assertThat(refused.refusal())
          .isEqualTo(
              new Refusal(
                  "23505", "duplicate key value violates unique constraint \"orders_pkey\""));
    }
  }

  @Test
  void statementsThatReturnRowsAreRunToTheirEnd() throws Exception {
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId()), Outcome.APPLIED);
      apply(
          transaction,
          text("SELECT generate_series(1, 5000)", Operation.ANY),
          text("INSERT INTO orders VALUES (8, 'tea') RETURNING id", 1),
          text("INSERT INTO orders VALUES (9, 'tea'); INSERT INTO orders VALUES (10, 'tea')", 1));
      transaction.commit();
    }

    assertThat(ask("SELECT count(*) FROM orders WHERE id IN (8, 9, 10)")).isEqualTo("3");
  }

  @Test
  void aDeferredConstraintIsRefusedAtRelease() throws Exception {
    TransactionId id = nextId();
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(id), Outcome.APPLIED);
      transaction.guard();
      apply(transaction, text("INSERT INTO slots VALUES (7), (7)", 2));

      StoreException refused = failure(transaction::release);

      assertThat(refused.failure()).isEqualTo(Failure.REFUSED);
      assertThat(refused.sqlState()).isEqualTo("23505");
      transaction.retreat();
      transaction.refuse(id, refused.refusal());
      transaction.commit();
    }
    assertThat(outcome(id)).isEqualTo("REFUSED");
  }

  @Test
  void theCheckOfDeferredConstraintsLeavesThemDeferredForTheNextEntry() throws Exception {
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId(), nextId()), Outcome.APPLIED);
      transaction.guard();
      apply(transaction, text("INSERT INTO slots VALUES (10), (11)", 2));
      transaction.release();
      transaction.guard();
      apply(
          transaction,
          text("UPDATE slots SET slot = 11 WHERE slot = 10", 1),
          text("DELETE FROM slots WHERE ctid = (SELECT min(ctid) FROM slots WHERE slot = 11)", 1));
      transaction.release();
      transaction.commit();
    }

    assertThat(ask("SELECT count(*) FROM slots WHERE slot = 11")).isEqualTo("1");
  }

  @Test
  void whatADeferredTriggerWritesIsWrittenOnce() throws Exception {
    onServer(
        "CREATE TABLE bell (rings int)",
        "CREATE TABLE guest (name text)",
        "CREATE FUNCTION ring() RETURNS trigger LANGUAGE plpgsql AS"
            + " 'BEGIN INSERT INTO bell VALUES (1); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON guest DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ring()");

    applyAlone(text("INSERT INTO guest VALUES ('Alice')", 1));

    assertThat(ask("SELECT count(*) FROM bell")).isEqualTo("1");
  }

  @Test
  void theContextIsSetForOneEntryOnly() throws Exception {
    onServer(
        "CREATE ROLE cook", "CREATE TABLE context (role text, tenant text, zone text, at text)");
    onServer("GRANT INSERT ON context TO PUBLIC");
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("app.tenant", "seven");
    settings.put("timezone", "Asia/Kathmandu");
    settings.put("role", "cook");
    Operation note =
        text(
            "INSERT INTO context VALUES (current_user, current_setting('app.tenant', true),"
                + " current_setting('timezone'), current_setting('rananeeti.accepted_at'))",
            1);

    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId(), nextId()), Outcome.APPLIED);
      transaction.guard();
      transaction.enter(new Context(Isolation.DEFAULT, settings, null));
      transaction.execute(List.of(note), Instant.parse("2026-01-02T03:04:05Z"));
      transaction.release();
      transaction.guard();
      transaction.enter(Context.NONE);
      transaction.execute(List.of(note), Instant.EPOCH);
      transaction.release();
      transaction.commit();
    }

    assertThat(ask("SELECT c::text FROM context c WHERE role = 'cook'"))
        .isEqualTo("(cook,seven,Asia/Kathmandu,2026-01-02T03:04:05Z)");
    assertThat(ask("SELECT tenant || zone FROM context WHERE role = 'postgres'"))
        .doesNotContain("seven", "Kathmandu");
    try (Connection connection = connect()) {
      assertThat(ask(connection, "SELECT current_user")).isEqualTo("postgres");
      assertThat(ask(connection, "SELECT current_setting('app.tenant', true)")).isNullOrEmpty();
    }
  }

  @Test
  void retreatUndoesTheContext() throws Exception {
    TransactionId id = nextId();
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(id), Outcome.APPLIED);
      transaction.guard();
      transaction.enter(new Context(Isolation.DEFAULT, Map.of("role", "pg_monitor"), null));

      transaction.retreat();
      transaction.refuse(id, new Refusal("23505", "x".repeat(2_000) + "\0"));
      transaction.commit();
    }

    assertThat(outcome(id)).isEqualTo("REFUSED");
  }

  @Test
  void retreatKeepsTheContextFromBeforeTheGuard() throws Exception {
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId()), Outcome.APPLIED);
      transaction.enter(new Context(Isolation.DEFAULT, Map.of("app.tenant", "seven"), null));
      transaction.guard();
      transaction.enter(new Context(Isolation.DEFAULT, Map.of("app.tenant", "eight"), null));
      transaction.retreat();

      transaction.enter(Context.NONE);
      apply(
          transaction,
          text("INSERT INTO orders VALUES (15, 'tenant' || current_setting('app.tenant'))", 1));
      transaction.commit();
    }

    assertThat(ask("SELECT name FROM orders WHERE id = 15")).isEqualTo("tenant");
  }

  @Test
  void neitherContextNorOperationsMakeTheCommitAsynchronous() throws Exception {
    onServer("CREATE TABLE durable (setting text)");
    onServer(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
            + " 'BEGIN UPDATE durable SET setting = current_setting(''synchronous_commit''); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON durable DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note()");

    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId()), Outcome.APPLIED);
      transaction.guard();
      transaction.enter(new Context(Isolation.DEFAULT, Map.of("synchronous_commit", "off"), null));
      apply(
          transaction,
          text("SELECT set_config('synchronous_commit', 'local', true)", Operation.ANY),
          text("INSERT INTO durable VALUES ('none')", 1));
      transaction.release();
      transaction.commit();
    }

    assertThat(ask("SELECT setting FROM durable")).isEqualTo("on");
  }

  @Test
  void onlyARefusedRowIsReplaced() throws Exception {
    TransactionId refused = nextId();
    TransactionId applied = nextId();
    settle(applied, Outcome.APPLIED);
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(refused), Outcome.APPLIED);
      transaction.refuse(refused, new Refusal("23514", "no"));
      transaction.commit();
    }

    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      assertThat(transaction.replace(applied)).isFalse();
      assertThat(transaction.replace(refused)).isTrue();
      assertThat(transaction.replace(refused)).isFalse();
      transaction.commit();
    }

    assertThat(outcome(refused)).isEqualTo("REPLACED");
    assertThat(outcome(applied)).isEqualTo("APPLIED");
  }

  @Test
  void anIdBelowSettledBelowIsRefusedWithAnAlarm() throws Exception {
    TransactionId forgotten = nextId();
    nextId();
    settle(forgotten, Outcome.APPLIED);
    store.prune(host.incarnation(), 2, java.util.Set.of());
    assertThat(outcome(forgotten)).isNull();

    StoreException failure = failure(() -> settle(forgotten, Outcome.APPLIED));

    assertThat(failure.failure()).isEqualTo(Failure.ENVIRONMENT);
    assertThat(failure.sqlState()).isEqualTo("55R04");
    assertThat(outcome(forgotten)).isNull();
  }

  @Test
  void anUnknownIncarnationIsAnotherHistory() {
    TransactionId foreign = new TransactionId(UUID.randomUUID(), 1);

    StoreException failure = failure(() -> settle(foreign, Outcome.APPLIED));

    assertThat(failure.failure()).isEqualTo(Failure.ENVIRONMENT);
    assertThat(failure.sqlState()).isEqualTo("55R03");
  }

  @Test
  void aZombieThatHoldsWhatWeNeedIsEnded() throws Exception {
    onServer("INSERT INTO orders VALUES (11, 'tea')");
    try (Connection zombie = strange(applicationName());
        Connection stranger = strange("stranger")) {
      run(zombie, "UPDATE orders SET name = 'late' WHERE id = 11");
      run(stranger, "INSERT INTO orders VALUES (12, 'tea')");
      Operation change = text("UPDATE orders SET name = 'on time' WHERE id = 11", 1);

      StoreException failure = failure(() -> applyAlone(change));
      assertThat(failure.failure()).isEqualTo(Failure.RETRY);
      assertThat(failure.sqlState()).isEqualTo("55P03");
      applyAlone(change);

      assertThat(ask("SELECT name FROM orders WHERE id = 11")).isEqualTo("on time");
      stranger.commit();
    }
    assertThat(ask("SELECT count(*) FROM orders WHERE id = 12")).isEqualTo("1");
  }

  @Test
  void aLockOfOurLivingConnectionIsNotEnded() throws Exception {
    onServer("INSERT INTO orders VALUES (13, 'tea')");
    try (Connection living = connect()) {
      run(living, "UPDATE orders SET name = 'living' WHERE id = 13");

      StoreException failure =
          failure(() -> applyAlone(text("UPDATE orders SET name = 'other' WHERE id = 13", 1)));

      assertThat(failure.failure()).isEqualTo(Failure.RETRY);
      store.commit(living, nextId(), false);
    }
    assertThat(ask("SELECT name FROM orders WHERE id = 13")).isEqualTo("living");
  }

  @Test
  void whatWasRefusedIsToldWithoutValues() throws Exception {
    onServer(
        "CREATE FUNCTION tell() RETURNS void LANGUAGE plpgsql AS"
            + " 'BEGIN RAISE EXCEPTION ''Alice said no'' USING ERRCODE = ''23514''; END'",
        "CREATE FUNCTION tell_plainly() RETURNS void LANGUAGE plpgsql AS"
            + " 'BEGIN RAISE EXCEPTION ''Alice said no''; END'");
    List<Operation> leaks =
        List.of(
            prepared(
                "INSERT INTO orders VALUES (CAST(? AS bigint), 'tea')",
                1,
                Parameter.of(Kind.STRING, "Alice")),
            text("SELECT tell()", Operation.ANY),
            text("SELECT tell_plainly()", Operation.ANY),
            prepared("INSERT INTO orders VALUES (?, 'tea')", 1, Parameter.of(Kind.OBJECT, "Alice")),
            prepared(
                "INSERT INTO orders VALUES (?, 'tea')",
                1,
                new Parameter(
                    Kind.OBJECT, "Alice", java.sql.Types.INTEGER, Parameter.UNTYPED, null)));
    for (Operation leak : leaks) {
      StoreException refused = failure(() -> applyAlone(leak));

      assertThat(refused.failure()).as(leak.sql()).isEqualTo(Failure.REFUSED);
      assertThat(refused.refusal().message()).doesNotContain("Alice");
      assertThat(refused).as("no cause that a log would print").hasNoCause();
    }
  }

  @Test
  void aReplayComparesWhatTheApplicationSaw() throws Exception {
    try (Connection connection = connect()) {
      store.execute(connection, List.of(text("INSERT INTO orders VALUES (14, 'tea')", 1)));

      StoreException differs =
          failure(
              () ->
                  store.execute(connection, List.of(text("DELETE FROM orders WHERE id = 999", 1))));

      assertThat(differs.sqlState()).isEqualTo(Refusal.BROKEN_PROMISE);
      connection.rollback();
    }
  }

  private void applyAlone(Operation operation) throws StoreException {
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId()), Outcome.APPLIED);
      transaction.guard();
      apply(transaction, operation);
      transaction.release();
      transaction.commit();
    }
  }

  /** As the platform does: asked to retry, it tries again. */
  private Claim settleAtLast(TransactionId id) {
    while (true) {
      try {
        return settle(id, Outcome.ABORTED);
      } catch (StoreException e) {
        if (e.failure() != Failure.RETRY) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  private static String row(TransactionId id) {
    return "INSERT INTO rananeeti.ledger (incarnation, number, claim, outcome) VALUES ('%s', %d, 0, 'APPLIED')"
        .formatted(id.incarnation(), id.number());
  }

  private static StoreException failure(ThrowingCallable call) {
    return catchThrowableOfType(StoreException.class, call);
  }
}
