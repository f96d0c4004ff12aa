package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Transactional writes whose requests and replies are lost, late and doubled: each that was
 * acknowledged is done once, each that was not is not done.
 */
@SuppressWarnings("NullAway")
class InterruptedWritesIT extends DynamoFixture {

  private static final int WRITES = 20;

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

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverIsInterruptedIsDoneOnce(long seed) throws Exception {
    Random random = new Random(seed);
    if (seed % 2 == 0) {
      front.forgetTokens();
    }
    openForOutage();
    long acknowledged = 0;
    List<TransactionId> ids = new ArrayList<>();
    List<String> dishes = new ArrayList<>();
    for (int i = 0; i < WRITES; i++) {
      for (int faults = random.nextInt(4); faults > 0; faults--) {
        front.plan(FAULTS[random.nextInt(FAULTS.length)]);
      }
      int amount = 1 + random.nextInt(9);
      try {
        ids.add(add("total", amount).id());
        acknowledged += amount;
        ids.add(dish("dish " + i, amount).id());
        dishes.add("dish " + i);
      } catch (SQLException e) {
        assertThat(e.getSQLState()).as("seed=%d: %s", seed, e).isEqualTo("40001");
      }
      if (random.nextInt(3) == 0) {
        front.deliver();
      }
    }
    front.pass();
    await(() -> platform.health().stores().get("menu").availability() == Availability.UP);
    awaitDrained();
    front.deliver();

    assertThat(number("total", "eaten"))
        .as("seed=%d, faults struck=%d", seed, front.struck())
        .isEqualTo(Long.toString(acknowledged));
    assertThat(dishes).allSatisfy(dish -> assertThat(number(dish, "price")).isNotNull());
    assertThat(ids).allMatch(id -> platform.outcome(id) == Outcome.APPLIED);
    assertThat(letters).isEmpty();
    assertThat(front.struck()).isPositive();
  }

  @Test
  void aLostReplyIsSettledByTheSameWrite() throws Exception {
    open();
    front.plan(FaultyFront.Fault.LOSE_REPLY, FaultyFront.Fault.LOSE_REPLY);

    Receipt receipt = add("soup", 1);

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(number("soup", "eaten")).isEqualTo("1");
  }

  @Test
  void aConditionThatFailsOnlyBecauseAnEarlierAttemptWasDoneIsNoRefusal() throws Exception {
    front.forgetTokens();
    open();
    front.plan(FaultyFront.Fault.LOSE_REPLY, FaultyFront.Fault.LOSE_REPLY);

    Receipt receipt = dish("soup", 5);

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(outcome(receipt.id())).isEqualTo("APPLIED");
    assertThat(number("soup", "price")).isEqualTo("5");
  }

  @Test
  void aRefusalOfTheSecondAttemptSaysNothingOfTheFirst() throws Exception {
    open();
    front.plan(FaultyFront.Fault.LOSE_REPLY, FaultyFront.Fault.DENY);

    Receipt receipt = add("soup", 1);

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(outcome(receipt.id())).isEqualTo("APPLIED");
    assertThat(number("soup", "eaten")).isEqualTo("1");
    assertThat(front.struck()).isEqualTo(2);
  }

  @Test
  void aRefusalOfTheOnlyAttemptIsTold() throws Exception {
    open();
    front.plan(FaultyFront.Fault.DENY);

    assertThatThrownBy(() -> add("soup", 1))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
    assertThat(number("soup", "eaten")).isNull();
  }

  @Test
  void whatArrivesLateIsFencedByTheLedger() throws Exception {
    open();
    front.plan(FaultyFront.Fault.DELIVER_LATE, FaultyFront.Fault.DELIVER_LATE);

    Receipt receipt = add("soup", 1);
    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(front.deliver()).isEqualTo(2);

    assertThat(number("soup", "eaten")).isEqualTo("1");
  }

  @Test
  void aRequestThatTheSdkRepeatsIsDoneOnceWhetherOrNotItsTokenIsKnown() throws Exception {
    front.forgetTokens();
    open();
    front.plan(FaultyFront.Fault.LOSE_REPLY);

    Receipt receipt = add("soup", 1);

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(number("soup", "eaten")).isEqualTo("1");
    assertThat(front.requests()).isEqualTo(2);
  }

  @Test
  void whatIsInDoubtWhenThePlatformEndsIsSettledByTheNext() throws Exception {
    openForOutage();
    add("soup", 1);
    front.always(FaultyFront.Fault.LOSE_REPLY);

    Receipt accepted = add("soup", 1);
    assertThat(accepted.status()).isEqualTo(Receipt.Status.ACCEPTED);
    platform.close();
    changes.clear();

    front.pass();
    open();
    awaitDrained();

    assertThat(number("soup", "eaten")).isEqualTo("2");
    assertThat(platform.outcome(accepted.id())).isEqualTo(Outcome.APPLIED);
  }
}
