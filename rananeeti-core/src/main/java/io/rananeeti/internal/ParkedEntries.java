package io.rananeeti.internal;

import io.rananeeti.DeadLetters.ParkedKey;
import io.rananeeti.TransactionId;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Transaction;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Counts what waits behind parked keys, in one pass of the log. Used once, by one thread. */
final class ParkedEntries {

  private final Backlog backlog;
  private final String store;
  private final Map<@Nullable String, Long> waiting = new HashMap<>();
  private final Set<TransactionId> causes = new HashSet<>();

  private ParkedEntries(Backlog backlog, String store) {
    this.backlog = backlog;
    this.store = store;
  }

  /** The same keys with how many wait. What is accepted or settled meanwhile counts or not. */
  static List<ParkedKey> count(Journal journal, List<ParkedKey> keys, String store) {
    if (keys.isEmpty()) {
      return keys;
    }
    ParkedEntries entries = new ParkedEntries(journal.backlog(store), store);
    keys.forEach(entries::parked);
    try (LogCursor cursor = journal.log().read(entries.backlog.first())) {
      for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        entries.take(entry);
      }
    }
    return keys.stream().map(entries::counted).toList();
  }

  private void parked(ParkedKey key) {
    waiting.put(key.orderingKey(), 0L);
    causes.addAll(key.behind());
  }

  private void take(LogEntry entry) {
    Transaction transaction = Journal.transactionOf(entry.record());
    if (transaction != null && waits(transaction) && isWaiting(entry)) {
      waiting.merge(transaction.orderingKey(), 1L, Long::sum);
    }
  }

  private boolean isWaiting(LogEntry entry) {
    return entry.record() instanceof LogRecord.Accepted
        ? backlog.waits(entry.sequence())
        : backlog.waitsAgain(entry.sequence());
  }

  private boolean waits(Transaction transaction) {
    return transaction.store().equals(store)
        && waiting.containsKey(transaction.orderingKey())
        && !causes.contains(transaction.id());
  }

  private ParkedKey counted(ParkedKey key) {
    Long count = waiting.get(key.orderingKey());
    return new ParkedKey(key.store(), key.orderingKey(), key.behind(), count == null ? 0 : count);
  }
}
