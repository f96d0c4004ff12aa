package io.rananeeti.internal;

import io.rananeeti.DeadLetter;
import io.rananeeti.DeadLetters;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.jdbc.SqlScanner;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Transaction;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters that live, and the ordering keys that are parked behind them (D3, S5).
 *
 * <p>A key is parked while a letter of it lives, while the retry of one waits to be applied, and
 * while one of its transactions is blocked by somebody else's lock. The letters' texts are in
 * memory, their parameters only in the log. Thread-safe.
 */
final class DeadLetterBook {

  private record Kept(long entry, DeadLetter letter, @Nullable Intent intent) {}

  private record Key(String store, @Nullable String orderingKey) {}

  private final Map<TransactionId, Kept> letters = new HashMap<>();
  private final Map<TransactionId, Key> retries = new HashMap<>();
  private final Map<TransactionId, Key> blocked = new HashMap<>();
  private final Map<Key, Set<TransactionId>> parked = new HashMap<>();
  private long generation;

  /** A transaction was refused; parks its key. */
  synchronized DeadLetter add(long entry, Transaction transaction, LogRecord.Mark mark) {
    DeadLetter letter = letter(transaction, mark);
    letters.put(letter.id(), new Kept(entry, letter, transaction.intent()));
    park(transaction);
    return letter;
  }

  /**
   * A retry is about to be accepted: its key is parked by it too, until it is {@link #remove
   * settled}. Comes before the drain can see it.
   */
  synchronized void retrying(Transaction retry) {
    park(retry);
    if (retry.orderingKey() != null) {
      retries.put(retry.id(), new Key(retry.store(), retry.orderingKey()));
    }
  }

  /**
   * A letter was discarded, or a retry settled.
   *
   * @return whether a key is no longer parked by it
   */
  synchronized boolean remove(TransactionId id) {
    Kept kept = letters.remove(id);
    Key key = retries.remove(id);
    if (kept != null && kept.letter().orderingKey() != null) {
      key = new Key(kept.letter().store(), kept.letter().orderingKey());
    }
    return key != null && unpark(key, id);
  }

  /**
   * A transaction has waited too long for a lock: parks its key, or all unkeyed transactions, until
   * {@link #unblock} (D3).
   */
  synchronized void block(Transaction transaction) {
    Key key = new Key(transaction.store(), transaction.orderingKey());
    blocked.put(transaction.id(), key);
    parked.computeIfAbsent(key, any -> new HashSet<>()).add(transaction.id());
  }

  /** Whether a transaction of this store is blocked. */
  synchronized boolean blocks(String store) {
    return blocked.values().stream().anyMatch(key -> key.store().equals(store));
  }

  /**
   * Lets the drain try again what was blocked. A retry goes on parking its key: what it parked came
   * after its letter, and must not overtake it now (S5).
   */
  synchronized void unblock(String store) {
    for (TransactionId id : List.copyOf(blocked.keySet())) {
      Key key = blocked.get(id);
      if (key != null && key.store().equals(store)) {
        blocked.remove(id);
        free(key, id);
      }
    }
  }

  private void free(Key key, TransactionId id) {
    if (retries.containsKey(id)) {
      generation++;
    } else {
      unpark(key, id);
    }
  }

  /** The intent keys of the letters of a store. */
  synchronized Set<String> intentKeys(String store) {
    return letters.values().stream()
        .filter(kept -> kept.letter().store().equals(store))
        .map(Kept::intent)
        .filter(Objects::nonNull)
        .map(Intent::key)
        .collect(Collectors.toSet());
  }

  /** Whether the key is parked; null stands for all unkeyed transactions. */
  synchronized boolean parks(String store, @Nullable String orderingKey) {
    return !parked.isEmpty() && parked.containsKey(new Key(store, orderingKey));
  }

  /** Whether the drain has to pass over this one: it is parked, and not the retry that frees it. */
  synchronized boolean holdsBack(Transaction transaction) {
    if (transaction.replaces() != null) {
      return blocked.containsKey(transaction.id());
    }
    return parks(transaction.store(), transaction.orderingKey());
  }

  /** Those of a store that are parked, with what parks them, in order; so many at the most. */
  synchronized List<DeadLetters.ParkedKey> parked(String store, int most) {
    return parked.entrySet().stream()
        .filter(each -> each.getKey().store().equals(store))
        .map(each -> parked(each.getKey(), each.getValue()))
        .sorted(Comparator.comparing(each -> each.behind().get(0)))
        .limit(most)
        .toList();
  }

  private static DeadLetters.ParkedKey parked(Key key, Set<TransactionId> behind) {
    return new DeadLetters.ParkedKey(
        key.store(), key.orderingKey(), behind.stream().sorted().toList(), 0);
  }

  synchronized @Nullable DeadLetter get(TransactionId id) {
    Kept kept = letters.get(id);
    return kept == null ? null : kept.letter();
  }

  /** Where the letter's transaction stands in the log. */
  synchronized long entry(TransactionId id) {
    Kept kept = letters.get(id);
    if (kept == null) {
      throw new IllegalArgumentException("there is no dead letter " + id);
    }
    return kept.entry();
  }

  synchronized List<DeadLetter> list() {
    return letters.values().stream()
        .sorted(Comparator.comparingLong(Kept::entry))
        .map(Kept::letter)
        .toList();
  }

  synchronized int count(String store) {
    return (int)
        letters.values().stream().filter(kept -> kept.letter().store().equals(store)).count();
  }

  /** The first entry of the log that a letter needs. */
  synchronized long firstEntry() {
    return letters.values().stream().mapToLong(Kept::entry).min().orElse(Long.MAX_VALUE);
  }

  /** The numbers of each incarnation whose letters live: their ledger rows stay (F1). */
  synchronized Map<UUID, Set<Long>> numbers() {
    return letters.keySet().stream()
        .collect(
            Collectors.groupingBy(
                TransactionId::incarnation,
                Collectors.mapping(TransactionId::number, Collectors.toSet())));
  }

  private void park(Transaction transaction) {
    if (transaction.orderingKey() != null) {
      parked
          .computeIfAbsent(
              new Key(transaction.store(), transaction.orderingKey()), any -> new HashSet<>())
          .add(transaction.id());
    }
  }

  private boolean unpark(Key key, TransactionId id) {
    Set<TransactionId> behind = parked.get(key);
    if (behind == null || !behind.remove(id) || !behind.isEmpty()) {
      return false;
    }
    generation++;
    return parked.remove(key) != null;
  }

  /**
   * Grows whenever a key is free again: whoever has passed over parked transactions before must not
   * go on to later ones of the same key, but look again from the beginning.
   */
  synchronized long generation() {
    return generation;
  }

  private static DeadLetter letter(Transaction transaction, LogRecord.Mark mark) {
    Refusal refusal = mark.refusal();
    return new DeadLetter(
        transaction.id(),
        transaction.store(),
        transaction.orderingKey(),
        transaction.acceptedAt(),
        mark.at(),
        refusal == null ? "" : refusal.sqlState(),
        refusal == null ? "" : refusal.message(),
        texts(transaction.operations()));
  }

  private static List<String> texts(Collection<Operation> operations) {
    return operations.stream().map(operation -> SqlScanner.masked(operation.sql())).toList();
  }
}
