package io.rananeeti.dynamo;

import io.rananeeti.aws.internal.InFlight.Call;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * Gives items of the ledger an expiry once nothing can ask for them any more (F1, F3): DynamoDB
 * deletes them then, at no cost. Owned by the platform's housekeeping, one call at a time.
 */
final class Pruning {

  private static final int BATCH = 25;

  /** How often the incarnations of others are looked at. */
  private static final Duration BETWEEN_LOOKS = Duration.ofHours(1);

  /** How far ahead the key of a living letter is kept, and how long before it is done again. */
  private static final Duration LIVING = Duration.ofDays(7);

  private static final Duration LIVING_AGAIN = Duration.ofDays(1);

  private final DynamoStore.Opened store;
  private final Map<UUID, Long> prunedBelow = new HashMap<>();
  private final Map<String, Instant> nextProlonged = new HashMap<>();
  private Instant nextLook = Instant.EPOCH;

  Pruning(DynamoStore.Opened store) {
    this.store = store;
  }

  /** See {@link io.rananeeti.store.Store#prune}. */
  synchronized void prune(UUID incarnation, long settledBelow, Set<Long> kept) throws SQLException {
    if (settledBelow <= prunedBelow.getOrDefault(incarnation, 0L)) {
      return;
    }
    List<Long> from = new ArrayList<>();
    for (int part = 0; part < Ledger.PARTS; part++) {
      from.add(raise(incarnation, part, settledBelow));
    }
    long next = kept.stream().mapToLong(Long::longValue).min().orElse(settledBelow);
    long done = Math.min(next, settledBelow);
    for (int part = 0; part < Ledger.PARTS; part++) {
      if (from.get(part) < settledBelow) {
        expire(incarnation, part, from.get(part), settledBelow, kept);
        update(
            Ledger.key(Ledger.partition(incarnation, part), Ledger.ONLY),
            "SET pruned_below = :below",
            "attribute_exists(pk)",
            Map.of(":below", Ledger.number(done)));
      }
    }
    prunedBelow.put(incarnation, done);
  }

  /**
   * Before anything goes (I2).
   *
   * @return below which an earlier run, of this process or another, has left nothing to do
   */
  private long raise(UUID incarnation, int part, long settledBelow) throws SQLException {
    Map<String, AttributeValue> item =
        update(
            Ledger.key(Ledger.partition(incarnation, part), Ledger.ONLY),
            "SET settled_below = :below",
            "attribute_exists(pk) AND settled_below < :below",
            Map.of(":below", Ledger.number(settledBelow)));
    AttributeValue pruned = item.get("pruned_below");
    return pruned == null ? 0 : Long.parseLong(pruned.n());
  }

  private void expire(UUID incarnation, int part, long from, long below, Set<Long> kept)
      throws SQLException {
    QueryRequest.Builder query =
        QueryRequest.builder()
            .tableName(store.table())
            .consistentRead(true)
            .keyConditionExpression("pk = :pk AND sk BETWEEN :from AND :to")
            .filterExpression("attribute_not_exists(expires_at)")
            .expressionAttributeValues(
                Map.of(
                    ":pk", Ledger.text(Ledger.partition(incarnation, part)),
                    ":from", Ledger.text(Ledger.sortKey(from)),
                    ":to", Ledger.text(Ledger.sortKey(below - 1))));
    Map<String, AttributeValue> last = Map.of();
    do {
      if (!last.isEmpty()) {
        query.exclusiveStartKey(last);
      }
      QueryResponse page = store.database().ask("prune", client -> client.query(query.build()));
      expire(page.items(), kept);
      last = page.hasLastEvaluatedKey() ? page.lastEvaluatedKey() : Map.of();
    } while (!last.isEmpty());
  }

  /** Written whole, as they are and with the expiry: a batch is one request for many. */
  private void expire(List<Map<String, AttributeValue>> items, Set<Long> kept) throws SQLException {
    long when = store.clock().instant().plus(Ledger.AFTER_PRUNING).getEpochSecond();
    List<WriteRequest> writes = new ArrayList<>();
    for (Map<String, AttributeValue> item : items) {
      if (!kept.contains(Long.parseLong(Ledger.string(item, Ledger.SK)))) {
        Map<String, AttributeValue> expiring = new HashMap<>(item);
        expiring.put(Ledger.EXPIRES_AT, Ledger.number(when));
        writes.add(WriteRequest.builder().putRequest(put -> put.item(expiring)).build());
      }
    }
    for (int at = 0; at < writes.size(); at += BATCH) {
      send(writes.subList(at, Math.min(at + BATCH, writes.size())));
    }
  }

  private void send(List<WriteRequest> writes) throws SQLException {
    BatchWriteItemRequest request =
        BatchWriteItemRequest.builder().requestItems(Map.of(store.table(), writes)).build();
    boolean left =
        !store
            .database()
            .ask("prune", client -> client.batchWriteItem(request))
            .unprocessedItems()
            .isEmpty();
    if (left) {
      throw new SQLTransientConnectionException("prune: DynamoDB throttles", "53000");
    }
  }

