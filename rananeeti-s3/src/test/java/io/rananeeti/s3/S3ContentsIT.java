package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.rananeeti.log.ContentStorage;
import io.rananeeti.store.Content;
import io.rananeeti.testkit.ContentStorageContract;
import io.rananeeti.testkit.S3Server;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The place for content in S3. */
final class S3ContentsIT extends ContentStorageContract {

  private static final int PART = 16 << 20;

  private final String bucket = "contents-" + UUID.randomUUID().toString().substring(0, 8);

  @SuppressWarnings("NullAway.Init")
  S3ContentsIT() {}

  @BeforeEach
  void createBucket() {
    S3Fixture.client().createBucket(r -> r.bucket(bucket));
  }

  /** The contract's test opens it before there is a bucket. */
  @Override
  protected ContentStorage open() {
    return new S3Contents(location(bucket), S3Fixture.credentials());
  }

  private static String location(String bucket) {
    S3Server server = S3Fixture.server();
    return "s3://%s/nodes?region=%s&endpoint=%s"
        .formatted(bucket, server.region(), server.endpoint());
  }

  @Test
  void saysWhereItIsAndWhatIsWrong() {
    try (ContentStorage nowhere =
        new S3Contents(location("no-such-bucket-" + bucket), S3Fixture.credentials())) {
      assertThat(nowhere).hasToString("s3://no-such-bucket-" + bucket + "/nodes/");
      assertThatIOException()
          .isThrownBy(() -> nowhere.list("", "", 1))
          .withMessageContaining("there is no such bucket");
    }
  }

  /** S3 goes away in the middle of an upload: the next try does not send the first part again. */
  @Test
  void anUploadThatBreaksGoesOn() throws Exception {
    byte[] bytes = new byte[2 * PART];
    new Random(1).nextBytes(bytes);
    Content content = new Content(Digest.hex(bytes), bytes.length);
    FaultyFront front = new FaultyFront(S3Fixture.server().endpoint());
    String there =
        "s3://%s/nodes?region=%s&endpoint=%s"
            .formatted(bucket, S3Fixture.server().region(), front.endpoint());
    try (ContentStorage storage = new S3Contents(there, S3Fixture.credentials())) {
      ContentStorage.Source source = () -> new ByteArrayInputStream(bytes);
      front.only(line -> line.contains("partNumber=2"));
      front.always(FaultyFront.Fault.LOSE_REQUEST);
      assertThatIOException().isThrownBy(() -> storage.put("large", content, source));
      front.pass();
      front.only(line -> line.contains("partNumber=1"));

      storage.put("large", content, source);

      assertThat(front.requests()).isZero();
      try (InputStream in = storage.open("large")) {
        assertThat(Digest.hex(in)).isEqualTo(content.sha256());
      }
      assertThat(S3Fixture.client().listMultipartUploads(r -> r.bucket(bucket)).uploads())
          .isEmpty();
    } finally {
      front.close();
    }
  }
}
