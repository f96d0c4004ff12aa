package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Against a server that answers as it is told to, where DynamoDB can't be made to. */
class DynamoLogStorageTest {

  private static final String SECRET = "sesame-open-sesame";

  @Test
  void sendsAWriteOnceWhenItsReplyIsLost() throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      server.answer(200, "{}");
      storage.write("p", 1, 0, new byte[] {1});
      server.endAfterRequest();
      server.endAfterRequest();

      assertThatIOException().isThrownBy(() -> storage.write("p", 2, 0, new byte[] {1}));
      assertThat(server.requests()).isEqualTo(2);
      assertThatIOException().isThrownBy(() -> storage.add("c", 1));
      assertThat(server.requests()).isEqualTo(3);
    }
  }

  @Test
  void sendsAReadAgain() throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      server.endAfterRequest();
      server.answer(200, "{}");

      assertThat(storage.read("p", 1)).isNull();
      assertThat(server.requests()).isEqualTo(2);
    }
  }

  @Test
  void sendsAWriteAgainThatWasThrottled() throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      server.answer(400, error("ProvisionedThroughputExceededException", "slower"));
      server.answer(200, "{}");

      assertThat(storage.write("p", 1, 0, new byte[] {1})).isTrue();
      assertThat(server.requests()).isEqualTo(2);
    }
  }

  @Test
  void doesNotSendAWriteAgainAfterAnErrorThatTellsNothing() throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      server.answer(500, error("InternalServerError", "try again"));

      assertThatIOException()
          .isThrownBy(() -> storage.write("p", 1, 0, new byte[] {1}))
          .withMessageContaining("InternalServerError");
      assertThat(server.requests()).isEqualTo(1);
    }
  }

  @Test
  void knowsItsOwnWriteThatWasDoubledOnTheWay() throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      server.answer(
          request -> standing(request.replaceAll("(?s).*\"n\":\\{\"B\":\"([^\"]*)\"\\}.*", "$1")));
      assertThat(storage.write("p", 1, 0, new byte[] {1})).isTrue();

      server.answer(request -> standing(Base64.getEncoder().encodeToString(new byte[16])));
      assertThat(storage.write("p", 1, 0, new byte[] {1})).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "AccessDeniedException, docs/shared-log.md",
    "UnrecognizedClientException, does not know these credentials",
    "ExpiredTokenException, does not know these credentials",
    "ThrottlingException, throttles",
    "ValidationException, ValidationException: said so",
  })
  void saysWhatAnErrorMeans(String code, String text) throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      for (int i = 0; i < 3; i++) {
        server.answer(400, error(code, "said so"));
      }

      assertThatIOException()
          .isThrownBy(() -> storage.write("p", 1, 0, new byte[] {1}))
          .withMessageContaining(text)
          .withMessageNotContaining(SECRET);
    }
  }

  @Test
  void printsTheCommandWhereItMayNotMakeTheTable() throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      server.answer(400, error("ResourceNotFoundException", "no table"));
      server.answer(400, error("AccessDeniedException", "not you"));

      assertThatIOException()
          .isThrownBy(() -> storage.read("p", 1))
          .withMessageContaining("AccessDeniedException")
          .withMessageContaining("aws dynamodb create-table --table-name rananeeti_log");
    }
  }

  @Test
  void doesNotMakeATableAnewThatWasThere() throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      server.answer(200, "{}");
      storage.write("p", 1, 0, new byte[] {1});
      for (int i = 0; i < 2; i++) {
        server.answer(400, error("ResourceNotFoundException", "no table"));
        assertThatIOException()
            .isThrownBy(() -> storage.write("p", 2, 0, new byte[] {1}))
            .withMessageContaining("was there and is gone");
      }
      assertThat(server.requests()).isEqualTo(3);
    }
  }

  @Test
  void saysSoWhereNobodyAnswersWhetherTheTableIsMade() throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      server.answer(400, error("ResourceNotFoundException", "no table"));
      server.endAfterRequest();

      assertThatIOException()
          .isThrownBy(() -> storage.write("p", 1, 0, new byte[] {1}))
          .withMessageContaining("making of table rananeeti_log");
    }
  }

  @Test
  void endsWithinItsTime() throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      server.neverAnswer();
      long began = System.nanoTime();

      assertThatIOException()
          .isThrownBy(() -> storage.read("p", 1))
          .withMessageContaining("DynamoDB");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ab", "a b c", "tab/le", ""})
  void refusesATableThatCanNotBe(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DynamoLogStorage.builder().table(name))
        .withMessageContaining("3 to 255");
  }

  @Test
  void showsNoSecret() throws IOException {
    try (ScriptedServer server = new ScriptedServer();
        DynamoLogStorage storage = at(server)) {
      assertThat(storage.toString()).contains("rananeeti_log").doesNotContain(SECRET);
    }
  }

  private static DynamoLogStorage at(ScriptedServer server) {
    return DynamoLogStorage.builder()
        .endpoint(URI.create("http://127.0.0.1:" + server.port()))
        .region("eu-west-1")
        .timeout(Duration.ofSeconds(2))
        .credentials(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDEXAMPLE", SECRET)))
        .build();
  }

  private static String error(String code, String message) {
    return "{\"__type\":\"com.amazonaws.dynamodb.v20120810#%s\",\"message\":\"%s\"}"
        .formatted(code, message);
  }

  private static String standing(String nonce) {
    return "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\",\"message\":\"no\",\"Item\":{\"n\":{\"B\":\"%s\"}}}"
        .formatted(nonce);
  }
}
