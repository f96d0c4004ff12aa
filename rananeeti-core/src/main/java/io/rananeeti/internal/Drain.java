package io.rananeeti.internal;

import io.rananeeti.Adoption;
import io.rananeeti.Availability;
import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.BacklogReader.Item;
import io.rananeeti.internal.shared.TailGate;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies what waits, in one pass of the log and in its order (R1), whenever the store is {@code
 * RECOVERING}; then declares it {@code UP}. Driven by its own thread, never by a request.
 *
 * <p>The owner thread reads windows of the log and hands them to {@link Lanes}. What goes wrong is
 * told apart by whether the store answered (D5): if it did not, the drain waits and begins its pass
 * again, which costs claims that meet their own rows; if it asked to retry, the lane tries again;
 * if it refused, the transaction becomes a dead letter and parks its key; if the environment is
 * broken (a table or a right is missing for one transaction after the other), the drain stops with
 * an alarm and looks again from time to time, instead of emptying the backlog into dead letters.
 *
 * <p><b>The end of a recovery.</b> When a pass finds nothing more, the gate is closed, so that
 * nobody is between the look at the state and the force of an entry; what is left is applied, and
 * the gate opens with the store up. So no accepted transaction waits while others commit directly,
 * but those that are parked, whose key stays detached.
 */
final class Drain {

  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

  static final String HISTORY = "55R03";

  /** SQLSTATE: the ledger has settled this id, and has forgotten how (I2). */
  static final String FORGOTTEN = "55R04";

  private static final Refusal SET_ASIDE =
      new Refusal(HISTORY, "set aside: it was accepted for a database with another history");
  private static final int WINDOW = 256;
  private static final int GROUP = 64;
  private static final int LAST_WINDOW = 64;
  private static final int UNCLEAR_TRIES = 5;
  private static final int RUN = 3;
  private static final int PATIENT_FAILURES = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration BLOCKED_AFTER = Duration.ofSeconds(30);
  private static final Duration REPORT = Duration.ofSeconds(5);
  private static final Duration OTHERS = Duration.ofMillis(20);

  private final Settings settings;
  private final Seams seams;
  private final Store store;
  private final Gate gate;
  private final Journal journal;
  private final Backlog backlog;
  private final Settler settler;
  private final Listeners listeners;
  private final Alarms alarms;
  private final Ids ids;
  private final Queue<Transaction> questions;
  private final Holding holding;
  private final Lanes lanes;
  private final BacklogReader reader;
  private final Housekeeping housekeeping;
  private final Leasing leasing;
  private final TailRecovery tailRecovery;
  private final Covering covering;
  private final Tail tail;
  private final Sharing sharing;
  private final Parts parts;
  private final Set<TransactionId> wereBlocked = ConcurrentHashMap.newKeySet();
  private volatile boolean otherHistory;
  private volatile boolean adopting;
  private volatile boolean orphansAsk;
  private volatile boolean orphansAdopted;
  private long generation;
  private volatile boolean gateIsClosed;
  private volatile long registeredIn = -1;
  private long foreignSince = -1;
  private long nextReport;
  private volatile long nextUnblock;
  private int failures;

  Drain(Settings settings, Desk desk) {
    this.settings = settings;
    this.seams = settings.seams();
    this.store = desk.store();
    this.gate = desk.gate();
    this.journal = desk.journal();
    this.backlog = journal.backlog(store.name());
    this.settler = desk.settler();
    this.listeners = desk.listeners();
    this.alarms = desk.alarms();
    this.ids = desk.ids();
    this.questions = desk.questions();
    this.holding = desk.holding();
    this.lanes =
        new Lanes(settings.name() + "-" + store.name() + "-drain", settings.drainWidth(), seams);
    this.reader = new BacklogReader(store.name(), journal);
    this.housekeeping = new Housekeeping(desk, seams);
    this.leasing = desk.leasing();
    this.tailRecovery = new TailRecovery(settings, desk);
    this.covering = new Covering(settings, desk);
    this.tail = desk.tail();
    this.sharing = journal.sharing();
    this.parts = desk.parts();
  }

