package io.rananeeti.dynamo;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.dynamo.Request.Cancelled;
import io.rananeeti.dynamo.Request.Part;
import io.rananeeti.dynamo.Request.Reason;
import io.rananeeti.dynamo.Request.Role;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;

/**
 * The steps of settling, gathered and sent as one conditional write. Used by one thread.
 *
 * <p>Each step answers what it hopes, or what an earlier attempt has {@link Learned}: that a row is
 * ours to insert, an intent key free, a letter still refused. {@link #commit} sends all of it; if a
 * hope was false, nothing is done, DynamoDB answers the item that stands in the way, and the
 * platform is asked to try again (S1: a write, never a look-up). The ledger's item decides before
 * anything else, since the application's own conditions may fail only because the transaction was
 * applied before.
 */
final class DynamoLedgerTransaction implements LedgerTransaction {

  private final DynamoStore.Opened store;
  private final String nonce;
  private final Map<TransactionId, Ledger.Row> rows = new LinkedHashMap<>();
  private final Map<String, Part> intents = new LinkedHashMap<>();
  private final List<Part> replacements = new ArrayList<>();
  private final Buffer buffer = new Buffer();
  private final List<Object> used = new ArrayList<>();
  private boolean claimed;
  private int guarded;

  DynamoLedgerTransaction(DynamoStore.Opened store, String nonce) {
    this.store = store;
    this.nonce = nonce;
  }

  @Override
  public List<Claim> claim(List<TransactionId> ids, Outcome intended) {
    claimed = true;
    List<Claim> claims = new ArrayList<>();
    for (TransactionId id : ids) {
      Claim known = store.learned().claimOf(id);
      if (known == null) {
        rows.put(id, new Ledger.Row(id, intended));
        claims.add(new Claim(id, true, intended, null));
      } else {
        used.add(new Learned.ClaimOf(id));
        claims.add(known);
      }
    }
    return claims;
  }

  @Override
  public boolean replace(TransactionId refused) {
    if (store.learned().isNotRefused(refused)) {
      used.add(new Learned.NotRefused(refused));
      return false;
    }
    replacements.add(Part.own(Role.REPLACEMENT, Ledger.replace(store.table(), refused), refused));
    return true;
  }

  @Override
  public void guard() {
    guarded = buffer.length();
  }

  @Override
  public Map<String, IntentHolder> intend(Map<TransactionId, Intent> wanted) {
    Map<String, IntentHolder> answers = new HashMap<>();
    Instant now = store.clock().instant();
    wanted.forEach(
        (id, intent) -> {
          IntentHolder known = store.learned().holderOf(intent.key());
          if (known == null) {
            intents.put(
                intent.key(),
                Part.intent(
                    Ledger.intend(store.table(), id, intent, now, store.host().intentRetention()),
                    id,
                    intent.key()));
          } else {
            used.add(new Learned.HolderOf(intent.key()));
          }
          answers.put(intent.key(), known == null ? new IntentHolder(id, intent.digest()) : known);
        });
    return answers;
  }

  @Override
  public @Nullable IntentHolder holder(String intentKey) throws StoreException {
    Instant now = store.clock().instant();
    try {
      Map<String, AttributeValue> item =
          store
              .database()
              .send(
                  new Call(),
                  client ->
                      client.updateItem(
                          request ->
                              request
                                  .tableName(store.table())
                                  .key(Ledger.intentKey(intentKey))
                                  .updateExpression("SET asked = :nonce")
                                  .conditionExpression("attribute_exists(pk) AND #u > :now")
                                  .expressionAttributeNames(Map.of("#u", "until"))
                                  .expressionAttributeValues(
                                      Map.of(
                                          ":nonce", Ledger.text(nonce),
                                          ":now", Ledger.number(now.getEpochSecond())))
                                  .returnValues(ReturnValue.ALL_NEW)))
              .attributes();
      return Ledger.holder(item);
    } catch (ConditionalCheckFailedException nobody) {
      return null;
    } catch (SdkException e) {
      throw Failures.own(Failures.of("intent key", e));
    }
  }

  @Override
  public void duplicate(TransactionId id, TransactionId first) {
    rewrite(new Ledger.Row(id, Outcome.DUPLICATE, null, first));
  }

  /** DynamoDB has no settings; what would have had a meaning was refused when it was made. */
  @Override
  public void enter(Context context) {}

  @Override
  public void execute(List<Operation> operations, Instant acceptedAt) throws StoreException {
    try {
      store.operations().add(operations, buffer);
    } catch (SQLException e) {
      boolean crowded = rows.size() > 1 && "54000".equals(e.getSQLState());
      throw Failures.store(crowded ? Failure.RETRY : Failures.classify(e), e);
    }
    if (!claimed) {
      tryOut();
    }
  }

  /** Nothing was claimed that it could be committed with: it is only tried, and so sent now. */
  private void tryOut() throws StoreException {
    List<Part> parts = new ArrayList<>();
    parts.add(Part.own(Role.NEVER, Ledger.never(store.table()), null));
    buffer.actions().forEach(action -> parts.add(Part.operation(action)));
    try {
      new Request(parts).send(store.database(), new Call());
      throw new IllegalStateException("the item that nobody writes is there");
    } catch (Cancelled e) {
      check(e);
      if (!e.of(Role.OPERATION).isEmpty()) {
        throw operation(Refused.operation(e));
      }
    } catch (ResourceNotFoundException e) {
      throw missing();
    } catch (SdkException e) {
      throw operation(Failures.of("apply", e));
    }
  }

  @Override
  public void release() {}

  @Override
  public void retreat() {
    buffer.cut(guarded);
    intents.clear();
  }

