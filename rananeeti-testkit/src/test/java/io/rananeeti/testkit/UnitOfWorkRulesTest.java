package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.Receipt.Status;
import io.rananeeti.StoreOperation;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.PartOrder;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** U1 to U5: units of work that have parts for other stores. */
final class UnitOfWorkRulesTest extends PlatformRules {

  private static final String OBJECTS = "receipts";
  private static final String ITEMS = "stock";

  private final InMemoryDatabase objects = new InMemoryDatabase(seams);
  private final InMemoryDatabase items = new InMemoryDatabase(seams);

  @SuppressWarnings("NullAway.Init")
  UnitOfWorkRulesTest() {}

  /** An insert into a store's one table; an object that is there already is as good. */
  private record Put(String store, String id, String value) implements StoreOperation {
    @Override
    public Operation operation() {
      boolean isObject = store.equals(OBJECTS);
      return new Operation(
          "INSERT INTO things VALUES (?, ?)" + (isObject ? " ON CONFLICT DO NOTHING" : ""),
          true,
          List.of(
              List.of(
                  Parameter.of(Parameter.Kind.STRING, id),
                  Parameter.of(Parameter.Kind.STRING, value))),
          List.of(isObject ? Operation.ANY : 1L));
    }
  }

  @BeforeEach
  void createThings() {
    objects.createTable("things");
    items.createTable("things");
  }

  private void openAll() throws Exception {
    open(
        builder ->
            builder
                .store(new InMemoryStore(OBJECTS, objects, PartOrder.OBJECTS))
                .store(new InMemoryStore(ITEMS, items, PartOrder.ITEMS)));
    awaitStore(OBJECTS, Availability.UP);
    awaitStore(ITEMS, Availability.UP);
  }

  private void awaitStore(String name, Availability wanted) throws Exception {
    manual()
        .await(
            name + " becomes " + wanted,
            () ->
                Objects.requireNonNull(platform().health().stores().get(name)).availability()
                    == wanted);
  }

  private Receipt unit(String id) throws SQLException {
    return commit(
        connection -> {
          connection.enlist(new Put(ITEMS, id, "item"));
          connection.enlist(new Put(OBJECTS, id, "object"));
          insert(connection, INSERT, id, "row");
        });
  }

  private Receipt withObject(String id) throws SQLException {
    return commit(
        connection -> {
          connection.enlist(new Put(OBJECTS, id, "object"));
          insert(connection, INSERT, id, "row");
        });
  }

  private List<String> objects() {
    return objects.texts("things");
  }

  private List<String> items() {
    return items.texts("things");
  }

  private void assertWhole(String... ids) {
    assertThat(orders()).containsExactlyInAnyOrder(with("row", ids));
    assertThat(items()).containsExactlyInAnyOrder(with("item", ids));
    assertThat(objects()).containsExactlyInAnyOrder(with("object", ids));
  }

  private static String[] with(String value, String... ids) {
    return List.of(ids).stream().map(id -> id + "=" + value).toArray(String[]::new);
  }

  private void applyAll() throws Exception {
    objects.faults().heal();
    items.faults().heal();
    recover();
  }

  @Test
  void allPartsAreThereWhenTheCommitReturns() throws Exception {
    openAll();

    Receipt receipt = unit("a");

    assertThat(receipt.status()).isEqualTo(Status.APPLIED);
    assertThat(receipt.stores())
        .containsExactly(
            Map.entry(OBJECTS, Status.APPLIED),
            Map.entry(ITEMS, Status.APPLIED),
            Map.entry(ManualPlatform.STORE, Status.APPLIED));
    assertWhole("a");
    assertThat(objects.ledger()).containsEntry(receipt.id(), Outcome.APPLIED);
    assertThat(items.ledger()).containsEntry(receipt.id(), Outcome.APPLIED);
    assertThat(database.ledger()).containsEntry(receipt.id(), Outcome.APPLIED);
    assertThat(manual().health().backlog()).isZero();
  }

  /** U2 */
  @Test
  void noPointerIsThereBeforeWhatItPointsTo() throws Exception {
    openAll();
    objects.faults().unreachable(true);

    Receipt receipt = manual().ticking(() -> unit("a"));

    assertThat(receipt.status()).isEqualTo(Status.ACCEPTED);
    assertThat(receipt.stores()).containsEntry(OBJECTS, Status.ACCEPTED);
    assertThat(orders()).isEmpty();
    assertThat(items()).isEmpty();
    applyAll();
    assertWhole("a");
    assertThat(platform().outcome(receipt.id())).isEqualTo(Outcome.APPLIED);
  }

