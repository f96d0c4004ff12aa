package io.rananeeti.internal;

import io.rananeeti.AuditEntry;
import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.log.ContentSpool;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log as the platform uses it: accepts transactions, marks what became of them, and knows from
 * one scan at open what waits, what is a dead letter, and which incarnations a ledger knows.
 *
 * <p><b>Who dies when.</b> An entry is forced before it is acknowledged; a crash before the force
 * leaves a transaction that nobody was told of, applied once or not at all. A mark is written after
 * the store's commit and not forced: a crash before it reaches the disk costs a claim that meets
 * its own row (G2). A mark of a person's decision is forced before the call returns. Thread-safe.
 */
final class Journal {

  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

  private static final int REMEMBERED = 10_000;
  private static final int REGISTERED_AGAIN = 1_000;

  private final TransactionLog log;
  private final Seams seams;
  private final Ids ids;
  private final DeadLetterBook book;
  private final LeaseBook leases;
  private final Map<String, Backlog> backlogs = new HashMap<>();
  private final Map<String, Set<UUID>> registered = new HashMap<>();
  private final Map<String, Long> registeredAt = new ConcurrentHashMap<>();
  private final Map<String, Long> setAsideBelow = new ConcurrentHashMap<>();
  private final AtomicLong lastMark = new AtomicLong();
  private final AtomicLong lastAccepted = new AtomicLong();
  private final Set<TransactionId> moved = ConcurrentHashMap.newKeySet();

  /** Where the log says which place an entry has: needed for as long as the entry is. */
  private final Map<TransactionId, Long> placesAt = new ConcurrentHashMap<>();

  private final Set<UUID> ofOthers = ConcurrentHashMap.newKeySet();
  private final Set<UUID> incarnations = ConcurrentHashMap.newKeySet();
  private final Set<UUID> opened = ConcurrentHashMap.newKeySet();
  private final Map<TransactionId, Outcome> remembered = new Remembered();
  private final Intents intents;
  private final List<TransactionId> lostLetters = new ArrayList<>();
  private final Map<String, LogRecord.Held> held = new ConcurrentHashMap<>();
  private final Map<String, Long> heldAt = new ConcurrentHashMap<>();
  private final NavigableMap<Long, AuditEntry> decisions = new TreeMap<>();
  private final Map<String, Tail> tails = new HashMap<>();
  private final Map<TransactionId, Long> inHand = new ConcurrentHashMap<>();
  private final Map<Long, LogRecord.Mark> unwritten = new ConcurrentHashMap<>();
  private final Map<String, Long> eraAt = new ConcurrentHashMap<>();
  private final Map<String, LogRecord.Era> eras = new ConcurrentHashMap<>();
  private final Map<String, Map<UUID, Long>> firstRegisteredAt = new HashMap<>();
  private final Set<String> retaining;
  private final Contents contents = new Contents();
  private volatile Sharing sharing = Sharing.NONE;
  private volatile Archiving archive = Archiving.NONE;
  private volatile LongSupplier unaudited = () -> Long.MAX_VALUE;

  private long lost;
  private long firstLost;
  private long lastLost;
  private Instant lossAcceptedAt = Instant.EPOCH;

  Journal(
      TransactionLog log, Seams seams, Ids ids, DeadLetterBook book, Collection<String> stores) {
    this(log, seams, ids, book, stores, Set.of());
  }

  /**
   * Reads the whole log.
   *
   * @param retaining stores whose entries are kept until the other regions have them (G6)
   */
  Journal(
      TransactionLog log,
      Seams seams,
      Ids ids,
      DeadLetterBook book,
      Collection<String> stores,
      Collection<String> retaining) {
    this.retaining = Set.copyOf(retaining);
    this.log = log;
    this.seams = seams;
    this.ids = ids;
    this.book = book;
    this.leases = new LeaseBook(log, seams);
    stores.forEach(store -> backlogs.put(store, new Backlog(seams)));
    stores.forEach(store -> registered.put(store, ConcurrentHashMap.newKeySet()));
    stores.forEach(store -> tails.put(store, new Tail()));
    stores.forEach(store -> firstRegisteredAt.put(store, new ConcurrentHashMap<>()));
    this.intents = new Intents(seams, backlogs, this::find);
    found(log.incarnation(), true);
    new JournalScan(this).run();
    intents.foundAll();
  }

