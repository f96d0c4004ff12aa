package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two platforms, one DynamoDB, one intent key. */
@SuppressWarnings("NullAway")
class IntentOnDynamoIT extends DynamoFixture {

  @TempDir Path otherLog;
  private FaultyFront otherFront;
  private DataPlatform other;

  @AfterEach
  void tidyOther() {
    if (other != null) {
      otherFront.pass();
      other.close();
      otherFront.close();
    }
  }

  private void openBoth() throws Exception {
    open();
    otherFront = new FaultyFront(server().endpoint());
    other = builder(otherLog, storeAt(otherFront.endpoint()).build()).open();
    await(() -> other.health().stores().get("menu").availability() == Availability.UP);
  }

  private Receipt add(DataPlatform at, String key, int amount) throws SQLException {
    try (PlatformConnection connection = at.getConnection("menu")) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.intent-key", key);
      connection.enlist(
          UpdateItem.in("menu", dishes, Map.of("pk", "soup"))
              .update("ADD eaten :n")
              .value(":n", amount));
      connection.commit();
      return Objects.requireNonNull(connection.receipt());
    }
  }

  @Test
  void theSecondWithTheSameContentGetsTheReceiptOfTheFirst() throws Exception {
    openBoth();

    Receipt first = add(platform, "order-1", 1);
    Receipt second = add(other, "order-1", 1);

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(number("soup", "eaten")).isEqualTo("1");
    assertThatThrownBy(() -> add(other, "order-1", 2))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22R01"));
    assertThat(number("soup", "eaten")).isEqualTo("1");
  }

  @Test
  void oneAcceptedByBothInTheDarkIsAppliedOnce() throws Exception {
    outageBudget = OUTAGE_BUDGET;
    openBoth();
    front.always(FaultyFront.Fault.LOSE_REQUEST);
    otherFront.always(FaultyFront.Fault.LOSE_REQUEST);

    Receipt one = add(platform, "order-1", 1);
    Receipt two = add(other, "order-1", 1);
    assertThat(one.status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(two.status()).isEqualTo(Receipt.Status.ACCEPTED);
    front.pass();
    awaitDrained();
    otherFront.pass();
    await(() -> other.health().stores().get("menu").backlog() == 0);

    assertThat(number("soup", "eaten")).isEqualTo("1");
    assertThat(platform.outcome(one.id())).isEqualTo(Outcome.APPLIED);
    assertThat(other.outcome(two.id())).isEqualTo(Outcome.DUPLICATE);
    assertThat(letters).isEmpty();
  }

  @Test
  void anotherContentInTheDarkIsRefused() throws Exception {
    outageBudget = OUTAGE_BUDGET;
    openBoth();
    otherFront.always(FaultyFront.Fault.LOSE_REQUEST);
    Receipt two = add(other, "order-1", 2);
    add(platform, "order-1", 1);
    otherFront.pass();
    await(() -> other.outcome(two.id()) == Outcome.REFUSED);

    assertThat(number("soup", "eaten")).isEqualTo("1");
    assertThat(other.deadLetters().list().get(0).sqlState()).isEqualTo("22R01");
  }
}
