package io.rananeeti.internal;

import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The intent keys that this node can answer for without asking a store (S6): those of the entries
 * that wait in its log, and those of the last {@value #ANSWERED} transactions that it knows to be
 * applied. The log says it again after a restart.
 *
 * <p>Whatever it does not know, or knows no more, costs nothing but an answer at once: the
 * transaction is accepted under an id of its own, and the store finds out when it is applied. So a
 * bounded memory is safe. A key whose transaction was refused is free again: only what has an
 * effect, or is going to, holds one.
 *
 * <p>Thread-safe.
 */
final class Intents {

  private static final int ANSWERED = 10_000;

  /** A key in one store. */
  private record Key(String store, String key) {

    /** FNV-1a in 64 bits (Fowler, Noll, Vo): equal for equal keys, and else only by chance. */
    long hash() {
      return hash(hash(0xcbf29ce484222325L, store) * 31, key);
    }

    private static long hash(long before, String text) {
      long hash = before;
      for (int i = 0; i < text.length(); i++) {
        hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
      }
      return hash;
    }
  }

  private record Answered(TransactionId first, String digest, Instant at) {}

  /** A transaction found in the log at open whose end is not read yet. */
  private record Found(Key key, TransactionId id, String digest) {}

  /**
   * What is known of an intent.
   *
   * @param first the transaction that has its key
   * @param status how far that one has come
   * @param same whether that one has the same content
   */
  record Known(TransactionId first, Receipt.Status status, boolean same) {}

  private final Seams seams;
  private final Waiter waiter;
  private final Map<String, Backlog> backlogs;
  private final LongFunction<@Nullable Transaction> log;
  private final Map<String, WaitingKeys> waiting = new HashMap<>();
  private final Set<Key> beingAccepted = new HashSet<>();
  private final Map<Key, Answered> answered = new Last<>();
  private final Map<Long, Found> found = new Last<>();

  /**
   * Knows nothing yet.
   *
   * @param log the transaction at a place of the log
   */
  Intents(Seams seams, Map<String, Backlog> backlogs, LongFunction<@Nullable Transaction> log) {
    this.seams = seams;
    this.waiter = seams.newWaiter();
    this.backlogs = backlogs;
    this.log = log;
  }

  /**
   * The transaction is about to be accepted, and no other with its key is until {@link #end}: waits
   * for one that is. Not to be called within the gate, since whoever has the key may want to close
   * that.
   */
  void begin(Transaction transaction) throws InterruptedException {
    Key key = key(transaction);
    if (key == null) {
      return;
    }
    waiter.lock();
    try {
      waiter.await(() -> !beingAccepted.contains(key), Deadline.NEVER);
      beingAccepted.add(key);
    } finally {
      waiter.unlock();
    }
  }

  /** It was accepted, or not. */
  void end(Transaction transaction) {
    Key key = key(transaction);
    if (key == null) {
      return;
    }
    waiter.lock();
    try {
      beingAccepted.remove(key);
      waiter.signalAll();
    } finally {
      waiter.unlock();
    }
  }

  private static @Nullable Key key(Transaction transaction) {
    Intent intent = transaction.intent();
    return intent == null ? null : new Key(transaction.store(), intent.key());
  }

  /** What is known of it, waiting or applied. */
  @Nullable Known known(String store, Intent intent, Duration retention) {
    Known known = waiting(store, intent);
    return known == null ? applied(store, intent, retention) : known;
  }

  /** The first entry with its key that waits; null too where the log can't be read any more. */
  @Nullable Known waiting(String store, Intent intent) {
    try {
      return waiting(new Key(store, intent.key()), intent);
    } catch (LogFailedException e) {
      return null;
    }
  }

  private @Nullable Known waiting(Key key, Intent intent) {
    String store = key.store();
    for (long sequence : places(key)) {
      Transaction first = backlog(store).waits(sequence) ? log.apply(sequence) : null;
      Intent taken = first == null ? null : first.intent();
      if (first != null && taken != null && key.equals(key(first))) {
        return new Known(
            first.id(), Receipt.Status.ACCEPTED, taken.digest().equals(intent.digest()));
      }
    }
    return null;
  }

  private List<Long> places(Key key) {
    waiter.lock();
    try {
      WaitingKeys keys = waiting.get(key.store());
      return keys == null ? List.of() : keys.find(key.hash());
    } finally {
      waiter.unlock();
    }
  }

  private @Nullable Known applied(String store, Intent intent, Duration retention) {
    waiter.lock();
    try {
      Answered last = answered.get(new Key(store, intent.key()));
      return last == null || last.at().plus(retention).isBefore(seams.now())
          ? null
          : new Known(last.first(), Receipt.Status.APPLIED, last.digest().equals(intent.digest()));
    } finally {
      waiter.unlock();
    }
  }

  /** The transaction waits at this place of the log from now on. */
  void accepted(long sequence, Transaction transaction) {
    Intent intent = transaction.intent();
    if (intent == null) {
      return;
    }
    waiter.lock();
    try {
      Backlog backlog = backlog(transaction.store());
      waiting
          .computeIfAbsent(
              transaction.store(), any -> new WaitingKeys(WaitingKeys.MOST, backlog::waits))
          .add(new Key(transaction.store(), intent.key()).hash(), sequence);
    } finally {
      waiter.unlock();
    }
  }

  private Backlog backlog(String store) {
    Backlog backlog = backlogs.get(store);
    if (backlog == null) {
      throw new IllegalStateException("there is no store " + store);
    }
    return backlog;
  }

  /** Its intent has had its effect, by this transaction or by another, its first. */
  void applied(String store, Intent intent, TransactionId first) {
    answered(new Key(store, intent.key()), first, intent.digest(), seams.now());
  }

  private void answered(Key key, TransactionId first, String digest, Instant at) {
    waiter.lock();
    try {
      Answered last = answered.remove(key);
      Instant since =
          last != null && last.first().equals(first) && last.at().isBefore(at) ? last.at() : at;
      answered.put(key, new Answered(first, digest, since));
    } finally {
      waiter.unlock();
    }
  }

  /** The store is another than it was: what was applied to it need not be there. */
  void forgetApplied(String store) {
    waiter.lock();
    try {
      answered.keySet().removeIf(key -> key.store().equals(store));
    } finally {
      waiter.unlock();
    }
  }

  /** The scan at open has found an accepted transaction. */
  void found(long sequence, Transaction transaction) {
    Intent intent = transaction.intent();
    if (intent != null) {
      Key key = new Key(transaction.store(), intent.key());
      found.put(sequence, new Found(key, transaction.id(), intent.digest()));
      accepted(sequence, transaction);
    }
  }

  /**
   * The scan at open has found the mark of an entry.
   *
   * @param applied whether its intent has had its effect
   * @param first by which transaction, if not by this one
   */
  void foundMark(long entry, boolean applied, @Nullable TransactionId first, Instant at) {
    Found marked = found.remove(entry);
    if (marked != null && applied) {
      answered(marked.key(), first == null ? marked.id() : first, marked.digest(), at);
    }
  }

  /** The scan at open is over. */
  void foundAll() {
    found.clear();
  }

  /** Keeps the last few. */
  private static final class Last<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > ANSWERED;
    }
  }
}