  TransactionLog log() {
    return log;
  }

  /** Content that its entries name. */
  Contents contents() {
    return contents;
  }

  /** What its entries name is in this spool. Comes before anything is accepted. */
  void keepContents(ContentSpool spool) {
    contents.keepIn(spool, this::needs);
  }

  /** Whether somebody may ask for an entry again: the drain, a person, or a recovery. */
  private boolean needs(String store, long sequence) {
    return inHand.values().stream().anyMatch(from -> from <= sequence) // A guess, for its caller.
        || backlog(store).waits(sequence)
        || book.needs(sequence)
        || tail(store).needs(sequence);
  }

  /** Content of entries of a store that are over is given up; by the drain's owner thread. */
  void forgetContents(String store) {
    contents.forget(store, sequence -> needs(store, sequence), this::forceMarks);
  }

  /** It is shared with other nodes. Comes before anything is accepted. */
  void share(Sharing with) {
    sharing = with;
  }

  /** Whether other nodes have something to say. */
  boolean isShared() {
    return sharing != Sharing.NONE;
  }

  /** What other nodes have to say. */
  Sharing sharing() {
    return sharing;
  }

  /** What is settled goes to an archive. Comes before anything is released. */
  void archive(Archiving with) {
    archive = with;
  }

  /** The last entry that has to be in a copy soon, whether or not it is forced. */
  long lastAppended() {
    return Math.max(lastMark.get(), lastAccepted.get());
  }

  Backlog backlog(String store) {
    Backlog backlog = backlogs.get(store);
    if (backlog == null) {
      throw new IllegalArgumentException(
          "the log holds transactions for store %s, which this platform does not have; give it a store of that name until they are applied"
              .formatted(store));
    }
    return backlog;
  }

  /** What is kept of a store until its other regions have it. */
  Tail tail(String store) {
    Tail tail = tails.get(store);
    if (tail == null) {
      throw new IllegalArgumentException("there is no store " + store);
    }
    return tail;
  }

  /** Whether what was acknowledged is kept until the other regions have it. */
  boolean retains(String store) {
    return retaining.contains(store);
  }

  /** Whether the platform has this store now. */
  boolean hasStore(String store) {
    return backlogs.containsKey(store);
  }

  DeadLetterBook book() {
    return book;
  }

  LeaseBook leases() {
    return leases;
  }

  /** The intent keys that it can answer for. */
  Intents intents() {
    return intents;
  }

  /** All incarnations of this log that it still knows of. */
  Set<UUID> incarnations() {
    return incarnations;
  }

  /** The scan at open has found an entry of this incarnation, or its beginning. */
  void found(UUID incarnation, boolean beginning) {
    incarnations.add(incarnation);
    if (beginning) {
      opened.add(incarnation);
    }
  }

  /** The scan at open has found the place of an entry that is gone. */
  void lost(long sequence, Instant acceptedAt) {
    firstLost = lost == 0 ? sequence : firstLost;
    lastLost = sequence;
    lossAcceptedAt = acceptedAt;
    lost++;
    leases.lost();
  }

  /** The scan at open has found that this was refused, and not what it was. */
  void lostLetter(LogRecord.Mark mark) {
    lostLetters.add(mark.id());
  }

  /** The scan at open has found what a person decided. */
  void decided(long sequence, AuditEntry decision) {
    decisions.put(sequence, decision);
  }

  /** What people decided, as far as the log still had it at open, by the entries' numbers. */
  NavigableMap<Long, AuditEntry> decisions() {
    return decisions;
  }

  /** From this entry on, what people decided has to be kept. */
  void keepFrom(LongSupplier first) {
    unaudited = first;
  }

