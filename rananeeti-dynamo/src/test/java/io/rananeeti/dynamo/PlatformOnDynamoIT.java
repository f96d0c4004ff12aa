package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rananeeti.Availability;
import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.store.Parameter;
import io.rananeeti.testkit.DynamoServer;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The whole platform on a real DynamoDB: healthy, gone, throttling, hung. */
@SuppressWarnings("NullAway")
class PlatformOnDynamoIT extends DynamoFixture {

  @Test
  void aHealthyCommitIsAppliedAndLeavesItsItemInTheLedger() throws Exception {
    open();

    Receipt receipt = dish("soup", 5);

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(number("soup", "price")).isEqualTo("5");
    assertThat(outcome(receipt.id())).isEqualTo("APPLIED");
  }

  @Test
  void aTransactionIsAllOrNothingAndSeenOnlyAfterItsCommit() throws Exception {
    open();
    dish("soup", 5);

    try (PlatformConnection connection = platform.getConnection("menu")) {
      connection.setAutoCommit(false);
      connection.enlist(PutItem.into("menu", dishes, Map.of("pk", "bread", "price", 2)));
      connection.enlist(
          UpdateItem.in("menu", dishes, Map.of("pk", "soup"))
              .update("SET price = :p")
              .value(":p", 6));
      assertThat(item(dishes, "bread")).isEmpty();
      connection.commit();
    }
    assertThat(number("bread", "price")).isEqualTo("2");
    assertThat(number("soup", "price")).isEqualTo("6");

    try (PlatformConnection connection = platform.getConnection("menu")) {
      connection.setAutoCommit(false);
      connection.enlist(PutItem.into("menu", dishes, Map.of("pk", "tea", "price", 1)));
      connection.enlist(
          CheckItem.in("menu", dishes, Map.of("pk", "soup")).onlyIf("price < :p").value(":p", 6));
      assertThatThrownBy(connection::commit)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23514"));
    }
    assertThat(item(dishes, "tea")).isEmpty();
  }

  @Test
  void whatWroteNothingLeavesNoItem() throws Exception {
    open();
    try (PlatformConnection connection = platform.getConnection("menu");
        Statement query = connection.createStatement()) {
      connection.setAutoCommit(false);
      query.executeQuery("SELECT * FROM \"" + dishes + "\"").close();
      connection.commit();
    }
    assertThat(rowsOfLedger()).isZero();
  }

  @Test
  void writesTakenWhileDynamoIsGoneArriveOnceAndInOrder() throws Exception {
    openForOutage();
    dish("before", 1);
    front.always(FaultyFront.Fault.LOSE_REQUEST);

    List<Receipt> receipts = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      receipts.add(add("total", 1));
    }
    assertThat(receipts).allMatch(each -> each.status() == Receipt.Status.ACCEPTED);
    assertThat(platform.outcome(receipts.get(9).id())).isEqualTo(Outcome.ACCEPTED);
    try (PlatformConnection connection = platform.getConnection("menu")) {
      connection.setAutoCommit(false);
      connection.enlist(
          UpdateItem.in("menu", dishes, Map.of("pk", "total")).update("SET last_seen = eaten"));
      connection.commit();
    }
    front.pass();
    await(Availability.UP);
    awaitDrained();

