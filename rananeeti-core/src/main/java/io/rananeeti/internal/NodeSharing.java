package io.rananeeti.internal;

import io.rananeeti.Availability;
import io.rananeeti.Health;
import io.rananeeti.Outcome;
import io.rananeeti.SharedDurability;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.internal.Settings.Shared;
import io.rananeeti.internal.shared.LogCopier;
import io.rananeeti.internal.shared.LogCopies;
import io.rananeeti.internal.shared.Neighbours;
import io.rananeeti.internal.shared.SharedOrder;
import io.rananeeti.internal.shared.TailGate;
import io.rananeeti.internal.shared.Tails;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Transaction;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shares the log of this node with others: copies it, agrees with them when it may be overtaken by
 * what is committed directly ({@link Neighbours}), keeps the order of what all have accepted
 * ({@link SharedOrder}), and applies what a dead node has left ({@link OrphanDrain}). Thread-safe.
 */
final class NodeSharing implements Sharing, Neighbours.Local {

  private static final Logger LOG = LoggerFactory.getLogger(NodeSharing.class);
  private static final Duration AGAIN = Duration.ofMillis(50);
  private static final Duration LATER = Duration.ofSeconds(1);
  private static final long BYTES_A_SECOND = 1 << 20;
  private static final Duration TOO_LONG = Duration.ofSeconds(10);
  private static final Duration RESTING = Duration.ofMillis(500);

  private final Settings settings;
  private final Shared shared;
  private final Seams seams;
  private final Journal journal;
  private final LogCopies copies;
  private final Neighbours neighbours;
  private final SharedOrder order;
  private final LogCopier copier;
  private final ContentPlace place;
  private final @Nullable NodeContents contents;
  private final Map<String, StoreRuntime> stores = new LinkedHashMap<>();
  private final Set<String> leaving = ConcurrentHashMap.newKeySet();
  private final Set<String> opening = ConcurrentHashMap.newKeySet();
  private final Set<Long> orphans = ConcurrentHashMap.newKeySet();
  private final Map<Long, Seams.Running> orphanThreads = new ConcurrentHashMap<>();
  private final Map<Long, String> orphanTroubles = new ConcurrentHashMap<>();
  private final List<Seams.Running> threads = new ArrayList<>();
  private final Waiter pauses;
  private volatile @Nullable String trouble;
  private volatile @Nullable String unreadable;
  private final NavigableMap<Long, TransactionId> delayed = new ConcurrentSkipListMap<>();
  private final Set<TransactionId> heardOf = ConcurrentHashMap.newKeySet();

  /** What is accepted, and has to be awaited once the gate is left: where it stands in the log. */
  private final Map<TransactionId, Long> uncopied = new ConcurrentHashMap<>();

  private final AtomicBoolean callerLooks = new AtomicBoolean();
  private final Set<String> looking = ConcurrentHashMap.newKeySet();
  private volatile Set<SharedOrder.Key> parkedElsewhere = Set.of();
  private volatile boolean stopped;

  NodeSharing(Settings settings, Shared shared, Journal journal) {
    this.settings = settings;
    this.shared = shared;
    this.seams = settings.seams();
    this.journal = journal;
    TransactionLog log = journal.log();
    this.copies = LogCopies.over(shared.storage(), settings.name(), seams);
    this.pauses = seams.newWaiter();
    this.neighbours =
        new Neighbours(
            settings.name(),
            shared.storage(),
            seams,
            log.id(),
            settings.stores().stream().map(store -> store.name()).toList(),
            shared.lease(),
            this);
    this.order = new SharedOrder(copies, seams);
    this.place = new ContentPlace(settings.name(), shared.storage(), shared.contents());
    this.contents =
        place.isThere()
            ? new NodeContents(
                settings.name(), place, journal.contents().requireSpool(), log, seams)
            : null;
    this.copier =
        new LogCopier(
            settings.name(),
            shared.storage(),
            copies,
            log,
            journal::lastAppended,
            this::isNeeded,
            neighbours::isOwn,
            contents == null ? LogCopier.Beside.NOTHING : contents,
            seams);
  }

  /** All that there are. */
  void stores(Map<String, StoreRuntime> all) {
    stores.putAll(all);
  }

