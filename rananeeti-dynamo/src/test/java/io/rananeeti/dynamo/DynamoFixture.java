package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.PlatformConnection;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.DynamoServer;
import java.net.URI;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** A DynamoDB for all tests of the JVM, and tables that are each test's own. */
@SuppressWarnings("NullAway") // the platform is opened by each test
abstract class DynamoFixture {

  static final Duration STALL = Duration.ofMinutes(2);

  /** Of tests in which something is written while DynamoDB is away, which waits that long. */
  static final Duration OUTAGE_BUDGET = Duration.ofSeconds(1);

  private static @Nullable DynamoServer server;
  private static @Nullable DynamoDbClient client;

  final String suffix = UUID.randomUUID().toString().substring(0, 8);
  final String ledger = "ledger_" + suffix;
  final String dishes = "dishes_" + suffix;
  final BlockingQueue<Availability> changes = new LinkedBlockingQueue<>();
  final BlockingQueue<DeadLetter> letters = new LinkedBlockingQueue<>();

  /** Longer than this machine ever stands still; tests of outages shorten it. */
  Duration outageBudget = Duration.ofSeconds(10);

  /** Longer than this machine ever stands still; tests of silence shorten it. */
  Duration callTimeout = Duration.ofSeconds(20);

  FaultyFront front;
  DataPlatform platform;
  DynamoStore store;
  @TempDir Path directory;

  /** Ends with the JVM. */
  static synchronized DynamoServer server() {
    DynamoServer running = server;
    if (running == null) {
      running = DynamoServer.builder().inMemory(true).start();
      server = running;
    }
    return running;
  }

  static AwsCredentialsProvider credentials() {
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(server().accessKey(), server().secretKey()));
  }

  static synchronized DynamoDbClient client() {
    DynamoDbClient known = client;
    if (known == null) {
      known =
          DynamoDbClient.builder()
              .endpointOverride(server().endpoint())
              .region(Region.of(server().region()))
              .credentialsProvider(credentials())
              .httpClient(UrlConnectionHttpClient.create())
              .build();
      client = known;
    }
    return known;
  }

  @BeforeEach
  void prepare() {
    makeTable(dishes, null);
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

  static void makeTable(String name, @Nullable String sort) {
    makeTable(client(), name, sort);
  }

  static void makeTable(DynamoDbClient at, String name, @Nullable String sort) {
    List<KeySchemaElement> key = new ArrayList<>();
    List<AttributeDefinition> attributes = new ArrayList<>();
    key.add(KeySchemaElement.builder().attributeName("pk").keyType(KeyType.HASH).build());
    attributes.add(
        AttributeDefinition.builder()
            .attributeName("pk")
            .attributeType(ScalarAttributeType.S)
            .build());
    if (sort != null) {
      key.add(KeySchemaElement.builder().attributeName(sort).keyType(KeyType.RANGE).build());
      attributes.add(
          AttributeDefinition.builder()
              .attributeName(sort)
              .attributeType(ScalarAttributeType.N)
              .build());
    }
    at.createTable(
        r ->
            r.tableName(name)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(key)
                .attributeDefinitions(attributes));
  }

  DynamoStore.Builder storeAt(URI endpoint) {
    return DynamoStore.builder("menu")
        .endpoint(endpoint)
        .region(server().region())
        .credentials(credentials())
        .ledgerTable(ledger)
        .callTimeout(callTimeout);
  }

  void open() throws Exception {
    open(storeAt(front.endpoint()).build());
  }

  /** Where nothing depends on whether a commit is applied at once. */
  void openForOutage() throws Exception {
    outageBudget = OUTAGE_BUDGET;
    open();
  }

  void open(DynamoStore with) throws Exception {
    store = with;
    platform = builder(directory, with).open();
    await(Availability.UP);
  }

  DataPlatform.Builder builder(Path log, DynamoStore with) {
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
    long end = System.nanoTime() + STALL.toNanos();
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
    await(() -> platform.health().stores().get("menu").backlog() == 0);
  }

  /** Inserts a dish in a transaction of its own. */
  Receipt dish(String pk, int price) throws SQLException {
    try (PlatformConnection connection = platform.getConnection("menu");
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO \"" + dishes + "\" VALUE {'pk': ?, 'price': ?}")) {
      insert.setString(1, pk);
      insert.setInt(2, price);
      assertThat(insert.executeUpdate()).isEqualTo(1);
      return Objects.requireNonNull(connection.receipt());
    }
  }

  /** Adds to a number, which shows whether it was done twice. */
  Receipt add(String pk, int amount) throws SQLException {
    try (PlatformConnection connection = platform.getConnection("menu")) {
      connection.enlist(
          UpdateItem.in("menu", dishes, Map.of("pk", pk))
              .update("ADD eaten :amount")
              .value(":amount", amount));
      return Objects.requireNonNull(connection.receipt());
    }
  }

  static Map<String, AttributeValue> item(String table, String pk) {
    return client()
        .getItem(
            r ->
                r.tableName(table).consistentRead(true).key(Map.of("pk", AttributeValue.fromS(pk))))
        .item();
  }

  /** The number of that name; null if the item or the attribute is missing. */
  @Nullable String number(String pk, String attribute) {
    AttributeValue value = item(dishes, pk).get(attribute);
    return value == null ? null : value.n();
  }

  /** What the ledger says of a transaction; null if nothing. */
  @Nullable String outcome(TransactionId id) {
    AttributeValue outcome =
        client()
            .getItem(r -> r.tableName(ledger).consistentRead(true).key(Ledger.key(id)))
            .item()
            .get("outcome");
    return outcome == null ? null : outcome.s();
  }

  int rowsOfLedger() {
    return (int)
        client().scanPaginator(r -> r.tableName(ledger).consistentRead(true)).items().stream()
            .filter(item -> item.containsKey("outcome"))
            .count();
  }
}