  /** The owner thread. */
  void run() {
    while (!gate.stopped()) {
      try {
        step();
      } catch (StoreException e) {
        failed(e);
      } catch (InterruptedException e) {
        LOG.debug("{}: drain interrupted", settings.name());
      } catch (LogFullException e) {
        alarms.raise("log", String.valueOf(e.getMessage()));
        pause(Duration.ofSeconds(1));
        reader.rewind();
      } catch (LogFailedException e) {
        logEnded(e);
      } catch (RuntimeException e) {
        LOG.error("{}: store={} drain failed, goes on", settings.name(), store.name(), e);
        alarms.raise("drain", "the drain met an unexpected failure: " + e);
        pause(Duration.ofSeconds(1));
        reader.rewind();
      }
    }
    reader.close();
  }

  /**
   * The operator has decided what to do about another history.
   *
   * @param announce says so in the audit trail, before anything follows from it
   * @throws IllegalStateException if there is nothing to decide
   */
  void adopt(Adoption adoption, Runnable announce) {
    if (orphansAsk && !otherHistory && !tail.isExcluding()) {
      adoptOrphans(adoption, announce);
      return;
    }
    if (!otherHistory && !tail.isExcluding()) {
      throw new IllegalStateException(
          "store %s has no other history to decide about".formatted(store.name()));
    }
    announce.run();
    journal.adopted(store.name(), adoption == Adoption.SET_ASIDE ? journal.log().forced() + 1 : 0);
    if (adoption == Adoption.SET_ASIDE) {
      tail.giveUpAll();
    }
    tail.forgetEpoch();
    sharing.adopted(store.name());
    adopting = otherHistory;
    otherHistory = false;
  }

  private void adoptOrphans(Adoption adoption, Runnable announce) {
    if (adoption == Adoption.SET_ASIDE) {
      throw new IllegalStateException(
          "what a dead node has left in the shared log can't be set aside here, only applied");
    }
    announce.run();
    orphansAdopted = true;
    orphansAsk = false;
  }

  /**
   * The writer does not know a dead node, which may have been registered in a tail that is lost.
   */
  void askForOrphans(StoreException e) {
    if (!orphansAdopted) {
      orphansAsk = true;
      alarms.raise(
          "orphans",
          "another history, what a dead node has left is not applied until somebody calls platform.adopt(\"%s\", ...): %s"
              .formatted(store.name(), e.getMessage()));
    }
  }

  boolean adoptsOrphans() {
    return orphansAdopted;
  }

  void orphansAreKnown() {
    orphansAsk = false;
    orphansAdopted = false;
    alarms.clear("orphans");
  }

  /** Whether the database has another history than the log, and nobody has decided yet (I3). */
  boolean otherHistory() {
    return otherHistory;
  }

  /** Whether the recovery of this epoch knows already what the writer lacks. */
  boolean hasRegistered(long epoch) {
    return registeredIn == epoch;
  }

  /** Without a log nothing can be marked; a store for which nothing waits is up all the same. */
  private void logEnded(LogFailedException e) {
    alarms.raise("log", String.valueOf(e.getMessage()));
    boolean ready = !journal.retains(store.name()) || hasRegistered(gate.look().epoch());
    if (ready
        && backlog.count() == 0
        && sharing.turn(store.name()) == TailGate.Turn.ALL
        && sharing.isTimeToClose(store.name())
        && gate.close(Availability.RECOVERING)) {
      openWithoutLog();
    }
    reader.rewind();
    pause(Duration.ofSeconds(1));
  }

