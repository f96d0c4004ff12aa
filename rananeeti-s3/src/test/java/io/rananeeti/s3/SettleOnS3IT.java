package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Writer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;

/** The steps of settling, and what stands in the ledger after them. */
@SuppressWarnings("NullAway")
class SettleOnS3IT extends S3Fixture {

  private static final AtomicLong NUMBERS = new AtomicLong();

  private final RecordingHost host = new RecordingHost();

  @BeforeEach
  void openStore() throws Exception {
    store = storeAt(front.endpoint()).build();
    store.open(host);
    store.probe(Duration.ofSeconds(10));
    store.register(Set.of(), false);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private TransactionId nextId() {
    return new TransactionId(host.incarnation(), NUMBERS.incrementAndGet());
  }

  /** As the platform applies a part of a unit, or an entry. */
  private Outcome apply(TransactionId id, Operation... operations) throws StoreException {
    try (LedgerTransaction ledger = store.begin(Isolation.DEFAULT)) {
      Claim claim = ledger.claim(List.of(id), Outcome.APPLIED).get(0);
      if (claim.ours()) {
        ledger.guard();
        ledger.enter(Context.NONE);
        ledger.execute(List.of(operations), Instant.now());
        ledger.release();
      }
      ledger.commit();
      return claim.outcome();
    }
  }

  private Outcome settle(TransactionId id, Outcome intended) throws StoreException {
    try (LedgerTransaction ledger = store.begin(Isolation.DEFAULT)) {
      Claim claim = ledger.claim(List.of(id), intended).get(0);
      ledger.commit();
      return claim.outcome();
    }
  }

  private Outcome refuse(TransactionId id, String why) throws StoreException {
    try (LedgerTransaction ledger = store.begin(Isolation.DEFAULT)) {
      Claim claim = ledger.claim(List.of(id), Outcome.APPLIED).get(0);
      ledger.refuse(id, new Refusal("23514", why));
      ledger.commit();
      return claim.outcome();
    }
  }

  private void commit(TransactionId id, Operation operation) throws Exception {
    Connection connection = store.connect(Duration.ofSeconds(10));
    store.execute(connection, List.of(operation));
    store.commit(connection, id, true);
  }

  private void awaitAborted(TransactionId id) throws Exception {
    await(
        () -> {
          try {
            return settle(id, Outcome.ABORTED) == Outcome.ABORTED;
          } catch (StoreException e) {
            assertThat(e.failure()).as("%s", e).isEqualTo(Failure.RETRY);
            return false;
          }
        });
  }

  @Test
  void aPartOfAUnitIsAppliedAsOftenAsThePlatformLikesAndLeavesNoRow() throws Exception {
    TransactionId id = nextId();
    Operation[] part = {addressed("one").operation(), addressed("two").operation()};

    for (int i = 0; i < 3; i++) {
      assertThat(apply(id, part)).isEqualTo(Outcome.APPLIED);
    }

    assertThat(content(addressed("one").key())).contains("one");
    assertThat(content(addressed("two").key())).contains("two");
    assertThat(content(rowOf(id))).isEmpty();
    assertThat(store.refusalOfPart(List.of(part))).isNull();
    assertThat(store.refusalOfPart(List.of(absent("menu/soup", "hot").operation())))
        .contains("PutObject.addressed");
  }

  @Test
  void aPartOfManyPartsIsAppliedOnceToo() throws Exception {
    byte[] large = new byte[12 << 20];
    new Random(1).nextBytes(large);
    PutObject put = PutObject.addressed("receipts", "orders", large);
    Operation operation = put.operation(host);
    TransactionId id = nextId();

    apply(id, operation);
    String first = tag(put.key());
    apply(id, operation);

    assertThat(tag(put.key())).isEqualTo(first);
    try (ObjectInput in = store.reads().get(put.key()).orElseThrow()) {
      assertThat(in.readAllBytes()).isEqualTo(large);
    }
    assertThat(client().listMultipartUploads(r -> r.bucket(bucket)).uploads()).isEmpty();
  }

  @Test
  void contentThatTheSpoolHasLostIsARefusalAndLeavesNoUpload() throws Exception {
    byte[] large = new byte[12 << 20];
    PutObject put = PutObject.addressed("receipts", "orders", large);
    Operation operation = put.operation(host);
    host.contents().replaceAll((content, bytes) -> new byte[12 << 20 | 1]);

    assertThatThrownBy(() -> apply(nextId(), operation))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.failure()).isEqualTo(Failure.REFUSED);
              assertThat(e.sqlState()).isEqualTo("55R17");
            });
    assertThat(client().listMultipartUploads(r -> r.bucket(bucket)).uploads()).isEmpty();
    assertThat(content(put.key())).isEmpty();
  }

  @Test
  void aRefusalStaysAndSoDoesAnAbort() throws Exception {
    TransactionId refused = nextId();
    apply(nextId(), absent("menu/soup", "hot").operation());
    assertThatThrownBy(() -> apply(refused, absent("menu/soup", "cold").operation()))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.failure()).isEqualTo(Failure.REFUSED));
    TransactionId aborted = nextId();
    assertThat(settle(aborted, Outcome.ABORTED)).isEqualTo(Outcome.ABORTED);

    assertThat(apply(refused, addressed("soup").operation())).isEqualTo(Outcome.REFUSED);
    assertThat(apply(aborted, addressed("soup").operation())).isEqualTo(Outcome.ABORTED);
    assertThat(content(addressed("soup").key())).isEmpty();
  }

  @Test
  void anOriginalThatComesAfterItsAbortDoesNothing() throws Exception {
    TransactionId id = nextId();
    settle(id, Outcome.ABORTED);

    assertThatThrownBy(() -> commit(id, absent("menu/soup", "hot").operation()))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(store.settledOtherwise(e)).isTrue());
    assertThat(content("menu/soup")).isEmpty();
  }

  @Test
  void whatWasDoneIsNeverAborted() throws Exception {
    TransactionId one = nextId();
    TransactionId two = nextId();
    commit(one, absent("menu/soup", "hot").operation());
    commit(two, addressed("soup").operation());

    assertThat(settle(one, Outcome.ABORTED)).isEqualTo(Outcome.APPLIED);
    assertThat(settle(two, Outcome.ABORTED)).isEqualTo(Outcome.APPLIED);
    assertThat(apply(one, absent("menu/soup", "hot").operation())).isEqualTo(Outcome.APPLIED);
  }

  @Test
  void whatMayBeOnItsWayIsAbortedOnlyOnceItsTimeIsOver() throws Exception {
    store.close();
    fence = Duration.ofSeconds(5);
    openStore();
    TransactionId id = nextId();
    front.only(line -> line.startsWith("PUT /" + bucket + "/menu/"));
    front.plan(FaultyFront.Fault.DELIVER_LATE);
    final long begun = System.nanoTime();
    assertThatThrownBy(() -> commit(id, absent("menu/soup", "hot").operation()))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(store.classify(e)).isEqualTo(Failure.UNREACHABLE));

    awaitAborted(id);

    // S3 counts from the full second before.
    assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(fence.minusSeconds(1).toNanos());
    assertThat(front.deliver()).containsExactly(403);
    assertThat(content("menu/soup")).isEmpty();
  }

  @Test
  void aLetterIsReplacedOnceHoweverOftenThatIsBegun() throws Exception {
    TransactionId letter = nextId();
    refuse(letter, "for a reason");
    TransactionId first = nextId();

    assertThat(replace(letter, first)).isTrue();
    assertThat(replace(letter, first)).as("after a crash").isTrue();
    assertThat(replace(letter, nextId())).as("a second retry").isFalse();
    assertThat(settle(letter, Outcome.APPLIED)).isEqualTo(Outcome.REPLACED);
  }

  private boolean replace(TransactionId letter, TransactionId by) throws StoreException {
    try (LedgerTransaction ledger = store.begin(Isolation.DEFAULT)) {
      ledger.claim(List.of(by), Outcome.APPLIED);
      return ledger.replace(letter);
    }
  }

  @Test
  void whatWasForgottenIsNeverAppliedAgain() throws Exception {
    TransactionId old = nextId();
    TransactionId kept = nextId();
    TransactionId young = nextId();
    for (TransactionId each : List.of(old, kept, young)) {
      refuse(each, "for a reason");
    }
    store.prune(host.incarnation(), young.number(), Set.of(kept.number()));

    assertThat(content(rowOf(old))).isEmpty();
    assertThat(content(rowOf(kept))).isPresent();
    assertThat(content(rowOf(young))).isPresent();
    assertThatThrownBy(() -> apply(old, addressed("soup").operation()))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.failure()).isEqualTo(Failure.ENVIRONMENT);
              assertThat(e.sqlState()).isEqualTo("55R04");
            });
    assertThat(apply(kept, addressed("soup").operation())).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void anIncarnationThatTheLedgerDoesNotKnowIsAnotherHistory() {
    TransactionId foreign = new TransactionId(UUID.randomUUID(), 1);

    assertThatThrownBy(() -> apply(foreign, addressed("soup").operation()))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.failure()).isEqualTo(Failure.ENVIRONMENT);
              assertThat(e.sqlState()).isEqualTo("55R03");
            });
    assertThat(content(addressed("soup").key())).isEmpty();
  }

  @Test
  void aRowThatNobodyCanReadStopsThePlatform() throws Exception {
    TransactionId id = nextId();
    client()
        .putObject(
            r -> r.bucket(bucket).key(rowOf(id)),
            RequestBody.fromString("version=2&outcome=BEGUN"));

    assertThatThrownBy(() -> apply(id, addressed("soup").operation()))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.failure()).isEqualTo(Failure.ENVIRONMENT))
        .hasMessageContaining("version 2");
  }

  @Test
  void theProbeNoticesThatItsBucketWasEmptied() throws Exception {
    Writer before = store.probe(Duration.ofSeconds(10));
    client()
        .listObjectsV2Paginator(r -> r.bucket(bucket))
        .contents()
        .forEach(o -> client().deleteObject(r -> r.bucket(bucket).key(o.key())));

    assertThat(store.probe(Duration.ofSeconds(10)).isSame(before)).isFalse();
    assertThatThrownBy(() -> store.register(Set.of(host.incarnation()), false))
        .isInstanceOf(StoreException.class);
  }

  @Test
  void aProbeWhoseReplyIsLostIsNoOtherBucket() throws Exception {
    Writer before = store.probe(Duration.ofSeconds(10));
    front.only(line -> line.contains("/probes/") && line.startsWith("PUT"));
    front.plan(FaultyFront.Fault.LOSE_REPLY);

    assertThat(store.probe(Duration.ofSeconds(10)).isSame(before)).isTrue();
  }
}