  void start() {
    threads.add(seams.start(settings.name() + "-neighbours", neighbours::run));
    threads.add(seams.start(settings.name() + "-copier", copier::run));
    threads.add(seams.start(settings.name() + "-awake", neighbours::watch));
    if (contents != null) {
      threads.add(seams.start(settings.name() + "-contents", contents::run));
    }
  }

  /** What nobody needs elsewhere is left out: what is settled already, and what is of this node. */
  private boolean isNeeded(LogEntry entry) {
    LogRecord record = entry.record();
    if (record instanceof LogRecord.Accepted accepted) {
      Transaction transaction = accepted.transaction();
      return transaction.replaces() != null // It is the end of its letter.
          || journal.isInHand(transaction.id()) // Asked for first: it waits before it is not.
          || journal.backlog(transaction.store()).waits(entry.sequence())
          || journal.tail(transaction.store()).keeps(entry.sequence())
          || journal.book().get(transaction.id()) != null;
    }
    return record instanceof LogRecord.Mark
        || record instanceof LogRecord.Moved
        || record instanceof LogRecord.Retained
        || record instanceof LogRecord.Deferred
        || record instanceof LogRecord.Delayed
        || record instanceof LogRecord.Era
        || record instanceof LogRecord.Opened
        || record instanceof LogRecord.Registered
        || record instanceof LogRecord.Adopted;
  }

  // What the platform asks.

  @Override
  public void accepting(Transaction transaction) {
    if (shared.durability() == SharedDurability.LOCAL || gate(transaction.store()).look().up()) {
      return; // Up, it is accepted because its key is parked: for all nodes.
    }
    if (shared.durability() == SharedDurability.BOTH && copier.isFailing()) {
      throw new LogFullException(
          "the shared log can't be reached, and transactions have to be in it: %s"
              .formatted(trouble == null ? troubleOfContents() : trouble),
          null);
    }
    if (gate(transaction.store()).look().availability() == Availability.DOWN) {
      neighbours.notReady(transaction.store());
    }
    uninterrupted(
        () -> {
          neighbours.awaitLogged(transaction.store());
          return true;
        });
  }

  private @Nullable String troubleOfContents() {
    return contents == null ? null : contents.trouble();
  }

  private @Nullable String untidy() {
    return contents == null ? null : contents.untidy();
  }

  /**
   * What is behind it can't be copied, and must not wait for that as long as the database is there:
   * others don't know of it then.
   */
  private boolean isContentAway() {
    return copier.isBringing(TOO_LONG) || (troubleOfContents() != null && copier.isFailing());
  }

  @Override
  public void appending(LogRecord record) {
    try {
      copies.check(record);
    } catch (IllegalArgumentException e) {
      if (place.isThere()) {
        throw e;
      }
      throw new IllegalArgumentException(
          e.getMessage() + "; DataPlatform.Builder.sharedContents names a place for large values",
          e);
    }
  }

  @Override
  public void accepted(long sequence, Transaction transaction) {
    if (mayWaitForContent(sequence)) {
      uncopied.put(transaction.id(), sequence);
      copier.signal();
    } else {
      awaitCopied(sequence);
      awaitLoggedStill(transaction.store());
    }
  }

  /** An upload takes as long as it takes, and no change of a state may wait for that. */
  private boolean mayWaitForContent(long sequence) {
    return switch (shared.durability()) {
      case LOCAL -> false;
      case BOTH_IF_REACHED -> !timeFor(sequence).isZero();
      case BOTH -> contents != null; // What is small waits for what is large before it.
    };
  }

  @Override
  public void acknowledging(Transaction transaction) {
    Long sequence = uncopied.remove(transaction.id());
    if (sequence != null) {
      awaitCopied(sequence);
      if (keepsPlace(transaction)) {
        awaitLoggedStill(transaction.store());
      }
    }
  }

  /** What is applied by now can't be overtaken, and a letter's retry has no place to keep. */
  private boolean keepsPlace(Transaction transaction) {
    Outcome outcome = journal.outcome(transaction.id());
    return transaction.replaces() == null
        && (outcome == null || outcome == Outcome.ACCEPTED || outcome == Outcome.IN_DOUBT);
  }

