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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters that live, and the ordering keys that are parked behind them (D3, S5).
 *
 * <p>A key is parked while a letter of it lives, while the retry of one waits to be applied, and
 * while one of its transactions is blocked by somebody else's lock; from that one's place in the
 * log on, and a retry has the place of the first that it comes after. What lies before it can only
 * wait because a writer has turned out to lack it, and goes first. The letters' texts are in
 * memory, their parameters only in the log. Thread-safe.
 */
final class DeadLetterBook {

  private record Kept(
      long entry, DeadLetter letter, @Nullable Intent intent, List<TransactionId> formerly) {}

  private record Key(String store, @Nullable String orderingKey) {

    /** What has no key of the application's is parked by no letter (D2). */
    boolean isParkedByLetters() {
      return orderingKey != null && !orderingKey.equals(Parts.UNKEYED);
    }
  }

  private record Replaced(String store, TransactionId letter) {}

  private final Map<TransactionId, Kept> letters = new HashMap<>();
  private final Map<TransactionId, Key> retries = new HashMap<>();
  private final Map<TransactionId, Replaced> replacing = new HashMap<>();
  private final Map<TransactionId, Key> blocked = new HashMap<>();
  private final Set<TransactionId> waiting = new HashSet<>();
  private final Map<Key, Map<TransactionId, Long>> parked = new HashMap<>();
  private final Map<TransactionId, Long> placeOfRetries = new HashMap<>();
  private long generation;

  /** A transaction was refused; parks its key. */
  synchronized DeadLetter add(long entry, Transaction transaction, LogRecord.Mark mark) {
    DeadLetter letter = letter(transaction, mark);
    letters.put(letter.id(), new Kept(entry, letter, transaction.intent(), formerly(transaction)));
    park(key(transaction), letter.id(), placeOfRetries.getOrDefault(letter.id(), entry));
    return letter;
  }

  /**
   * A retry is about to be accepted: its key is parked by it too, until it is {@link #remove
   * settled}. Comes before the drain can see it.
   *
   * @param entry the letter's
   */
  synchronized void retrying(Transaction retry, long entry) {
    TransactionId letter = Objects.requireNonNull(retry.replaces());
    placeOfRetries.put(retry.id(), placeOfRetries.getOrDefault(letter, entry));
    replacing.put(retry.id(), new Replaced(retry.store(), letter));
    retryingAgain(retry.id(), key(retry));
  }

  /** The same of one that was applied once, and that a writer lacks. */
  synchronized void retryingAgain(TransactionId retry, String store, @Nullable String orderingKey) {
    retryingAgain(retry, new Key(store, orderingKey));
  }

  private void retryingAgain(TransactionId retry, Key key) {
    park(key, retry, placeOfRetries.getOrDefault(retry, 0L));
    if (key.isParkedByLetters()) {
      retries.put(retry, key);
    }
  }

  private static Key key(Transaction transaction) {
    return new Key(transaction.store(), transaction.orderingKey());
  }

  /**
   * A letter was discarded, or a retry settled.
   *
   * @return whether a key is no longer parked by it
   */
  synchronized boolean remove(TransactionId id) {
    Kept kept = letters.remove(id);
    replacing.remove(id);
    Key key = retries.remove(id);
    if (kept != null) {
      Key own = new Key(kept.letter().store(), kept.letter().orderingKey());
      key = own.isParkedByLetters() ? own : key;
    }
    return key != null && unpark(key, id);
  }

  /**
   * A transaction has waited too long for a lock: parks its key, or all unkeyed transactions, until
   * {@link #unblock} (D3).
   */
  synchronized void block(long entry, Transaction transaction) {
    Key key = key(transaction);
    blocked.put(transaction.id(), key);
    parked.computeIfAbsent(key, any -> new HashMap<>()).merge(transaction.id(), entry, Math::min);
  }

  /**
   * A unit of work waits for another store: the same, until {@link #endWait}.
   *
   * @param entry where it stands in the log, or no later than that
   */
  synchronized void wait(long entry, Transaction unit) {
    waiting.add(unit.id());
    block(entry, unit);
  }

