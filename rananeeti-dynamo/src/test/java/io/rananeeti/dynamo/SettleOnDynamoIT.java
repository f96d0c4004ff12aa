package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/** The steps of settling on a real DynamoDB, without a platform. */
@SuppressWarnings("NullAway")
class SettleOnDynamoIT extends DynamoFixture {

  private final RecordingHost host = new RecordingHost();
  private final AtomicLong numbers = new AtomicLong();
  private DynamoStore own;

  @BeforeEach
  void openStore() throws Exception {
    own = storeAt(server().endpoint()).build();
    own.open(host);
    own.register(Set.of(), false);
  }

  @Test
  void anAbortFencesTheOriginalForEver() throws Exception {
    TransactionId id = nextId();
    Connection original = insert("soup");
    settle(id, Outcome.ABORTED);

    assertThatThrownBy(() -> own.commit(original, id, true))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(own.settledOtherwise(e)).isTrue());

    assertThat(item(dishes, "soup")).isEmpty();
  }

  @Test
  void whatStandsIsLearnedByTheWriteThatFails() throws Exception {
    TransactionId id = nextId();
    assertThat(own.commit(insert("soup"), id, true)).isTrue();

    assertThatThrownBy(() -> settle(id, Outcome.ABORTED))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.failure()).isEqualTo(Failure.RETRY));
    Claim claim = settle(id, Outcome.ABORTED);

    assertThat(claim.ours()).isFalse();
    assertThat(claim.outcome()).isEqualTo(Outcome.APPLIED);
    assertThat(outcome(id)).isEqualTo("APPLIED");
  }

  @Test
  void theLedgerDecidesBeforeTheApplicationsCondition() throws Exception {
    TransactionId id = nextId();
    own.commit(insert("soup"), id, true);

    assertThatThrownBy(() -> apply(id, insertOf("soup")))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.failure()).isEqualTo(Failure.RETRY));
    assertThatThrownBy(() -> apply(nextId(), insertOf("soup")))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.failure()).isEqualTo(Failure.REFUSED);
              assertThat(e.sqlState()).isEqualTo("23505");
            });
  }

  @Test
  void aRefusalStandsWithItsCause() throws Exception {
    TransactionId id = nextId();
    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(id), Outcome.APPLIED);
      transaction.guard();
      transaction.intend(Map.of(id, new Intent("key", "digest")));
      transaction.execute(List.of(insertOf("soup")), Instant.EPOCH);
      transaction.retreat();
      transaction.refuse(id, new Refusal("23505", "it is there already"));
      transaction.commit();
    }
    assertThat(item(dishes, "soup")).isEmpty();
    assertThat(holder("key")).isNull();

    assertThatThrownBy(() -> settle(id, Outcome.ABORTED)).isInstanceOf(StoreException.class);
    Claim claim = settle(id, Outcome.ABORTED);

    assertThat(claim.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(claim.refusal()).isEqualTo(new Refusal("23505", "it is there already"));
  }

  @Test
  void aLetterIsReplacedOnce() throws Exception {
    TransactionId letter = nextId();
    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(letter), Outcome.REFUSED);
      transaction.refuse(letter, new Refusal("23505", "why"));
      transaction.commit();
    }
    assertThat(retry(letter, nextId(), "first")).isTrue();
    assertThat(outcome(letter)).isEqualTo("REPLACED");

    TransactionId second = nextId();
    assertThatThrownBy(() -> retry(letter, second, "second"))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.failure()).isEqualTo(Failure.RETRY));
    assertThat(retry(letter, second, "second")).isFalse();

    assertThat(item(dishes, "first")).isNotEmpty();
    assertThat(item(dishes, "second")).isEmpty();
    assertThat(outcome(second)).isNull();
  }

  @Test
  void anIntentKeyHasOneHolder() throws Exception {
    TransactionId first = nextId();
    own.commit(insert("soup"), first, true, new Intent("key", "digest"));
    Connection again = insert("bread");

    assertThatThrownBy(() -> own.commit(again, nextId(), true, new Intent("key", "digest")))
        .isInstanceOfSatisfying(SQLException.class, e -> assertThat(own.intentTaken(e)).isTrue());
    assertThat(holder("key")).isEqualTo(new IntentHolder(first, "digest"));

    TransactionId other = nextId();
    assertThatThrownBy(() -> intend(other, first)).isInstanceOf(StoreException.class);
    intend(other, first);
    assertThat(outcome(other)).isEqualTo("DUPLICATE");
    assertThatThrownBy(() -> settle(other, Outcome.ABORTED)).isInstanceOf(StoreException.class);
    assertThat(settle(other, Outcome.ABORTED).first()).isEqualTo(first);
  }

  /** As the platform does: takes the key, or is committed as the duplicate of who has it. */
  private void intend(TransactionId id, TransactionId first) throws StoreException {
    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(id), Outcome.APPLIED);
      IntentHolder holder = transaction.intend(Map.of(id, new Intent("key", "digest"))).get("key");
      if (holder.id().equals(id)) {
        transaction.execute(List.of(insertOf("tea")), Instant.EPOCH);
      } else {
        assertThat(holder.id()).isEqualTo(first);
        transaction.duplicate(id, holder.id());
      }
      transaction.commit();
    }
  }

  @Test
  void anIntentKeyWhoseTimeIsOverIsTaken() throws Exception {
    own.commit(insert("soup"), nextId(), true, new Intent("key", "digest"));
    DynamoStore tomorrow =
        storeAt(server().endpoint())
            .clock(Clock.fixed(Instant.now().plus(Duration.ofHours(25)), ZoneOffset.UTC))
            .build();
    tomorrow.open(host);
    TransactionId second = nextId();
    Connection connection = tomorrow.connect(STALL);
    write(connection, "bread");

    assertThat(tomorrow.commit(connection, second, true, new Intent("key", "digest"))).isTrue();

    assertThat(holder("key").id()).isEqualTo(second);
    tomorrow.close();
  }

  @Test
  void aTrialDoesNothing() throws Exception {
    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      transaction.guard();
      transaction.execute(List.of(insertOf("soup")), Instant.EPOCH);
    }
    assertThat(item(dishes, "soup")).isEmpty();
    own.commit(insert("soup"), nextId(), true);

    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      transaction.guard();
      assertThatThrownBy(() -> transaction.execute(List.of(insertOf("soup")), Instant.EPOCH))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.sqlState()).isEqualTo("23505"));
    }
    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      transaction.guard();
      Operation elsewhere =
          PutItem.into("menu", "nowhere_" + suffix, Map.of("pk", "soup")).operation();
      assertThatThrownBy(() -> transaction.execute(List.of(elsewhere), Instant.EPOCH))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.sqlState()).isEqualTo("42P01"));
    }
  }

  @Test
  void severalShareOneTransactionUnlessTheyMeetAtOneItem() throws Exception {
    TransactionId one = nextId();
    TransactionId other = nextId();
    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(one, other), Outcome.APPLIED);
      transaction.execute(List.of(insertOf("soup")), Instant.EPOCH);
      transaction.execute(List.of(insertOf("bread")), Instant.EPOCH);
      transaction.commit();
    }
    assertThat(List.of(outcome(one), outcome(other))).containsOnly("APPLIED");

    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId(), nextId()), Outcome.APPLIED);
      transaction.execute(List.of(insertOf("tea")), Instant.EPOCH);
      assertThatThrownBy(() -> transaction.execute(List.of(insertOf("tea")), Instant.EPOCH))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.failure()).isEqualTo(Failure.RETRY));
    }
  }

  @Test
  void whatAGroupHasLearnedAndCouldNotUseIsStillKnownToItsMembers() throws Exception {
    TransactionId done = nextId();
    own.commit(insert("soup"), done, true);
    assertThatThrownBy(() -> apply(done, insertOf("soup"))).isInstanceOf(StoreException.class);

    try (LedgerTransaction group = own.begin(Isolation.DEFAULT)) {
      assertThat(group.claim(List.of(done, nextId(), nextId()), Outcome.APPLIED).get(0).ours())
          .isFalse();
      group.execute(List.of(insertOf("tea")), Instant.EPOCH);
      assertThatThrownBy(() -> group.execute(List.of(insertOf("tea")), Instant.EPOCH))
          .isInstanceOf(StoreException.class);
    }

    assertThat(settle(done, Outcome.ABORTED).outcome()).isEqualTo(Outcome.APPLIED);
  }

  @Test
  void whatWasLearnedIsNotBelievedForLong() {
    AtomicLong time = new AtomicLong();
    Learned learned = new Learned(time::get);
    learned.holder("key", new IntentHolder(nextId(), "digest"));
    assertThat(learned.holderOf("key")).isNotNull();
    time.set(Learned.FRESH.toNanos());
    assertThat(learned.holderOf("key")).isNotNull();
    time.incrementAndGet();
    assertThat(learned.holderOf("key")).isNull();
  }

  @Test
  void whatIsPrunedExpiresAndIsNeverSettledAgain() throws Exception {
    TransactionId gone = nextId();
    TransactionId kept = nextId();
    TransactionId late = nextId();
    own.commit(insert("a"), gone, true);
    own.commit(insert("b"), kept, true);
    own.prune(host.incarnation(), numbers.get() + 1, Set.of(kept.number()));

    assertThat(expiry(gone)).isBetween(nowPlus(59), nowPlus(61));
    assertThat(expiry(kept)).isZero();
    assertThatThrownBy(() -> settle(late, Outcome.ABORTED))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.failure()).isEqualTo(Failure.ENVIRONMENT);
              assertThat(e.sqlState()).isEqualTo(Failures.STALE_LOG);
            });

    DynamoStore next = storeAt(server().endpoint()).build();
    next.open(host);
    next.prune(host.incarnation(), numbers.get() + 2, Set.of());
    next.close();
    assertThat(expiry(kept)).as("pruned once it is kept no longer").isPositive();
    assertThat(registration(kept).get("pruned_below").n())
        .as("where the next process begins")
        .isEqualTo(Long.toString(numbers.get() + 2));
  }

  @Test
  void aLogThatTheLedgerDoesNotKnowIsAnotherHistory() throws Exception {
    TransactionId strange = new TransactionId(UUID.randomUUID(), 1);
    assertThatThrownBy(() -> settle(strange, Outcome.ABORTED))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.sqlState()).isEqualTo(Failures.ANOTHER_HISTORY));
    assertThatThrownBy(() -> own.register(Set.of(strange.incarnation()), false))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.sqlState()).isEqualTo(Failures.ANOTHER_HISTORY));

    own.register(Set.of(strange.incarnation()), true);

    assertThat(settle(strange, Outcome.ABORTED).ours()).isTrue();
  }

  @Test
  void aTableMadeAnewIsAnotherWriter() throws Exception {
    String before = own.probe(STALL).identity();
    assertThat(own.probe(STALL).identity()).isEqualTo(before);
    client().deleteTable(r -> r.tableName(ledger));

    assertThat(own.probe(STALL).identity()).isNotEqualTo(before);
    assertThatThrownBy(() -> settle(nextId(), Outcome.ABORTED))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.sqlState()).isEqualTo(Failures.NO_LEDGER));
  }

  @Test
  void whoMayNotMakeTheTableIsToldHow() {
    DynamoStore poor = storeAt(front.endpoint()).ledgerTable("no_" + ledger).build();
    poor.open(host);
    front.always(FaultyFront.Fault.DENY, operation -> operation.equals("CreateTable"));

    assertThatThrownBy(() -> poor.register(Set.of(), false))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.failure()).isEqualTo(Failure.ENVIRONMENT);
              assertThat((Throwable) e)
                  .hasMessageContaining("aws dynamodb create-table --table-name no_" + ledger)
                  .hasMessageContaining("update-time-to-live");
            });
    poor.close();
  }

  @Test
  void deniedAccessSmellsOfTheEnvironment() throws Exception {
    DynamoStore poor = storeAt(front.endpoint()).build();
    poor.open(host);
    front.always(FaultyFront.Fault.DENY, operation -> operation.equals("TransactWriteItems"));

    try (LedgerTransaction transaction = poor.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId()), Outcome.APPLIED);
      transaction.execute(List.of(insertOf("soup")), Instant.EPOCH);
      assertThatThrownBy(transaction::commit)
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> {
                assertThat(e.failure()).isEqualTo(Failure.REFUSED);
                assertThat(e.sqlState()).isEqualTo("42501");
              });
    }
    try (LedgerTransaction transaction = poor.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId()), Outcome.ABORTED);
      assertThatThrownBy(transaction::commit)
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.failure()).isEqualTo(Failure.ENVIRONMENT));
    }
    poor.close();
  }

  @Test
  void whoeverWaitsStopsWaitingWhenTheStoreIsSevered() throws Exception {
    DynamoStore severed = storeAt(front.endpoint()).callTimeout(Duration.ofMinutes(1)).build();
    severed.open(host);
    front.always(FaultyFront.Fault.HANG);
    TransactionId id = nextId();
    long begun = System.nanoTime();
    Thread cutter =
        new Thread(
            () -> {
              while (front.struck() == 0) {
                Thread.onSpinWait();
              }
              severed.sever();
            });
    cutter.start();

    assertThatThrownBy(
            () -> {
              try (LedgerTransaction transaction = severed.begin(Isolation.DEFAULT)) {
                transaction.claim(List.of(id), Outcome.ABORTED);
                transaction.commit();
              }
            })
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.failure()).isEqualTo(Failure.UNREACHABLE));
    cutter.join();

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
    severed.close();
  }

  @Test
  void theLedgerCostsTwoWriteUnitsATransaction() {
    List<TransactWriteItem> items =
        List.of(
            new Ledger.Row(nextId(), Outcome.APPLIED).put(ledger, UUID.randomUUID().toString()),
            TransactWriteItem.builder()
                .put(p -> p.tableName(dishes).item(Map.of("pk", AttributeValue.fromS("soup"))))
                .build());

    List<ConsumedCapacity> consumed =
        client()
            .transactWriteItems(
                r -> r.transactItems(items).returnConsumedCapacity(ReturnConsumedCapacity.TOTAL))
            .consumedCapacity();

    assertThat(consumed)
        .filteredOn(each -> each.tableName().equals(ledger))
        .singleElement()
        .satisfies(each -> assertThat(each.capacityUnits()).isEqualTo(2.0));
    assertThat(Values.size(items.get(0).put().item())).isEqualTo(116);
  }

  @Test
  void nothingThatIsShownHoldsASecret() {
    DynamoStore secretive =
        DynamoStore.builder("menu")
            .credentials(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
            .build();
    assertThat(secretive.toString()).contains("menu").doesNotContain("secret", "key");
    assertThatThrownBy(() -> DynamoStore.builder("menu").ledgerTable("a b"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DynamoStore.builder("menu").callTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DynamoStore.builder("menu").ledgerExpiry(Duration.ofHours(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DynamoStore.builder("a b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void logsThatWereNotSeenForLongAreForgotten() throws Exception {
    RecordingHost old = new RecordingHost();
    DynamoStore longAgo =
        storeAt(server().endpoint())
            .clock(Clock.fixed(Instant.now().minus(Duration.ofDays(100)), ZoneOffset.UTC))
            .build();
    longAgo.open(old);
    longAgo.register(Set.of(), false);
    TransactionId theirs = new TransactionId(old.incarnation(), 1);
    Connection connection = longAgo.connect(STALL);
    write(connection, "theirs");
    longAgo.commit(connection, theirs, true);
    longAgo.close();

    own.prune(host.incarnation(), 1, Set.of());

    assertThat(expiry(theirs)).isPositive();
    assertThatThrownBy(() -> settle(new TransactionId(old.incarnation(), 2), Outcome.ABORTED))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.sqlState()).isEqualTo(Failures.STALE_LOG));
  }

  @Test
  void earlierIncarnationsOfALivingLogAreNotForgotten() throws Exception {
    RecordingHost earlier = new RecordingHost(host.logId(), UUID.randomUUID());
    DynamoStore longAgo =
        storeAt(server().endpoint())
            .clock(Clock.fixed(Instant.now().minus(Duration.ofDays(100)), ZoneOffset.UTC))
            .build();
    longAgo.open(earlier);
    longAgo.register(Set.of(), false);
    TransactionId letter = new TransactionId(earlier.incarnation(), 1);
    Connection connection = longAgo.connect(STALL);
    write(connection, "earlier");
    longAgo.commit(connection, letter, true);
    longAgo.close();

    own.prune(host.incarnation(), 1, Set.of());

    assertThat(expiry(letter)).isZero();
    assertThat(seen(earlier.incarnation())).as("renewed").isGreaterThan(nowPlus(-10));
    own.register(Set.of(earlier.incarnation()), false);
  }

  @Test
  void whatALogAsksForAtItsStartIsSeen() throws Exception {
    RecordingHost other = new RecordingHost();
    DynamoStore longAgo =
        storeAt(server().endpoint())
            .clock(Clock.fixed(Instant.now().minus(Duration.ofDays(100)), ZoneOffset.UTC))
            .build();
    longAgo.open(other);
    longAgo.register(Set.of(), false);
    longAgo.close();

    own.register(Set.of(other.incarnation()), false);

    assertThat(seen(other.incarnation())).isGreaterThan(nowPlus(-10));
  }

  @Test
  void theIntentKeyOfALivingLetterIsNotTakenByAnother() throws Exception {
    TransactionId first = nextId();
    own.commit(insert("soup"), first, true, new Intent("key", "digest"));
    own.expireIntents(Set.of("key", "nobody's"));
    DynamoStore tomorrow =
        storeAt(server().endpoint())
            .clock(Clock.fixed(Instant.now().plus(Duration.ofHours(25)), ZoneOffset.UTC))
            .build();
    tomorrow.open(host);
    Connection connection = tomorrow.connect(STALL);
    write(connection, "bread");

    assertThatThrownBy(
            () -> tomorrow.commit(connection, nextId(), true, new Intent("key", "digest")))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(tomorrow.intentTaken(e)).isTrue());

    assertThat(holder("key").id()).isEqualTo(first);
    assertThat(item(dishes, "bread")).isEmpty();
    assertThat(holder("nobody's")).isNull();
    tomorrow.close();
  }

  private long seen(UUID incarnation) {
    return Long.parseLong(
        client()
            .getItem(
                r ->
                    r.tableName(ledger)
                        .consistentRead(true)
                        .key(Registration.directory(incarnation)))
            .item()
            .get("seen_at")
            .n());
  }

  private TransactionId nextId() {
    return new TransactionId(host.incarnation(), numbers.incrementAndGet());
  }

  private Connection insert(String pk) throws SQLException {
    Connection connection = own.connect(STALL);
    write(connection, pk);
    return connection;
  }

  private void write(Connection connection, String pk) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("INSERT INTO \"" + dishes + "\" VALUE {'pk': '" + pk + "'}");
    }
  }

  private Operation insertOf(String pk) {
    return new Operation(
        "INSERT INTO \"" + dishes + "\" VALUE {'pk': '" + pk + "'}",
        false,
        List.of(List.of()),
        List.of(1L));
  }

  private void apply(TransactionId id, Operation operation) throws StoreException {
    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(id), Outcome.APPLIED);
      transaction.execute(List.of(operation), Instant.EPOCH);
      transaction.commit();
    }
  }

  private boolean retry(TransactionId letter, TransactionId id, String pk) throws StoreException {
    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(id), Outcome.APPLIED);
      if (!transaction.replace(letter)) {
        return false;
      }
      transaction.execute(List.of(insertOf(pk)), Instant.EPOCH);
      transaction.commit();
      return true;
    }
  }

  private Claim settle(TransactionId id, Outcome intended) throws StoreException {
    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      Claim claim = transaction.claim(List.of(id), intended).get(0);
      transaction.commit();
      return claim;
    }
  }

  private IntentHolder holder(String key) throws StoreException {
    try (LedgerTransaction transaction = own.begin(Isolation.DEFAULT)) {
      return transaction.holder(key);
    }
  }

  private long expiry(TransactionId id) {
    AttributeValue expires =
        client()
            .getItem(r -> r.tableName(ledger).consistentRead(true).key(Ledger.key(id)))
            .item()
            .get(Ledger.EXPIRES_AT);
    return expires == null ? 0 : Long.parseLong(expires.n());
  }

  private Map<String, AttributeValue> registration(TransactionId id) {
    return client()
        .getItem(
            r ->
                r.tableName(ledger)
                    .consistentRead(true)
                    .key(
                        Ledger.key(
                            Ledger.partition(id.incarnation(), Ledger.part(id)), Ledger.ONLY)))
        .item();
  }

  private static long nowPlus(int minutes) {
    return Instant.now().plus(Duration.ofMinutes(minutes)).getEpochSecond();
  }
}
