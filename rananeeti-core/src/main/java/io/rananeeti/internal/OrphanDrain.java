package io.rananeeti.internal;

import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.BacklogReader.Item;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Content;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
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
 * <p>What that node had acknowledged and kept, other regions may not have yet. It stays in the copy
 * until they have it; whenever another writer is named meanwhile ({@link TailGate}), all of it is
 * claimed there in the copy's order, by a write, and applied again where its row was not. That
 * comes before anything that was only accepted.
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
  private final Seams seams;
  private final Tail tail;
  private final Covering covering;
  private final OrphanContents contents;
  private final SequenceSet claimed = new SequenceSet();
  private boolean claiming;
  private long claimedFor = -1;
  private boolean parked;
  private int tries;

  /**
   * @param desk of the store here
   * @param journal over the copy
   * @param verdict whether an entry of the copy may be applied, as far as others are concerned
   * @param ticket its place in the order of all nodes
   * @param contents what its entries name
   */
  OrphanDrain(
      Settings settings,
      Desk desk,
      Journal journal,
      BiFunction<Long, Transaction, Sharing.Verdict> verdict,
      ToLongBiFunction<Long, Transaction> ticket,
      OrphanContents contents) {
    this.contents = contents;
    this.seams = settings.seams();
    this.ticket = ticket;
    this.desk = desk;
    this.journal = journal;
    this.verdict = verdict;
    this.backlog = journal.backlog(desk.store().name());
    this.reader = new BacklogReader(desk.store().name(), journal);
    this.tail = journal.tail(desk.store().name());
    this.covering = new Covering(settings, desk, tail);
  }

  /** Whether nothing is kept that other regions may lack. */
  boolean keepsNothing() {
    return tail.isEmpty();
  }

  /** Nothing waits: lets go what the other regions have. */
  void cover() throws StoreException {
    knowWriter();
    covering.run();
  }

  private void knowWriter() {
    String writer = desk.tail().writer();
    if (writer != null) {
      tail.movedTo(
          new LogRecord.Era(
              desk.store().name(), desk.tail().epoch(), desk.tail().lineage(), writer));
    }
  }

  /**
   * Claims some of what is kept, on the writer that this node's recovery has looked at; returns
   * whether that was all. A crash in between begins it anew.
   *
   * @param adopted whether a person has decided to go on where the writer does not know that node
   * @param named the number of that writer's name: another begins it anew
   */
  boolean restoreTail(boolean adopted, long named) throws StoreException {
    register();
    knowWriter();
    if (!claiming || claimedFor != named) { // What was claimed of another writer says nothing here.
      claiming = true;
      claimedFor = -1;
      registerAgain(adopted);
      restoreLetters();
      tail.reopenAll().forEach(this::claimAgain);
      claimedFor = named;
    }
    reader.tailOnly(true);
    reader.rewind();
    List<Item> items =
        reader.next(WINDOW).stream()
            .filter(item -> !stuck.containsKey(item.transaction().id()))
            .toList();
    if (items.isEmpty()) {
      claiming = false;
      reader.tailOnly(false);
      return true;
    }
    settleAll(items);
    return false;
  }

  private void claimAgain(long sequence) {
    claimed.add(sequence);
    backlog.again(sequence, Instant.EPOCH);
  }

  /** Whether nothing is left but what is parked. */
  boolean isDone() {
    return backlog.count() == 0 || parked;
  }

  /** Applies the next few that may be; returns whether there were any. */
  boolean pass() throws StoreException {
    register();
    knowWriter();
    reader.rewind();
    parked = false;
    List<Item> may = new ArrayList<>();
    Map<@Nullable String, Long> left = new HashMap<>();
    stuck.values().forEach(key -> left.put(key, 0L));
    boolean waits = false;
    for (Item item : reader.next(WINDOW)) {
      String key = item.transaction().orderingKey();
      long place = ticket.applyAsLong(item.sequence(), item.transaction());
      if (left.containsKey(key) && !isBefore(left.getOrDefault(key, 0L), item, place)) {
        continue;
      }
      Sharing.Verdict said =
          item.again()
              ? Sharing.Verdict.MAY // Its COMMIT was sent: it has no place but that in its log.
              : verdict.apply(item.sequence(), item.transaction());
      if (said == Sharing.Verdict.MAY) {
        may.add(item);
      } else {
        left.merge(key, place, Math::min);
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

  /** What was moved into that log has its place in the order, and that may be before it. */
  private boolean isBefore(long leftFrom, Item item, long place) {
    return journal.isMoved(item.transaction().id()) && place != 0 && place < leftFrom;
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

  /** What was registered in the tail may be missing with it; if more is, a person decides (I3). */
  private void registerAgain(boolean adopted) throws StoreException {
    String store = desk.store().name();
    Set<UUID> all = new HashSet<>(journal.registered(store));
    if (adopted) {
      all.addAll(journal.incarnations());
    } else {
      Set<UUID> known = Set.copyOf(journal.registeredBeforeTheTail(store));
      desk.holding().act(() -> desk.store().register(known, false));
    }
    desk.holding().act(() -> desk.store().register(Set.copyOf(all), true));
  }

  /** A retry does nothing where its letter's row is not refused, and that row may be missing. */
  private void restoreLetters() throws StoreException {
    String store = desk.store().name();
    Set<TransactionId> letters = new HashSet<>(journal.book().beingReplaced(store));
    for (DeadLetter letter : journal.book().list()) {
      if (letter.store().equals(store)) {
        letters.add(letter.id());
      }
    }
    letters.addAll(retriedOnce());
    for (TransactionId letter : letters) {
      desk.settler().refuseLate(TailRecovery.nothing(store, letter), causeOf(letter));
    }
  }

  private Refusal causeOf(TransactionId id) {
    DeadLetter letter = journal.book().get(id);
    return letter == null ? TailRecovery.AGAIN : new Refusal(letter.sqlState(), letter.reason());
  }

  /** The letters whose retries are kept; what these had parked waits for them again. */
  private Set<TransactionId> retriedOnce() {
    Set<TransactionId> letters = new HashSet<>();
    SequenceSet kept = tail.kept();
    if (kept.first() == Long.MAX_VALUE) {
      return letters;
    }
    try (LogCursor cursor = journal.log().read(kept.first())) {
      for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        Transaction transaction =
            kept.contains(entry.sequence()) ? Journal.transactionOf(entry.record()) : null;
        if (transaction != null && transaction.replaces() != null) {
          letters.add(transaction.replaces());
          journal
              .book()
              .retryingAgain(transaction.id(), transaction.store(), transaction.orderingKey());
        }
      }
    }
    return letters;
  }

  private int settle(List<Item> items) throws StoreException {
    List<Item> group = group(items);
    Transaction first = group.get(0).transaction();
    List<Settlement> settlements;
    try {
      contents.forSettling(first);
      if (!group.get(0).again() && waitsForOthers(first)) {
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
      Parts.Progress progress = desk.parts().apply(first, Long.MIN_VALUE, false);
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
    if (claiming) {
      throw e; // A tail is whole, or it is not: nothing of it is left to others.
    }
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
              || (Contents.named(group.get(0).transaction()).isEmpty()
                  && Contents.named(item.transaction()).isEmpty()
                  && Settler.alike(group.get(0).transaction(), item.transaction())
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
    if (settlement.outcome() == Outcome.APPLIED && claimed.contains(item.sequence())) {
      tail.acknowledged(item.sequence(), transaction.id(), 0, seams.now());
      backlog.settled(item.sequence(), false); // Its mark is there.
    } else if (settlement.outcome() == Outcome.REFUSED) {
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
   * Brings what {@link #moveTo} needs, before anybody is held up.
   *
   * @throws StoreException if it can't be had now
   */
  void prepareMove(Predicate<TransactionId> isThere) throws StoreException {
    if (!journal.contents().hasFound()) {
      return;
    }
    Set<Content> named = new HashSet<>();
    eachLeft(
        (sequence, transaction) -> {
          if (!isThere.test(transaction.id())) {
            named.addAll(Contents.named(transaction));
          }
        });
    contents.forAccepting(named);
  }

  /** The letters, and what they park, in order. */
  private void eachLeft(BiConsumer<Long, Transaction> consumer) {
    Set<Long> letters = new HashSet<>();
    for (DeadLetter letter : journal.book().list()) {
      if (letter.store().equals(desk.store().name())) {
        letters.add(journal.book().entry(letter.id()));
      }
    }
    try (LogCursor cursor = journal.log().read(1)) {
      for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        Transaction transaction = Journal.transactionOf(entry.record());
        if (transaction != null
            && transaction.store().equals(desk.store().name())
            && (letters.contains(entry.sequence())
                || backlog.waitsAgain(entry.sequence())
                || (entry.record() instanceof LogRecord.Accepted
                    && backlog.waits(entry.sequence())))) {
          consumer.accept(entry.sequence(), transaction);
        }
      }
    }
  }

  /**
   * What is left is accepted here: the letters, and what they park, each key's in order.
   *
   * @param isThere what this node's log has already: it may be the one that had died, and has begun
   *     a new copy since, in which it comes later than it did in this one
   * @return the entries that need not wait in the copy any more, once what is accepted here is
   *     copied itself
   */
  Map<Long, TransactionId> moveTo(Journal own, Predicate<TransactionId> isThere) {
    Map<Long, TransactionId> left = new LinkedHashMap<>();
    AtomicLong moved = new AtomicLong();
    eachLeft(
        (sequence, transaction) -> {
          left.put(sequence, transaction.id());
          long place = ticket.applyAsLong(sequence, transaction);
          if (isThere.test(transaction.id())) {
            own.place(transaction.id(), place);
          } else {
            own.move(transaction, place);
            moved.incrementAndGet();
          }
        });
    contents.close(); // What is in this node's log has a hold of its own.
    if (moved.get() > 0) {
      LOG.info(
          "store={} {} transactions that wait for a person are here now",
          desk.store().name(),
          moved);
    }
    return left;
  }

  /** They wait in this node's own log, and no more in the copy, which stays for what it keeps. */
  void moved(Map<Long, TransactionId> entries) {
    entries.forEach(
        (sequence, id) -> {
          journal.mark(desk.store().name(), sequence, id, Outcome.UNKNOWN, null, 0);
          journal.book().remove(id);
        });
    stuck.clear();
  }

  /** Whether a person is to decide about something, or it is parked behind that. */
  boolean hasLeft() {
    return backlog.count() > 0 || journal.book().count(desk.store().name()) > 0;
  }

  void close() {
    reader.close();
    contents.close();
  }
}
