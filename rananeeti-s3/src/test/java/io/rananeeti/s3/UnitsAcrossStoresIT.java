package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.testkit.DynamoServer;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.PostgresServer;
import io.rananeeti.testkit.S3Server;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/**
 * Units of work across PostgreSQL, DynamoDB Local and S3Proxy, each of which is killed, hung and
 * revived at random, as is the application. {@code -Drananeeti.units.seed} runs one seed only.
 */
@SuppressWarnings("NullAway") // set before each run
final class UnitsAcrossStoresIT {

  /** A store that fails though it is up is tried once a minute at the least. */
  private static final Duration DRAINED = Duration.ofMinutes(10);

  private static final int SEEDS = Boolean.getBoolean("rananeeti.test.full") ? 200 : 5;
  private static final int FAULTS = Boolean.getBoolean("rananeeti.test.full") ? 5 : 3;
  private static final int ENOUGH = 6;
  private static final String KEY = "rananeeti";

  private static PostgresServer postgres;
  private static DynamoServer dynamo;
  private static S3Server s3;
  private static S3Client objects;
  private static DynamoDbClient items;

  @TempDir private Path directory;

  private final ConcurrentLinkedQueue<String> dangling = new ConcurrentLinkedQueue<>();
  private final Set<String> acknowledged = new TreeSet<>();
  private final List<String> failed = new ArrayList<>();
  private volatile boolean quiet;
  private FaultProxy toPostgres;
  private UnitsNode.Places places;
  private UnitsNode node;
  private int started;

  /** What happens to a server, or to the application. */
  private enum Trouble {
    DATABASE_KILLED,
    DATABASE_HUNG,
    DYNAMO_STOPPED,
    DYNAMO_HUNG,
    S3_KILLED,
    S3_HUNG,
    APPLICATION_KILLED
  }

  static LongStream seeds() {
    Long chosen = Long.getLong("rananeeti.units.seed");
    return chosen == null ? LongStream.rangeClosed(1, SEEDS) : LongStream.of(chosen);
  }

