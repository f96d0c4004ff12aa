package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.PlatformConnection;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import io.rananeeti.StoreOperation;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.S3Server;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** An S3 for all tests of the JVM, and a bucket that is each test's own. */
@SuppressWarnings("NullAway") // the platform is opened by each test
abstract class S3Fixture {

  static final Duration STALL = Duration.ofMinutes(2);

  /** Longer than this machine ever stands still; tests of what is in doubt shorten it. */
  Duration fence = Duration.ofSeconds(60);

  private static @Nullable S3Server server;
  private static @Nullable S3Client client;

  final String bucket = "receipts-" + UUID.randomUUID().toString().substring(0, 8);
  final BlockingQueue<Availability> changes = new LinkedBlockingQueue<>();
  final BlockingQueue<DeadLetter> letters = new LinkedBlockingQueue<>();

  /** Longer than this machine ever stands still; tests of outages shorten it. */
  Duration outageBudget = Duration.ofSeconds(10);

  /** Longer than this machine ever stands still; tests of silence shorten it. */
  Duration callTimeout = Duration.ofSeconds(20);

  FaultyFront front;
  DataPlatform platform;
  S3Store store;
  @TempDir Path directory;

  /** Ends with the JVM. */
  static synchronized S3Server server() {
    S3Server running = server;
    if (running == null) {
      running = S3Server.builder().start();
      server = running;
    }
    return running;
  }

  static AwsCredentialsProvider credentials() {
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(server().accessKey(), server().secretKey()));
  }

  static synchronized S3Client client() {
    S3Client known = client;
    if (known == null) {
      known = client(server());
      client = known;
    }
    return known;
  }

  static S3Client client(S3Server at) {
    return S3Client.builder()
        .endpointOverride(at.endpoint())
        .region(Region.of(at.region()))
        .credentialsProvider(credentials())
        .forcePathStyle(true)
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  @BeforeEach
  void prepare() {
    client().createBucket(r -> r.bucket(bucket));
    front = new FaultyFront(server().endpoint());
  }

  @AfterEach
  void tidy() {
    front.pass();
    if (platform != null) {
      platform.close();
    }
    front.close();
  }

  S3Store.Builder storeAt(URI endpoint) {
    return S3Store.builder("receipts")
        .bucket(bucket)
        .endpoint(endpoint)
        .region(server().region())
        .credentials(credentials())
        .callTimeout(callTimeout)
        .timing(new S3Store.Timing(fence, Duration.ZERO, Duration.ofSeconds(-10), 5 << 20));
  }

  void open() throws Exception {
    open(storeAt(front.endpoint()).build());
  }

  /** Where nothing depends on whether a commit is applied at once. */
  void openForOutage() throws Exception {
    outageBudget = Duration.ofSeconds(1);
    open();
  }

  void open(S3Store with) throws Exception {
    store = with;
    platform = builder(directory.resolve("log"), with).open();
    await(Availability.UP);
  }

  DataPlatform.Builder builder(Path log, S3Store with) {
    return DataPlatform.builder("cafe")
        .store(with)
        .log(log)
        .probeInterval(Duration.ofMillis(200))
        .outageBudget(outageBudget)
        .listener(
            new PlatformListener() {
              @Override
              public void availability(String name, Availability from, Availability to) {
                changes.add(to);
              }

              @Override
              public void rejected(DeadLetter letter) {
                letters.add(letter);
              }
            });
  }

  void await(Availability wanted) throws InterruptedException {
    Availability seen = null;
    while (seen != wanted) {
      seen = changes.poll(STALL.toSeconds(), TimeUnit.SECONDS);
      assertThat(seen).as("the store becomes " + wanted).isNotNull();
    }
  }

  /** Until this holds. */
  static void await(Condition condition) throws Exception {
    await(STALL, condition);
  }

  static void await(Duration stall, Condition condition) throws Exception {
    long end = System.nanoTime() + stall.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("time is over").isLessThan(end);
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** What is waited for. */
  interface Condition {
    boolean holds() throws Exception;
  }

  void awaitDrained() throws Exception {
    await(() -> platform.health().stores().get("receipts").backlog() == 0);
  }

  /** In a transaction of its own. */
  Receipt run(StoreOperation operation) throws SQLException {
    try (PlatformConnection connection = platform.getConnection("receipts")) {
      connection.enlist(operation);
      return Objects.requireNonNull(connection.receipt());
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static PutObject addressed(String text) {
    return PutObject.addressed("receipts", "orders", bytes(text));
  }

  static PutObject absent(String key, String text) {
    return PutObject.to("receipts", key, bytes(text)).ifAbsent();
  }

  /** What the bucket has there, asked past the store; empty if nothing. */
  Optional<String> content(String key) {
    try {
      return Optional.of(client().getObjectAsBytes(r -> r.bucket(bucket).key(key)).asUtf8String());
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    }
  }

  String tag(String key) {
    return client().headObject(r -> r.bucket(bucket).key(key)).eTag();
  }

  static String rowOf(TransactionId id) {
    return "rananeeti/ledger/%s/%019d".formatted(id.incarnation(), id.number());
  }
}
