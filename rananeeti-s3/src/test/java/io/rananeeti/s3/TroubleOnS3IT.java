package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rananeeti.Availability;
import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import io.rananeeti.testkit.S3Server;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;

/** What a person has to hear of: one clear error each, and nothing is lost. */
@SuppressWarnings("NullAway")
class TroubleOnS3IT extends S3Fixture {

  private static final String SECRET = "wJalrXUtnFEMI";

  @Test
  void whatIsChangedOnItsWayIsNeverStored() throws Exception {
    open();
    front.only(line -> line.matches("(?s)PUT /[^/]+/orders/.*"));
    front.always(FaultyFront.Fault.CORRUPT);

    assertThatThrownBy(() -> run(addressed("soup")))
        .hasMessageContaining("is not what was sent")
        .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("55R15"));

    front.pass();
    assertThat(content(addressed("soup").key())).isEmpty();
    run(addressed("soup"));
    assertThat(content(addressed("soup").key())).contains("soup");
  }

  @Test
  void whatStaysWrongOnItsWayIsADeadLetterAndNeverStored() throws Exception {
    outageBudget = Duration.ofSeconds(1);
    open();
    front.always(FaultyFront.Fault.LOSE_REQUEST);
    Receipt accepted = run(addressed("soup"));
    front.only(line -> line.matches("(?s)PUT /[^/]+/orders/.*"));
    front.always(FaultyFront.Fault.CORRUPT);

    DeadLetter letter = Objects.requireNonNull(letters.poll(STALL.toSeconds(), TimeUnit.SECONDS));

    assertThat(letter.id()).isEqualTo(accepted.id());
    assertThat(letter.sqlState()).isEqualTo("55R15");
    front.pass();
    assertThat(content(addressed("soup").key())).isEmpty();
    Receipt again = platform.deadLetters().retry(letter.id(), "test", "the network is mended");
    await(() -> platform.outcome(again.id()) == Outcome.APPLIED);
    assertThat(content(addressed("soup").key())).contains("soup");
  }

  @Test
  void aTamperedObjectIsNotRead() throws Exception {
    assumeThat(server().canBeKilled()).as("a server whose files are here").isTrue();
    try (S3Server own = S3Server.builder().directory(directory.resolve("own")).start()) {
      client(own).createBucket(r -> r.bucket(bucket));
      open(storeAt(own.endpoint()).build());
      PutObject put = addressed("soup");
      run(put);
      Path file = directory.resolve("own/data").resolve(bucket).resolve(put.key());
      try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(bytes("SOUP")));
      }

      try (ObjectInput in = store.reads().get(put.key()).orElseThrow()) {
        assertThatThrownBy(in::readAllBytes)
            .isInstanceOf(TamperedObjectException.class)
            .hasMessageContaining(put.key());
      }
      assertThatThrownBy(() -> store.reads().get(put.key(), directory.resolve("copy")))
          .isInstanceOf(IOException.class);
      assertThat(directory.resolve("copy")).doesNotExist();
      platform.close();
    }
  }

  @Test
  void anObjectThatIsNotWhatItsKeyNamesIsNoneToPointTo() throws Exception {
    open();
    PutObject put = addressed("soup");
    client().putObject(r -> r.bucket(bucket).key(put.key()), RequestBody.fromString("stew, then"));

    assertThatThrownBy(() -> run(put))
        .hasMessageContaining("is not what its key names")
        .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo("55R16"));
  }

  @Test
  void aVanishedBucketStopsTheDrainAndLosesNothing() throws Exception {
    outageBudget = Duration.ofSeconds(1);
    open();
    run(absent("menu/soup", "hot"));
    front.always(FaultyFront.Fault.LOSE_REQUEST); // The probe writes into it.
    await(Availability.DOWN);
    emptyAndDelete();
    front.pass();

    Receipt accepted = run(addressed("stew"));
    assertThat(accepted.status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThatThrownBy(() -> store.probe(Duration.ofSeconds(10)))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.failure()).isEqualTo(Failure.ENVIRONMENT);
              assertThat(e.sqlState()).isEqualTo("3D000");
            })
        .hasMessageContaining("create it");
    assertThat(letters).isEmpty();
    assertThat(platform.outcome(accepted.id())).isEqualTo(Outcome.ACCEPTED);
  }

  private void emptyAndDelete() {
    client()
        .listObjectsV2Paginator(r -> r.bucket(bucket))
        .contents()
        .forEach(o -> client().deleteObject(r -> r.bucket(bucket).key(o.key())));
    client().deleteBucket(r -> r.bucket(bucket));
  }

  @Test
  void aBucketThatWasMadeAnewIsAnotherHistory() throws Exception {
    S3Store one = opened(new RecordingHost());
    one.probe(Duration.ofSeconds(10));
    UUID known = UUID.randomUUID();

    assertThatThrownBy(() -> one.register(Set.of(known), false))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.failure()).isEqualTo(Failure.ENVIRONMENT);
              assertThat(e.sqlState()).isEqualTo("55R03");
            });
    one.register(Set.of(known), true);
    one.register(Set.of(known), false);
    one.close();
  }

  private S3Store opened(RecordingHost host) {
    S3Store one = storeAt(front.endpoint()).build();
    one.open(host);
    return one;
  }

  @Test
  void wrongCredentialsAreNamedAndTheirSecretIsNot() throws Exception {
    S3Store wrong =
        storeAt(front.endpoint())
            .credentials(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(server().accessKey(), SECRET)))
            .build();

    StoreException failure = probed(wrong);

    assertThat(failure.failure()).isEqualTo(Failure.ENVIRONMENT);
    assertThat(failure.sqlState()).isEqualTo("28000");
    assertThat(failure).hasMessageContaining("does not take the credentials");
    assertThat(failure.toString() + wrong).doesNotContain(SECRET);
  }

  @Test
  void aDeniedAccessSaysNothingOfAccounts() throws Exception {
    front.always(FaultyFront.Fault.DENY);

    StoreException failure = probed(storeAt(front.endpoint()).build());

    assertThat(failure.failure()).isEqualTo(Failure.ENVIRONMENT);
    assertThat(failure).hasMessageContaining("access is denied").hasMessageContaining("docs/s3.md");
    assertThat(failure.getMessage()).doesNotContain("arn:");
  }

  @Test
  void aClockThatIsOffIsNamed() throws Exception {
    S3Store off =
        storeAt(front.endpoint())
            .clock(Clock.offset(Clock.systemUTC(), Duration.ofHours(2)))
            .build();

    StoreException failure = probed(off);

    assertThat(failure.failure()).isEqualTo(Failure.ENVIRONMENT);
    assertThat(failure.sqlState()).isEqualTo("55R14");
    assertThat(failure).hasMessageContaining("clock of this machine");
  }

  @Test
  void aClockThatIsAMinuteOffDoesNoHarm() throws Exception {
    open(
        storeAt(front.endpoint())
            .clock(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-1)))
            .build());

    assertThat(run(absent("menu/soup", "hot")).status()).isEqualTo(Receipt.Status.APPLIED);
  }

  private static StoreException probed(S3Store store) {
    try (store) {
      store.open(new RecordingHost());
      store.probe(Duration.ofSeconds(10));
      throw new AssertionError("the probe succeeds");
    } catch (StoreException e) {
      return e;
    }
  }
}