  @Override
  public void refuse(TransactionId id, Refusal refusal) {
    rewrite(new Ledger.Row(id, Outcome.REFUSED, refusal, null));
  }

  private void rewrite(Ledger.Row row) {
    if (rows.replace(row.id(), row) == null) {
      throw new IllegalStateException("not claimed by this transaction: " + row.id());
    }
  }

  @Override
  public void commit() throws StoreException {
    if (!rows.isEmpty()) {
      send();
    }
    store.learned().forget(used);
  }

  private void send() throws StoreException {
    List<Part> parts = parts();
    if (parts.size() > Buffer.MOST_ACTIONS) {
      throw new StoreException(
          rows.size() > 1 ? Failure.RETRY : Failure.REFUSED,
          "54000",
          "a transaction of DynamoDB takes 100 actions",
          null);
    }
    try {
      new Request(parts).send(store.database(), new Call());
    } catch (Cancelled e) {
      cancelled(e);
    } catch (ResourceNotFoundException e) {
      throw missing();
    } catch (SdkException e) {
      SQLException failure = Failures.of("commit", e);
      throw buffer.isEmpty() ? Failures.own(failure) : operation(failure);
    }
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    Map<UUID, Map<Integer, Long>> lowest = new LinkedHashMap<>();
    for (Ledger.Row row : rows.values()) {
      TransactionId id = row.id();
      parts.add(Part.own(Role.LEDGER, row.put(store.table(), nonce), id));
      lowest
          .computeIfAbsent(id.incarnation(), any -> new LinkedHashMap<>())
          .merge(Ledger.part(id), id.number(), Math::min);
    }
    lowest.forEach(
        (incarnation, ofParts) ->
            ofParts.forEach(
                (part, number) ->
                    parts.add(
                        Part.own(
                            Role.REGISTRATION,
                            Ledger.registered(store.table(), incarnation, part, number),
                            new TransactionId(incarnation, number)))));
    parts.addAll(replacements);
    parts.addAll(intents.values());
    buffer.actions().forEach(action -> parts.add(Part.operation(action)));
    return parts;
  }

  /** Returns if what stands was written by an earlier attempt of the SDK at this very request. */
  private void cancelled(Cancelled cancelled) throws StoreException {
    List<Reason> settled = cancelled.of(Role.LEDGER).stream().filter(Reason::isUnmet).toList();
    for (Reason reason : settled) {
      if (Ledger.isOf(reason.item(), nonce)) {
        return;
      }
      TransactionId id = reason.part().id();
      if (id != null) {
        store.learned().claim(Ledger.claim(id, reason.item()));
      }
    }
    if (!settled.isEmpty()) {
      throw again("the ledger has settled it otherwise");
    }
    check(cancelled);
    unregistered(cancelled);
    taken(cancelled);
    if (cancelled.of(Role.OPERATION).isEmpty()) {
      throw Failures.own(Refused.operation(cancelled));
    }
    throw operation(Refused.operation(cancelled));
  }

  private static void check(Cancelled cancelled) throws StoreException {
    SQLException conflict = Refused.conflict(cancelled);
    if (conflict != null) {
      throw Failures.store(Failure.RETRY, conflict);
    }
    SQLException throttled = Refused.throttled(cancelled);
    if (throttled != null) {
      throw Failures.store(Failure.UNREACHABLE, throttled);
    }
  }

  /** A row that is there is a fact; one that would have been new tells of a lost one (I2, I3). */
  private static void unregistered(Cancelled cancelled) throws StoreException {
    for (Reason reason : cancelled.of(Role.REGISTRATION)) {
      TransactionId id = reason.part().id();
      boolean known = reason.item().containsKey(Ledger.SETTLED_BELOW);
      throw new StoreException(
          Failure.ENVIRONMENT,
          known ? Failures.STALE_LOG : Failures.ANOTHER_HISTORY,
          known
              ? "the ledger has settled and forgotten this and later ones, id=%s: this log is a copy, or older than the table; stop this node and find the log that is in use"
                  .formatted(id)
              : "the ledger does not know the incarnation of this log, id=%s: the table was made anew or restored; decide whether to adopt it"
                  .formatted(id),
          null);
    }
  }

  private void taken(Cancelled cancelled) throws StoreException {
    boolean hoped = false;
    for (Reason reason : cancelled.of(Role.REPLACEMENT)) {
      TransactionId id = reason.part().id();
      if (reason.isUnmet() && id != null) {
        store.learned().notRefused(id);
        hoped = true;
      }
    }
    for (Reason reason : cancelled.of(Role.INTENT)) {
      String key = reason.part().intentKey();
      if (reason.isUnmet() && key != null) {
        store.learned().holder(key, Ledger.holder(reason.item()));
        hoped = true;
      }
    }
    if (hoped) {
      throw again("an intent key is taken, or a letter replaced");
    }
  }

  private static StoreException again(String why) {
    return new StoreException(Failure.RETRY, "40001", why + ": to be asked again", null);
  }

  /** One of the tables is gone, and which one is not said. */
  private StoreException missing() {
    store.database().forgetKeys();
    try {
      if (store.database().describe(store.table()) == null) {
        return new StoreException(
            Failure.ENVIRONMENT,
            Failures.NO_LEDGER,
            "the ledger's table %s is missing".formatted(store.table()),
            null);
      }
    } catch (SQLException e) {
      return Failures.own(e);
    }
    return again("a table has gone");
  }

  private StoreException operation(SQLException failure) {
    if ("22023".equals(failure.getSQLState())) {
      store.database().forgetKeys();
    }
    return Failures.store(failure);
  }

  /** Nothing was sent that is to be undone. */
  @Override
  public void close() {}
}
