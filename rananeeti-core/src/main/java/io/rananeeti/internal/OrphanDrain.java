package io.rananeeti.internal;

import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.BacklogReader.Item;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies to one store what a dead node has left in the copy of its log, in that copy's order, and
 * marks it there: so whoever goes on after this node goes on where it has stopped. Used by one
 * thread.
 *
 * <p>What was refused, and what is parked behind it, is accepted into this node's own log at the
 * end, with its ids: the ledger says refused again, so the letter is here then. A crash in between
 * does it again.
 */
final class OrphanDrain {

  private static final Logger LOG = LoggerFactory.getLogger(OrphanDrain.class);
  private static final int WINDOW = 256;
  private static final int GROUP = 64;
  private static final int TRIES = 100;

  private final Desk desk;
  private final Journal journal;
  private final Backlog backlog;
  private final BacklogReader reader;
  private final BiFunction<Long, Transaction, Sharing.Verdict> verdict;
  private final ToLongBiFunction<Long, Transaction> ticket;
  private final Set<UUID> registered = new HashSet<>();
  private final Map<TransactionId, @Nullable String> stuck = new HashMap<>();
  private boolean parked;
  private int tries;

  /**
   * @param desk of the store here
   * @param journal over the copy
   * @param verdict whether an entry of the copy may be applied, as far as others are concerned
   * @param ticket its place in the order of all nodes
   */
  OrphanDrain(
      Desk desk,
      Journal journal,
      BiFunction<Long, Transaction, Sharing.Verdict> verdict,
      ToLongBiFunction<Long, Transaction> ticket) {
    this.ticket = ticket;
    this.desk = desk;
    this.journal = journal;
    this.verdict = verdict;
    this.backlog = journal.backlog(desk.store().name());
    this.reader = new BacklogReader(desk.store().name(), journal);
  }

  /** Whether nothing is left but what is parked. */
  boolean isDone() {
    return backlog.count() == 0 || parked;
  }

  /** Applies the next few that may be; returns whether there were any. */
  boolean pass() throws StoreException {
    register();
    reader.rewind();
    parked = false;
    List<Item> may = new ArrayList<>();
    Set<@Nullable String> left = new HashSet<>(stuck.values());
    boolean waits = false;
    for (Item item : reader.next(WINDOW)) {
      String key = item.transaction().orderingKey();
      if (left.contains(key)) {
        continue;
      }
      Sharing.Verdict said = verdict.apply(item.sequence(), item.transaction());
      if (said == Sharing.Verdict.MAY) {
        may.add(item);
      } else {
        left.add(key);
        waits |= said == Sharing.Verdict.WAITS;
      }
    }
    int settled = settleAll(may);
    parked =
        settled == 0
            && !waits
            && may.stream().allMatch(item -> stuck.containsKey(item.transaction().id()));
    return settled > 0;
  }

  private int settleAll(List<Item> may) throws StoreException {
    int settled = 0;
    while (settled < may.size()) {
      int now = settle(may.subList(settled, may.size()));
      if (now == 0) {
        break;
      }
      settled += now;
    }
    return settled;
  }

  private void register() throws StoreException {
    Set<UUID> missing = new HashSet<>(journal.unregistered(desk.store().name()));
    missing.removeAll(registered);
    if (!missing.isEmpty()) {
      desk.holding().act(() -> desk.store().register(Set.copyOf(missing), true));
      registered.addAll(missing);
    }
  }

  private int settle(List<Item> items) throws StoreException {
    List<Item> group = group(items);
    Transaction first = group.get(0).transaction();
    List<Settlement> settlements;
    try {
      if (waitsForOthers(first)) {
        return 0;
      }
      settlements = desk.settler().apply(group.stream().map(Item::transaction).toList());
    } catch (StoreException e) {
      if (e.failure() == Failure.UNREACHABLE) {
        throw e;
      }
      leave(first, e);
      return 0;
    }
    tries = 0;
    for (int i = 0; i < settlements.size(); i++) {
      mark(group.get(i), settlements.get(i));
    }
    return settlements.size();
  }

  /** Its parts for other stores come first (U2); what they refuse, or delay, is the drain's. */
  private boolean waitsForOthers(Transaction first) throws StoreException {
    if (!first.isAcrossStores()) {
      return false;
    }
    try {
      Parts.Progress progress = desk.parts().apply(first, Long.MIN_VALUE);
      if (!progress.isWhole()) {
        stuck.put(first.id(), first.orderingKey());
      }
      return !progress.isWhole();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /**
   * What can't be settled here, and isn't refused, is left with all that comes behind it with its
   * key: moved into this node's own log it is the drain's, which knows when to wait for a person.
   */
  private void leave(Transaction transaction, StoreException e) throws StoreException {
    boolean asksAgain = e.failure() == Failure.RETRY || e.failure() == Failure.UNCLEAR;
    if (asksAgain && ++tries < TRIES) {
      return;
    }
    tries = 0;
    LOG.warn(
        "store={} transaction={} is left to the drain: SQLSTATE {}",
        desk.store().name(),
        transaction.id(),
        e.sqlState());
    stuck.put(transaction.id(), transaction.orderingKey());
  }

  private List<Item> group(List<Item> items) {
    List<Item> group = new ArrayList<>();
    for (Item item : items) {
      boolean fits =
          group.isEmpty()
              || (Settler.alike(group.get(0).transaction(), item.transaction())
                  && group.stream()
                      .noneMatch(one -> one.transaction().id().equals(item.transaction().id())));
      if (!fits
          || group.size() == Math.min(GROUP, desk.store().mostTogether())
          || journal.book().holdsBack(item.sequence(), item.transaction())) {
        break;
      }
      group.add(item);
    }
    return group;
  }

  private void mark(Item item, Settlement settlement) {
    Transaction transaction = settlement.transaction();
    if (settlement.outcome() == Outcome.REFUSED) {
      journal.refuse(item.sequence(), transaction, settlement.refusal());
    } else if (settlement.outcome() == Outcome.DUPLICATE && settlement.first() != null) {
      journal.duplicate(item.sequence(), transaction, settlement.first());
    } else {
      journal.mark(
          desk.store().name(), item.sequence(), transaction.id(), settlement.outcome(), null, 0);
    }
    if (transaction.replaces() != null) {
      journal.book().remove(transaction.id());
    }
  }

  /**
   * What is left is accepted here: the letters, and what they park, each key's in order.
   *
   * @param isThere what this node's log has already: it may be the one that had died
   */
  void moveTo(Journal own, Predicate<TransactionId> isThere) {
    Set<Long> letters = new HashSet<>();
    for (DeadLetter letter : journal.book().list()) {
      if (letter.store().equals(desk.store().name())) {
        letters.add(journal.book().entry(letter.id()));
      }
    }
    long moved = 0;
    try (LogCursor cursor = journal.log().read(1)) {
      for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        Transaction transaction = Journal.transactionOf(entry.record());
        if (transaction != null
            && transaction.store().equals(desk.store().name())
            && !isThere.test(transaction.id())
            && (letters.contains(entry.sequence())
                || backlog.waitsAgain(entry.sequence())
                || (entry.record() instanceof LogRecord.Accepted
                    && backlog.waits(entry.sequence())))) {
          own.move(transaction, ticket.applyAsLong(entry.sequence(), transaction));
          moved++;
        }
      }
    }
    if (moved > 0) {
      LOG.info(
          "store={} {} transactions that wait for a person are here now",
          desk.store().name(),
          moved);
    }
  }

  void close() {
    reader.close();
  }
}