  /** By whom and why the store is held; null if it is not. */
  LogRecord.@Nullable Held held(String store) {
    return held.get(store);
  }

  /** A person's hold or release, on disk once this returns. */
  long hold(LogRecord.Held decision) {
    if (decision.held()) {
      heldAt.putIfAbsent(decision.store(), log.forced() + 1); // No release passes it meanwhile.
    }
    long sequence = log.append(decision);
    log.force(sequence);
    held(sequence, decision);
    return sequence;
  }

  /** The same, found by the scan at open. A hold is kept in the log for as long as it lasts. */
  void held(long sequence, LogRecord.Held decision) {
    if (decision.held()) {
      held.put(decision.store(), decision);
      heldAt.put(decision.store(), sequence);
    } else {
      held.remove(decision.store());
      heldAt.remove(decision.store());
    }
  }

  /** Those that a writer must know even where it lacks all that is kept: they were before that. */
  Set<UUID> registeredBeforeTheTail(String store) {
    Set<UUID> before = new HashSet<>(registered(store));
    long first = tail(store).first();
    firstRegisteredAt
        .getOrDefault(store, Map.of())
        .forEach(
            (incarnation, at) -> {
              if (opened.contains(incarnation) && at >= first) {
                before.remove(incarnation);
              }
            });
    return before;
  }

  /** The scan at open has found that the ledger knows an incarnation. */
  void foundRegistered(long sequence, String store, UUID incarnation) {
    registered(store).add(incarnation);
    firstRegisteredAt
        .computeIfAbsent(store, any -> new ConcurrentHashMap<>())
        .putIfAbsent(incarnation, sequence);
  }

  /** A recovery has raised the epoch; on disk once this returns. */
  void era(LogRecord.Era era) {
    eras.put(era.store(), era);
    eraAgain(era);
  }

  /** Whoever writes one again behind a newer one writes that again too. */
  private void eraAgain(LogRecord.Era era) {
    long sequence = log.append(era);
    log.force(sequence);
    eraAt.put(era.store(), sequence);
    LogRecord.Era now = eras.get(era.store());
    if (now != null && !now.equals(era)) {
      eraAgain(now);
    }
  }

  /** The same, found by the scan at open. The log keeps the last one. */
  void found(long sequence, LogRecord.Era era) {
    eras.put(era.store(), era);
    eraAt.put(era.store(), sequence);
  }

  /** Those of them that the store's ledger knows, as far as the log says. */
  Set<UUID> registered(String store) {
    return registered.getOrDefault(store, Set.of());
  }

  /**
   * Those that never were: they were opened and closed while the store could not be reached, so its
   * ledger need not know them, and all that they have accepted waits. An incarnation whose
   * beginning the log has given back is none of them.
   */
  Set<UUID> unregistered(String store) {
    Set<UUID> unregistered = new HashSet<>(opened);
    unregistered.add(log.incarnation());
    unregistered.removeAll(registered(store));
    return unregistered;
  }

  /** The store's ledger knows the incarnation: written after that is so (I3). */
  void registered(String store, UUID incarnation) {
    if (registered.computeIfAbsent(store, any -> ConcurrentHashMap.newKeySet()).add(incarnation)) {
      writeRegistration(store, incarnation);
    }
  }

  /** The operator's decision about another history, forced before anything follows from it. */
  void adopted(String store, long setAside) {
    log.force(log.append(new LogRecord.Adopted(store, setAside, seams.now())));
    setAsideBelow(store, setAside);
    leases.forget(store);
    intents.forgetApplied(store);
  }

  /** Entries below this one are set aside, those above are applied. */
  long setAsideBelow(String store) {
    return setAsideBelow.getOrDefault(store, 0L);
  }

  void setAsideBelow(String store, long below) {
    setAsideBelow.put(store, below);
  }