  private void openWithoutLog() {
    boolean up = false;
    try {
      up = sharing.agreeUp(store.name());
    } catch (InterruptedException e) {
      LOG.debug("{}: drain interrupted", settings.name());
    } finally {
      if (up) {
        gate.open(Availability.UP);
        sharing.opened(store.name());
      } else {
        gate.open();
      }
    }
  }

  private void step() throws StoreException, InterruptedException {
    switch (gate.look().availability()) {
      case DOWN -> awaitWriter();
      case UP -> {
        settleQuestions();
        housekeeping.run();
        tryBlockedAgain();
        tryUnitsAgain();
        holding.act(leasing::run);
        covering.run();
        sharing.lookIfParked(store.name());
        if (sharing.isAnyKeyFree(store.name())) {
          gate.recoverAfter(reader::rewind);
        }
        gate.pauseWhileUp(
            parts.patience(sharing.patience(store.name(), covering.pause(housekeeping.pause()))));
      }
      case RECOVERING -> recover();
    }
  }

  private void awaitWriter() throws InterruptedException {
    failures = 0;
    gate.awaitState(Availability.RECOVERING, Duration.ofSeconds(10));
  }

  private void recover() throws StoreException, InterruptedException {
    if (!sharing.mayRecover(store.name())) {
      gate.rest(OTHERS);
      return;
    }
    register(gate.look().epoch());
    settleQuestions();
    TailGate.Turn turn = sharing.turn(store.name());
    reader.tailOnly(turn == TailGate.Turn.TAIL);
    switch (turn) {
      case CHECK -> {
        registeredIn = -1; // Another writer was named since.
        gate.rest(OTHERS);
      }
      case TAIL -> restoreTail();
      case NONE -> gate.rest(OTHERS);
      case ALL -> drain();
    }
  }

  /** All nodes wait until each of them is done with this (N5). */
  private void restoreTail() throws StoreException, InterruptedException {
    List<Item> window = window(WINDOW);
    if (window.isEmpty()) {
      sharing.whole(store.name());
    } else {
      apply(window);
    }
  }

  private void drain() throws StoreException, InterruptedException {
    if (!sharing.look()) {
      gate.rest(OTHERS);
      return;
    }
    List<Item> window = window(WINDOW);
    boolean isLeft = reader.leftToOthers() || (reader.left() && sharing.isAnyKeyFree(store.name()));
    if (window.isEmpty() && isLeft) {
      reader.rewind(); // Those before it may be applied by now.
    }
    if (window.isEmpty()) {
      tryBlockedAgain(); // Others may wait for these, and so keep this store from being up.
      tryUnitsAgain();
    }
    if (window.isEmpty() && isLeft && backlog.count() > LAST_WINDOW) {
      gate.rest(OTHERS);
    } else if (window.isEmpty()) {
      finish();
    } else {
      apply(window);
      housekeeping.giveContentBack();
    }
  }

  /** Units of work that waited for other stores, which are back. */
  private void tryUnitsAgain() {
    if (parts.isAnyBack()) {
      gate.recoverAfter(
          () -> {
            parts.tryAgain();
            journal.book().endWait(store.name());
          });
    }
  }

  /** The next few, read while no key was freed: what had been passed over comes first then. */
  private List<Item> window(int most) {
    while (true) {
      long now = journal.book().generation();
      if (now != generation) {
        generation = now;
        reader.rewind();
      }
      List<Item> window = reader.next(most);
      if (journal.book().generation() == generation) {
        return window;
      }
    }
  }

  /** Transactions in doubt that the log had no room for (G5). */
  private void settleQuestions() throws StoreException {
    for (Transaction question = questions.peek(); question != null; question = questions.peek()) {
      Settlement settlement = settler.abort(question);
      journal.remember(question.id(), settlement.outcome());
      ids.closed(question.id());
      questions.remove(question);
    }
  }

