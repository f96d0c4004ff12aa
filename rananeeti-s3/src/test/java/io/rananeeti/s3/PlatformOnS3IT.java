package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rananeeti.Availability;
import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.StoreOperation;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.S3Server;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The whole platform on a real S3: healthy, gone, throttling, hung. */
@SuppressWarnings("NullAway")
class PlatformOnS3IT extends S3Fixture {

  @Test
  void aHealthyCommitIsAppliedWithAllThatWasSaidOfTheObject() throws Exception {
    open();
    PutObject put = absent("menu/soup", "hot").contentType("text/plain").metadata("Table", "7");

    Receipt receipt = run(put);

    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(content("menu/soup")).contains("hot");
    StoredObject said = store.reads().head("menu/soup").orElseThrow();
    assertThat(said.storageClass()).isEqualTo("INTELLIGENT_TIERING");
    assertThat(said.contentType()).isEqualTo("text/plain");
    assertThat(said.metadata()).containsOnlyKeys("table").containsEntry("table", "7");
    assertThat(said.sha256()).isEqualTo(Digest.hex(bytes("hot")));
    assertThat(content(rowOf(receipt.id())))
        .hasValueSatisfying(row -> assertThat(row).contains("BEGUN"));
  }

  @Test
  void objectsUnderTheirOwnNamesAreManyInOneTransaction() throws Exception {
    open();
    PutObject one = addressed("one");
    PutObject two = addressed("two");

    try (PlatformConnection connection = platform.getConnection("receipts")) {
      connection.setAutoCommit(false);
      connection.enlist(one);
      connection.enlist(two);
      assertThat(content(one.key())).isEmpty();
      connection.commit();
      assertThat(connection.receipt().status()).isEqualTo(Receipt.Status.APPLIED);
    }
    assertThat(content(one.key())).contains("one");
    assertThat(content(two.key())).contains("two");

    assertThat(run(one).status()).as("it is there already").isEqualTo(Receipt.Status.APPLIED);
  }