  private void writeRegistration(String store, UUID incarnation) {
    long sequence = log.append(new LogRecord.Registered(store, incarnation));
    log.force(sequence);
    registeredAt.put(store, sequence);
    firstRegisteredAt
        .computeIfAbsent(store, any -> new ConcurrentHashMap<>())
        .putIfAbsent(incarnation, sequence);
  }

  /**
   * Appends the transaction and returns once it is on disk, or written at the least if that is all
   * that the application asked for ({@link io.rananeeti.Durability}); its id is in the log's hands
   * from here on.
   *
   * @throws io.rananeeti.error.LogFullException if there is no space; nothing happened
   * @throws io.rananeeti.error.LogFailedException if the log has ended; nobody knows whether the
   *     entry is on disk, so it is not acknowledged, and its id stays open
   */
  void accept(Transaction transaction, boolean inDoubt) {
    accept(new LogRecord.Accepted(transaction, inDoubt));
  }

  /** The same; with who has sent a dead letter again. Returns the entry's sequence number. */
  long accept(LogRecord.Accepted accepted) {
    Transaction transaction = accepted.transaction();
    boolean inDoubt = accepted.inDoubt();
    Backlog backlog = backlog(transaction.store());
    sharing.accepting(transaction);
    backlog.expect(transaction.acceptedAt(), transaction.isAcrossStores());
    long sequence;
    boolean forced = false;
    try {
      sequence = contents.append(accepted, this::makeRoom, this::appendToShare);
      log.acknowledge(sequence);
      forced = true;
    } finally {
      if (!forced) {
        backlog.unexpect();
      }
    }
    intents.accepted(sequence, transaction);
    rememberAccepted(transaction.id(), inDoubt ? Outcome.IN_DOUBT : Outcome.ACCEPTED);
    ids.closed(transaction.id());
    backlog.accepted();
    lastAccepted.accumulateAndGet(sequence, Math::max);
    if (book.isWaiting(transaction.id())) {
      delayed(sequence, transaction);
    }
    sharing.accepted(sequence, transaction);
    return sequence;
  }

  /** Where there is no room for it, the drain writes it later: others wait for the unit so long. */
  private void delayed(long sequence, Transaction unit) {
    try {
      sharing.delays(sequence, unit);
    } catch (LogFullException e) {
      LOG.debug("transaction={} delays others", unit.id(), e);
    }
  }

  /** A transaction parks its key for other nodes; not forced. */
  void delay(long entry, TransactionId id) {
    long sequence = appendThoughKept(new LogRecord.Delayed(entry, id));
    lastMark.accumulateAndGet(sequence, Math::max);
  }

  /** Whether its caller is committing it. */
  boolean isInHand(TransactionId unit) {
    return inHand.containsKey(unit);
  }

  /**
   * Acknowledges as accepted what waits again in its own place of the log. That place is none in
   * the order of all nodes, so it gets one.
   */
  void defer(long entry, Transaction transaction) {
    if (sharing == Sharing.NONE) {
      log.acknowledge(entry);
    } else {
      sharing.accepting(transaction);
      long sequence = appendThoughKept(new LogRecord.Deferred(entry, transaction.id()));
      log.acknowledge(sequence);
      lastAccepted.accumulateAndGet(sequence, Math::max);
      sharing.accepted(sequence, transaction);
    }
    intents.accepted(entry, transaction);
    backlog(transaction.store()).accepted();
    ids.closed(transaction.id());
  }

  /**
   * The same, of a unit of work that its caller is committing. It does not wait, its id stays open,
   * and nobody is told of it by its intent key, until it is marked or {@link #leave left}. Called
   * while the gate is held and the store is up: nothing reads the log meanwhile.
   *
   * @param leaving called before the unit is the drain's because it could not be acknowledged
   */
  long acceptInHand(Transaction unit, Runnable leaving) {
    sharing.accepting(unit);
    inHand.put(unit.id(), log.forced() + 1); // No release passes it meanwhile.
    long sequence = 0;
    try {
      sequence =
          contents.append(new LogRecord.Accepted(unit, true), this::makeRoom, this::appendToShare);
      backlog(unit.store()).setAside(sequence);
      log.acknowledge(sequence);
      log.force(sequence); // Where accepting does not: parts must not outlive what is to follow.
      rememberAccepted(unit.id(), Outcome.IN_DOUBT);
      lastAccepted.accumulateAndGet(sequence, Math::max);
      sharing.accepted(sequence, unit);
      return sequence;
    } catch (RuntimeException e) {
      if (sequence > 0) {
        leaving.run();
        leave(sequence, unit); // It may be on disk, and other nodes may know of it.
      }
      inHand.remove(unit.id());
      throw e;
    }
  }