  private void register(long epoch) throws StoreException {
    if (registeredIn == epoch) {
      return;
    }
    if (journal.retains(store.name())) {
      tailRecovery.begin();
    }
    if (adopting) {
      adopted();
      adopting = false;
    } else {
      registerKnown();
    }
    if (journal.retains(store.name())) {
      tailRecovery.run();
      // The first time may have been on another branch than the one that was looked at.
      registerKnown();
      registerOthers();
    }
    holding.act(leasing::recovered);
    sayUnmoved(leasing.saw(tail.seen()));
    alarms.clear("history");
    reader.rewind();
    registeredIn = epoch;
  }

  /** Sequences that may give again what the application was given. */
  private void sayUnmoved(List<String> sequences) {
    if (sequences.isEmpty()) {
      alarms.clear("sequences");
    } else {
      alarms.raise("sequences", String.join("; ", sequences));
    }
  }

  /** What was registered in the tail may be missing with it. */
  private void registerKnown() throws StoreException {
    Set<UUID> registered = Set.copyOf(journal.registered(store.name()));
    Set<UUID> known =
        journal.retains(store.name()) ? journal.registeredBeforeTheTail(store.name()) : registered;
    register(Set.copyOf(known), false);
    if (known.size() < registered.size()) {
      register(registered, true);
    }
    made(journal.unregistered(store.name()));
  }

  /** What was accepted here in the place of another node is of an incarnation of that one. */
  private void registerOthers() throws StoreException {
    Set<UUID> others = new HashSet<>(tailRecovery.incarnations());
    others.removeAll(journal.registered(store.name()));
    if (!others.isEmpty()) {
      register(Set.copyOf(others), true);
    }
  }

  private void register(Set<UUID> known, boolean adopt) throws StoreException {
    holding.act(() -> store.register(known, adopt));
  }

  /** The ledger gets to know these, whatever it knew before. */
  private void made(Set<UUID> incarnations) throws StoreException {
    if (!incarnations.isEmpty()) {
      register(Set.copyOf(incarnations), true);
    }
    incarnations.forEach(incarnation -> journal.registered(store.name(), incarnation));
  }

  /** Gives the ledger what it lacks: who this log is, and the rows of the letters that live. */
  private void adopted() throws StoreException {
    made(journal.incarnations());
    for (DeadLetter letter : journal.book().list()) {
      if (letter.store().equals(store.name())) {
        settler.refuseLate(
            journal.read(journal.book().entry(letter.id())),
            new Refusal(letter.sqlState(), letter.reason()));
      }
    }
  }

  private void finish() throws StoreException, InterruptedException {
    if (!sharing.isTimeToClose(store.name())) {
      if (reader.leftToOthers()) {
        reader.rewind();
      }
      gate.rest(OTHERS);
      return;
    }
    if (!gate.close(Availability.RECOVERING)) {
      return;
    }
    boolean done = false;
    boolean left = false;
    gateIsClosed = true;
    try {
      boolean looked = sharing.look();
      List<Item> rest = window(LAST_WINDOW);
      if (!rest.isEmpty()) {
        apply(rest);
        rest = window(1);
      }
      left = reader.leftToOthers() || (reader.left() && sharing.isAnyKeyFree(store.name()));
      done = looked && rest.isEmpty() && !left && agreeUp();
    } finally {
      gateIsClosed = false;
      if (done) {
        gate.open(Availability.UP);
        sharing.opened(store.name());
      } else {
        gate.open();
        reader.rewind();
      }
    }
    if (left) {
      gate.rest(OTHERS);
    }
  }

  /** Who has become alone since waits for nobody any more, and applies that first. */
  private boolean agreeUp() throws InterruptedException {
    boolean up = sharing.agreeUp(store.name());
    if (up && reader.leftElsewhere() && sharing.isAlone()) {
      sharing.opened(store.name());
      return false;
    }
    return up;
  }

  private void apply(List<Item> window) throws StoreException, InterruptedException {
    lanes.run(window, this::lane);
    narrow();
    failures = 0;
    foreignSince = -1;
    alarms.clear("drain");
    report();
  }