  @Test
  void aStoreThatIsDownDelaysUnitsOnly() throws Exception {
    openAll();
    items.faults().unreachable(true);
    awaitStore(ITEMS, Availability.DOWN);

    Receipt unit = unit("a");
    Receipt plain = order("b", "tea");
    Receipt objectOnly = withObject("c");

    assertThat(unit.status()).isEqualTo(Status.ACCEPTED);
    assertThat(plain.status()).isEqualTo(Status.APPLIED);
    assertThat(objectOnly.status()).as("behind the unit").isEqualTo(Status.ACCEPTED);
    assertThat(manual().health().availability()).isEqualTo(Availability.UP);
    assertThat(manual().health().alarms()).anyMatch(alarm -> alarm.contains("another store"));
    applyAll();
    assertThat(orders()).containsExactlyInAnyOrder("a=row", "b=tea", "c=row");
    assertThat(items()).containsExactly("a=item");
    assertThat(objects()).containsExactlyInAnyOrder("a=object", "c=object");
    assertThat(manual().health().alarms()).isEmpty();
  }

  /** U2, D3 */
  @Test
  void whatHasTheKeyOfAWaitingUnitWaitsBehindIt() throws Exception {
    openAll();
    objects.faults().unreachable(true);
    awaitStore(OBJECTS, Availability.DOWN);
    commit(
        connection -> {
          connection.setClientInfo("rananeeti.ordering-key", "k");
          connection.enlist(new Put(OBJECTS, "a", "object"));
          insert(connection, "INSERT INTO events VALUES (?)", "first");
        });

    Receipt behind =
        commit(
            connection -> {
              connection.setClientInfo("rananeeti.ordering-key", "k");
              insert(connection, "INSERT INTO events VALUES (?)", "second");
            });

    assertThat(behind.status()).isEqualTo(Status.ACCEPTED);
    assertThat(events()).isEmpty();
    applyAll();
    assertThat(events()).containsExactly("first", "second");
  }

  @Test
  void theDatabaseIsDownAndTheOthersAreNot() throws Exception {
    openAll();
    outage();

    Receipt receipt = unit("a");

    assertThat(receipt.status()).isEqualTo(Status.ACCEPTED);
    assertThat(objects()).isEmpty();
    recover();
    assertThat(items()).containsExactly("a=item");
    assertThat(objects()).containsExactly("a=object");
    assertThat(orders()).contains("a=row");
  }

  /** U1: a crash after the force, wherever the parts are then. */
  @Test
  void aCrashBetweenThePartsLeavesNothingHalf() throws Exception {
    openAll();
    items.faults().unreachable(true);
    Receipt receipt = manual().ticking(() -> unit("a"));
    assertThat(receipt.stores())
        .containsEntry(OBJECTS, Status.APPLIED)
        .containsEntry(ITEMS, Status.ACCEPTED);

    manual().crash(WORST);
    items.faults().heal();
    openAgain();

    applyAll();
    assertWhole("a");
  }

  private void openAgain() throws Exception {
    manual().reopen();
    awaitStore(OBJECTS, Availability.UP);
    awaitStore(ITEMS, Availability.UP);
  }

  @Test
  void aLostReplyOfAPartIsSettled() throws Exception {
    openAll();
    for (Fate fate : List.of(Fate.DONE, Fate.LOST)) {
      for (InMemoryDatabase each : List.of(objects, items, database)) {
        each.faults().loseReply(Step.COMMIT, fate);
        String id = "u" + orders().size();
        manual().ticking(() -> unit(id));
        applyAll();
      }
    }
    assertWhole("u0", "u1", "u2", "u3", "u4", "u5");
  }

  /** U3 */
  @Test
  void aRefusedPartTakesTheUnitBackAndTheCallerIsTold() throws Exception {
    openAll();
    items.faults().refuse(row -> row.values().contains("item"));

    assertThatThrownBy(() -> unit("a")).satisfies(e -> assertThat(stateOf(e)).startsWith("23"));

    assertThat(orders()).isEmpty();
    assertThat(items()).isEmpty();
    assertThat(platform().deadLetters().list()).isEmpty();
    assertThat(manual().health().backlog()).isZero();
    manual().crash(WORST);
    items.faults().refuse(row -> false);
    openAgain();
    applyAll();
    assertThat(orders()).as("what came to nothing stays nothing").isEmpty();
  }

  /** U3, G5: its mark may be found at the next open, so nobody applies it before. */
  @Test
  void whatMayHaveComeToNothingIsNotAppliedBeforeTheNextOpen() throws Exception {
    openAll();
    objects.watchChanges(any -> manual().disk().failForces(true));
    database.faults().fail(Step.COMMIT, "40001", 1);

    assertThatThrownBy(() -> manual().ticking(() -> withObject("a")))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("08007"));

