package io.rananeeti.dynamo;

import io.rananeeti.log.SharedLogStorage;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/**
 * What the nodes of a platform share, in a table of DynamoDB. Thread-safe.
 *
 * <pre>
 * attribute  type    what
 * p          string  partition key: "v/" and the partition, or "c/" and the counter
 * k          number  sort key: the key in the partition; 0 for a counter
 * v          number  version; of values only
 * b          binary  bytes; of values only
 * n          binary  nonce of the write, 16 random bytes; of values only
 * c          number  of counters only
 * </pre>
 *
 * <p>Reads are strongly consistent, so each region must have one table that all nodes use: on a
 * global table that is only eventually consistent, all nodes name the same region.
 *
 * <p><b>One request a write.</b> A request that is sent twice may meet its own first write and be
 * refused by its condition. So a write is sent again only after DynamoDB has said that it did not
 * take it (throttling). Should one be doubled on the way all the same, the nonce shows it: the item
 * that stands against the condition is then this very write, and it counts as done. The JDK's
 * client, which sends a POST again by itself when a connection ends before the reply, does not
 * where the length of the body is fixed beforehand, as the SDK does.
 *
 * <p>The table is made by the first call that misses it, if the credentials may do that; else that
 * call's error holds the command. Once it was there it is not made again: it would lack what was
 * acknowledged, so each call fails until it is back. It is made for on-demand billing; {@code
 * deployment/dynamodb-log.yaml} makes it with backups and protection against deletion.
 */
public final class DynamoLogStorage implements SharedLogStorage {

  static final String PARTITION = "p";
  static final String KEY = "k";

  private static final Logger LOG = LoggerFactory.getLogger(DynamoLogStorage.class);

  private static final String VERSION = "v";
  private static final String BYTES = "b";
  private static final String NONCE = "n";
  private static final String COUNT = "c";
  private static final int NONCE_LENGTH = 16;

  /** An item holds 400 KB: these bytes, the names, the partition and the rest. */
  private static final int MAX_BYTES = 380 * 1024;

  private static final int MAX_PARTITION = 1_024;
  private static final int ATTEMPTS = 3;
  private static final Duration BASE_DELAY = Duration.ofMillis(50);
  private static final Duration MAX_DELAY = Duration.ofMillis(500);

  private static final RetryStrategy ANY_FAILURE =
      DefaultRetryStrategy.standardStrategyBuilder().maxAttempts(ATTEMPTS).build();

  /** The only failure after which nothing can have been done. */
  private static final RetryStrategy ONLY_THROTTLED =
      StandardRetryStrategy.builder()
          .maxAttempts(ATTEMPTS)
          .retryOnException(DynamoLogStorage::isThrottled)
          .treatAsThrottling(DynamoLogStorage::isThrottled)
          .backoffStrategy(BackoffStrategy.exponentialDelay(BASE_DELAY, MAX_DELAY))
          .throttlingBackoffStrategy(BackoffStrategy.exponentialDelay(BASE_DELAY, MAX_DELAY))
          .useClientDefaults(false)
          .build();

  private final String table;
  private final SdkHttpClient http;
  private final DynamoDbClient reads;
  private final DynamoDbClient writes;
  private final LogTable maker;
  private final SecureRandom random = new SecureRandom();
  private final LongAdder requests = new LongAdder();
  private final DoubleAdder readUnits = new DoubleAdder();
  private final DoubleAdder writeUnits = new DoubleAdder();
  private volatile boolean closed;

  /** Then a table that is missing was lost, and one made anew would lack what was acknowledged. */
  private volatile boolean found;

  private DynamoLogStorage(Builder builder) {
    table = builder.table;
    http = builder.http();
    reads = builder.client(http, ANY_FAILURE);
    writes = builder.client(http, ONLY_THROTTLED);
    maker = new LogTable(table, writes);
  }

  /** Starts to describe one, with the table {@code rananeeti_log} of the default region. */
  public static Builder builder() {
    return new Builder();
  }

  /** What was asked of DynamoDB, and what that costs, since this object was made. */
  public Consumed consumed() {
    return new Consumed(requests.sum(), readUnits.sum(), writeUnits.sum());
  }

  @Override
  public int maxBytes() {
    return MAX_BYTES;
  }