  /**
   * Rows that were found, and not written, let none of the frontier go: after many of them one is
   * written that stands behind them all.
   */
  private void narrow() throws StoreException {
    if (journal.retains(store.name()) && tail.isWide()) {
      TransactionId id = ids.next();
      try {
        long sent = tail.sending();
        settler.abort(
            new Transaction(
                id, store.name(), List.of(), Context.NONE, null, null, seams.now(), null, null));
        tail.acknowledged(0, id, sent, seams.now());
      } finally {
        ids.closed(id);
      }
    }
  }

  private void report() {
    long now = seams.nanoTime();
    if (now >= nextReport) {
      nextReport = now + REPORT.toNanos();
      LOG.info("{}: store={} draining, backlog={}", settings.name(), store.name(), backlog.count());
    }
  }

  private void lane(List<Item> lane) throws StoreException, InterruptedException {
    int at = 0;
    while (at < lane.size() && !gate.stopped()) {
      Item first = lane.get(at);
      if (journal.book().holdsBack(first.sequence(), first.transaction())) {
        at++;
        continue;
      }
      if (journal.book().generation() != generation) {
        return;
      }
      List<Item> group = group(lane, at);
      long sent = tail.sending();
      List<Settlement> settlements = settle(group, lane.subList(at, lane.size()));
      for (int i = 0; i < settlements.size(); i++) {
        Settlement settlement = settlements.get(i);
        record(group.get(i).sequence(), settlement, settlement.ours() ? sent : 0);
      }
      at += settlements.size();
    }
  }

  /** Ends before one that is parked: a lane of what is applied again has all keys in it. */
  private List<Item> group(List<Item> lane, int at) {
    List<Item> group = new ArrayList<>();
    Item first = lane.get(at);
    for (int i = at; i < lane.size() && group.size() < Math.min(GROUP, store.mostTogether()); i++) {
      Item item = lane.get(i);
      boolean twice =
          group.stream().anyMatch(one -> one.transaction().id().equals(item.transaction().id()));
      if (i > at
          && (twice
              || !Settler.alike(first.transaction(), item.transaction())
              || journal.book().holdsBack(item.sequence(), item.transaction()))) {
        break;
      }
      group.add(item);
    }
    return group;
  }

  /** Settles the first few of a group, trying again as long as the store asks for it. */
  private List<Settlement> settle(List<Item> group, List<Item> ahead)
      throws StoreException, InterruptedException {
    Item first = group.get(0);
    if (first.sequence() < journal.setAsideBelow(store.name())) {
      return List.of(settler.refuseLate(first.transaction(), SET_ASIDE));
    }
    List<Settlement> notApplied = partsFirst(first);
    if (notApplied != null) {
      return notApplied;
    }
    TransactionId id = first.transaction().id();
    long blockedAt = wereBlocked.contains(id) ? 0 : Deadline.after(seams, BLOCKED_AFTER);
    for (int tries = 1; ; tries++) {
      try {
        return settler.apply(group.stream().map(Item::transaction).toList());
      } catch (StoreException e) {
        if (e.failure() == Failure.UNCLEAR && tries >= UNCLEAR_TRIES) {
          return List.of(settler.refuseLate(first.transaction(), e.refusal()));
        }
        if (e.failure() == Failure.ENVIRONMENT && e.getCause() instanceof StoreException) {
          return List.of(foreign(first, ahead, e));
        }
        if (FORGOTTEN.equals(e.sqlState()) && group.stream().anyMatch(this::isOfOther)) {
          return settleOfOthers(group);
        }
        boolean asksAgain = e.failure() == Failure.RETRY || e.failure() == Failure.UNCLEAR;
        if (!asksAgain || gateIsClosed) {
          throw e;
        }
        if (seams.nanoTime() > blockedAt) {
          block(first, e);
          return List.of();
        }
        backOff(tries);
        if (gate.look().availability() == Availability.DOWN) {
          throw e;
        }
      }
    }
  }