  @BeforeAll
  static void start() {
    postgres = PostgresServer.builder().start();
    dynamo = DynamoServer.builder().start();
    s3 = S3Server.builder().start();
    StaticCredentialsProvider credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY, KEY));
    objects =
        S3Client.builder()
            .endpointOverride(s3.endpoint())
            .region(Region.US_EAST_1)
            .credentialsProvider(credentials)
            .forcePathStyle(true)
            .httpClient(UrlConnectionHttpClient.create())
            .build();
    items =
        DynamoDbClient.builder()
            .endpointOverride(dynamo.endpoint())
            .region(Region.US_EAST_1)
            .credentialsProvider(credentials)
            .httpClient(UrlConnectionHttpClient.create())
            .build();
  }

  @AfterAll
  static void stop() {
    objects.close();
    items.close();
    s3.close();
    dynamo.close();
    postgres.close();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void eachUnitIsWholeOnceOrNotAtAll(long seed) throws Exception {
    Random random = new Random(seed);
    Thread looker = new Thread(this::look, "looker");
    try (FaultProxy proxy = FaultProxy.inFrontOf(postgres)) {
      toPostgres = proxy;
      prepare();
      startNode();
      looker.start();
      for (int i = 0; i < FAULTS; i++) {
        trouble(Trouble.values()[random.nextInt(Trouble.values().length)], random);
      }
      awaitUnits();
      node.endOfUnits();
      S3Fixture.await(DRAINED, () -> node.isDrained() || !node.isAlive());
      collect();
      assertThat(node.isDrained()).isTrue();
    } finally {
      quiet = true;
      looker.join();
      if (node != null) {
        node.close();
      }
    }
    check();
  }

  private void prepare() throws Exception {
    String bucket = "units-" + UUID.randomUUID().toString().substring(0, 8);
    objects.createBucket(r -> r.bucket(bucket));
    postgres.execute(
        "DROP TABLE IF EXISTS units",
        "CREATE TABLE units (id text NOT NULL, objkey text NOT NULL)");
    if (items.listTables().tableNames().contains("units")) {
      items.deleteTable(r -> r.tableName("units"));
    }
    items.createTable(
        r ->
            r.tableName("units")
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(
                    KeySchemaElement.builder().attributeName("pk").keyType(KeyType.HASH).build())
                .attributeDefinitions(
                    AttributeDefinition.builder()
                        .attributeName("pk")
                        .attributeType(ScalarAttributeType.S)
                        .build()));
    places =
        new UnitsNode.Places(
            toPostgres.url(),
            postgres.user(),
            postgres.password(),
            dynamo.endpoint(),
            s3.endpoint(),
            bucket,
            KEY);
  }

  private void startNode() throws Exception {
    node = UnitsNode.start(places, directory.resolve("log"), "n" + started++);
    awaitUnits();
  }

  private void collect() {
    acknowledged.addAll(node.acknowledged());
    failed.addAll(node.failed());
  }

  /** The application goes on, whatever is gone. */
  private void awaitUnits() throws Exception {
    int before = node.acknowledged().size();
    S3Fixture.await(
        () -> {
          assertThat(node.isAlive()).as("the application lives").isTrue();
          return node.acknowledged().size() >= before + ENOUGH;
        });
  }

  private void trouble(Trouble trouble, Random random) throws Exception {
    switch (trouble) {
      case DATABASE_KILLED -> whileGone(postgres::kill, postgres::start, random);
      case DATABASE_HUNG -> whileGone(toPostgres::hang, toPostgres::pass, random);
      case DYNAMO_STOPPED -> whileGone(dynamo::stop, dynamo::start, random);
      case DYNAMO_HUNG -> whileGone(dynamo::pause, dynamo::resume, random);
      case S3_KILLED -> whileGone(s3::kill, s3::start, random);
      case S3_HUNG -> whileGone(s3::pause, s3::resume, random);
      case APPLICATION_KILLED -> restart();
    }
  }

  private void restart() throws Exception {
    node.kill();
    collect();
    startNode();
  }

  private void whileGone(Runnable goes, Runnable comes, Random random) throws Exception {
    goes.run();
    try {
      awaitUnits();
      if (random.nextInt(3) == 0) {
        restart();
      }
    } finally {
      comes.run();
    }
  }

  /** Never a row whose object or item is not there, at any moment that a reader could look. */
  private void look() {
    Set<String> seen = new TreeSet<>();
    while (!quiet) {
      try (Connection connection = postgres.connect();
          PreparedStatement rows = connection.prepareStatement("SELECT id, objkey FROM units");
          ResultSet all = rows.executeQuery()) {
        while (all.next()) {
          if (seen.add(all.getString(1))) {
            lookFor(all.getString(1), all.getString(2));
          }
        }
      } catch (SQLException e) {
        Thread.onSpinWait(); // It is gone just now.
      }
    }
  }

  private void lookFor(String id, String key) {
    try {
      objects.headObject(r -> r.bucket(places.bucket()).key(key));
    } catch (NoSuchKeyException e) {
      dangling.add("no object of " + id);
    } catch (SdkException e) {
      return; // It is gone just now.
    }
    try {
      Map<String, AttributeValue> item =
          items
              .getItem(
                  r ->
                      r.tableName("units")
                          .consistentRead(true)
                          .key(Map.of("pk", AttributeValue.fromS(id))))
              .item();
      if (item.isEmpty()) {
        dangling.add("no item of " + id);
      }
    } catch (SdkException e) {
      Thread.onSpinWait(); // It is gone just now.
    }
  }

  private void check() throws Exception {
    List<String> rows = rows();
    Set<String> ids = new TreeSet<>(rows);
    assertThat(dangling).as("pointers to nothing").isEmpty();
    assertThat(failed).as("told that they had failed").isEmpty();
    assertThat(rows).as("rows").doesNotHaveDuplicates();
    assertThat(ids).as("acknowledged").containsAll(acknowledged);
    assertThat(items()).as("items").isEqualTo(ids);
    assertThat(objects()).as("objects").isEqualTo(ids);
    assertThat(rows).as("the order of each key").isEqualTo(inOrder(rows));
  }

  private List<String> rows() throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = postgres.connect();
        PreparedStatement all =
            connection.prepareStatement(
                "SELECT id FROM units ORDER BY split_part(id, '-', 2), xmin::text::bigint");
        ResultSet each = all.executeQuery()) {
      while (each.next()) {
        rows.add(each.getString(1));
      }
    }
    return rows;
  }

  /** By thread, start and number: as each thread has made them. */
  private static List<String> inOrder(List<String> rows) {
    return rows.stream()
        .sorted(
            (one, other) -> {
              String[] a = one.split("-", -1);
              String[] b = other.split("-", -1);
              int byThread = a[1].compareTo(b[1]);
              int byStart = Integer.compare(number(a[0]), number(b[0]));
              return byThread != 0 ? byThread : byStart != 0 ? byStart : a[2].compareTo(b[2]);
            })
        .toList();
  }

  private static int number(String start) {
    return Integer.parseInt(start.substring(1));
  }

  private static Set<String> items() {
    return items.scanPaginator(r -> r.tableName("units").consistentRead(true)).items().stream()
        .map(item -> item.get("pk").s())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> objects() {
    return objects
        .listObjectsV2Paginator(r -> r.bucket(places.bucket()).prefix("units/"))
        .contents()
        .stream()
        .map(object -> object.key().split("/", -1)[1])
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