  private void awaitLoggedStill(String store) {
    try {
      awaitLogged(store); // This node may have been taken for dead meanwhile.
    } catch (LogFailedException e) {
      throw e;
    } catch (RananeetiException e) {
      throw new LogFailedException("in the log, and not acknowledged: " + e.getMessage(), e);
    }
  }

  private void awaitLogged(String store) {
    if (shared.durability() != SharedDurability.LOCAL && !gate(store).look().up()) {
      uninterrupted(
          () -> {
            neighbours.awaitLogged(store);
            return true;
          });
    }
  }

  @Override
  public void acceptedThoughUp(Transaction transaction) {
    if (shared.durability() == SharedDurability.LOCAL) {
      return;
    }
    uninterrupted(
        () -> {
          awaitHeard(transaction);
          return true;
        });
  }

  private void awaitHeard(Transaction transaction) throws InterruptedException {
    String store = transaction.store();
    if (!awaitCopyOfPark(journal.lastAppended())) {
      return;
    }
    if (isApplied(transaction)) {
      return; // It waits no more, and nothing can overtake it.
    }
    boolean looked = look();
    String key = transaction.orderingKey();
    long own = neighbours.number();
    Set<TransactionId> letters = looked ? order.letters(own, store, key) : Set.of();
    if (letters.stream().anyMatch(heardOf::contains)) {
      return; // It parks the key everywhere, until a mark that is read behind this one.
    }
    if (looked && (order.letterParks(store, key) || order.delayParks(store, key))) {
      if (neighbours.awaitHeard(store)) {
        heardOf.removeIf(id -> !order.isLetter(id));
        heardOf.addAll(letters);
      }
    } else { // The key was freed: all apply what waits, so that none parks it for the next.
      neighbours.awaitLogged(store);
    }
  }

  /** False if others can't be told, since what is before it waits for its content. */
  private boolean awaitCopyOfPark(long last) throws InterruptedException {
    while (!neighbours.isAlone()
        && !stopped
        && !copier.awaitCopied(last, Deadline.after(seams, AGAIN))) {
      LOG.debug("{}: what parks a key is not copied yet", settings.name());
      if (isContentAway()) {
        return false;
      }
    }
    return true;
  }

  private boolean isApplied(Transaction transaction) {
    Outcome outcome = journal.outcome(transaction.id());
    return outcome == Outcome.APPLIED || outcome == Outcome.DUPLICATE;
  }

  @Override
  public void leftToDrain(Transaction unit) {
    if (shared.durability() != SharedDurability.LOCAL) {
      awaitCopied(journal.lastAppended()); // That it parks its key.
      uninterrupted(
          () -> {
            neighbours.awaitLogged(unit.store());
            return true;
          });
    }
  }

  @Override
  public void delays(long entry, Transaction unit) {
    if (delayed.put(entry, unit.id()) == null) {
      boolean written = false;
      try {
        journal.delay(entry, unit.id());
        written = true;
      } finally {
        if (!written) {
          delayed.remove(entry);
        }
      }
    }
  }

  private void awaitCopied(long sequence) {
    switch (shared.durability()) {
      case LOCAL -> copier.signal();
      case BOTH_IF_REACHED -> awaitCopiedIfReached(sequence);
      case BOTH -> {
        Duration wait = settings.inDoubtWait().plus(timeFor(sequence));
        boolean copied = false;
        do {
          long patience = Deadline.after(seams, wait);
          copied = uninterrupted(() -> copier.awaitCopied(sequence, patience));
        } while (!copied && copier.isBringing(Duration.ZERO) && !copier.isFailing() && !stopped);
        if (!copied) {
          throw new LogFailedException(
              "in this node's log only, for %s already: the shared log can't be reached"
                  .formatted(wait),
              null);
        }
      }
    }
  }

  /** What has content waits for that as long as it gets on; nobody else waits for it long. */
  private void awaitCopiedIfReached(long sequence) {
    Duration content = timeFor(sequence);
    long patience = Deadline.after(seams, settings.outageBudget().plus(content));
    if (copier.isFailing() || neighbours.isAlone()) {
      copier.signal();
    } else if (!content.isZero()) {
      uninterrupted(() -> copier.awaitCopiedUnlessFailing(sequence, patience));
    } else if (copier.isBringing(LATER)) {
      copier.signal();
    } else {
      uninterrupted(() -> copier.awaitCopied(sequence, patience));
    }
  }