  /**
   * Applies what it has for other stores (U2). Under the closed gate only what is quick.
   *
   * @return null if its own operations may follow; else its refusal, or nothing if it waits, and
   *     its key with it
   */
  private @Nullable List<Settlement> partsFirst(Item item)
      throws StoreException, InterruptedException {
    Transaction unit = item.transaction();
    if (!unit.isAcrossStores() || (item.again() && !parts.isLeft(unit.id()))) {
      return null; // What a writer lacks now, the other stores have had.
    }
    journal.log().force(item.sequence()); // U1, also where entries are not forced to be accepted.
    Parts.Progress progress =
        gateIsClosed && !parts.areQuick(unit)
            ? new Parts.Progress(0, store.name(), null, "for the end of a recovery")
            : parts.apply(
                unit,
                gateIsClosed || parts.fails(unit)
                    ? 0
                    : Deadline.after(seams, settings.outageBudget()),
                false);
    if (progress.refusal() != null) {
      return List.of(settler.refuseLate(unit, progress.refusal()));
    }
    if (progress.isWhole()) {
      return null;
    }
    journal.book().wait(item.sequence(), unit);
    parts.waits(unit, progress.store(), String.valueOf(progress.trouble()));
    sharing.delays(item.sequence(), unit);
    return List.of();
  }

  private boolean isOfOther(Item item) {
    return journal.isMoved(item.transaction().id());
  }

  /**
   * What was moved here from a node that was taken for dead, and is not known any more: that node
   * has come back, has settled it, and has forgotten it. One by one, up to what is known.
   */
  private List<Settlement> settleOfOthers(List<Item> group) throws StoreException {
    Item first = group.get(0);
    try {
      return List.of(settler.alone(first.transaction(), false));
    } catch (StoreException e) {
      if (!FORGOTTEN.equals(e.sqlState()) || !isOfOther(first)) {
        throw e;
      }
      return List.of(new Settlement(first.transaction(), Outcome.UNKNOWN, null, null, false));
    }
  }

  /** Counts as parked, so that the store becomes up for the rest (D3); tried again now and then. */
  private void block(Item item, StoreException e) {
    TransactionId id = item.transaction().id();
    wereBlocked.add(id);
    journal.book().block(item.sequence(), item.transaction());
    sharing.delays(item.sequence(), item.transaction()); // Its key is parked on all nodes.
    nextUnblock = Deadline.after(seams, BLOCKED_AFTER);
    alarms.raise(
        "blocked",
        "transaction %s is asked to wait (SQLSTATE %s), its ordering key stays detached: look for a session that holds its locks"
            .formatted(id, e.sqlState()));
  }

  private void tryBlockedAgain() {
    if (journal.book().blocks(store.name()) && seams.nanoTime() > nextUnblock) {
      nextUnblock = Deadline.after(seams, BLOCKED_AFTER);
      gate.recoverAfter(() -> journal.book().unblock(store.name()));
    }
  }

  /**
   * A refusal that smells of the environment: a dead letter only if the next ones fare better, or
   * if there are too few of them to tell and a minute has brought no change (D5).
   */
  private Settlement foreign(Item refused, List<Item> ahead, StoreException failure)
      throws StoreException {
    int alike = 1;
    for (int i = 1; i < ahead.size() && alike < RUN; i++) {
      switch (settler.trial(ahead.get(i).transaction())) {
        case WHOLE -> {
          return settler.alone(refused.transaction(), true);
        }
        case BROKEN -> alike++;
        case NOTHING -> {}
      }
    }
    if (alike < RUN && patienceIsOver()) {
      return settler.alone(refused.transaction(), true);
    }
    throw failure;
  }

  private boolean patienceIsOver() {
    return isPatienceOver(seams.nanoTime());
  }

