package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Isolation;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** C1 to C7: the pair at COMMIT, and what may become of it. */
final class CommitRulesTest extends PlatformRules {

  @Test
  void aCommitLeavesItsRowInTheLedgerAndAPlainQueryLeavesNone() throws Exception {
    open();

    Receipt receipt = order("a", "tea");
    commit(connection -> assertThat(read(connection, "SELECT v FROM orders")).contains("tea"));

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(database.ledger()).containsExactly(Map.entry(receipt.id(), Outcome.APPLIED));
  }

  /** C1 */
  @Test
  void aRowThatStandsAlreadyMeansSettledOtherwise() throws Exception {
    open();
    TransactionId before = order("a", "tea").id();
    TransactionId next = new TransactionId(before.incarnation(), before.number() + 1);
    platform().outcome(next);
    fence(next);

    assertThatThrownBy(() -> order("b", "tea"))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("40001"));

    assertThat(orders()).containsExactly("a=tea");
    assertThat(order("c", "tea").status()).isEqualTo(Receipt.Status.APPLIED);
  }

  private void fence(TransactionId id) throws Exception {
    try (var ledger = manual().store().begin(Isolation.DEFAULT)) {
      ledger.claim(List.of(id), Outcome.ABORTED);
      ledger.commit();
    }
  }

  @Test
  void aConstraintOfTheApplicationIsTheApplicationsAndNotTheLedgers() throws Exception {
    open();
    order("a", "tea");
    database.faults().refuseByCommit(row -> row.values().contains("arsenic"));

    assertThatThrownBy(() -> order("a", "cake"))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("23505"));
    assertThatThrownBy(() -> order("b", "arsenic"))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("23514"));

    assertThat(orders()).containsExactly("a=tea");
    assertThat(manual().health().availability()).isEqualTo(Availability.UP);
  }

  @Test
  void aSerializationFailureOfTheDatabaseReachesTheCaller() throws Exception {
    open();
    database.faults().fail(Step.COMMIT, "40001", 1);

    assertThatThrownBy(() -> order("a", "tea"))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("40001"));

    assertThat(orders()).isEmpty();
  }

  /** C2 */
  @Test
  void aNotificationHasNoXidAndItsLostReplyIsSettledAllTheSame() throws Exception {
    open();
    database.faults().loseReply(Step.COMMIT, Fate.DONE);

    Receipt receipt = commit(connection -> run(connection, "NOTIFY kitchen"));

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(database.notifications()).containsExactly("kitchen");
    assertThat(database.ledger()).containsEntry(receipt.id(), Outcome.APPLIED);
  }

  /** C3 */
  @Test
  void aReadOnlyTransactionIsCommittedWithoutThePair() throws Exception {
    open();
    order("a", "tea");

    try (PlatformConnection connection = manual().connect()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      assertThat(read(connection, "SELECT v FROM orders")).containsExactly("tea");
      connection.commit();
    }

    assertThat(database.ledger()).hasSize(1);
  }

  /** C3 */
  @Test
  void aStrayWriteInAReadOnlyTransactionIsRefusedAndNoOutage() throws Exception {
    open();

    try (PlatformConnection connection = manual().connect()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> manual().ticking(() -> insert(connection, INSERT, "a", "tea")))
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("25006"));
      connection.rollback();
    }

    assertThat(manual().health().availability()).isEqualTo(Availability.UP);
    assertThat(orders()).isEmpty();
  }

  @Test
  void aReadOnlyTransactionIsNotAcceptedWithAWriteInTheDark() throws Exception {
    open();
    quietOutage();

    try (PlatformConnection connection = manual().connect()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> insert(connection, INSERT, "a", "tea"))
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("25006"));
      connection.rollback();
    }

    recover();
    assertThat(orders()).isEmpty();
  }

  /** C5: COMMIT is sent only in the epoch of the first statement. */
  @Test
  void aCommitOfAnEarlierEpochIsNotSentButRunAgain() throws Exception {
    open();
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      insert(connection, INSERT, "a", "tea");
      quietOutage();
      database.faults().heal();
      manual().awaitState(Availability.UP);

      connection.commit();

      assertThat(Objects.requireNonNull(connection.receipt()).status())
          .isEqualTo(Receipt.Status.APPLIED);
    }
    assertThat(orders()).containsExactly("a=tea");
  }

  @Test
  void aTransactionBegunBeforeARecoveryGoesBehindWhatWaits() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    recover();
    database.faults().refuse(row -> false);
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      insert(connection, INSERT, "b", "tea");
      database.faults().fail(Step.SETTLE, "40001", 1_000_000);
      platform().deadLetters().retry(poison.id(), "ann", "mended");

      connection.commit();

      assertThat(Objects.requireNonNull(connection.receipt()).status())
          .isEqualTo(Receipt.Status.ACCEPTED);
    }
    recover();
    assertThat(orders()).containsExactly("a=arsenic", "b=tea");
  }

  /** C5, R6 */
  @Test
  void aTransactionThatHasReadIsNotRunAgainInAnotherEpoch() throws Exception {
    open();
    order("a", "tea");
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      read(connection, "SELECT v FROM orders");
      insert(connection, INSERT, "b", "tea");
      quietOutage();
      database.faults().heal();
      manual().awaitState(Availability.UP);

      assertThatThrownBy(connection::commit)
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("40001"));
    }
    assertThat(orders()).containsExactly("a=tea");
  }

  /** C5 */
  @Test
  void plainQueriesEndWithSuccessInAnyEpochAndAreNeverSettled() throws Exception {
    open();
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      read(connection, "SELECT v FROM orders");
      quietOutage();

      connection.commit();

      assertThat(Objects.requireNonNull(connection.receipt()).status())
          .isEqualTo(Receipt.Status.APPLIED);
    }
    recover();
    assertThat(database.ledger()).isEmpty();
  }

  /** C5 */
  @Test
  void plainQueriesAtSerializableEndOnlyWithAnAnswer() throws Exception {
    open();
    try (PlatformConnection connection = manual().connect()) {
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setAutoCommit(false);
      read(connection, "SELECT v FROM orders");
      quietOutage();

      assertThatThrownBy(connection::commit)
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("40001"));
    }
  }

  @Test
  void whoWasToldAcceptedIsNotOvertakenByItsOwnNextTransaction() throws Exception {
    open();
    quietOutage();
    database.faults().hang(true);
    order("a", "tea");
    database.faults().unreachable(false);
    order("b", "tea");
    database.faults().hang(false);

    for (int i = 0; i < 50; i++) {
      slowOrder("later-%02d".formatted(i), "tea");
    }

    manual().drain();
    assertThat(orders()).hasSize(52).isSorted();
  }

  /** C5: the gate is held until the reply, and a flip waits for that. */
  @Test
  void whatMustNotHappenBesideACommitWaitsForIt() throws Exception {
    open();
    quietOutage();
    Receipt poison = order("a", "arsenic");
    database.faults().refuse(row -> row.values().contains("arsenic"));
    recover();
    TransactionId next = new TransactionId(poison.id().incarnation(), poison.id().number() + 1);
    Seams.Running committing;
    Seams.Running discarding;
    try (var ledger = manual().store().begin(Isolation.DEFAULT)) {
      ledger.claim(List.of(next), Outcome.ABORTED);
      committing = seams.start("commits", () -> quietly(() -> order("b", "tea")));
      manual().await("the COMMIT waits", () -> database.waiting() == 1);
      discarding =
          seams.start("discards", () -> platform().deadLetters().discard(poison.id(), "ann", "no"));
      for (int i = 0; i < 50; i++) {
        manual().ticking(() -> "a moment of real time");
      }

      assertThat(platform().deadLetters().get(poison.id())).isPresent();
      assertThat(database.waiting()).isEqualTo(1);
    }

    assertThat(manual().ticking(() -> committing.join(Deadline.NEVER))).isTrue();
    assertThat(manual().ticking(() -> discarding.join(Deadline.NEVER))).isTrue();
    assertThat(platform().deadLetters().list()).isEmpty();
    assertThat(orders()).containsExactly("b=tea");
    assertThat(seams.failures()).isEmpty();
  }

  /** What an application does, which fails for no reason but the test's. */
  @FunctionalInterface
  private interface Application {
    void run() throws SQLException;
  }

  private static void quietly(Application application) {
    try {
      application.run();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** C7 */
  @Test
  void aTextThatCommitsByItselfAndWhoseReplyIsLostIsNotSettled() throws Exception {
    open();
    database.faults().fail(Step.STATEMENT, "08006", 1);
    try (PlatformConnection connection = manual().connect()) {
      assertThatThrownBy(() -> run(connection, "VACUUM orders"))
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("08007"));
    }

    database.faults().loseReply(Step.COMMIT, Fate.DONE);
    assertThatThrownBy(
            () ->
                commit(
                    connection -> {
                      insert(connection, INSERT, "a", "tea");
                      run(connection, "COMMIT AND CHAIN");
                    }))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("08007"));

    manual().awaitState(Availability.UP);
    assertThat(orders()).containsExactly("a=tea");
  }
}