  /** How much longer the copy of an entry may take because of what it names: a second a MiB. */
  private Duration timeFor(long sequence) {
    long bytes = contents == null ? 0 : journal.contents().requireSpool().bytesOf(sequence);
    return bytes == 0 ? Duration.ZERO : Duration.ofSeconds(1 + bytes / BYTES_A_SECOND);
  }

  @Override
  public boolean look() {
    return neighbours.isAlone() || readCopies() || neighbours.isAlone();
  }

  private boolean readCopies() {
    long own = neighbours.number();
    if (own == 0) {
      return false;
    }
    try {
      if (!order.look(own, neighbours::allNow, neighbours::isAlone)) {
        return false;
      }
      noteParked(own);
      unreadable = null;
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.debug("{}: the order of all nodes can't be read", settings.name(), e);
      unreadable = "what other nodes have accepted can't be read: " + e.getMessage();
      return false;
    }
  }

  private void noteParked(long own) {
    if (isFirstParked(own)) {
      stores
          .values()
          .forEach(store -> store.desk().gate().rouse()); // Looks more often from now on.
    }
  }

  /** Whoever looked earlier must not be the last to say what was seen. */
  private synchronized boolean isFirstParked(long own) {
    boolean nothingWas = parkedElsewhere.isEmpty();
    parkedElsewhere = order.parkedKeys(own);
    return nothingWas && !parkedElsewhere.isEmpty();
  }

  @Override
  public boolean mayRecover(String store) {
    return !journal.retains(store) || neighbours.hasHeard(store);
  }

  @Override
  public void found(LogRecord.Era era, boolean lost) {
    Tails.Found writer = new Tails.Found(era.writer(), era.epoch(), era.lineage());
    neighbours.found(era.store(), writer, lost);
  }

  @Override
  public TailGate.Turn turn(String store) {
    if (journal.retains(store)) {
      return neighbours.turn(store);
    }
    return neighbours.isOpen(store) ? TailGate.Turn.ALL : TailGate.Turn.NONE;
  }

  @Override
  public void whole(String store) {
    neighbours.whole(store);
  }

  @Override
  public void adopted(String store) {
    neighbours.adopted(store);
  }

  @Override
  public Verdict verdict(long sequence, Transaction transaction) {
    if (neighbours.isAlone()) {
      return Verdict.MAY;
    }
    long node = neighbours.number();
    SharedOrder.Verdict said = order.verdictOfOwn(node, sequence, transaction);
    boolean isStuck =
        said == SharedOrder.Verdict.WAITS && isContentAway() && sequence >= copier.copiedBelow();
    return of(isStuck ? order.verdictOfUncopied(node, transaction) : said);
  }

  private static Verdict of(SharedOrder.Verdict verdict) {
    return switch (verdict) {
      case MAY -> Verdict.MAY;
      case WAITS -> Verdict.WAITS;
      case PARKED -> Verdict.PARKED;
    };
  }

  @Override
  public boolean parks(String store, @Nullable String orderingKey) {
    boolean elsewhere = !parkedElsewhere.isEmpty();
    boolean here = journal.backlog(store).count() > 0;
    if ((!elsewhere && !here) || neighbours.isAlone()) {
      return false;
    }
    long own = neighbours.number();
    return (elsewhere && order.parks(own, store, orderingKey))
        || (here
            && order.waits(own, store, orderingKey)); // Others were before it, and are not now.
  }

  @Override
  public boolean isTimeToClose(String store) {
    return neighbours.isTimeToClose(store);
  }

  @Override
  public boolean agreeUp(String store) throws InterruptedException {
    long last = journal.lastAppended();
    boolean copied =
        neighbours.isAlone()
            || copier.awaitCopied(last, Deadline.after(seams, LATER))
            || isContentAway();
    if (!copied || !neighbours.agreeUp(store)) {
      return false;
    }
    opening.add(store);
    boolean looked = false;
    try {
      long patience = Deadline.after(seams, LATER);
      looked = look(); // What others have parked is in their copies now.
      while (!looked && !stopped && seams.nanoTime() - patience < 0) {
        pause(AGAIN);
        looked = look();
      }
    } finally {
      if (!looked) {
        opening.remove(store);
      }
    }
    return looked;
  }

