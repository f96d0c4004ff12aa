package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.testkit.DynamoServer;
import io.rananeeti.testkit.SharedLogStorageContract;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** The contract on DynamoDB, and what only DynamoDB does. */
@SuppressWarnings("NullAway.Init")
class DynamoLogStorageIT extends SharedLogStorageContract {

  private static DynamoServer server;

  private final String table = "log." + UUID.randomUUID();

  @BeforeAll
  static void start() {
    server = DynamoServer.builder().start();
  }

  @AfterAll
  static void end() {
    server.close();
  }

  @Override
  protected SharedLogStorage open() {
    return at(server).table("contract").build();
  }

  @Test
  void makesItsTableWhereThereIsNone() throws IOException {
    try (DynamoLogStorage storage = at(server).table(table).build()) {
      assertThat(storage.write("p", 1, 0, new byte[] {1})).isTrue();
      assertThat(storage.add("c", 2)).isEqualTo(2);
    }
    try (DynamoLogStorage storage = at(server).table(table).build()) {
      assertThat(storage.read("p", 1)).isNotNull();
    }
  }

  @Test
  void countsWhatItCosts() throws IOException {
    try (DynamoLogStorage storage = at(server).table(table).build()) {
      storage.write("p", 1, 0, new byte[100]);
      DynamoLogStorage.Consumed before = storage.consumed();
      storage.write("p", 2, 0, new byte[10_000]);
      storage.read("p", 2);

      DynamoLogStorage.Consumed after = storage.consumed();
      assertThat(after.requests() - before.requests()).isEqualTo(2);
      assertThat(after.writeUnits() - before.writeUnits()).isEqualTo(10);
      assertThat(after.readUnits() - before.readUnits()).isEqualTo(3);
    }
  }

  @Test
  void saysWithoutSecretsThatNobodyAnswersAndGoesOnOnceSomebodyDoes() throws Exception {
    assumeThat(server.canBeKilled()).isTrue();
    try (DynamoLogStorage patient = at(server).table(table).build();
        DynamoLogStorage storage = at(server).timeout(Duration.ofSeconds(1)).table(table).build()) {
      patient.write("p", 1, 0, new byte[] {1});
      awaitAnswer(storage);
      server.pause();
      assertThatIOException()
          .isThrownBy(() -> storage.write("p", 2, 0, new byte[] {2}))
          .withMessageContaining("DynamoDB")
          .withMessageContaining("write of p 2")
          .withMessageNotContaining(server.secretKey());
      server.resume();
      awaitAnswer(storage);

      server.stop();
      assertThatIOException()
          .isThrownBy(() -> storage.read("p", 1))
          .withMessageContaining("can't be reached")
          .withMessageContaining(table);
      server.start();
      awaitAnswer(storage);
    }
  }

  /** One that has less patience than a busy machine asks for is asked until it answers. */
  private static void awaitAnswer(DynamoLogStorage storage) throws Exception {
    DynamoFixture.await(
        () -> {
          try {
            assertThat(storage.read("p", 1)).isNotNull();
            return true;
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** Longer than this machine ever stands still; tests of outages shorten it. */
  static DynamoLogStorage.Builder at(DynamoServer server) {
    return DynamoLogStorage.builder()
        .endpoint(server.endpoint())
        .region(server.region())
        .timeout(Duration.ofSeconds(30))
        .credentials(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(server.accessKey(), server.secretKey())));
  }
}