  private synchronized boolean isPatienceOver(long now) {
    if (foreignSince < 0) {
      foreignSince = now;
    }
    return now - foreignSince > PATIENCE.toNanos();
  }

  private void record(long sequence, Settlement settlement, long sent) {
    TransactionId id = settlement.transaction().id();
    parts.settled(id);
    if (wereBlocked.remove(id) && wereBlocked.isEmpty()) {
      alarms.clear("blocked");
    }
    Refusal refusal = settlement.refusal();
    if (settlement.outcome() == Outcome.REFUSED) {
      if (journal.retains(store.name())) {
        tail.acknowledged(0, id, sent, seams.now());
      }
      DeadLetter letter = journal.refuse(sequence, settlement.transaction(), refusal);
      LOG.warn(
          "{}: store={} transaction={} is a dead letter, sqlState={}",
          settings.name(),
          store.name(),
          id,
          letter.sqlState());
      listeners.rejected(letter);
      return;
    }
    TransactionId first = fulfilled(settlement);
    if (settlement.outcome() == Outcome.DUPLICATE && first != null) {
      journal.duplicate(sequence, settlement.transaction(), first);
    } else {
      journal.mark(store.name(), sequence, id, settlement.outcome(), refusal, sent);
    }
    if (settlement.transaction().replaces() != null) {
      journal.book().remove(id);
    }
    if (first != null) {
      listeners.applied(new Receipt(id, Receipt.Status.APPLIED, seams.now()));
    }
  }

  /** Which transaction has had its effect; null if none. Known before it ceases to wait (S6). */
  private @Nullable TransactionId fulfilled(Settlement settlement) {
    TransactionId first =
        settlement.outcome() == Outcome.APPLIED
            ? settlement.transaction().id()
            : settlement.first();
    Intent intent = settlement.transaction().intent();
    if (first != null && intent != null) {
      journal.intents().applied(store.name(), intent, first);
    }
    return first;
  }

  private void failed(StoreException e) {
    reader.rewind();
    if (e.failure() == Failure.ENVIRONMENT) {
      environment(e);
      return;
    }
    if (failures >= PATIENT_FAILURES) {
      alarms.raise(
          "drain",
          "the drain gets no answer, again and again, though there is a writer: SQLSTATE %s %s"
              .formatted(e.sqlState(), e.getMessage()));
    }
    long suspicion = gate.suspect();
    try {
      gate.awaitVerdict(
          suspicion, gate.look().epoch(), Deadline.after(seams, Duration.ofSeconds(1)));
      backOff(++failures);
    } catch (InterruptedException interrupted) {
      LOG.debug("{}: drain interrupted", settings.name());
    }
  }

  private void environment(StoreException e) {
    String message = Objects.requireNonNullElse(e.getMessage(), e.sqlState());
    if (e.sqlState().equals(HISTORY)) {
      otherHistory = true;
      journal.intents().forgetApplied(store.name());
      if (gate.close(Availability.RECOVERING)) {
        gate.open(Availability.DOWN);
      }
      alarms.raise(
          "history",
          "another history, nothing is applied until somebody calls platform.adopt(\"%s\", ...): %s"
              .formatted(store.name(), message));
      return;
    }
    alarms.raise(
        "drain",
        "the drain has stopped and looks again every few seconds: SQLSTATE %s %s"
            .formatted(e.sqlState(), message));
    pause(Duration.ofMillis(Math.min(10_000, 500L << Math.min(failures++, 5))));
  }

  private void backOff(int tries) throws InterruptedException {
    long most = Math.min(1000, 10L << Math.min(tries, 7));
    gate.pause(gate.look().availability(), Duration.ofMillis(1 + seams.random().nextLong(most)));
  }

  private void pause(Duration pause) {
    try {
      gate.pause(gate.look().availability(), pause);
    } catch (InterruptedException e) {
      LOG.debug("{}: drain interrupted", settings.name());
    }
  }
}
