package io.rananeeti.dynamo;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import io.rananeeti.store.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionCheck;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.Update;

/**
 * The items of the ledger, all in one table with the keys {@code pk} and {@code sk}:
 *
 * <pre>
 * pk                     sk            what
 * &lt;incarnation&gt;/&lt;part&gt;   &lt;number&gt;      a settled transaction: nonce, outcome, state, message, first
 * &lt;incarnation&gt;/&lt;part&gt;   -             the incarnation is registered: settled_below, pruned_below
 * incarnations           &lt;incarnation&gt; platform, log, seen_at: which there are
 * probe/&lt;incarnation&gt;    -             what the probe writes
 * intent/&lt;sha256 of key&gt; -             holder, digest, until: who has an intent key
 * version                -             version
 * </pre>
 *
 * <p>One incarnation is spread over {@value #PARTS} partition keys, because one of them takes 1,000
 * write units a second. Each has the registration of its own, which is checked in the same
 * transaction (I2), so that drains side by side seldom meet at one item.
 *
 * <p><b>Late zombies.</b> A ledger item is written without expiry (F3). Once nothing can ask for it
 * any more, it is given {@code expires_at}, {@link #AFTER_PRUNING} ahead, and DynamoDB deletes it
 * some time after that. A request that is still on its way then comes too late to do anything:
 * DynamoDB rejects what was signed more than 15 minutes ago (Signature Version 4), and each attempt
 * of the SDK is signed anew only while its call lasts, a few seconds. So no original can commit
 * once the item that fences it is gone.
 */
final class Ledger {

  /** The version of the items that this code speaks. */
  static final int VERSION = 1;

  /** Over how many partition keys one incarnation is spread. */
  static final int PARTS = 8;

  /** How long a fence outlives its use; four times what a signature does. */
  static final Duration AFTER_PRUNING = Duration.ofHours(1);

  static final String PK = "pk";
  static final String SK = "sk";
  static final String EXPIRES_AT = "expires_at";
  static final String SETTLED_BELOW = "settled_below";
  static final String INCARNATIONS = "incarnations";

  /** The sort key of an item that is alone with its partition key. */
  static final String ONLY = "-";

  private static final String FREE = "attribute_not_exists(pk)";

  private Ledger() {}

