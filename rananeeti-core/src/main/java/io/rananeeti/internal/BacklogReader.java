package io.rananeeti.internal;

import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Transaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Passes over what waits for one store, in the order of the log. Leaves out what is parked; a new
 * pass begins with {@link #rewind()}, after a failure or when a key is free again. Owned by the
 * drain's owner thread.
 */
final class BacklogReader implements AutoCloseable {

  /**
   * A waiting transaction and its place in the log.
   *
   * @param again whether its COMMIT was sent once already
   */
  record Item(long sequence, Transaction transaction, boolean again) {}

  private final String store;
  private final Journal journal;
  private final Backlog backlog;
  private @Nullable LogCursor cursor;
  private boolean left;
  private boolean leftToOthers;
  private boolean leftElsewhere;
  private boolean tailOnly;

  /**
   * Of which something was left to others in this pass; null is that of all unkeyed ones. What
   * comes behind it may be free a moment later, and is not to overtake it.
   */
  private final Set<@Nullable String> leftKeys = new HashSet<>();

  BacklogReader(String store, Journal journal) {
    this.store = store;
    this.journal = journal;
    this.backlog = journal.backlog(store);
  }

  /** The next few that may be applied now; empty at the end of the pass. */
  List<Item> next(int most) {
    List<Item> items = new ArrayList<>();
    while (items.size() < most) {
      LogEntry entry = cursor().next();
      if (entry == null) {
        break;
      }
      Item item = candidate(entry);
      if (item != null) {
        items.add(item);
      }
    }
    if (!items.isEmpty() && !left) {
      backlog.oldest(items.get(0).transaction().acceptedAt());
    }
    return items;
  }

  /** Whether only what waits again is passed over from here on: a lost tail (N5). */
  void tailOnly(boolean now) {
    if (tailOnly != now) {
      tailOnly = now;
      rewind();
    }
  }

  /** Whether this pass has left something. */
  boolean left() {
    return left;
  }

  /** Whether this pass has left something until other nodes have applied theirs. */
  boolean leftToOthers() {
    return leftToOthers;
  }

  /** Whether this pass has left something because of what other nodes have. */
  boolean leftElsewhere() {
    return leftElsewhere;
  }

  /** Begins a new pass at the first entry that waits. */
  void rewind() {
    close();
    left = false;
    leftToOthers = false;
    leftElsewhere = false;
    leftKeys.clear();
  }

  @Override
  public void close() {
    if (cursor != null) {
      cursor.close();
      cursor = null;
    }
  }

  private LogCursor cursor() {
    if (cursor == null) {
      cursor = journal.log().read(backlog.first());
    }
    return cursor;
  }

  private @Nullable Item candidate(LogEntry entry) {
    long sequence = entry.sequence();
    boolean again = backlog.waitsAgain(sequence);
    Transaction transaction = again ? journal.toSettle(entry) : accepted(entry);
    if (transaction == null) {
      backlog.passed(sequence);
      return null;
    }
    if (!again && backlog.isAside(sequence)) {
      backlog.passed(sequence);
      return null;
    }
    if (again) {
      backlog.passed(sequence);
    } else {
      if (!backlog.waits(sequence)) {
        return null;
      }
      backlog.seen(sequence);
    }
    if (journal.book().holdsBack(sequence, transaction)) {
      left = true;
      return null;
    }
    if (tailOnly && (!again || journal.tail(store).mayWait(sequence))) {
      left = true;
      return null;
    }
    boolean hasItsPlace = transaction.replaces() != null || journal.isMoved(transaction.id());
    if (!again && !hasItsPlace && leftKeys.contains(transaction.orderingKey())) {
      return null;
    }
    Sharing.Verdict verdict = journal.sharing().verdict(sequence, transaction);
    if (verdict != Sharing.Verdict.MAY && !again) {
      left = true;
      leftElsewhere = true;
      leftKeys.add(transaction.orderingKey());
      leftToOthers |= verdict == Sharing.Verdict.WAITS;
      return null;
    }
    return new Item(sequence, transaction, again);
  }

  private @Nullable Transaction accepted(LogEntry entry) {
    return entry.record() instanceof LogRecord.Accepted accepted
            && accepted.transaction().store().equals(store)
        ? accepted.transaction()
        : null;
  }
}