  @Override
  public @Nullable Value read(String partition, long key) throws IOException {
    Map<String, AttributeValue> id = id(value(partition), key);
    return call(
            "read of %s %d".formatted(partition, key),
            () -> {
              var reply =
                  reads.getItem(
                      get ->
                          get.tableName(table)
                              .key(id)
                              .consistentRead(true)
                              .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL));
              read(reply.consumedCapacity());
              return Optional.ofNullable(
                  reply.hasItem() && !reply.item().isEmpty() ? value(reply.item()) : null);
            })
        .orElse(null);
  }

  @Override
  public List<Value> list(String partition, long fromKey, int most) throws IOException {
    if (most < 1) {
      throw new IllegalArgumentException("most=" + most + " is below 1");
    }
    Map<String, AttributeValue> range =
        Map.of(
            ":p", AttributeValue.fromS(value(partition)),
            ":k", AttributeValue.fromN(Long.toString(fromKey)));
    QueryResponse page =
        call(
            "list of %s from %d".formatted(partition, fromKey),
            () ->
                reads.query(
                    query ->
                        query
                            .tableName(table)
                            .keyConditionExpression(PARTITION + " = :p AND " + KEY + " >= :k")
                            .expressionAttributeValues(range)
                            .consistentRead(true)
                            .limit(most)
                            .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL)));
    read(page.consumedCapacity());
    List<Value> values = new ArrayList<>();
    for (Map<String, AttributeValue> item : page.items()) {
      values.add(value(item));
    }
    return values;
  }

  @Override
  public boolean write(String partition, long key, long ifVersion, byte[] bytes)
      throws IOException {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a value too large for DynamoDB, bytes=%d most=%d".formatted(bytes.length, MAX_BYTES));
    }
    SdkBytes nonce = nonce();
    PutItemRequest put = put(value(partition), key, ifVersion, bytes, nonce);
    return call(
        "write of %s %d".formatted(partition, key),
        () -> {
          try {
            wrote(writes.putItem(put).consumedCapacity());
            return true;
          } catch (ConditionalCheckFailedException refused) {
            // Not told what it costs: as much as a write that is done.
            return refused.hasItem()
                && nonce.equals(
                    refused.item().getOrDefault(NONCE, AttributeValue.fromNul(true)).b());
          }
        });
  }

  @Override
  public boolean remove(String partition, long key, long ifVersion) throws IOException {
    Map<String, AttributeValue> id = id(value(partition), key);
    return call(
        "removal of %s %d".formatted(partition, key),
        () -> {
          try {
            wrote(
                writes
                    .deleteItem(
                        delete ->
                            delete
                                .tableName(table)
                                .key(id)
                                .conditionExpression(VERSION + " = :v")
                                .expressionAttributeValues(
                                    Map.of(":v", AttributeValue.fromN(Long.toString(ifVersion))))
                                .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL))
                    .consumedCapacity());
            return true;
          } catch (ConditionalCheckFailedException refused) {
            return false;
          }
        });
  }

  @Override
  public long add(String counter, long n) throws IOException {
    if (n < 1) {
      throw new IllegalArgumentException("n=" + n + " is below 1");
    }
    Map<String, AttributeValue> id = id("c/" + checked(counter), 0);
    return call(
        "addition to " + counter,
        () -> {
          var reply =
              writes.updateItem(
                  update ->
                      update
                          .tableName(table)
                          .key(id)
                          .updateExpression("ADD " + COUNT + " :n")
                          .expressionAttributeValues(
                              Map.of(":n", AttributeValue.fromN(Long.toString(n))))
                          .returnValues(ReturnValue.UPDATED_NEW)
                          .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL));
          wrote(reply.consumedCapacity());
          return number(reply.attributes(), COUNT);
        });
  }

  /** Calls under way end by themselves within their time, calls to come fail. */
  @Override
  public void close() {
    closed = true;
    reads.close();
    writes.close();
    http.close();
  }

  @Override
  public String toString() {
    return "DynamoLogStorage[table=" + table + "]";
  }

  /**
   * What DynamoDB was asked for.
   *
   * @param requests how many, as this process counts them
   * @param readUnits as it has told; of what it has not answered, nothing
   * @param writeUnits likewise; of what a condition has refused, nothing, though it is charged
   */
  public record Consumed(long requests, double readUnits, double writeUnits) {}

  private PutItemRequest put(
      String partition, long key, long ifVersion, byte[] bytes, SdkBytes nonce) {
    PutItemRequest.Builder put =
        PutItemRequest.builder()
            .tableName(table)
            .item(
                Map.of(
                    PARTITION, AttributeValue.fromS(partition),
                    KEY, AttributeValue.fromN(Long.toString(key)),
                    VERSION, AttributeValue.fromN(Long.toString(ifVersion + 1)),
                    BYTES, AttributeValue.fromB(SdkBytes.fromByteArray(bytes)),
                    NONCE, AttributeValue.fromB(nonce)))
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .returnConsumedCapacity(ReturnConsumedCapacity.TOTAL);
    if (ifVersion == 0) {
      return put.conditionExpression("attribute_not_exists(" + PARTITION + ")").build();
    }
    return put.conditionExpression(VERSION + " = :v")
        .expressionAttributeValues(Map.of(":v", AttributeValue.fromN(Long.toString(ifVersion))))
        .build();
  }

  private interface Request<T> {
    T send() throws IOException;
  }

  private <T> T call(String what, Request<T> request) throws IOException {
    try {
      return counted(request);
    } catch (ResourceNotFoundException missing) {
      if (found) {
        throw new IOException(
            "DynamoDB's table %s was there and is gone, with all that it held: %s"
                .formatted(table, what),
            missing);
      }
      if (maker.make()) {
        LOG.info("DynamoDB makes the table {}", table);
      }
      if (!maker.isActive()) {
        throw new IOException("DynamoDB is still making the table %s: %s".formatted(table, what));
      }
    } catch (SdkException failure) {
      throw FailureText.of(failure, described(what));
    }
    try {
      return counted(request);
    } catch (SdkException failure) {
      throw FailureText.of(failure, described(what));
    }
  }

  private <T> T counted(Request<T> request) throws IOException {
    if (closed) {
      throw new IOException("the storage in DynamoDB's table " + table + " is closed");
    }
    requests.increment();
    T answer = request.send();
    found = true;
    return answer;
  }

  private String described(String what) {
    return "%s, table=%s".formatted(what, table);
  }

  private static boolean isThrottled(Throwable failure) {
    return failure instanceof AwsServiceException answered && answered.isThrottlingException();
  }

  private SdkBytes nonce() {
    byte[] nonce = new byte[NONCE_LENGTH];
    random.nextBytes(nonce);
    return SdkBytes.fromByteArrayUnsafe(nonce);
  }

  private void read(@Nullable ConsumedCapacity capacity) {
    if (capacity != null && capacity.capacityUnits() != null) {
      readUnits.add(capacity.capacityUnits());
    }
  }

  private void wrote(@Nullable ConsumedCapacity capacity) {
    if (capacity != null && capacity.capacityUnits() != null) {
      writeUnits.add(capacity.capacityUnits());
    }
  }

  private static String value(String partition) {
    return "v/" + checked(partition);
  }

  private static String checked(String name) {
    if (name.isEmpty() || name.length() > MAX_PARTITION) {
      throw new IllegalArgumentException(
          "a partition or counter has 1 to %d characters, this one %d"
              .formatted(MAX_PARTITION, name.length()));
    }
    return name;
  }

  private static Map<String, AttributeValue> id(String partition, long key) {
    return Map.of(
        PARTITION, AttributeValue.fromS(partition), KEY, AttributeValue.fromN(Long.toString(key)));
  }

  private static Value value(Map<String, AttributeValue> item) throws IOException {
    AttributeValue bytes = item.get(BYTES);
    if (bytes == null || bytes.b() == null) {
      throw new IOException("an item of DynamoDB without the attribute " + BYTES);
    }
    return new Value(number(item, KEY), number(item, VERSION), bytes.b().asByteArrayUnsafe());
  }

  private static long number(Map<String, AttributeValue> item, String attribute)
      throws IOException {
    AttributeValue value = item.get(attribute);
    if (value == null || value.n() == null) {
      throw new IOException("an item of DynamoDB without the attribute " + attribute);
    }
    return Long.parseLong(value.n());
  }

  /** The settings of a storage. Not thread-safe. */
  public static final class Builder {

    private static final Duration MOST = Duration.ofMinutes(1);
    private static final Duration CONNECTING = Duration.ofSeconds(1);

    private String table = "rananeeti_log";
    private Duration timeout = Duration.ofSeconds(3);
    private @Nullable String region;
    private @Nullable URI endpoint;
    private @Nullable AwsCredentialsProvider credentials;

    private Builder() {}

    /** The table: 3 to 255 letters, digits, {@code _}, {@code -} and {@code .}. */
    public Builder table(String name) {
      if (!name.matches("[A-Za-z0-9_.-]{3,255}")) {
        throw new IllegalArgumentException(
            "table=%s: a table of DynamoDB has 3 to 255 letters, digits, '_', '-' or '.'"
                .formatted(name));
      }
      table = name;
      return this;
    }

    /** The region, such as {@code eu-west-1}. Default: as any AWS client finds it. */
    public Builder region(String name) {
      region = name;
      return this;
    }

    /** Where DynamoDB is, if not where the region has it: a VPC endpoint, or a local one. */
    public Builder endpoint(URI address) {
      endpoint = address;
      return this;
    }

    /** Who asks. Default: as any AWS client finds that. */
    public Builder credentials(AwsCredentialsProvider provider) {
      credentials = provider;
      return this;
    }

    /** After which a call fails: from 100 ms to a minute. Default 3 s. */
    public Builder timeout(Duration limit) {
      if (limit.toMillis() < 100 || limit.compareTo(MOST) > 0) {
        throw new IllegalArgumentException("timeout=%s is not 100 ms to a minute".formatted(limit));
      }
      timeout = limit;
      return this;
    }

    /** Makes it; DynamoDB need not be there yet. */
    public DynamoLogStorage build() {
      return new DynamoLogStorage(this);
    }

    private SdkHttpClient http() {
      return UrlConnectionHttpClient.builder()
          .connectionTimeout(timeout.compareTo(CONNECTING) < 0 ? timeout : CONNECTING)
          .socketTimeout(timeout)
          .build();
    }

    private DynamoDbClient client(SdkHttpClient http, RetryStrategy retries) {
      DynamoDbClientBuilder client =
          DynamoDbClient.builder()
              .httpClient(http)
              .overrideConfiguration(
                  settings ->
                      settings
                          .apiCallTimeout(timeout)
                          .apiCallAttemptTimeout(timeout)
                          .retryStrategy(retries));
      if (region != null) {
        client.region(Region.of(region));
      }
      if (endpoint != null) {
        client.endpointOverride(endpoint);
      }
      if (credentials != null) {
        client.credentialsProvider(credentials);
      }
      return client.build();
    }
  }
}