  /** A unit of work is in its caller's hands no more: it is marked. */
  void done(TransactionId unit) {
    inHand.remove(unit);
  }

  /** A unit of work is the drain's from here on. */
  void leave(long sequence, Transaction unit) {
    intents.accepted(sequence, unit);
    backlog(unit.store()).leftAside(sequence, unit.acceptedAt());
    inHand.remove(unit.id());
    ids.closed(unit.id());
  }

  /**
   * Accepts what another node had accepted, and keeps its place in the order of all nodes.
   *
   * @param ticket that place; 0 if it is lost, then it comes behind what is there now
   */
  void move(Transaction transaction, long ticket) {
    foundMoved(transaction.id());
    if (ticket != 0) {
      appendPlace(transaction.id(), ticket);
    }
    incarnations.add(transaction.id().incarnation());
    boolean accepted = false;
    try {
      accept(transaction, ticket != 0 || !transaction.isAcrossStores()); // Or it seems in hand.
      accepted = true;
    } finally {
      if (!accepted) {
        placesAt.remove(transaction.id()); // A log that is full gets its space back.
      }
    }
  }

  /**
   * What waits here keeps the place that it has in another copy, which is about to be removed.
   *
   * @param ticket that place; 0 if it is lost
   */
  void place(TransactionId id, long ticket) {
    if (ticket != 0) {
      moved.add(id);
      lastMark.accumulateAndGet(appendPlace(id, ticket), Math::max);
      if (book.get(id) != null) {
        moved.remove(id); // A letter waits for its place, and for no turn.
      }
    }
  }

  /** Nothing is released between this and what it is about. */
  private long appendPlace(TransactionId id, long ticket) {
    Long before = placesAt.put(id, 0L); // Before the place is known, all is needed.
    long sequence = 0;
    try {
      sequence = log.append(new LogRecord.Moved(id, ticket));
      return sequence;
    } finally {
      if (sequence > 0) {
        placesAt.put(id, sequence);
      } else if (before != null) {
        placesAt.put(id, before);
      } else {
        placesAt.remove(id);
      }
    }
  }

  /** Where the first place is of what still waits, for its turn or for a person. */
  private long firstPlace() {
    placesAt.keySet().removeIf(id -> !moved.contains(id) && book.get(id) == null);
    return placesAt.values().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
  }

  /** The scan at open has found the place of what is to come, or of what is there. */
  void foundPlace(TransactionId id, long sequence) {
    placesAt.put(id, sequence);
    foundMoved(id);
  }

  /** The scan at open has found that it is settled. */
  void foundSettled(TransactionId id) {
    moved.remove(id);
  }

  /** That the transaction was another node's. */
  private void foundMoved(TransactionId id) {
    moved.add(id);
    if (!opened.contains(id.incarnation())) {
      ofOthers.add(id.incarnation());
    }
  }

  /** Incarnations of other nodes: their rows of the ledger are not this one's to delete. */
  Set<UUID> ofOthers() {
    return ofOthers;
  }

  /** Whether a transaction was another node's: its place in the order is not that in this log. */
  boolean isMoved(TransactionId id) {
    return !moved.isEmpty() && moved.contains(id);
  }

  /** The same of one that is kept, without what is too large for its entry. */
  long appendThoughKept(LogRecord.Retained retained) {
    return contents.append(retained, this::makeRoom, this::appendThoughKept);
  }