    assertThat(manual().ticking(() -> order("b", "tea")).status()).isEqualTo(Status.APPLIED);
    assertThat(orders()).containsExactly("b=tea");
  }

  /** U3: the items are there already. */
  @Test
  void aRefusalAtTheEndOfAUnitIsALetter() throws Exception {
    openAll();
    database.faults().refuseByCommit(row -> row.values().contains("row"));

    assertThatThrownBy(() -> manual().ticking(() -> unit("a")))
        .satisfies(e -> assertThat(stateOf(e)).startsWith("23"));

    awaitDeadLetters(1);
    assertThat(items()).containsExactly("a=item");
    assertThat(orders()).isEmpty();
    database.faults().refuseByCommit(row -> false);
    TransactionId letter = platform().deadLetters().list().get(0).id();
    platform().deadLetters().retry(letter, "tester", "the constraint is gone");
    manual().drain();
    assertWhole("a"); // U5: a second item would be refused by its key.
    assertThat(platform().deadLetters().list()).isEmpty();
  }

  /** D2 */
  @Test
  void theLetterOfAUnitWithoutAKeyParksNoOther() throws Exception {
    openAll();
    outage();
    unit("a");
    items.faults().refuse(row -> row.values().contains("item"));
    database.faults().heal();
    awaitDeadLetters(1);
    items.faults().refuse(row -> false);
    manual().awaitState(Availability.UP);

    assertThat(unit("b").status()).isEqualTo(Status.APPLIED);
    assertThat(platform().deadLetters().parked()).isEmpty();
    assertThat(platform().deadLetters().list()).hasSize(1);
  }

  /** D5: a table that is missing is no fault of the unit's. */
  @Test
  void whatALostTableRefusesWaitsAndIsNoLetter() throws Exception {
    openAll();
    outage();
    unit("a");
    items.faults().fail(Step.STATEMENT, "42P01", 1);
    database.faults().heal();
    awaitAlarm("another store");
    assertThat(platform().deadLetters().list()).isEmpty();

    applyAll();
    assertThat(items()).containsExactly("a=item");
    assertThat(orders()).contains("a=row");
    assertThat(platform().deadLetters().list()).isEmpty();
  }

  /** U5 */
  @Test
  void theRetryOfALetterWhosePartWasRefusedSendsThatPart() throws Exception {
    openAll();
    outage();
    unit("a");
    items.faults().refuse(row -> row.values().contains("item"));
    database.faults().heal();
    awaitDeadLetters(1);
    assertThat(objects()).containsExactly("a=object");
    items.faults().refuse(row -> false);
    TransactionId letter = platform().deadLetters().list().get(0).id();

    platform().deadLetters().retry(letter, "tester", "there is room now");
    manual().drain();

    assertThat(items()).containsExactly("a=item");
    assertThat(orders()).contains("a=row");
  }

  /** U5, F1: a ledger that has no row of the letter forgets its number with all others. */
  @Test
  void theRetryOfALetterSendsWhatWasNeverSentThoughTheLedgerHasForgotten() throws Exception {
    openAll();
    outage();
    objects.faults().refuse(row -> row.values().contains("object"));
    unit("a");
    recover();
    awaitDeadLetters(1);
    objects.faults().refuse(row -> false);
    TransactionId letter = platform().deadLetters().list().get(0).id();
    commit(
        connection -> {
          connection.setClientInfo("rananeeti.ordering-key", "another");
          connection.enlist(new Put(ITEMS, "b", "item"));
          insert(connection, INSERT, "b", "row");
        });
    manual().await("items are pruned", () -> items.settledBelow(letter) > letter.number());

    platform().deadLetters().retry(letter, "tester", "it is taken now");
    manual().drain();

    assertThat(items()).containsExactlyInAnyOrder("a=item", "b=item");
    assertThat(objects()).containsExactly("a=object");
    assertThat(orders()).contains("a=row", "b=row");
  }

  /** G5: that its object is there says nothing of the unit. */
  @Test
  void theObjectOfWhatHasReadIsNoAnswerToWhatBecameOfIt() throws Exception {
    openAll();
    Receipt receipt =
        commit(
            connection -> {
              read(connection, "SELECT v FROM orders");
              connection.enlist(new Put(OBJECTS, "a", "object"));
              insert(connection, INSERT, "a", "row");
            });

    assertThat(database.ledger()).containsEntry(receipt.id(), Outcome.APPLIED);
    assertThat(objects.ledger()).doesNotContainKey(receipt.id()).containsValue(Outcome.APPLIED);
  }

  /** U4 */
  @Test
  void whatHasReadMayHaveObjectsAndNoItems() throws Exception {
    openAll();

    assertThatThrownBy(
            () ->
                commit(
                    connection -> {
                      read(connection, "SELECT v FROM orders");
                      connection.enlist(new Put(ITEMS, "a", "item"));
                      insert(connection, INSERT, "a", "row");
                    }))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("55R20"));
    assertThat(items()).isEmpty();

    Receipt receipt =
        commit(
            connection -> {
              read(connection, "SELECT v FROM orders");
              connection.enlist(new Put(OBJECTS, "b", "object"));
              insert(connection, INSERT, "b", "row");
            });

    assertThat(receipt.status()).isEqualTo(Status.APPLIED);
    assertThat(receipt.stores()).containsEntry(OBJECTS, Status.APPLIED);
    assertThat(objects()).containsExactly("b=object");
    assertThat(orders()).containsExactly("b=row");
  }

  /** U4 */
  @Test
  void whatMayNotBeDeferredIsRefusedWhileItsObjectsCannotBePut() throws Exception {
    openAll();
    objects.faults().unreachable(true);
    awaitStore(OBJECTS, Availability.DOWN);

    assertThatThrownBy(
            () ->
                commit(
                    connection -> {
                      read(connection, "SELECT v FROM orders");
                      connection.enlist(new Put(OBJECTS, "a", "object"));
                      insert(connection, INSERT, "a", "row");
                    }))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("55R01"))
        .hasMessageContaining(OBJECTS);

    assertThat(orders()).isEmpty();
  }

  @Test
  void aRollbackLeavesNothing() throws Exception {
    openAll();
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      connection.enlist(new Put(OBJECTS, "a", "object"));
      connection.rollback();
      insert(connection, INSERT, "b", "row");
      connection.commit();
    }
    assertThat(objects()).isEmpty();
    assertThat(orders()).containsExactly("b=row");
  }

  @Test
  void aUnitWithoutStatementsOfItsOwnIsOneToo() throws Exception {
    openAll();

    Receipt receipt = commit(connection -> connection.enlist(new Put(OBJECTS, "a", "object")));

    assertThat(receipt.status()).isEqualTo(Status.APPLIED);
    assertThat(objects()).containsExactly("a=object");
    assertThat(database.ledger()).containsEntry(receipt.id(), Outcome.APPLIED);
  }

  /** All of it is for others: that must not be taken for a question that nothing is known of. */
  @Test
  void aUnitWithoutStatementsOfItsOwnIsAppliedAfterItHasWaited() throws Exception {
    openAll();
    outage();

    Receipt receipt = commit(connection -> connection.enlist(new Put(OBJECTS, "a", "object")));

    assertThat(receipt.status()).isEqualTo(Status.ACCEPTED);
    recover();
    assertThat(objects()).containsExactly("a=object");
    assertThat(platform().outcome(receipt.id())).isEqualTo(Outcome.APPLIED);
    assertThat(database.ledger()).containsEntry(receipt.id(), Outcome.APPLIED);
  }

  /** D3: what waits is passed over, instead of being tried without end. */
  @Test
  void aRecoveryComesToItsEndThoughAUnitWaitsForAnotherStore() throws Exception {
    openAll();
    objects.faults().unreachable(true);
    awaitStore(OBJECTS, Availability.DOWN);
    outage();
    Receipt unit = unit("a");
    Receipt plain = order("b", "tea");

    database.faults().heal();
    awaitStore(ManualPlatform.STORE, Availability.UP);

    assertThat(platform().outcome(plain.id())).isEqualTo(Outcome.APPLIED);
    assertThat(platform().outcome(unit.id())).isEqualTo(Outcome.ACCEPTED);
    assertThat(orders()).contains("b=tea").doesNotContain("a=row");
    applyAll();
    assertThat(orders()).contains("a=row");
  }

  @Test
  void whatCannotBeAPartIsRefusedWhenItIsEnlisted() throws Exception {
    openAll();
    try (PlatformConnection connection = platform().getConnection(OBJECTS)) {
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> connection.enlist(new Put(ITEMS, "a", "item")))
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("0A000"))
          .hasMessageContaining("comes last");
    }
    try (PlatformConnection connection = manual().connect()) {
      assertThatThrownBy(() -> connection.enlist(new Put(OBJECTS, "a", "object")))
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("25P01"));
      assertThatThrownBy(() -> connection.enlist(new Put("nowhere", "a", "object")))
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("0A000"))
          .hasMessageContaining("nowhere");
    }
  }

  /** S6: the second finds the first's receipt, and adds nothing. */
  @Test
  void anIntentKeyHoldsForTheWholeUnit() throws Exception {
    openAll();
    Work work =
        connection -> {
          connection.setClientInfo("rananeeti.intent-key", "key");
          connection.enlist(new Put(OBJECTS, "a", "object"));
          insert(connection, "INSERT INTO events VALUES (?)", "a");
        };

    Receipt first = commit(work);
    Receipt second = commit(work);

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(events()).containsExactly("a");
    assertThatThrownBy(
            () ->
                commit(
                    connection -> {
                      connection.setClientInfo("rananeeti.intent-key", "other");
                      connection.enlist(new Put(ITEMS, "b", "item"));
                      insert(connection, INSERT, "b", "row");
                    }))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("55R20"));
  }
}