  /**
   * Forgets what belongs to logs that were not seen for long (F2). Of its own log nothing is
   * forgotten: letters and entries of earlier incarnations live there.
   */
  synchronized void forgetUnseen(Duration expiry) throws SQLException {
    Instant now = store.clock().instant();
    if (now.isBefore(nextLook)) {
      return;
    }
    for (UUID ours : directory("log_id = :log", Map.of(":log", log()))) {
      update(
          Registration.directory(ours),
          "SET seen_at = :seen",
          "attribute_exists(pk)",
          Map.of(":seen", store.now()));
    }
    AttributeValue since = Ledger.number(now.minus(expiry).getEpochSecond());
    for (UUID unseen :
        directory("seen_at < :since AND log_id <> :log", Map.of(":since", since, ":log", log()))) {
      forget(unseen);
    }
    nextLook = now.plus(BETWEEN_LOOKS);
  }

  private AttributeValue log() {
    return Ledger.text(store.host().logId().toString());
  }

  /** The incarnations of which this holds. */
  private List<UUID> directory(String filter, Map<String, AttributeValue> values)
      throws SQLException {
    Map<String, AttributeValue> all = new HashMap<>(values);
    all.put(":pk", Ledger.text(Ledger.INCARNATIONS));
    QueryRequest query =
        QueryRequest.builder()
            .tableName(store.table())
            .consistentRead(true)
            .keyConditionExpression("pk = :pk")
            .filterExpression(filter)
            .expressionAttributeValues(all)
            .build();
    return store
        .database()
        .ask(
            "prune",
            client ->
                client.queryPaginator(query).items().stream()
                    .map(item -> UUID.fromString(Ledger.string(item, Ledger.SK)))
                    .toList());
  }

  private void forget(UUID incarnation) throws SQLException {
    prune(incarnation, Long.MAX_VALUE, Set.of());
    store
        .database()
        .ask(
            "prune",
            client ->
                client.deleteItem(
                    request ->
                        request.tableName(store.table()).key(Registration.directory(incarnation))));
  }

  /**
   * DynamoDB deletes intent keys by itself; those of living letters are kept from it, and from
   * being over: a retry must find who has had the effect (S6).
   *
   * @param living see {@link io.rananeeti.store.Store#expireIntents}
   */
  synchronized void prolong(Set<String> living) throws SQLException {
    nextProlonged.keySet().retainAll(living);
    Instant now = store.clock().instant();
    for (String key : living) {
      if (!now.isBefore(nextProlonged.getOrDefault(key, now))) {
        nextProlonged.put(key, now.plus(prolong(key, now) ? LIVING_AGAIN : beforeItIsOver()));
      }
    }
  }

  /** False if nobody has the key. */
  private boolean prolong(String key, Instant now) throws SQLException {
    Map<String, AttributeValue> item =
        update(
            Ledger.intentKey(key),
            "SET expires_at = :until, #u = :until",
            "attribute_exists(pk) AND #u < :until",
            Map.of("#u", "until"),
            Map.of(":until", Ledger.number(now.plus(LIVING).getEpochSecond())));
    return !item.isEmpty();
  }

  /** Whoever takes a key that is free now has it for longer. */
  private Duration beforeItIsOver() {
    Duration half = store.host().intentRetention().dividedBy(2);
    return half.compareTo(LIVING_AGAIN) < 0 ? half : LIVING_AGAIN;
  }

  /**
   * Unless the condition does not hold.
   *
   * @return the item as it is then; empty if there is none
   */
  private Map<String, AttributeValue> update(
      Map<String, AttributeValue> key,
      String update,
      String condition,
      Map<String, AttributeValue> values)
      throws SQLException {
    return update(key, update, condition, Map.of(), values);
  }

  private Map<String, AttributeValue> update(
      Map<String, AttributeValue> key,
      String update,
      String condition,
      Map<String, String> names,
      Map<String, AttributeValue> values)
      throws SQLException {
    try {
      return store
          .database()
          .send(
              new Call(),
              client ->
                  client.updateItem(
                      request ->
                          request
                              .expressionAttributeNames(names.isEmpty() ? null : names)
                              .tableName(store.table())
                              .key(key)
                              .updateExpression(update)
                              .conditionExpression(condition)
                              .expressionAttributeValues(values)
                              .returnValues(ReturnValue.ALL_NEW)
                              .returnValuesOnConditionCheckFailure(
                                  ReturnValuesOnConditionCheckFailure.ALL_OLD)))
          .attributes();
    } catch (ConditionalCheckFailedException e) {
      return e.hasItem() ? e.item() : Map.of();
    } catch (SdkException e) {
      throw Failures.of("prune", e);
    }
  }
}
