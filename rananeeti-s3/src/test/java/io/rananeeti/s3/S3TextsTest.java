package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Content;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StatementReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is kept of operations and rows, and what is refused before it is kept. */
@SuppressWarnings("NullAway")
class S3TextsTest {

  private static final byte[] SOUP = "soup".getBytes(StandardCharsets.UTF_8);

  @Test
  void whatIsKeptOfAPutIsReadAgain() throws Exception {
    Operation operation =
        PutObject.to("receipts", "menu/a soup & more", SOUP)
            .ifMatch("\"x=y&z\"")
            .contentType("text/plain; charset=utf-8")
            .metadata("Table", "7 & 8=")
            .storageClass("STANDARD")
            .operation();

    Action.Put put = (Action.Put) ActionText.actions(List.of(operation)).get(0);

    assertThat(put.key()).isEqualTo("menu/a soup & more");
    assertThat(put.match()).isEqualTo("\"x=y&z\"");
    assertThat(put.attributes().contentType()).isEqualTo("text/plain; charset=utf-8");
    assertThat(put.attributes().metadata()).containsEntry("table", "7 & 8=");
    assertThat(put.attributes().storageClass()).isEqualTo("STANDARD");
    assertThat(put.body().inline()).isEqualTo(SOUP);
    assertThat(S3Texts.INSTANCE.read(operation.sql()).kind())
        .isEqualTo(StatementReader.Kind.INSERT);
    assertThat(operation.sql()).doesNotContain("menu");
  }

  @Test
  void anAddressedPutIsWhatItsKeyNamesOrNothing() throws Exception {
    Operation operation = PutObject.addressed("receipts", "orders/17", SOUP).operation();
    Operation changed =
        operation.with(0, 3, Parameter.of(Parameter.Kind.BYTES, new byte[] {1, 2, 3}));

    assertThat(ActionText.actions(List.of(operation)).get(0).isAddressed()).isTrue();
    assertThat(S3Texts.INSTANCE.refusal(List.of(changed))).contains("not what its key names");
  }

  @Test
  void contentThatIsTooLargeForAnEntryIsNamed() throws Exception {
    byte[] large = new byte[PutObject.INLINE + 1];
    RecordingHost host = new RecordingHost();
    PutObject put = PutObject.addressed("receipts", "orders", large);

    Operation operation = put.operation(host);

    assertThat(operation.rows().get(0).get(2).value())
        .isEqualTo(new Content(Digest.hex(large), large.length));
    assertThat(put.key()).endsWith(Digest.hex(large));
    assertThatThrownBy(put::operation).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatCantBeSafeIsRefusedWhenItIsMade() {
    assertThatThrownBy(() -> PutObject.to("receipts", "menu/soup", SOUP).operation())
        .hasMessageContaining("ifAbsent()");
    assertThatThrownBy(() -> DeleteObject.of("receipts", "menu/soup").operation())
        .hasMessageContaining("ifMatch");
    assertThatThrownBy(() -> CopyObject.of("receipts", "menu/soup", "menu/stew").operation())
        .hasMessageContaining("ifMatch");
    assertThatThrownBy(() -> PutObject.addressed("receipts", "menu", SOUP).ifAbsent())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> PutObject.to("receipts", "", SOUP))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> PutObject.to("receipts", "k", SOUP).metadata("rananeeti-sha256", "mine"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PutObject.to("receipts", "k", SOUP).metadata("a", "a\nb"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rowsAreReadAsTheyWereWritten() {
    TransactionId id = new TransactionId(UUID.randomUUID(), 7);
    Row begun =
        Row.begun(
            Instant.ofEpochMilli(1_790_000_000_123L),
            List.of(new Action.Delete("menu/a soup & more", "\"tag\"")));

    for (Row row :
        List.of(
            begun,
            Row.of(Outcome.ABORTED),
            Row.refused(new Refusal("23505", "there & then = it was")),
            Row.replaced(new Refusal("23505", "why"), id))) {
      assertThat(Row.of(row.bytes())).isEqualTo(row);
    }
    assertThat(begun.isAddressed()).isFalse();
    assertThat(Row.begun(Instant.EPOCH, List.of()).nonce())
        .isNotEqualTo(Row.begun(Instant.EPOCH, List.of()).nonce());
  }

  @Test
  void theClockOfS3IsTakenForAnotherOnlyWhereItMustBe() {
    Instant sent = Instant.parse("2026-11-26T12:00:00.400Z");
    Instant received = sent.plusMillis(3_700);

    assertThat(ServerClock.ahead(sent, Instant.parse("2026-11-26T12:00:00Z"), received))
        .as("slow, and the same clock")
        .isZero();
    assertThat(ServerClock.ahead(sent, Instant.parse("2026-11-26T12:00:04Z"), received)).isZero();
    assertThat(ServerClock.ahead(sent, Instant.parse("2026-11-26T12:10:04Z"), received))
        .isEqualTo(Duration.ofMillis(599_900));
    assertThat(ServerClock.ahead(sent, Instant.parse("2026-11-26T11:50:00Z"), received))
        .isEqualTo(Duration.ofMillis(-598_400));
  }

  @Test
  void anotherMachineIsReachedByTlsUnlessToldOtherwise() {
    S3Store.Builder builder =
        S3Store.builder("receipts").bucket("cafe").endpoint(URI.create("http://192.0.2.1:9000"));

    assertThatThrownBy(builder::build).hasMessageContaining("plaintext(true)");
    assertThat(builder.plaintext(true).build().name()).isEqualTo("receipts");
    assertThat(
            S3Store.builder("receipts")
                .bucket("cafe")
                .endpoint(URI.create("http://127.0.0.1:9000"))
                .build())
        .hasToString("S3Store[name=receipts, bucket=cafe, prefix=rananeeti]");
  }
}
