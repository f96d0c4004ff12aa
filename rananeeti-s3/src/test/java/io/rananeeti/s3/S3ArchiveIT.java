package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rananeeti.Availability;
import io.rananeeti.Health;
import io.rananeeti.LogStorageType;
import io.rananeeti.PlatformConnection;
import io.rananeeti.internal.archive.ArchiveCommand;
import io.rananeeti.log.ArchiveStorage;
import io.rananeeti.testkit.ArchiveStorageContract;
import io.rananeeti.testkit.InMemoryDatabase;
import io.rananeeti.testkit.ManualPlatform;
import io.rananeeti.testkit.ManualSeams;
import io.rananeeti.testkit.S3Server;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.StorageClass;

/** The archive of a log in S3. */
final class S3ArchiveIT extends ArchiveStorageContract {

  private static final int ORDERS = 20;

  private final String bucket = "archive-" + UUID.randomUUID().toString().substring(0, 8);

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  S3ArchiveIT() {}

  @BeforeEach
  void createBucket() {
    S3Fixture.client().createBucket(r -> r.bucket(bucket));
  }

  /** The contract's test opens it before there is a bucket. */
  @Override
  protected ArchiveStorage open() {
    return new S3Archive(location(bucket), S3Fixture.credentials());
  }

  private static String location(String bucket) {
    S3Server server = S3Fixture.server();
    return "s3://%s/logs/here?region=%s&endpoint=%s"
        .formatted(bucket, server.region(), server.endpoint());
  }

  @Test
  void thePlatformsArchiveIsTieredAndReadByTheCommand() throws Exception {
    archiveSomeOrders();

    List<S3Object> objects = S3Fixture.client().listObjectsV2(r -> r.bucket(bucket)).contents();
    assertThat(objects).hasSizeGreaterThanOrEqualTo(2);
    for (S3Object object : objects) {
      assertThat(object.key()).startsWith("logs/here/manual/");
      HeadObjectResponse head =
          S3Fixture.client().headObject(r -> r.bucket(bucket).key(object.key()));
      assertThat(head.storageClass()).isEqualTo(StorageClass.INTELLIGENT_TIERING);
    }
    assertThat(run("verify", location(bucket))).contains("\"verified\":\"true\"");
    assertThat(run("read", location(bucket), "--show-parameters"))
        .contains("\"order-0\"", "\"order-19\"");
  }

  /** With the SDK's own chain of credentials. */
  private static String run(String... arguments) {
    System.setProperty("aws.accessKeyId", S3Fixture.server().accessKey());
    System.setProperty("aws.secretAccessKey", S3Fixture.server().secretKey());
    try {
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
      assertThat(new ArchiveCommand(out, out).run(List.of(arguments)))
          .as(said.toString(StandardCharsets.UTF_8))
          .isZero();
      return said.toString(StandardCharsets.UTF_8);
    } finally {
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
    }
  }

  private void archiveSomeOrders() throws Exception {
    ManualSeams seams = new ManualSeams(1);
    InMemoryDatabase database = new InMemoryDatabase(seams);
    database.createTable("orders");
    try (ManualPlatform manual =
        ManualPlatform.open(
            database,
            seams,
            directory,
            builder -> builder.logStorage(LogStorageType.FILE).archive(open()))) {
      manual.awaitState(Availability.UP); // Before that, nobody knows that it is down.
      database.faults().unreachable(true);
      manual.awaitState(Availability.DOWN);
      for (int i = 0; i < ORDERS; i++) {
        order(manual, "order-" + i);
      }
      database.faults().heal();
      manual.drain();
    }
    try (ManualPlatform manual =
        ManualPlatform.open(
            database,
            seams,
            directory,
            builder -> builder.logStorage(LogStorageType.FILE).archive(open()))) {
      manual.awaitState(Availability.UP);
      manual.tick(Duration.ofSeconds(11));
      manual.await(
          "it is archived",
          () -> {
            Health.Archive archive = Objects.requireNonNull(manual.platform().health().archive());
            return archive.archived() > 2 * ORDERS;
          });
    }
  }

  private static void order(ManualPlatform manual, String id) throws Exception {
    try (PlatformConnection connection = manual.connect();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO orders VALUES (?, ?)")) {
      insert.setString(1, id);
      insert.setString(2, "tea");
      insert.executeUpdate();
    }
  }

  @Test
  void saysWhatIsWrong() {
    try (ArchiveStorage nowhere =
        new S3Archive(location("no-such-bucket-" + bucket), S3Fixture.credentials())) {
      assertThatIOException()
          .isThrownBy(() -> nowhere.list("", "", 1))
          .withMessageContaining("there is no such bucket");
    }
    StaticCredentialsProvider wrong =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("nobody", "secret"));
    try (ArchiveStorage stranger = new S3Archive(location(bucket), wrong)) {
      assertThatIOException()
          .isThrownBy(() -> stranger.list("", "", 1))
          .withMessageContaining("does not take the credentials");
    }
  }

  @Test
  void knowsAPlaceOfItsFormOnly() {
    for (String wrong :
        List.of(
            "s3://",
            "s3://B/x",
            "s3://bucket/a b",
            "s3://bucket?regio=x",
            "s3://bucket?endpoint=http://example.org")) {
      assertThatIllegalArgumentException().as(wrong).isThrownBy(() -> S3Location.of(wrong));
    }
    assertThat(S3Location.of("s3://bucket").key("n")).isEqualTo("n");
    assertThat(S3Location.of("s3://bucket/a/b/?region=eu-west-1").key("n")).isEqualTo("a/b/n");
  }
}