    assertThat(number("total", "eaten")).isEqualTo("150");
    assertThat(number("total", "last_seen")).isEqualTo("150");
    assertThat(letters).isEmpty();
    assertThat(platform.outcome(receipts.get(149).id())).isEqualTo(Outcome.APPLIED);
  }

  @Test
  void aServerThatIsKilledAndStartedAgainGetsWhatWasTakenMeanwhile() throws Exception {
    assumeThat(server().canBeKilled()).as("a server that can be killed").isTrue();
    try (DynamoServer own = DynamoServer.builder().directory(directory.resolve("own")).start()) {
      outageBudget = OUTAGE_BUDGET;
      open(storeAt(own.endpoint()).build());
      dishes(own);
      add("soup", 1); // DynamoDB Local may lose it: it answers before it has written.
      own.kill();
      Receipt accepted = add("bread", 1);
      assertThat(accepted.status()).isEqualTo(Receipt.Status.ACCEPTED);
      own.start();
      await(Availability.UP);
      awaitDrained();

      assertThat(store.reads().consistent().get(dishes, Map.of("pk", "bread")).orElseThrow())
          .containsEntry("eaten", new BigDecimal(1));
      platform.close();
    }
  }

  private void dishes(DynamoServer at) {
    try (DynamoDbClient own =
        DynamoDbClient.builder()
            .endpointOverride(at.endpoint())
            .region(Region.of(at.region()))
            .credentialsProvider(credentials())
            .httpClient(UrlConnectionHttpClient.create())
            .build()) {
      makeTable(own, dishes, null);
    }
  }

  @Test
  void throttlingIsNoAnswerAndLosesNothing() throws Exception {
    openForOutage();
    front.always(FaultyFront.Fault.THROTTLE);

    Receipt receipt = add("soup", 3);

    assertThat(receipt.status()).isEqualTo(Receipt.Status.ACCEPTED);
    front.pass();
    await(Availability.UP);
    awaitDrained();
    assertThat(number("soup", "eaten")).isEqualTo("3");
    assertThat(letters).isEmpty();
  }

  @Test
  void aHungServerIsNoticedAndNobodyWaitsLongerThanTheBudget() throws Exception {
    callTimeout = Duration.ofSeconds(2);
    openForOutage();
    add("soup", 1);
    front.always(FaultyFront.Fault.HANG);

    long begun = System.nanoTime();
    Receipt first = add("soup", 1);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun))
        .as("the call's time-out and the budget, ten times")
        .isLessThan(40);
    await(Availability.DOWN);
    Receipt second = add("soup", 1);

    assertThat(List.of(first.status(), second.status())).containsOnly(Receipt.Status.ACCEPTED);
    front.pass();
    await(Availability.UP);
    awaitDrained();
    assertThat(number("soup", "eaten")).isEqualTo("3");
  }

  @Test
  void aRefusedOneIsADeadLetterThatCanBeRetriedOnce() throws Exception {
    openForOutage();
    dish("soup", 5);
    front.always(FaultyFront.Fault.LOSE_REQUEST);
    Receipt refused = dish("soup", 9);
    front.pass();
    await(Availability.UP);

    DeadLetter letter = Objects.requireNonNull(letters.poll(STALL.toSeconds(), TimeUnit.SECONDS));
    assertThat(letter.id()).isEqualTo(refused.id());
    assertThat(letter.sqlState()).isEqualTo("23505");
    assertThat(letter.statements().toString()).contains(dishes).doesNotContain("soup");
    assertThat(outcome(refused.id())).isEqualTo("REFUSED");

    Receipt again =
        platform
            .deadLetters()
            .retry(
                refused.id(),
                "me",
                "another name",
                operations ->
                    List.of(
                        operations
                            .get(0)
                            .with(0, 1, Parameter.of(Parameter.Kind.STRING, "soup of the day"))));
    await(() -> platform.outcome(again.id()) == Outcome.APPLIED);

    assertThat(outcome(refused.id())).isEqualTo("REPLACED");
    assertThat(number("soup of the day", "price")).isEqualTo("9");
    assertThat(platform.deadLetters().list()).isEmpty();
  }

  @Test
  void aDeadLetterCanBeDiscarded() throws Exception {
    openForOutage();
    dish("soup", 5);
    front.always(FaultyFront.Fault.LOSE_REQUEST);
    Receipt refused = dish("soup", 9);
    front.pass();
    await(Availability.UP);
    await(() -> !platform.deadLetters().list().isEmpty());

    platform.deadLetters().discard(refused.id(), "me", "a mistake");

    assertThat(platform.deadLetters().list()).isEmpty();
    assertThat(number("soup", "price")).isEqualTo("5");
  }

  @Test
  void anUpdateThatMeetsNothingIsADeadLetterOfItsPromise() throws Exception {
    openForOutage();
    front.always(FaultyFront.Fault.LOSE_REQUEST);
    try (PlatformConnection connection = platform.getConnection("menu");
        PreparedStatement update =
            connection.prepareStatement("UPDATE \"" + dishes + "\" SET price = 1 WHERE pk = ?")) {
      update.setString(1, "nobody");
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
    front.pass();
    await(Availability.UP);

    DeadLetter letter = Objects.requireNonNull(letters.poll(STALL.toSeconds(), TimeUnit.SECONDS));
    assertThat(letter.sqlState()).isEqualTo("44R01");
  }

  @Test
  void savepointsCutTheTransactionBackAttachedAndDetached() throws Exception {
    openForOutage();
    for (boolean gone : List.of(false, true)) {
      if (gone) {
        front.always(FaultyFront.Fault.LOSE_REQUEST);
        dish("notices", 1);
      }
      try (PlatformConnection connection = platform.getConnection("menu")) {
        connection.setAutoCommit(false);
        connection.enlist(PutItem.into("menu", dishes, Map.of("pk", "kept " + gone)));
        Savepoint savepoint = connection.setSavepoint("s");
        connection.enlist(PutItem.into("menu", dishes, Map.of("pk", "cut " + gone)));
        connection.rollback(savepoint);
        connection.releaseSavepoint(savepoint);
        connection.commit();
      }
    }
    front.pass();
    await(Availability.UP);
    awaitDrained();

    for (boolean gone : List.of(false, true)) {
      assertThat(item(dishes, "kept " + gone)).isNotEmpty();
      assertThat(item(dishes, "cut " + gone)).isEmpty();
    }
  }

  @Test
  void twoWritesOfOneItemAreRefusedWithAWordOnWhatToDo() throws Exception {
    open();
    try (PlatformConnection connection = platform.getConnection("menu")) {
      connection.setAutoCommit(false);
      connection.enlist(PutItem.into("menu", dishes, Map.of("pk", "soup")));
      assertThatThrownBy(
              () -> connection.enlist(DeleteItem.from("menu", dishes, Map.of("pk", "soup"))))
          .isInstanceOfSatisfying(
              SQLException.class,
              e -> {
                assertThat(e.getSQLState()).isEqualTo("54000");
                assertThat((Throwable) e).hasMessageContaining("two transactions");
              });
      connection.rollback();
    }
  }

  @Test
  void tooManyWritesAreRefusedWhenTheyAreMadeAttachedAndDetached() throws Exception {
    openForOutage();
    for (boolean gone : List.of(false, true)) {
      if (gone) {
        front.always(FaultyFront.Fault.LOSE_REQUEST);
        dish("notices", 1);
      }
      try (PlatformConnection connection = platform.getConnection("menu")) {
        connection.setAutoCommit(false);
        for (int i = 0; i < Buffer.MOST_OF_APPLICATION; i++) {
          connection.enlist(PutItem.into("menu", dishes, Map.of("pk", gone + "-" + i)));
        }
        assertThatThrownBy(
                () -> connection.enlist(PutItem.into("menu", dishes, Map.of("pk", "more"))))
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("54000"));
        connection.rollback();
      }
    }
  }

  @Test
  void anOperationOfAnotherStoreIsRefused() throws Exception {
    open();
    try (PlatformConnection connection = platform.getConnection("menu")) {
      assertThatThrownBy(
              () -> connection.enlist(PutItem.into("receipts", dishes, Map.of("pk", "soup"))))
          .isInstanceOf(SQLFeatureNotSupportedException.class)
          .hasMessageContaining("receipts");
    }
  }

  @Test
  void settingsAndStrongerIsolationAreRefused() throws Exception {
    open();
    try (PlatformConnection connection = platform.getConnection("menu");
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("SET search_path TO x"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("line 1, column 1");
      connection.setTransactionIsolation(java.sql.Connection.TRANSACTION_SERIALIZABLE);
      assertThatThrownBy(() -> statement.execute("SELECT * FROM \"" + dishes + "\""))
          .isInstanceOf(SQLFeatureNotSupportedException.class);
    }
  }

  @Test
  void deniedAccessStopsTheDrainInsteadOfFillingTheDeadLetters() throws Exception {
    openForOutage();
    dish("so that the table's key is known", 1);
    front.always(FaultyFront.Fault.LOSE_REQUEST);
    for (int i = 0; i < 8; i++) {
      dish("dish " + i, i);
    }
    front.always(FaultyFront.Fault.DENY, dishes);
    await(() -> platform.health().stores().get("menu").alarms().toString().contains("42501"));
    front.pass();
    await(Availability.UP);
    awaitDrained();

    assertThat(letters).isEmpty();
    assertThat(number("dish 7", "price")).isEqualTo("7");
  }

  @Test
  void aTableThatIsMissingStopsTheDrainUntilItIsThere() throws Exception {
    openForOutage();
    String later = "later_" + suffix;
    front.always(FaultyFront.Fault.LOSE_REQUEST);
    dish("notices", 1);
    for (int i = 0; i < 8; i++) {
      try (PlatformConnection connection = platform.getConnection("menu")) {
        connection.enlist(PutItem.into("menu", later, Map.of("pk", "dish " + i)));
      }
    }
    front.pass();
    await(() -> platform.health().stores().get("menu").alarms().toString().contains("42P01"));
    makeTable(later, null);
    await(Availability.UP);
    awaitDrained();

    assertThat(letters).isEmpty();
    assertThat(item(later, "dish 7")).isNotEmpty();
  }
}