  /** The same of what is accepted, if others can be told of it. */
  private long appendToShare(LogRecord record) {
    sharing.appending(record);
    return appendThoughKept(record);
  }

  /** What is kept longest goes before what comes, where the log is full. */
  private long appendThoughKept(LogRecord record) {
    while (true) {
      try {
        return log.append(record);
      } catch (LogFullException e) {
        if (!makeRoom()) {
          throw e;
        }
      }
    }
  }

  private boolean makeRoom() {
    boolean any = archive.makeRoom();
    if (!any && archive.holdsBack()) {
      return false; // Giving up more would free nothing: the archive needs a moment.
    }
    for (Tail tail : any ? List.<Tail>of() : tails.values()) {
      any |= tail.giveUpOldest();
    }
    if (any) {
      release();
    }
    return any;
  }

  /** Whether a transaction would be accepted. */
  boolean takesEntries() {
    return log.takesEntries()
        || archive.holdsBack()
        || tails.values().stream().anyMatch(tail -> !tail.isEmpty());
  }

  /**
   * Marks an entry; not forced, a crash only costs another claim.
   *
   * @param sent when its COMMIT was sent at the earliest, by the {@link Tail}'s time; 0 if nobody
   *     knows
   */
  void mark(
      String store,
      long entry,
      TransactionId id,
      Outcome outcome,
      @Nullable Refusal refusal,
      long sent) {
    long mark = log.append(new LogRecord.Mark(entry, id, outcome, refusal, null, seams.now()));
    lastMark.accumulateAndGet(mark, Math::max);
    moved.remove(id);
    remember(id, outcome);
    if (retains(store) && outcome == Outcome.APPLIED) {
      tail(store).acknowledged(entry, id, sent, seams.now());
    } else {
      tail(store).voided(entry);
    }
    backlog(store).settled(entry, outcome == Outcome.APPLIED);
  }

  /** Marks an entry whose intent another transaction has fulfilled; not forced either. */
  void duplicate(long entry, Transaction transaction, TransactionId first) {
    LogRecord.Mark mark =
        new LogRecord.Mark(
            entry, transaction.id(), Outcome.DUPLICATE, null, first.toString(), seams.now());
    lastMark.accumulateAndGet(log.append(mark), Math::max);
    moved.remove(transaction.id());
    remember(transaction.id(), Outcome.DUPLICATE);
    tail(transaction.store()).voided(entry);
    backlog(transaction.store()).settled(entry, false);
  }

  /**
   * Marks an entry as refused. The mark is in the log before its letter can be dealt with, and the
   * letter is there before the entry counts as settled.
   */
  DeadLetter refuse(long entry, Transaction transaction, @Nullable Refusal refusal) {
    LogRecord.Mark mark =
        new LogRecord.Mark(entry, transaction.id(), Outcome.REFUSED, refusal, null, seams.now());
    lastMark.accumulateAndGet(log.append(mark), Math::max);
    remember(transaction.id(), Outcome.REFUSED);
    DeadLetter letter = book.add(entry, whole(entry, transaction), mark);
    moved.remove(transaction.id());
    tail(transaction.store()).voided(entry);
    backlog(transaction.store()).settled(entry, false);
    return letter;
  }

  /** What was settled without its operations is a letter with them. */
  private Transaction whole(long entry, Transaction transaction) {
    return transaction.operations().isEmpty() ? read(entry) : transaction;
  }

  /**
   * Marks an entry that is kept; not forced.
   *
   * @return where the mark stands
   */
  long mark(long entry, TransactionId id, Outcome outcome, Instant at) {
    LogRecord.Mark mark = new LogRecord.Mark(entry, id, outcome, null, null, at);
    try {
      return append(mark);
    } catch (RuntimeException e) {
      unwritten.put(entry, mark); // Its row must not be deleted before it is written.
      throw e;
    }
  }

  private long append(LogRecord.Mark mark) {
    long sequence = log.append(mark);
    lastMark.accumulateAndGet(sequence, Math::max);
    return sequence;
  }