  @Override
  public boolean isAlone() {
    return neighbours.isAlone();
  }

  @Override
  public void opened(String store) {
    opening.remove(store);
  }

  @Override
  public boolean maySend(String store) {
    return neighbours.maySend(store);
  }

  @Override
  public boolean awaitMaySend(String store, long deadline) throws InterruptedException {
    return neighbours.awaitMaySend(store, deadline);
  }

  @Override
  public void lookIfParked(String store, @Nullable String orderingKey) {
    if (!parks(store, orderingKey) || !callerLooks.compareAndSet(false, true)) {
      return; // Somebody looks: the others don't wait for that, they are accepted at worst.
    }
    try {
      if (!look()) {
        LOG.debug("{}: what other nodes park can't be read", settings.name());
      }
    } finally {
      callerLooks.set(false);
    }
  }

  @Override
  public void lookIfParked(String store) {
    if (waitsSomewhere(store) && !look()) {
      LOG.debug("{}: what other nodes park can't be read", settings.name());
    }
  }

  private boolean waitsSomewhere(String store) {
    return journal.backlog(store).count() > 0 || !parkedElsewhere.isEmpty();
  }

  @Override
  public boolean isAnyKeyFree(String store) {
    return journal.backlog(store).count() > 0
        && order.free(neighbours.number(), journal::isInHand).stream()
            .anyMatch(
                key ->
                    key.store().equals(store) && !journal.book().parks(store, key.orderingKey()));
  }

  @Override
  public Duration patience(String store, Duration pause) {
    return waitsSomewhere(store) && pause.compareTo(LATER) > 0 ? LATER : pause;
  }

  @Override
  public long copiedBelow() {
    return copier.copiedBelow();
  }

  /**
   * Whoever takes over would ask for rows that a mark has freed which is not copied; and so would
   * who has taken over an earlier number of this node.
   */
  @Override
  public boolean mayForget() {
    return copier.copiedBelow() > journal.lastAppended() && !neighbours.hasLeftSomething();
  }

  @Override
  public void released(long below) {
    delayed.headMap(below).clear();
    uncopied.values().removeIf(sequence -> sequence < below);
    copier.release(below);
    order.settledBelow(neighbours.number(), below);
  }

