package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** S6: the same intent key with the same content has one effect, wherever and whenever. */
final class IntentRulesTest extends PlatformRules {

  private static final Duration RETENTION = Duration.ofMinutes(10);
  private static final String EVENT = "INSERT INTO events VALUES (?)";

  @TempDir private Path elsewhere;
  private ManualPlatform other;

  @SuppressWarnings("NullAway.Init") // the other node is there where a test opens it
  IntentRulesTest() {}

  @AfterEach
  void closeOther() {
    if (other != null) {
      other.close();
    }
  }

  private void openBoth() throws Exception {
    open(settings -> settings.intentRetention(RETENTION));
    openOther();
    other.awaitState(Availability.UP);
  }

  private void openOther() {
    other =
        ManualPlatform.open(
            database, seams, elsewhere, settings -> settings.intentRetention(RETENTION));
  }

  private void bothDown() throws Exception {
    database.faults().unreachable(true);
    manual().awaitState(Availability.DOWN);
    other.awaitState(Availability.DOWN);
  }

  private void bothRecover() throws Exception {
    database.faults().heal();
    manual().drain();
    other.drain();
  }

  private static Receipt intended(ManualPlatform on, String key, Work work) throws SQLException {
    try (PlatformConnection connection = on.connect()) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.intent-key", key);
      work.on(connection);
      connection.commit();
      return Objects.requireNonNull(connection.receipt());
    }
  }

  private Receipt intended(String key, String event) throws SQLException {
    return intended(manual(), key, connection -> insert(connection, EVENT, event));
  }

  private Receipt elsewhere(String key, String event) throws SQLException {
    return intended(other, key, connection -> insert(connection, EVENT, event));
  }

  private static void refused(String state, Callable<Receipt> commit) {
    assertThatThrownBy(commit::call).satisfies(e -> assertThat(stateOf(e)).isEqualTo(state));
  }

  @Test
  void theSameKeyWithTheSameContentIsAnsweredWithTheFirstReceipt() throws Exception {
    openBoth();
    Receipt first = intended("k", "tea");

    Receipt again = intended("k", "tea");
    Receipt fromElsewhere = elsewhere("k", "tea");
    Receipt another = intended("l", "tea");

    assertThat(first.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(fromElsewhere.id()).isEqualTo(first.id());
    assertThat(another.id()).isNotEqualTo(first.id());
    assertThat(events()).containsExactly("tea", "tea");
    assertThat(platform().receipt(ManualPlatform.STORE, "k").orElseThrow().id())
        .isEqualTo(first.id());
    assertThat(platform().receipt(ManualPlatform.STORE, "m")).isEmpty();
  }

  @Test
  void theConnectionGoesOnAfterADuplicate() throws Exception {
    open();
    intended("k", "tea");

    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.intent-key", "k");
      insert(connection, EVENT, "tea");
      connection.commit();
      insert(connection, EVENT, "cake");
      connection.commit();
      connection.setAutoCommit(true);
      connection.setClientInfo("rananeeti.intent-key", "k");
      insert(connection, EVENT, "tea");
      insert(connection, EVENT, "tea");
    }

    assertThat(events()).containsExactly("tea", "cake", "tea");
  }

  @Test
  void otherContentIsRefusedAndLeavesNothing() throws Exception {
    openBoth();
    intended("k", "tea");

    refused("22R01", () -> intended("k", "cake"));
    refused("22R01", () -> elsewhere("k", "cake"));
    refused(
        "22R01",
        () ->
            intended(
                manual(),
                "k",
                connection -> {
                  run(connection, "SET app.tenant = 'other'");
                  insert(connection, EVENT, "tea");
                }));

    assertThat(events()).containsExactly("tea");
    assertThat(database.ledger()).hasSize(1);
    assertThat(manual().health().availability()).isEqualTo(Availability.UP);
  }

  @Test
  void whatWaitsIsAnsweredAtOnce() throws Exception {
    open();
    quietOutage();

    Receipt first = intended("k", "tea");
    Receipt again = intended("k", "tea");
    refused("22R01", () -> intended("k", "cake"));

    assertThat(first.status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(manual().health().backlog()).isEqualTo(1);
    assertThat(platform().receipt(ManualPlatform.STORE, "k").orElseThrow().id())
        .isEqualTo(first.id());
    recover();
    assertThat(events()).containsExactly("tea");
    assertThat(intended("k", "tea").status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(intended("k", "tea").id()).isEqualTo(first.id());
  }

  @Test
  void whatWaitsIsAnsweredAfterARestartToo() throws Exception {
    open();
    Receipt before = event("before");
    quietOutage();
    Receipt first = intended("k", "tea");
    manual().kill();
    reopen();

    Receipt again = manual().ticking(() -> intended("k", "tea"));
    refused("22R01", () -> manual().ticking(() -> intended("k", "cake")));

    assertThat(again.id()).isEqualTo(first.id()).isNotEqualTo(before.id());
    recover();
    assertThat(events()).containsExactly("before", "tea");
  }

  @Test
  void whatWasAppliedIsAnsweredInTheDarkAndAfterARestart() throws Exception {
    open();
    Receipt attached = intended("attached", "tea");
    quietOutage();
    Receipt drained = intended("drained", "cake");
    recover();
    quietOutage();

    assertThat(intended("attached", "tea").id()).isEqualTo(attached.id());
    assertThat(intended("drained", "cake").status()).isEqualTo(Receipt.Status.APPLIED);
    manual().kill();
    reopen();
    assertThat(manual().ticking(() -> intended("drained", "cake")).id()).isEqualTo(drained.id());
    refused("22R01", () -> manual().ticking(() -> intended("drained", "tea")));
    Receipt unknown = manual().ticking(() -> intended("attached", "tea"));

    assertThat(unknown.status()).isEqualTo(Receipt.Status.ACCEPTED);
    recover();
    assertThat(events()).containsExactly("tea", "cake");
    assertThat(platform().outcome(unknown.id())).isEqualTo(Outcome.DUPLICATE);
    assertThat(intended("attached", "tea").id()).isEqualTo(attached.id());
  }

  @Test
  void twoInTheDarkAtOnceAreOneEntry() throws Exception {
    open();
    quietOutage();
    int threads = 6;
    CyclicBarrier together = new CyclicBarrier(threads);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    List<Future<Receipt>> receipts = new ArrayList<>();
    try {
      for (int i = 0; i < threads; i++) {
        receipts.add(
            executor.submit(
                () ->
                    intended(
                        manual(),
                        "k",
                        connection -> {
                          insert(connection, EVENT, "tea");
                          meet(together);
                        })));
      }
      Receipt first = receipts.get(0).get();
      for (Future<Receipt> receipt : receipts) {
        assertThat(receipt.get().id()).isEqualTo(first.id());
      }
    } finally {
      executor.shutdownNow();
    }

    assertThat(manual().health().backlog()).isEqualTo(1);
    recover();
    assertThat(events()).containsExactly("tea");
  }

  private static void meet(CyclicBarrier together) {
    try {
      together.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void twoNodesInTheDarkHaveOneEffectAndNoDeadLetter() throws Exception {
    openBoth();
    bothDown();

    Receipt here = intended("k", "tea");
    Receipt there = elsewhere("k", "tea");
    bothRecover();

    assertThat(events()).containsExactly("tea");
    assertThat(List.of(platform().outcome(here.id()), other.platform().outcome(there.id())))
        .containsExactlyInAnyOrder(Outcome.APPLIED, Outcome.DUPLICATE);
    assertThat(platform().deadLetters().list()).isEmpty();
    assertThat(other.platform().deadLetters().list()).isEmpty();
    assertThat(intended("k", "tea").id()).isEqualTo(elsewhere("k", "tea").id());
  }

  @Test
  void twoNodesInTheDarkWithOtherContentAreAnEffectAndADeadLetter() throws Exception {
    openBoth();
    bothDown();
    intended("k", "tea");
    elsewhere("k", "cake");

    bothRecover();

    assertThat(events()).hasSize(1);
    List<DeadLetter> letters = new ArrayList<>(platform().deadLetters().list());
    letters.addAll(other.platform().deadLetters().list());
    assertThat(letters).hasSize(1);
    assertThat(letters.get(0).sqlState()).isEqualTo("22R01");
  }

  @Test
  void aDuplicateWhoseMarkIsLostIsADuplicateAgain() throws Exception {
    openBoth();
    bothDown();
    intended("k", "tea");
    Receipt there = elsewhere("k", "tea");
    other.kill();
    database.faults().heal();
    manual().drain();
    database.faults().loseReply(Step.SETTLE, Fate.DONE);
    other.reopen();
    other.drain();

    assertThat(events()).containsExactly("tea");
    assertThat(other.platform().outcome(there.id())).isEqualTo(Outcome.DUPLICATE);
    other.crash(WORST);
    other.reopen();
    other.drain();
    assertThat(events()).containsExactly("tea");
    assertThat(other.platform().outcome(there.id())).isEqualTo(Outcome.DUPLICATE);
  }

  @ParameterizedTest
  @EnumSource(Fate.class)
  void aCommitInDoubtTakesItsKeyWithIt(Fate fate) throws Exception {
    openBoth();
    database.faults().loseReply(Step.COMMIT, fate);

    Receipt first = manual().ticking(() -> intended("k", "tea"));
    database.deliverLate();
    Receipt again = manual().ticking(() -> elsewhere("k", "tea"));

    assertThat(first.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(events()).containsExactly("tea");
    assertThat(database.intents()).containsEntry("k", first.id());
  }

  @ParameterizedTest
  @EnumSource(Fate.class)
  void aCommitInDoubtThatSomebodyElseHasOvertaken(Fate fate) throws Exception {
    openBoth();
    database.faults().loseReply(Step.COMMIT, fate);
    database.faults().fail(Step.LEDGER, "08006", 1_000);
    Receipt doubtful = manual().ticking(() -> intended("k", "tea"));
    assertThat(doubtful.status()).isEqualTo(Receipt.Status.ACCEPTED);
    Receipt again = manual().ticking(() -> intended("k", "tea"));
    assertThat(again.id()).isEqualTo(doubtful.id());
    Receipt elsewhere = manual().ticking(() -> elsewhere("k", "tea"));
    database.deliverLate();

    bothRecover();

    assertThat(events()).containsExactly("tea");
    assertThat(List.of(doubtful.id(), elsewhere.id())).contains(database.intents().get("k"));
    assertThat(platform().deadLetters().list()).isEmpty();
    assertThat(other.platform().deadLetters().list()).isEmpty();
  }

  @Test
  void aDuplicateInAGroupSpoilsNothing() throws Exception {
    openBoth();
    elsewhere("k2", "two");
    bothDown();
    intended("k1", "one");
    Receipt two = intended("k2", "two");
    intended("k3", "three");

    bothRecover();

    assertThat(events()).containsExactly("two", "one", "three");
    assertThat(platform().outcome(two.id())).isEqualTo(Outcome.DUPLICATE);
    assertThat(platform().deadLetters().list()).isEmpty();
  }

  @Test
  void aDeadLetterGivesItsKeyBack() throws Exception {
    open();
    database.faults().refuseAtTheEnd(row -> row.values().contains("arsenic"));
    quietOutage();
    Receipt refused = intended("k", "arsenic");
    recover();
    awaitDeadLetters(1);
    assertThat(database.intents()).isEmpty();

    database.faults().refuseAtTheEnd(row -> false);
    Receipt again = intended("k", "arsenic");

    assertThat(again.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(again.id()).isNotEqualTo(refused.id());
    Receipt retry = platform().deadLetters().retry(refused.id(), "ann", "again");
    manual().drain();
    assertThat(platform().outcome(retry.id())).isEqualTo(Outcome.DUPLICATE);
    assertThat(platform().deadLetters().list()).isEmpty();
    assertThat(events()).containsExactly("arsenic");
  }

  @Test
  void theKeyThatALivingLetterGaveBackIsKeptForItsRetry() throws Exception {
    open(settings -> settings.intentRetention(RETENTION));
    database.faults().refuseAtTheEnd(row -> row.values().contains("arsenic"));
    quietOutage();
    Receipt refused = intended("k", "arsenic");
    recover();
    awaitDeadLetters(1);
    database.faults().refuseAtTheEnd(row -> false);
    intended("k", "arsenic");
    intended("sign", "tea");

    manual().tick(RETENTION.plusSeconds(1));
    manual().await("a key is forgotten", () -> !database.intents().containsKey("sign"));
    Receipt retry = platform().deadLetters().retry(refused.id(), "ann", "again");
    manual().drain();

    assertThat(platform().outcome(retry.id())).isEqualTo(Outcome.DUPLICATE);
    assertThat(events()).containsExactly("arsenic", "tea");
  }

  @Test
  void aRefusalByCommitAloneGivesTheKeyBack() throws Exception {
    open();
    database.faults().refuseByCommit(row -> row.values().contains("arsenic"));

    refused("23514", () -> intended("k", "arsenic"));

    assertThat(database.intents()).isEmpty();
    database.faults().refuseByCommit(row -> false);
    assertThat(intended("k", "arsenic").status()).isEqualTo(Receipt.Status.APPLIED);
  }

  @Test
  void aKeyWhoseTimeIsOverIsTakenByTheNext() throws Exception {
    openBoth();
    Receipt first = intended("k", "tea");
    intended("late", "tea");
    manual().tick(RETENTION.plusSeconds(1));

    Receipt second = manual().ticking(() -> elsewhere("k", "cake"));
    bothDown();
    Receipt third = intended("late", "cake");
    bothRecover();

    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(second.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(platform().outcome(third.id())).isEqualTo(Outcome.APPLIED);
    assertThat(events()).containsExactly("tea", "tea", "cake", "cake");
  }

  @Test
  void whatCannotBeComparedIsRefusedBeforeItsCommit() throws Exception {
    open();

    refused(
        "0A000",
        () ->
            intended(
                manual(),
                "k",
                connection -> {
                  insert(connection, EVENT, "tea");
                  run(connection, "COMMIT AND CHAIN");
                }));

    assertThat(events()).isEmpty();
    assertThat(manual().health().availability()).isEqualTo(Availability.UP);
  }

  @Test
  void whatOnlyReadsTakesNoKey() throws Exception {
    open();

    intended(manual(), "k", connection -> read(connection, "SELECT v FROM orders"));

    assertThat(database.intents()).isEmpty();
    assertThat(intended("k", "tea").status()).isEqualTo(Receipt.Status.APPLIED);
  }

  @Test
  void whoMayNotBeDeferredIsAnsweredAllTheSame() throws Exception {
    open();
    Receipt first = intended("k", "tea");
    quietOutage();
    intended("waits", "cake");

    Receipt again = undeferred("waits", "cake");

    assertThat(again.status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(platform().receipt(ManualPlatform.STORE, "k").orElseThrow().id())
        .isEqualTo(first.id());
  }

  /** Its statement runs while it may be deferred; then the application thinks better of it. */
  private Receipt undeferred(String key, String event) throws SQLException {
    return intended(
        manual(),
        key,
        connection -> {
          insert(connection, EVENT, event);
          connection.setClientInfo("rananeeti.defer", "false");
        });
  }
}