  /** All marks so far are on disk once this returns. */
  void forceMarks() {
    for (LogRecord.Mark mark : List.copyOf(unwritten.values())) {
      append(mark);
      unwritten.remove(mark.entry());
    }
    log.force(lastMark.get());
  }

  /** The scan at open has come to this entry. */
  void passed(long sequence) {
    backlogs.values().forEach(backlog -> backlog.passed(sequence));
  }

  /** The store for which an entry waits that the scan at open has come past; null if none. */
  @Nullable String storeThatWaitsFor(long entry) {
    for (Map.Entry<String, Backlog> each : backlogs.entrySet()) {
      if (each.getValue().waitsBelow(entry)) {
        return each.getKey();
      }
    }
    return null;
  }

  /** The scan at open has found that an entry is not acknowledged, or no more. */
  void notKept(long entry) {
    tails.values().forEach(tail -> tail.notKept(entry));
  }

  /** The scan at open has found a mark of this entry. */
  void settledAtOpen(long entry) {
    backlogs.values().forEach(backlog -> backlog.settled(entry, false));
  }

  /** Marks what a person decided about a dead letter; forced. */
  long discard(LogRecord.Mark mark) {
    long sequence = log.append(mark);
    log.force(sequence);
    remember(mark.id(), Outcome.DISCARDED);
    return sequence;
  }

  void remember(TransactionId id, Outcome outcome) {
    synchronized (remembered) {
      remembered.put(id, outcome);
    }
  }

  /** Unless the drain was faster and has marked it. */
  void rememberAccepted(TransactionId id, Outcome outcome) {
    synchronized (remembered) {
      remembered.putIfAbsent(id, outcome);
    }
  }

  /** Whether a transaction was accepted since the log was opened, and lately. */
  boolean hasAccepted(TransactionId id) {
    synchronized (remembered) {
      return remembered.containsKey(id);
    }
  }

  /** What the log knows of this id; null if nothing. Reads the whole log where memory ends. */
  @Nullable Outcome outcome(TransactionId id) {
    synchronized (remembered) {
      Outcome outcome = remembered.get(id);
      if (outcome != null) {
        return outcome;
      }
    }
    return incarnations.contains(id.incarnation()) ? search(id) : null;
  }