  /** Whether a transaction of this store is blocked. */
  synchronized boolean blocks(String store) {
    return blocked.entrySet().stream()
        .anyMatch(
            each -> each.getValue().store().equals(store) && !waiting.contains(each.getKey()));
  }

  /** A unit of work was not accepted after all. */
  synchronized void endWaitOf(TransactionId unit) {
    Key key = waiting.remove(unit) ? blocked.remove(unit) : null;
    if (key != null) {
      free(key, unit);
    }
  }

  /** Lets the drain try again the units of work that wait for other stores. */
  synchronized void endWait(String store) {
    unblock(store, true);
  }

  /**
   * Lets the drain try again what was blocked. A retry goes on parking its key: what it parked came
   * after its letter, and must not overtake it now (S5).
   */
  synchronized void unblock(String store) {
    unblock(store, false);
  }

  private void unblock(String store, boolean units) {
    for (TransactionId id : List.copyOf(blocked.keySet())) {
      Key key = blocked.get(id);
      if (key != null && key.store().equals(store) && waiting.contains(id) == units) {
        blocked.remove(id);
        waiting.remove(id);
        free(key, id);
      }
    }
  }

  /** The letters of a store whose retry waits. */
  synchronized Set<TransactionId> beingReplaced(String store) {
    return replacing.values().stream()
        .filter(replaced -> replaced.store().equals(store))
        .map(Replaced::letter)
        .collect(Collectors.toSet());
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

  /** Whether a unit of work waits for another store. */
  synchronized boolean isWaiting(TransactionId unit) {
    return waiting.contains(unit);
  }

  /**
   * Whether the drain has to pass over this one: it is blocked, or parked and not the retry that
   * frees it.
   */
  synchronized boolean holdsBack(long entry, Transaction transaction) {
    if (blocked.containsKey(transaction.id())) {
      return true;
    }
    if (transaction.replaces() != null) {
      return false;
    }
    Map<TransactionId, Long> behind = parked.get(key(transaction));
    return behind != null && behind.values().stream().anyMatch(place -> place < entry);
  }

  /** Those of a store that are parked, with what parks them, in order; so many at the most. */
  synchronized List<DeadLetters.ParkedKey> parked(String store, int most) {
    return parked.entrySet().stream()
        .filter(each -> each.getKey().store().equals(store))
        .map(each -> parked(each.getKey(), each.getValue().keySet()))
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

  /** Whether a letter's transaction stands in this entry. */
  synchronized boolean needs(long entry) {
    return letters.values().stream().anyMatch(kept -> kept.entry() == entry);
  }

  /** The first entry of the log that a letter needs. */
  synchronized long firstEntry() {
    return letters.values().stream().mapToLong(Kept::entry).min().orElse(Long.MAX_VALUE);
  }

  /**
   * The numbers of each incarnation whose letters live, and under which parts of theirs may have
   * been applied before: their ledger rows stay (F1).
   */
  synchronized Map<UUID, Set<Long>> numbers() {
    return letters.values().stream()
        .flatMap(kept -> Stream.concat(Stream.of(kept.letter().id()), kept.formerly().stream()))
        .collect(
            Collectors.groupingBy(
                TransactionId::incarnation,
                Collectors.mapping(TransactionId::number, Collectors.toSet())));
  }

  private void park(Key key, TransactionId by, long place) {
    if (key.isParkedByLetters()) {
      parked.computeIfAbsent(key, any -> new HashMap<>()).put(by, place);
    }
  }

  private boolean unpark(Key key, TransactionId id) {
    Map<TransactionId, Long> behind = parked.get(key);
    if (behind == null || behind.remove(id) == null || !behind.isEmpty()) {
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

  private static List<TransactionId> formerly(Transaction transaction) {
    return transaction.before().stream().flatMap(part -> part.formerly().stream()).toList();
  }

  /** Something that was passed over may be applied now. */
  synchronized void lookAgain() {
    generation++;
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
