package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.StoreOperation;
import io.rananeeti.TransactionId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Puts and deletes whose requests and replies are lost, late and doubled: each that was
 * acknowledged is done once, each that was not is not done.
 */
@SuppressWarnings("NullAway")
class InterruptedPutsIT extends S3Fixture {

  private static final int WRITES = 12;

  /** Where nothing waits for its end, and what is sent must arrive before it. */
  private static final Duration LONG_FENCE = Duration.ofSeconds(30);

  InterruptedPutsIT() {
    fence = Duration.ofSeconds(5);
  }

  private static final FaultyFront.Fault[] FAULTS = {
    FaultyFront.Fault.LOSE_REQUEST,
    FaultyFront.Fault.LOSE_REPLY,
    FaultyFront.Fault.DELIVER_LATE,
    FaultyFront.Fault.DOUBLE,
    FaultyFront.Fault.THROTTLE,
    FaultyFront.Fault.FAIL
  };

  static long[] seeds() {
    boolean full = Boolean.getBoolean("rananeeti.test.full");
    long first = Long.getLong("rananeeti.test.seed", 1);
    long[] seeds = new long[full ? 40 : 2];
    for (int i = 0; i < seeds.length; i++) {
      seeds[i] = first + i;
    }
    return seeds;
  }

  /** All that write, but for the probe. */
  private void onlyWrites() {
    front.only(line -> line.matches("(?s)(PUT|DELETE|POST) .*") && !line.contains("/probes/"));
  }

  /** Those that write objects of the application's. */
  private void onlyObjects() {
    front.only(line -> line.matches("(?s)(PUT|DELETE|POST) /[^/]+/(menu|orders)/.*"));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverIsInterruptedIsDoneOnce(long seed) throws Exception {
    Random random = new Random(seed);
    outageBudget = Duration.ofSeconds(1);
    open();
    onlyWrites();
    Map<String, String> expected = new LinkedHashMap<>();
    List<TransactionId> ids = new ArrayList<>();
    for (int i = 0; i < WRITES; i++) {
      for (int faults = random.nextInt(3); faults > 0; faults--) {
        front.plan(FAULTS[random.nextInt(FAULTS.length)]);
      }
      boolean own = random.nextBoolean();
      String key = own ? addressed("dish " + i).key() : "menu/dish " + i;
      StoreOperation put = own ? addressed("dish " + i) : absent(key, "dish " + i);
      try {
        ids.add(run(put).id());
        expected.put(key, "dish " + i);
      } catch (SQLException e) {
        assertThat(e.getSQLState()).as("seed=%d: %s", seed, e).isEqualTo("40001");
      }
      if (random.nextInt(3) == 0) {
        front.deliver();
      }
    }
    front.pass();
    await(() -> platform.health().stores().get("receipts").availability() == Availability.UP);
    awaitDrained();
    front.deliver();

    expected.forEach(
        (key, text) -> assertThat(content(key)).as("seed=%d, %s", seed, key).contains(text));
    assertThat(ids).allMatch(id -> platform.outcome(id) == Outcome.APPLIED);
    assertThat(letters).as("seed=%d", seed).isEmpty();
    assertThat(front.struck()).isPositive();
  }

  @Test
  void aLostReplyIsSettledByWhatIsThere() throws Exception {
    fence = LONG_FENCE;
    open();
    onlyObjects();
    front.plan(FaultyFront.Fault.LOSE_REPLY);

    Receipt receipt = run(absent("menu/soup", "hot"));

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(content("menu/soup")).contains("hot");
    assertThat(front.requests()).as("it was not sent again").isEqualTo(1);
  }

  @Test
  void whatMayBeOnItsWayIsNotSentAgainBeforeItsTimeIsOver() throws Exception {
    open();
    onlyObjects();
    front.plan(FaultyFront.Fault.DELIVER_LATE);

    Receipt receipt = run(absent("menu/soup", "hot"));
    await(() -> platform.outcome(receipt.id()) == Outcome.APPLIED);

    assertThat(content("menu/soup")).contains("hot");
    run(DeleteObject.of("receipts", "menu/soup").ifMatch(tag("menu/soup")));
    assertThat(front.deliver()).as("S3 refuses it for its age").containsExactly(403);
    assertThat(content("menu/soup")).isEmpty();
  }

  @Test
  void whatArrivesWhileItIsWaitedForIsFound() throws Exception {
    fence = LONG_FENCE;
    outageBudget = Duration.ofSeconds(1);
    open();
    onlyObjects();
    front.plan(FaultyFront.Fault.DELIVER_LATE);

    Receipt receipt = run(absent("menu/soup", "hot"));
    assertThat(receipt.status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(front.deliver()).containsExactly(200);
    awaitDrained();

    assertThat(platform.outcome(receipt.id())).isEqualTo(Outcome.APPLIED);
    assertThat(front.requests()).isEqualTo(1);
    assertThat(letters).isEmpty();
  }

  @Test
  void aDeleteWhoseReplyIsLostIsNoRefusal() throws Exception {
    fence = LONG_FENCE;
    open();
    run(absent("menu/soup", "hot"));
    onlyObjects();
    front.plan(FaultyFront.Fault.LOSE_REPLY);

    Receipt receipt = run(DeleteObject.of("receipts", "menu/soup").ifMatch(tag("menu/soup")));

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(content("menu/soup")).isEmpty();
  }

  @Test
  void whatIsNotToWaitIsAbortedForEverOnceItsTimeIsOver() throws Exception {
    outageBudget = Duration.ofSeconds(1);
    open();
    onlyObjects();
    front.plan(FaultyFront.Fault.DELIVER_LATE);

    try (var connection = platform.getConnection("receipts")) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.defer", "false");
      connection.enlist(absent("menu/soup", "hot"));
      assertThatThrownBy(connection::commit)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isIn("40001", "08007"));
    }
    awaitDrained();

    assertThat(front.deliver()).containsExactly(403);
    assertThat(content("menu/soup")).isEmpty();
  }

  @Test
  void anAddressedPutThatArrivesLateChangesNothing() throws Exception {
    open();
    onlyObjects();
    front.plan(FaultyFront.Fault.DELIVER_LATE, FaultyFront.Fault.DELIVER_LATE);

    Receipt receipt = run(addressed("soup"));
    await(() -> platform.outcome(receipt.id()) == Outcome.APPLIED);

    assertThat(front.deliver()).containsOnly(412);
    assertThat(content(addressed("soup").key())).contains("soup");
  }

  @Test
  void whatIsInDoubtWhenThePlatformEndsIsSettledByTheNext() throws Exception {
    outageBudget = Duration.ofSeconds(1);
    open();
    front.always(FaultyFront.Fault.LOSE_REPLY);

    Receipt accepted = run(absent("menu/soup", "hot"));
    assertThat(accepted.status()).isEqualTo(Receipt.Status.ACCEPTED);
    platform.close();
    changes.clear();

    front.pass();
    open();
    awaitDrained();

    assertThat(content("menu/soup")).contains("hot");
    assertThat(platform.outcome(accepted.id())).isEqualTo(Outcome.APPLIED);
    assertThat(letters).isEmpty();
  }
}