  static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }

  static AttributeValue number(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  static Map<String, AttributeValue> key(String pk, String sk) {
    return Map.of(PK, text(pk), SK, text(sk));
  }

  static int part(TransactionId id) {
    return Math.floorMod(id.number(), PARTS);
  }

  static String partition(UUID incarnation, int part) {
    return incarnation + "/" + part;
  }

  /** As a sort key, in the order of the numbers. */
  static String sortKey(long number) {
    return "%019d".formatted(number);
  }

  static Map<String, AttributeValue> key(TransactionId id) {
    return key(partition(id.incarnation(), part(id)), sortKey(id.number()));
  }

  /** A settled transaction's item. */
  record Row(
      TransactionId id, Outcome outcome, @Nullable Refusal refusal, @Nullable TransactionId first) {

    Row(TransactionId id, Outcome outcome) {
      this(id, outcome, null, null);
    }

    /** The write that fails where the item is there already, and answers it then (S1). */
    TransactWriteItem put(String table, String nonce) {
      Map<String, AttributeValue> item = new HashMap<>(key(id));
      item.put("nonce", text(nonce));
      item.put("outcome", text(outcome.name()));
      Refusal why = refusal;
      if (why != null) {
        item.put("state", text(why.sqlState()));
        item.put("message", text(why.message()));
      }
      TransactionId repeated = first;
      if (repeated != null) {
        item.put("first", text(repeated.toString()));
      }
      return answering(Put.builder().tableName(table).item(item).conditionExpression(FREE));
    }
  }

  private static TransactWriteItem answering(Put.Builder put) {
    return TransactWriteItem.builder()
        .put(
            put.returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
                .build())
        .build();
  }

  static boolean isOf(Map<String, AttributeValue> item, String nonce) {
    AttributeValue found = item.get("nonce");
    return found != null && nonce.equals(found.s());
  }

  /** What stands in an item. */
  static Claim claim(TransactionId id, Map<String, AttributeValue> item) {
    Outcome outcome = Outcome.valueOf(string(item, "outcome"));
    String state = optional(item, "state");
    Refusal refusal =
        outcome == Outcome.REFUSED && state != null
            ? new Refusal(state, String.valueOf(optional(item, "message")))
            : null;
    TransactionId first =
        outcome == Outcome.DUPLICATE ? TransactionId.parse(string(item, "first")) : null;
    return new Claim(id, false, outcome, refusal, first);
  }

  /** Turns a dead letter's item from refused into replaced, or fails (S5). */
  static TransactWriteItem replace(String table, TransactionId refused) {
    Update update =
        Update.builder()
            .tableName(table)
            .key(key(refused))
            .updateExpression("SET #o = :replaced")
            .conditionExpression("#o = :refused")
            .expressionAttributeNames(Map.of("#o", "outcome"))
            .expressionAttributeValues(
                Map.of(
                    ":replaced", text(Outcome.REPLACED.name()),
                    ":refused", text(Outcome.REFUSED.name())))
            .build();
    return TransactWriteItem.builder().update(update).build();
  }

  /** Fails unless the incarnation is registered, and has settled and forgotten less than this. */
  static TransactWriteItem registered(String table, UUID incarnation, int part, long number) {
    ConditionCheck check =
        ConditionCheck.builder()
            .tableName(table)
            .key(key(partition(incarnation, part), ONLY))
            .conditionExpression("attribute_exists(pk) AND settled_below <= :number")
            .expressionAttributeValues(Map.of(":number", number(number)))
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .build();
    return TransactWriteItem.builder().conditionCheck(check).build();
  }

  /** Fails always: nobody writes that item. What goes along with it is tried, and not done. */
  static TransactWriteItem never(String table) {
    ConditionCheck check =
        ConditionCheck.builder()
            .tableName(table)
            .key(key("never", ONLY))
            .conditionExpression("attribute_exists(pk)")
            .build();
    return TransactWriteItem.builder().conditionCheck(check).build();
  }

  static Map<String, AttributeValue> intentKey(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return key("intent/" + HexFormat.of().formatHex(digest), ONLY);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Takes an intent key, or fails and answers who has it (S6). DynamoDB has no clock that a
   * condition could ask, so this node's says whether the time of a holder is over.
   */
  static TransactWriteItem intend(
      String table, TransactionId id, Intent intent, Instant now, Duration retention) {
    Map<String, AttributeValue> item = new HashMap<>(intentKey(intent.key()));
    long until = now.plus(retention).getEpochSecond();
    item.put("holder", text(id.toString()));
    item.put("digest", text(intent.digest()));
    item.put("until", number(until));
    item.put(EXPIRES_AT, number(until));
    return answering(
        Put.builder()
            .tableName(table)
            .item(item)
            .conditionExpression(FREE + " OR #u <= :now")
            .expressionAttributeNames(Map.of("#u", "until"))
            .expressionAttributeValues(Map.of(":now", number(now.getEpochSecond()))));
  }

  static IntentHolder holder(Map<String, AttributeValue> item) {
    return new IntentHolder(TransactionId.parse(string(item, "holder")), string(item, "digest"));
  }

  static String string(Map<String, AttributeValue> item, String name) {
    String value = optional(item, name);
    if (value == null) {
      throw new IllegalStateException("an item of the ledger has no " + name);
    }
    return value;
  }

  private static @Nullable String optional(Map<String, AttributeValue> item, String name) {
    AttributeValue value = item.get(name);
    return value == null ? null : value.s();
  }
}