  private @Nullable Outcome search(TransactionId id) {
    Outcome found = null;
    try (LogCursor cursor = log.read(1)) {
      for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        Outcome said = said(entry.record(), id);
        found = said == null ? found : said;
      }
    }
    return found;
  }

  private static @Nullable Outcome said(LogRecord record, TransactionId id) {
    if (record instanceof LogRecord.Accepted accepted) {
      if (id.equals(accepted.transaction().replaces())) {
        return Outcome.REPLACED;
      }
      return accepted.transaction().id().equals(id)
          ? (accepted.inDoubt() ? Outcome.IN_DOUBT : Outcome.ACCEPTED)
          : null;
    }
    if (record instanceof LogRecord.Retained retained) {
      return retained.transaction().id().equals(id) ? Outcome.IN_DOUBT : null;
    }
    return record instanceof LogRecord.Mark mark && mark.id().equals(id) ? mark.outcome() : null;
  }

  /**
   * What is to be settled of an entry that waits again; null if it is no transaction. One that
   * nobody knows to have been committed, and in which the application has read, is not run again
   * (R6); unless it was sent to another writer, which may have had it and told so.
   */
  @Nullable Transaction toSettle(LogEntry entry) {
    Transaction transaction = transactionOf(entry.record());
    if (transaction == null) {
      return null;
    }
    Tail tail = tail(transaction.store());
    Tail.Doubt doubt = tail.doubt(entry.sequence());
    boolean again =
        doubt == null
            || doubt.again()
            || (doubt.writer() != null && !doubt.writer().equals(tail.writer()));
    return again ? transaction : transaction.withoutOperations();
  }

  /** The transaction in it; null if it holds none. */
  static @Nullable Transaction transactionOf(LogRecord record) {
    if (record instanceof LogRecord.Accepted accepted) {
      return accepted.transaction();
    }
    return record instanceof LogRecord.Retained retained ? retained.transaction() : null;
  }

  /** The transaction at this place of the log. */
  Transaction read(long sequence) {
    Transaction transaction = find(sequence);
    if (transaction == null) {
      throw new IllegalStateException("the log has no transaction at sequence " + sequence);
    }
    return transaction;
  }

  /** The same; null if there is none any more. */
  @Nullable Transaction find(long sequence) {
    try (LogCursor cursor = log.read(sequence)) {
      LogEntry entry = cursor.next();
      return entry != null && entry.sequence() == sequence ? transactionOf(entry.record()) : null;
    }
  }

  /**
   * Gives back the space of everything that nobody will ask for any more. The registrations of the
   * current incarnation are written again from time to time, so that what is released never takes
   * with it the knowledge by which another history is recognised (I3). A store that is up reads
   * nothing: where nothing waits for it, it keeps nothing.
   */
  void release() {
    long forced = log.forced();
    long needed = forced + 1;
    // In the order in which an entry goes through them: none is missed on its way.
    for (long unit : inHand.values()) {
      needed = Math.min(needed, unit);
    }
    needed = Math.min(needed, unaudited.getAsLong());
    for (long hold : heldAt.values()) {
      needed = Math.min(needed, hold);
    }
    for (Backlog backlog : backlogs.values()) {
      backlog.passedIfIdle(forced);
      needed = Math.min(needed, backlog.first());
      backlog.trim(backlog.first());
    }
    needed = Math.min(needed, book.firstEntry());
    needed = Math.min(needed, firstPlace());
    for (String store : registeredAt.keySet()) {
      if (log.forced() - registeredAt.getOrDefault(store, 0L) > REGISTERED_AGAIN) {
        writeRegistration(store, log.incarnation());
      }
      needed = Math.min(needed, registeredAt.getOrDefault(store, 0L));
    }
    needed = Math.min(needed, leases.needed(this::waitsFor));
    for (String store : eraAt.keySet()) {
      LogRecord.Era era = eras.get(store);
      if (era != null && log.forced() - eraAt.getOrDefault(store, 0L) > REGISTERED_AGAIN) {
        eraAgain(era);
      }
      needed = Math.min(needed, eraAt.getOrDefault(store, 0L));
    }
    for (Tail tail : tails.values()) {
      needed = Math.min(needed, tail.first());
    }
    needed = Math.min(needed, sharing.copiedBelow());
    log.release(Math.min(needed, archive.archivedBelow(needed)));
    sharing.released(needed);
  }

  /** Whether units of work across stores may wait, which may have parts for any store. */
  boolean holdsUnits() {
    return backlogs.values().stream().anyMatch(Backlog::holdsUnits);
  }

  /** Whether transactions or dead letters wait for a store. */
  boolean waitsFor(String store) {
    Backlog backlog = backlogs.get(store);
    return (backlog != null && backlog.count() > 0) || book.count(store) > 0;
  }

  /** The last outcomes, so that most questions cost no reading. */
  private static final class Remembered extends LinkedHashMap<TransactionId, Outcome> {

    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<TransactionId, Outcome> eldest) {
      return size() > REMEMBERED;
    }
  }

  /** What the log warns of, and what was lost in it for as long as it holds the places. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>(log.warnings());
    warnings.addAll(sharing.warnings());
    warnings.addAll(archive.warnings());
    if (!lostLetters.isEmpty()) {
      warnings.add(
          "of %d dead letters the log knows no more than that they were refused, and they can't be retried: the first is %s"
              .formatted(lostLetters.size(), lostLetters.get(0)));
    }
    if (lost == 0) {
      return warnings;
    }
    warnings.add(
        "entries of the log are lost, as was accepted last at %s: %d of those from %d to %d; what became of them only the stores and their senders can tell"
            .formatted(lossAcceptedAt, lost, firstLost, lastLost));
    return warnings;
  }
}
