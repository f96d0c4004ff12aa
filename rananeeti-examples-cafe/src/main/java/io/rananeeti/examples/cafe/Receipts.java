package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rananeeti.s3.ObjectInput;
import io.rananeeti.s3.PutObject;
import io.rananeeti.s3.S3Store;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** The receipts of orders: text, each an object under a name that its content decides. */
final class Receipts implements AutoCloseable {

  /** The name of their store. */
  static final String STORE = "receipts";

  private final S3Store store;
  private final @Nullable EmbeddedBucket embedded;

  private Receipts(S3Store store, @Nullable EmbeddedBucket embedded) {
    this.store = store;
    this.embedded = embedded;
  }

  /**
   * Describes their store, which may be down.
   *
   * @param directory of the embedded one
   */
  static Receipts open(ReceiptsSettings settings, Path directory) throws IOException {
    S3Store.Builder store = S3Store.builder(STORE).bucket(settings.bucket());
    if (settings.region() != null) {
      store.region(settings.region());
    }
    if (settings.endpoint() != null) {
      return new Receipts(store.endpoint(settings.endpoint()).build(), null);
    }
    EmbeddedBucket embedded = EmbeddedBucket.start(directory, settings.bucket());
    AwsBasicCredentials credentials =
        AwsBasicCredentials.create(embedded.accessKey(), embedded.secretKey());
    store
        .endpoint(embedded.endpoint())
        .region(embedded.region())
        .credentials(StaticCredentialsProvider.create(credentials));
    return new Receipts(store.build(), embedded);
  }

  S3Store store() {
    return store;
  }

  /** The receipt of an order, as part of its transaction. */
  static PutObject of(Order order) {
    return PutObject.addressed(STORE, "orders/" + order.number(), text(order).getBytes(UTF_8))
        .contentType("text/plain; charset=utf-8");
  }

  private static String text(Order order) {
    return """
        Rananeeti Cafe

        Order   %s
        Name    %s
        People  %d
        When    %s
        %s
        """
        .formatted(
            order.number(),
            order.name(),
            order.people(),
            order.date().toString().replace('T', ' '),
            order.message() == null ? "" : "\n" + order.message());
  }

  /** What is under a name; empty if nothing is. */
  Optional<byte[]> read(String key) throws SQLException, IOException {
    Optional<ObjectInput> found = store.reads().get(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (ObjectInput object = found.get()) {
      return Optional.of(object.readAllBytes());
    }
  }

  @Override
  public void close() {
    if (embedded != null) {
      embedded.close();
    }
  }
}