  @Test
  void anythingElseIsAloneInItsTransaction() throws Exception {
    open();
    try (PlatformConnection connection = platform.getConnection("receipts")) {
      connection.setAutoCommit(false);
      connection.enlist(addressed("one"));
      assertThatThrownBy(() -> connection.enlist(absent("menu/soup", "hot")))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("PutObject.addressed")
          .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("54000"));
      connection.rollback();
    }
    assertThatThrownBy(() -> run(PutObject.to("receipts", "menu/soup", bytes("hot"))))
        .hasMessageContaining("ifAbsent()");
  }

  @Test
  void conditionsRefuseWhatTheyAreThereToRefuse() throws Exception {
    open();
    run(absent("menu/soup", "hot"));
    String hot = tag("menu/soup");

    refused("23505", absent("menu/soup", "cold"));
    refused("23514", PutObject.to("receipts", "menu/soup", bytes("cold")).ifMatch("\"other\""));
    refused("23514", DeleteObject.of("receipts", "menu/soup").ifMatch("\"other\""));
    refused("23514", CopyObject.of("receipts", "menu/soup", "menu/stew").ifMatch("\"other\""));
    assertThat(content("menu/soup")).contains("hot");

    run(CopyObject.of("receipts", "menu/soup", "menu/stew").ifMatch(hot));
    refused("23505", CopyObject.of("receipts", "menu/soup", "menu/stew").ifMatch(hot));
    run(PutObject.to("receipts", "menu/soup", bytes("cold")).ifMatch(hot));
    String stew = tag("menu/stew");
    run(DeleteObject.of("receipts", "menu/stew").ifMatch(stew));
    assertThat(run(DeleteObject.of("receipts", "menu/stew").ifMatch(stew)).status())
        .as("what is gone already")
        .isEqualTo(Receipt.Status.APPLIED);

    assertThat(content("menu/soup")).contains("cold");
    assertThat(content("menu/stew")).isEmpty();
  }

  private void refused(String sqlState, StoreOperation operation) {
    assertThatThrownBy(() -> run(operation))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(sqlState));
  }

  @Test
  void thereAreNoStatementsAndNoIntentKeys() throws Exception {
    open();
    try (PlatformConnection connection = platform.getConnection("receipts");
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM menu"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("reads()");
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.intent-key", "order 7");
      connection.enlist(addressed("one"));
      assertThatThrownBy(connection::commit)
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("keeps no intent keys");
    }
    assertThat(content(addressed("one").key())).isEmpty();
  }

  @Test
  void savepointsTakeBackWhatWasEnlisted() throws Exception {
    open();
    try (PlatformConnection connection = platform.getConnection("receipts")) {
      connection.setAutoCommit(false);
      connection.enlist(addressed("one"));
      Savepoint savepoint = connection.setSavepoint("before");
      connection.enlist(addressed("two"));
      connection.rollback(savepoint);
      connection.commit();
    }
    assertThat(content(addressed("one").key())).contains("one");
    assertThat(content(addressed("two").key())).isEmpty();
  }

  @Test
  void writesTakenWhileS3IsGoneArriveOnceAndInOrder() throws Exception {
    openForOutage();
    run(absent("menu/soup", "0"));
    front.always(FaultyFront.Fault.LOSE_REQUEST);

    List<Receipt> receipts = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      receipts.add(run(addressed("dish " + i)));
    }
    String before = tag("menu/soup");
    receipts.add(run(PutObject.to("receipts", "menu/soup", bytes("1")).ifMatch(before)));
    receipts.add(run(PutObject.to("receipts", "menu/soup", bytes("2")).ifMatch(md5Tag("1"))));
    assertThat(receipts).allMatch(each -> each.status() == Receipt.Status.ACCEPTED);
    assertThat(platform.outcome(receipts.get(9).id())).isEqualTo(Outcome.ACCEPTED);
    front.pass();
    await(Availability.UP);
    awaitDrained();

    for (int i = 1; i <= 20; i++) {
      assertThat(content(addressed("dish " + i).key())).contains("dish " + i);
    }
    assertThat(content("menu/soup")).as("in order").contains("2");
    assertThat(letters).isEmpty();
    assertThat(receipts).allMatch(each -> platform.outcome(each.id()) == Outcome.APPLIED);
  }

  private static String md5Tag(String text) throws Exception {
    return "\""
        + HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes(text)))
        + "\"";
  }

  @Test
  void aServerThatIsKilledAndStartedAgainGetsWhatWasTakenMeanwhile() throws Exception {
    assumeThat(server().canBeKilled()).as("a server that can be killed").isTrue();
    try (S3Server own = S3Server.builder().directory(directory.resolve("own")).start()) {
      client(own).createBucket(r -> r.bucket(bucket));
      outageBudget = Duration.ofSeconds(1);
      open(storeAt(own.endpoint()).build());
      run(addressed("before"));
      own.kill();
      Receipt accepted = run(addressed("after"));
      assertThat(accepted.status()).isEqualTo(Receipt.Status.ACCEPTED);
      own.start();
      await(Availability.UP);
      awaitDrained();

      for (String text : List.of("before", "after")) {
        assertThat(Files.readString(own(bucket, addressed(text).key()))).isEqualTo(text);
      }
      platform.close();
    }
  }

  private Path own(String bucket, String key) {
    return directory.resolve("own/data").resolve(bucket).resolve(key);
  }

  @Test
  void throttlingIsNoAnswerAndLosesNothing() throws Exception {
    openForOutage();
    front.always(FaultyFront.Fault.THROTTLE);

    Receipt receipt = run(addressed("soup"));

    assertThat(receipt.status()).isEqualTo(Receipt.Status.ACCEPTED);
    front.pass();
    await(Availability.UP);
    awaitDrained();
    assertThat(content(addressed("soup").key())).contains("soup");
    assertThat(letters).isEmpty();
  }

  @Test
  void aHungServerIsNoticedAndNobodyWaitsLongerThanTheBudget() throws Exception {
    callTimeout = Duration.ofSeconds(2);
    openForOutage();
    front.always(FaultyFront.Fault.HANG);

    long begun = System.nanoTime();
    Receipt first = run(addressed("soup"));
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun))
        .as("the call's time-out and the budget, ten times")
        .isLessThan(40);
    await(Availability.DOWN);

    assertThat(first.status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThatThrownBy(() -> store.reads().head("menu/soup"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08006"));
    front.pass();
    await(Availability.UP);
    awaitDrained();
    assertThat(content(addressed("soup").key())).contains("soup");
  }

  @Test
  void whatIsUploadedIsNotUploadedAgainWhenItsLastRequestIsLost() throws Exception {
    fence = Duration.ofSeconds(3);
    open();
    byte[] large = new byte[12 << 20]; // in parts
    new Random(1).nextBytes(large);
    PutObject conditional = PutObject.to("receipts", "menu/large", large).ifAbsent();
    PutObject addressed = PutObject.addressed("receipts", "orders", large);

    for (PutObject put : List.of(conditional, addressed)) {
      AtomicInteger uploads = new AtomicInteger();
      front.only(
          line -> {
            if (line.startsWith("POST") && line.contains("?uploads")) {
              uploads.incrementAndGet();
            }
            return line.startsWith("POST") && line.contains("uploadId=");
          });
      front.plan(FaultyFront.Fault.LOSE_REQUEST);
      TransactionId id = run(put).id();
      await(() -> platform.outcome(id) == Outcome.APPLIED);

      assertThat(front.requests()).as("last requests").isGreaterThan(1);
      assertThat(uploads).hasValue(1);
      try (ObjectInput in = store.reads().get(put.key()).orElseThrow()) {
        assertThat(in.readAllBytes()).isEqualTo(large);
      }
    }
  }

  @Test
  void aRefusedOneIsADeadLetterThatCanBeRetriedOnce() throws Exception {
    openForOutage();
    run(absent("menu/soup", "hot"));
    front.always(FaultyFront.Fault.LOSE_REQUEST);
    Receipt refused = run(absent("menu/soup", "cold"));
    front.pass();
    await(Availability.UP);

    DeadLetter letter = Objects.requireNonNull(letters.poll(STALL.toSeconds(), TimeUnit.SECONDS));
    assertThat(letter.id()).isEqualTo(refused.id());
    assertThat(letter.sqlState()).isEqualTo("23505");
    assertThat(letter.statements().toString()).doesNotContain("cold");
    assertThat(content(rowOf(refused.id())).orElseThrow()).contains("REFUSED");

    run(DeleteObject.of("receipts", "menu/soup").ifMatch(tag("menu/soup")));
    Receipt again = platform.deadLetters().retry(letter.id(), "test", "the key is free");
    awaitDrained();
    await(() -> platform.outcome(again.id()) == Outcome.APPLIED);

    assertThat(content("menu/soup")).contains("cold");
    assertThat(content(rowOf(refused.id())).orElseThrow())
        .contains("REPLACED")
        .contains(Long.toString(again.id().number()));
  }

  @Test
  void readsAreComparedAndPagedAndPresigned() throws Exception {
    open();
    run(absent("menu/a soup & more", "hot"));
    run(absent("menu/tea", "warm"));
    S3Reads reads = store.reads();

    try (ObjectInput in = reads.get("menu/tea").orElseThrow()) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("warm");
      assertThat(in.object().length()).isEqualTo(4);
    }
    Path file = directory.resolve("tea");
    assertThat(reads.get("menu/tea", file)).isPresent();
    assertThat(file).hasContent("warm");
    assertThat(reads.get("menu/none")).isEmpty();
    assertThat(reads.get("menu/none", directory.resolve("none"))).isEmpty();
    assertThat(directory.resolve("none")).doesNotExist();

    ObjectPage page = reads.list("menu/", null);
    assertThat(page.objects())
        .extracting(StoredObject::key)
        .containsExactly("menu/a soup & more", "menu/tea");
    assertThat(page.next()).isNull();

    URI address = reads.presigned("menu/a soup & more", Duration.ofMinutes(5));
    try (InputStream in = address.toURL().openStream()) {
      assertThat(in.readAllBytes()).isEqualTo(bytes("hot"));
    }
    assertThatThrownBy(() -> reads.presigned("menu/tea", Duration.ofDays(8)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
