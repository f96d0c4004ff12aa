package io.rananeeti.testkit;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Failure;
import io.rananeeti.store.IntentHolder;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of an {@link InMemoryDatabase}: committed rows, unique by their id, and how far each
 * incarnation is settled. Guarded by the database's waiter.
 */
final class InMemoryLedger {

  /** SQLSTATE: the ledger does not know this log, so this is another history (I3). */
  static final String ANOTHER_HISTORY = "55R03";

  /** SQLSTATE: the log asks for what it has released, so it is a copy or too old (I2). */
  static final String STALE_LOG = "55R04";

  /** A row. */
  record Entry(Outcome outcome, @Nullable Refusal refusal, @Nullable TransactionId first) {

    Entry(Outcome outcome, @Nullable Refusal refusal) {
      this(outcome, refusal, null);
    }
  }

  /** The ledger at one moment. */
  record Image(
      Map<TransactionId, Entry> rows,
      Map<UUID, Long> settledBelow,
      Map<String, InMemoryIntent> intents,
      long epoch) {}

  /** The violation of the ledger's own constraint (C1). */
  static final class Conflict extends SQLIntegrityConstraintViolationException {

    private static final long serialVersionUID = 1;

    Conflict() {
      super("duplicate key value violates unique constraint \"ledger_identity\"", "23505");
    }
  }

  /** The violation of the constraint of intent keys (S6). */
  static final class IntentTaken extends SQLIntegrityConstraintViolationException {

    private static final long serialVersionUID = 1;

    IntentTaken() {
      super("duplicate key value violates unique constraint \"intent_key\"", "23505");
    }
  }

  /** What is locked for an intent key. */
  private record IntentLock(String key) {}

  private final InMemoryLocks locks;
  private final Map<TransactionId, Entry> rows = new LinkedHashMap<>();
  private final Map<UUID, Long> settledBelow = new HashMap<>();
  private final Map<String, InMemoryIntent> intents = new LinkedHashMap<>();
  private long epoch;

  InMemoryLedger(InMemoryLocks locks) {
    this.locks = locks;
  }

  /** The plain insert of the pair at COMMIT: waits for whoever inserts the same id. */
  void insert(InMemoryTransaction by, TransactionId id) throws SQLException {
    locks.acquire(by, id);
    if (rows.containsKey(id) || by.ledger().containsKey(id)) {
      throw new Conflict();
    }
    by.ledger().put(id, new Entry(Outcome.APPLIED, null));
  }

  /** The plain insert of an intent key: waits for whoever takes the same one. */
  void insert(InMemoryTransaction by, String key, InMemoryIntent row) throws SQLException {
    locks.acquire(by, new IntentLock(key));
    if (intents.containsKey(key)) {
      throw new IntentTaken();
    }
    by.intents().put(key, row);
  }

  /** Whether the key could be taken at once, or refused at once. */
  boolean isFree(InMemoryTransaction by, String key) {
    return locks.free(by, new IntentLock(key));
  }

  /** The upsert of S6: waits for whoever takes the same key, and answers who has it. */
  IntentHolder intend(InMemoryTransaction by, String key, InMemoryIntent row, Instant now)
      throws SQLException {
    locks.acquire(by, new IntentLock(key));
    InMemoryIntent stands = by.intents().getOrDefault(key, intents.get(key));
    if (stands != null && stands.expiresAt().isAfter(now)) {
      by.writesAgain();
      return stands.holder();
    }
    by.intents().put(key, row);
    return row.holder();
  }

  /** Who has the key; one whose time is over is deleted. */
  @Nullable IntentHolder holder(InMemoryTransaction by, String key, Instant now)
      throws SQLException {
    locks.acquire(by, new IntentLock(key));
    InMemoryIntent stands = intents.get(key);
    if (stands != null && stands.expiresAt().isAfter(now)) {
      by.writesAgain();
      return stands.holder();
    }
    intents.remove(key);
    return null;
  }

  /** Rewrites a row that this transaction has claimed. */
  void duplicate(InMemoryTransaction by, TransactionId id, TransactionId first) {
    if (by.ledger().replace(id, new Entry(Outcome.DUPLICATE, null, first)) == null) {
      throw new IllegalStateException("not claimed by this transaction: " + id);
    }
  }

  /** The upsert of S1: waits for whoever inserts the same id, and answers what stands there. */
  Claim claim(InMemoryTransaction by, TransactionId id, Outcome intended)
      throws SQLException, StoreException {
    locks.acquire(by, id);
    Entry stands = rows.get(id);
    if (stands == null) {
      by.ledger().put(id, new Entry(intended, null));
    } else {
      by.writesAnew();
    }
    checkKnown(id, stands == null);
    return stands == null
        ? new Claim(id, true, intended, null)
        : new Claim(id, false, stands.outcome(), stands.refusal(), stands.first());
  }