  @Override
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>(orphanTroubles.values());
    for (String now : new @Nullable String[] {trouble, unreadable, troubleOfContents(), untidy()}) {
      if (now != null) {
        warnings.add(now);
      }
    }
    return warnings;
  }

  /** What is known of the nodes. */
  Health.Shared health() {
    return neighbours.health();
  }

  // What the neighbours ask.

  @Override
  public boolean isUp(String store) {
    return opening.contains(store) || gate(store).look().up();
  }

  @Override
  public boolean waits(String store) {
    return journal.backlog(store).count() > 0;
  }

  @Override
  public boolean leaveUp(String store) {
    if (leaving.add(store)) {
      seams.start(settings.name() + "-" + store + "-leaves", () -> left(store));
    }
    return false;
  }

  @Override
  public void lookAgain(String store, long generation) {
    if (looking.add(store)) {
      seams.start(settings.name() + "-" + store + "-looks", () -> lookFor(store, generation));
    }
  }

  private void lookFor(String store, long generation) {
    boolean looked = false;
    try {
      looked = !neighbours.isAlone() && readCopies(); // Who is alone reads nothing.
    } finally {
      looking.remove(store);
    }
    if (looked) {
      neighbours.looked(store, generation);
    } else if (!stopped && !leaveUp(store)) {
      LOG.debug("{}: store={} what waits elsewhere can't be read", settings.name(), store);
    }
  }

  /** Whoever is inside the gate may take his time; that this node lives is said meanwhile. */
  private void left(String store) {
    try {
      gate(store).recoverAfter(journal.book()::lookAgain);
    } catch (RananeetiException e) {
      LOG.debug("{}: closed", settings.name(), e);
    } finally {
      leaving.remove(store);
      neighbours.hurry();
    }
  }

  private Gate gate(String store) {
    return runtime(store).desk().gate();
  }

  private StoreRuntime runtime(String store) {
    StoreRuntime runtime = stores.get(store);
    if (runtime == null) {
      throw new IllegalStateException("there is no store " + store);
    }
    return runtime;
  }

  @Override
  public boolean retains(String store) {
    return journal.retains(store);
  }

  @Override
  public void named(String store, Tails.Found writer) {
    if (journal.retains(store)) {
      journal.tail(store).heard(writer.epoch(), writer.lineage());
    }
  }

  @Override
  public void numbered(long node) {
    copier.number(node);
  }

  @Override
  public void trouble(@Nullable String message) {
    trouble = message;
  }

  @Override
  public void died(long node, UUID log) {
    if (stopped) {
      return;
    }
    if (orphans.add(node)) {
      Seams.Running thread = seams.start(settings.name() + "-orphan-" + node, () -> takeOver(node));
      orphanThreads.put(node, thread);
    }
  }

  /** The thread of one dead node. */
  private void takeOver(long node) {
    try {
      if (neighbours.take(node)) {
        while (!stopped && neighbours.isTaken(node)) {
          tryAll(node);
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("{}: node {} can't be taken over now", settings.name(), node, e);
      pause(LATER);
    } finally {
      orphanTroubles.remove(node);
      orphanThreads.remove(node);
      orphans.remove(node);
    }
  }

  private void tryAll(long node) {
    try {
      applyAll(node);
    } catch (IOException | RuntimeException e) {
      LOG.debug("{}: what node {} has left can't be applied now", settings.name(), node, e);
      orphanTroubles.put(node, "what node %d has left can't be applied: %s".formatted(node, e));
      pause(LATER);
    }
  }

  private void applyAll(long node) throws IOException {
    try (TransactionLog log = copies.takeOver(node)) {
      Journal left =
          new Journal(
              log,
              seams,
              new Ids(log.incarnation()),
              new DeadLetterBook(),
              stores.keySet(),
              stores.keySet().stream().filter(journal::retains).toList());
      Map<String, OrphanDrain> drains = drains(node, left);
      try {
        boolean rests = false;
        while (!stopped && neighbours.isTaken(node)) {
          boolean moved = passAll(node, drains);
          left.forceMarks();
          if (drains.values().stream().allMatch(OrphanDrain::isDone)) {
            if (finish(node, drains, rests)) {
              return;
            }
            rests = drains.values().stream().noneMatch(OrphanDrain::hasLeft);
          }
          pause(rests ? RESTING : moved ? Duration.ofMillis(1) : AGAIN);
        }
      } finally {
        drains.values().forEach(OrphanDrain::close);
      }
    }
  }

  private Map<String, OrphanDrain> drains(long node, Journal left) {
    Map<String, OrphanDrain> drains = new LinkedHashMap<>();
    stores.forEach(
        (name, store) ->
            drains.put(
                name,
                new OrphanDrain(
                    settings,
                    store.desk(),
                    left,
                    (sequence, transaction) ->
                        neighbours.isAlone()
                            ? Verdict.WAITS
                            : of(order.verdict(node, sequence, transaction)),
                    (sequence, transaction) -> order.ticket(node, sequence, transaction.id()),
                    new OrphanContents(place, node, journal.contents().requireSpool()))));
    return drains;
  }

  private boolean passAll(long node, Map<String, OrphanDrain> drains) {
    boolean moved = false;
    for (Map.Entry<String, OrphanDrain> each : drains.entrySet()) {
      StoreRuntime store = runtime(each.getKey());
      try {
        if (store.takesOrphans() && restoreTail(node, each.getKey(), each.getValue())) {
          moved |= pass(each.getValue());
          orphanTroubles.remove(node);
        }
      } catch (StoreException e) {
        if (!e.sqlState().equals(Refusals.CONTENT_AWAY)) {
          store.orphanFailed(e);
        }
        orphanWaits(node, e);
      }
    }
    return moved;
  }

  private void orphanWaits(long node, StoreException e) {
    orphanTroubles.put(
        node,
        "what node %d has left waits: SQLSTATE %s %s"
            .formatted(node, e.sqlState(), e.getMessage()));
    pause(LATER);
  }

  /** Whether the writer that is named now has what the dead node had acknowledged (N5). */
  private boolean restoreTail(long node, String store, OrphanDrain drain) throws StoreException {
    long named = journal.retains(store) ? neighbours.checked(store) : neighbours.named(store);
    if (neighbours.orphanWhole(node, store) < named) {
      boolean whole = !journal.retains(store);
      while (!whole && !stopped && named == neighbours.checked(store)) {
        whole = drain.restoreTail(runtime(store).adoptsOrphans(), named);
      }
      if (!whole) {
        return false;
      }
      neighbours.orphanIsWhole(node, store, named);
      runtime(store).orphansAreKnown();
    }
    return turn(store) == TailGate.Turn.ALL;
  }

  private boolean pass(OrphanDrain drain) throws StoreException {
    if (drain.isDone() && !drain.keepsNothing()) {
      drain.cover();
    }
    return !drain.isDone() && readCopies() && drain.pass(); // Since this node has it.
  }

  /**
   * What waits for a person is in this node's log, and copied, before the copy is removed; or
   * marked there, if it is kept for other regions.
   *
   * @param rests whether nothing has waited there the last time either
   * @return whether it is removed
   */
  private boolean finish(long node, Map<String, OrphanDrain> drains, boolean rests)
      throws IOException {
    boolean nothingKept = drains.values().stream().allMatch(OrphanDrain::keepsNothing);
    if (rests && drains.values().stream().noneMatch(OrphanDrain::hasLeft)) {
      return nothingKept && remove(node);
    }
    long before = journal.lastAppended();
    if (copier.copiedBelow() <= before || !readCopies()) {
      return false; // What this node's log has already is seen in its copy.
    }
    try {
      for (OrphanDrain drain : drains.values()) {
        drain.prepareMove(id -> order.has(neighbours.number(), id));
      }
    } catch (StoreException e) {
      orphanWaits(node, e);
      return false;
    }
    Map<OrphanDrain, Map<Long, TransactionId>> moved = new LinkedHashMap<>();
    drains.forEach(
        (name, drain) ->
            notUp(
                gate(name),
                () ->
                    moved.put(
                        drain, drain.moveTo(journal, id -> order.has(neighbours.number(), id)))));
    long last = journal.lastAppended();
    while (!stopped && copier.copiedBelow() <= last) {
      uninterrupted(() -> copier.awaitCopied(last, Deadline.after(seams, LATER)));
    }
    if (stopped || !neighbours.isTaken(node)) {
      return true;
    }
    if (nothingKept) {
      return remove(node);
    }
    moved.forEach(OrphanDrain::moved);
    neighbours.rests(node);
    LOG.info(
        "{}: nothing that node {} has left waits, and its copy stays until other regions have it",
        settings.name(),
        node);
    return false;
  }

  private boolean remove(long node) throws IOException {
    copies.remove(node);
    if (contents != null) {
      contents.gone(node);
    }
    neighbours.forget(node);
    LOG.info("{}: all that node {} has left is applied", settings.name(), node);
    return true;
  }

  private void notUp(Gate gate, Runnable accept) {
    while (!stopped) {
      gate.recoverAfter(() -> {});
      Gate.Passage passage = gate.enter();
      try {
        if (!passage.up()) {
          accept.run();
          return;
        }
      } finally {
        gate.leave();
      }
    }
  }

  private void pause(Duration pause) {
    pauses.lock();
    try {
      pauses.await(() -> stopped, Deadline.after(seams, pause));
    } catch (InterruptedException e) {
      LOG.debug("{}: interrupted", settings.name());
    } finally {
      pauses.unlock();
    }
  }

  /** Ends the waiting of all who ask; before the stores are stopped. */
  void stop() {
    stopped = true;
    pauses.lock();
    try {
      pauses.signalAll();
    } finally {
      pauses.unlock();
    }
    neighbours.stop();
    copier.stop();
    if (contents != null) {
      contents.stop();
    }
    threads.forEach(Seams.Running::interrupt);
    orphanThreads.values().forEach(Seams.Running::interrupt);
    place.close();
  }

  void awaitStop(long deadline) {
    try {
      for (Seams.Running thread : threads) {
        thread.join(deadline);
      }
      for (Seams.Running thread : orphanThreads.values()) {
        thread.join(deadline);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    shared.storage().close();
  }

  private interface Waiting<T> {
    T run() throws InterruptedException;
  }

  /** However long it takes; an interrupt is kept for later. */
  private static <T> T uninterrupted(Waiting<T> waiting) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return waiting.run();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