  private void checkKnown(TransactionId id, boolean ours) throws StoreException {
    Long below = settledBelow.get(id.incarnation());
    if (below == null) {
      throw anotherHistory("the ledger does not know the incarnation of " + id);
    }
    if (ours && id.number() < below) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          STALE_LOG,
          "the ledger has settled and forgotten all below %d, id=%s".formatted(below, id),
          null);
    }
  }

  /** Rewrites a row that this transaction has claimed. */
  void refuse(InMemoryTransaction by, TransactionId id, Refusal refusal) {
    if (by.ledger().replace(id, new Entry(Outcome.REFUSED, refusal)) == null) {
      throw new IllegalStateException("not claimed by this transaction: " + id);
    }
  }

  /** Turns refused into replaced; false if it is not refused. */
  boolean replace(InMemoryTransaction by, TransactionId id) throws SQLException {
    locks.acquire(by, id);
    Entry stands = rows.get(id);
    if (stands == null || stands.outcome() != Outcome.REFUSED) {
      return false;
    }
    by.ledger().put(id, new Entry(Outcome.REPLACED, null));
    return true;
  }

  void committed(InMemoryTransaction transaction) {
    rows.putAll(transaction.ledger());
    intents.putAll(transaction.intents());
  }

  /** See {@link io.rananeeti.store.Store#register}. */
  void register(Set<UUID> known, boolean adopt, UUID incarnation) throws StoreException {
    if (!adopt && !settledBelow.keySet().containsAll(known)) {
      throw anotherHistory("the ledger does not know all incarnations of this log");
    }
    known.forEach(each -> settledBelow.putIfAbsent(each, 0L));
    settledBelow.putIfAbsent(incarnation, 0L);
  }

  /** Raises what is settled, and deletes the rows below it if nothing late may come. */
  void prune(UUID incarnation, long below, Set<Long> kept, boolean delete) throws StoreException {
    if (settledBelow.computeIfPresent(incarnation, (any, now) -> Math.max(now, below)) == null) {
      throw anotherHistory("the ledger does not know the incarnation " + incarnation);
    }
    if (delete) {
      rows.keySet()
          .removeIf(
              id ->
                  id.incarnation().equals(incarnation)
                      && id.number() < below
                      && !kept.contains(id.number()));
    }
  }

  /** Deletes intent keys whose time is over, and keeps those that live for longer. */
  void expireIntents(Instant now, Set<String> living, Instant until) {
    for (String key : living) {
      intents.computeIfPresent(key, (any, row) -> row.until(until));
    }
    intents.values().removeIf(row -> !row.expiresAt().isAfter(now));
  }

  /** A copy of all that is committed. */
  Image image() {
    return new Image(
        new LinkedHashMap<>(rows),
        new HashMap<>(settledBelow),
        new LinkedHashMap<>(intents),
        epoch);
  }

  /** All is as it was. */
  void restore(Image image) {
    wipe();
    rows.putAll(image.rows());
    settledBelow.putAll(image.settledBelow());
    intents.putAll(image.intents());
    epoch = image.epoch();
  }

  /** See {@link io.rananeeti.store.TailCheck#raise}. */
  long raise(long above, TransactionId recovery) {
    rows.put(recovery, new Entry(Outcome.ABORTED, null));
    epoch = Math.max(epoch, above) + 1;
    return epoch;
  }

  void forgetEpoch() {
    epoch = 0;
  }

  long epoch() {
    return epoch;
  }

  /** See {@link io.rananeeti.store.TailCheck#lacking}. */
  Set<TransactionId> lacking(Collection<TransactionId> ids) {
    Set<TransactionId> lacking = new LinkedHashSet<>(ids);
    lacking.removeIf(
        id ->
            rows.containsKey(id) || id.number() < settledBelow.getOrDefault(id.incarnation(), 0L));
    return lacking;
  }

  /** See {@link io.rananeeti.store.TailCheck#notApplied}. */
  Set<TransactionId> notApplied(Collection<TransactionId> ids) {
    Set<TransactionId> lacking = lacking(ids);
    for (TransactionId id : ids) {
      Entry row = rows.get(id);
      if (row != null && row.outcome() == Outcome.REFUSED) {
        lacking.add(id);
      }
    }
    return lacking;
  }

  long settledBelow(UUID incarnation) {
    return settledBelow.getOrDefault(incarnation, 0L);
  }

  void wipe() {
    rows.clear();
    settledBelow.clear();
    intents.clear();
    epoch = 0;
  }

  Map<String, TransactionId> holders() {
    Map<String, TransactionId> holders = new LinkedHashMap<>();
    intents.forEach((key, row) -> holders.put(key, row.holder().id()));
    return holders;
  }

  Map<TransactionId, Outcome> outcomes() {
    Map<TransactionId, Outcome> outcomes = new LinkedHashMap<>();
    rows.forEach((id, row) -> outcomes.put(id, row.outcome()));
    return outcomes;
  }

  private static StoreException anotherHistory(String message) {
    return new StoreException(Failure.ENVIRONMENT, ANOTHER_HISTORY, message, null);
  }
}
