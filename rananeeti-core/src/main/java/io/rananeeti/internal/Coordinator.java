package io.rananeeti.internal;

import io.rananeeti.Availability;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.internal.Gate.Passage;
import io.rananeeti.internal.Retention.Kept;
import io.rananeeti.internal.log.ContentSpool;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Binds transactions to physical connections, and commits them: attached by the pair at COMMIT,
 * detached by the log, and in doubt by settling. Thread-safe; works on the caller's thread.
 *
 * <p><b>Who dies when, attached.</b> Before COMMIT is sent nothing happened, and the recording is
 * run again elsewhere or the caller is told 40001. From its first byte on, only the ledger knows:
 * the transaction is named in doubt, the gate is given back, and it is settled by a write (S1, S2),
 * which either finds the original's row or fences it for ever. If no writer comes within the outage
 * budget a deferrable transaction goes to the log under its id, so that the drain settles it in
 * exactly the same way.
 *
 * <p><b>Who dies when, detached.</b> The entry is forced before the caller hears of it. A crash
 * before the force leaves a transaction that nobody was told of.
 *
 * <p><b>Order.</b> An entry is accepted only while the store is not {@code UP}, or its key is
 * parked, and the gate is held shared from that look until the entry is forced. So whoever was told
 * {@code ACCEPTED} and then commits again can't be overtaken by its own later transaction.
 */
public final class Coordinator {

  private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);

  private static final Duration CONNECTION_WAIT = Duration.ofSeconds(30);
  private static final Duration CONNECTION_SLICE = Duration.ofSeconds(1);
  private static final int LONG_BACKLOG = 256;
  private static final Duration BACK_PRESSURE = Duration.ofMillis(50);

  private static final Set<String> ISOLATION_SETTINGS =
      Set.of("transaction_isolation", "default_transaction_isolation");

  private final Settings settings;
  private final Seams seams;
  private final Desk desk;
  private final Store store;
  private final Gate gate;
  private final Retention retention;
  private final AcrossStores across;

  Coordinator(Settings settings, Desk desk, Retention retention) {
    this.retention = retention;
    this.settings = settings;
    this.seams = settings.seams();
    this.desk = desk;
    this.store = desk.store();
    this.gate = desk.gate();
    this.across = new AcrossStores(settings, desk, this);
  }

  /** What units of work of its store may have for other stores. */
  public Parts parts() {
    return desk.parts();
  }

  /** The platform's settings. */
  public Settings settings() {
    return settings;
  }

  /** Whether what it commits is kept until the other regions have it. */
  public boolean retains() {
    return retention.isOn();
  }

  /** The store that it commits to. */
  public Store store() {
    return store;
  }

  /** Its sequences, for the time when it can't be reached. */
  public Leasing leasing() {
    return desk.leasing();
  }

  /** Where content is that is too large for an entry. */
  public ContentSpool spool() {
    return desk.journal().contents().requireSpool();
  }

  /** Whether the store is up now. */
  public boolean up() {
    return gate.look().up();
  }

  /** Whether a physical connection bound in this epoch could take the next transaction. */
  public boolean continues(long epoch, @Nullable String orderingKey) {
    Passage passage = gate.look();
    return passage.up() && passage.epoch() == epoch && !parked(orderingKey);
  }

  /** Whether a commit could succeed now: the store is up, or the log takes entries. */
  public boolean takesWork() {
    return up() || desk.journal().takesEntries();
  }

  /** What can't be done while detached (55R01), with whoever holds the store. */
  public SQLException detached(String what) {
    LogRecord.Held held = desk.holding().held();
    return held == null
        ? Refusals.detached(store.name(), what)
        : Refusals.held(held.store(), held.by(), held.reason(), what);
  }

  /** The probe should look at the store now. */
  public void suspect() {
    gate.suspect();
  }

  /** When the outage budget of a failure that happens now is over. */
  public long budget() {
    return Deadline.after(seams, settings.outageBudget());
  }

  /** Whether this deadline has come. */
  public boolean isPast(long deadline) {
    return seams.nanoTime() >= deadline;
  }

  /** A call on a physical connection failed because the store did not answer. */
  public boolean unreachable(SQLException failure) {
    return store.classify(failure) == Failure.UNREACHABLE;
  }

  /**
   * Binds to a physical connection.
   *
   * @param mayDetach whether the caller could go on detached; if not, a recovery is waited for
   * @return null if the store is not up, or the key is parked
   * @throws SQLException 08001 if the store is up but gives no connection in time
   */
  public @Nullable Attachment attach(@Nullable String orderingKey, boolean mayDetach)
      throws SQLException {
    desk.journal().sharing().lookIfParked(store.name(), orderingKey);
    if (parked(orderingKey)) {
      return null;
    }
    try {
      return attachInTime(mayDetach);
    } catch (InterruptedException e) {
      throw Refusals.interrupted();
    }
  }

  private @Nullable Attachment attachInTime(boolean mayDetach)
      throws SQLException, InterruptedException {
    long budget = Deadline.after(seams, settings.outageBudget());
    long patience = Deadline.after(seams, CONNECTION_WAIT);
    gate.awaitKnown(budget);
    while (!gate.stopped()) {
      Passage passage = gate.look();
      if (passage.up()) {
        Connection connection = connect(passage, patience);
        if (connection != null) {
          return new Attachment(connection, passage.epoch());
        }
      } else if (mayDetach
          || passage.availability() == Availability.DOWN
          || !gate.awaitUp(budget)) {
        return null;
      }
    }
    throw Refusals.closed();
  }

  private @Nullable Connection connect(Passage passage, long patience)
      throws SQLException, InterruptedException {
    try {
      Connection connection = store.connect(CONNECTION_SLICE);
      Passage now = gate.look();
      if (now.epoch() == passage.epoch()) {
        return connection;
      }
      if (now.availability() == Availability.DOWN) {
        store.evict(connection);
      } else {
        close(connection);
      }
      return null;
    } catch (SQLException e) {
      if (!unreachable(e)) {
        throw e;
      }
      if (seams.nanoTime() > patience) {
        throw Refusals.noConnection(store.name(), e);
      }
      gate.awaitVerdict(gate.suspect(), passage.epoch(), patience);
      gate.rest(Duration.ofMillis(5 + seams.random().nextLong(20)));
      return null;
    }
  }

  /** Runs what was recorded again on the unit's new physical connection. */
  public void replay(Unit unit, Connection connection) throws StoreException {
    List<Operation> operations = unit.operations();
    if (!operations.isEmpty()) {
      store.execute(connection, operations);
    }
  }

  /**
   * Commits. The unit is over in any case; the physical connection that it still has is the
   * caller's to give back.
   *
   * @throws SQLException what the store refused it with, 40001 if nothing was committed and it is
   *     safe to retry, 55R01 if it can't be deferred, 53100 if the log is full, 08007 if nobody
   *     knows
   */
  public Receipt commit(Unit unit, Terms given) throws SQLException {
    Terms terms = unit.isAcrossStores() ? ofUnit(unit, given) : given;
    try {
      Receipt receipt = plain(unit, terms) ? commitPlain(unit, terms) : commitWriting(unit, terms);
      if (receipt.status() == Receipt.Status.APPLIED) {
        desk.journal().remember(receipt.id(), Outcome.APPLIED);
        if (Housekeeping.isDue(receipt.id())) {
          gate.rouse();
        }
      }
      desk.listeners().committed(receipt);
      return receipt;
    } catch (InterruptedException e) {
      throw Refusals.interrupted();
    }
  }

  private Terms ofUnit(Unit unit, Terms terms) throws SQLException {
    across.check(unit, terms);
    return terms.orderingKey() == null ? terms.keyed(Parts.UNKEYED) : terms;
  }

  /**
   * Gives the unit's physical connection back; what is not committed is rolled back. That is not
   * left to the pool: HikariCP does not notice what is run by {@code executeLargeBatch} and {@code
   * executeLargeUpdate}, and would lend the open transaction to the next one.
   */
  public void drop(Unit unit) {
    if (unit.isDirty()) {
      evict(unit);
      return;
    }
    Connection physical = unit.physical();
    unit.detach();
    if (physical == null) {
      return;
    }
    try {
      if (!physical.getAutoCommit()) {
        physical.rollback();
      }
      close(physical);
    } catch (SQLException e) {
      store.evict(physical);
      LOG.debug("{}: store={} a connection broke", settings.name(), store.name(), e);
    }
  }

  /**
   * Gives it back to its pool, which may have been shut down since: HikariCP has forgotten the
   * connection then, and fails over a null of its own when a setting is to be undone.
   */
  private static void close(Connection physical) throws SQLException {
    try {
      physical.close();
    } catch (RuntimeException e) {
      throw new SQLException("the pool has ended the connection", "08003", e);
    }
  }

  /**
   * Rolls back; the unit keeps its physical connection.
   *
   * @return false if it broke; it is evicted then, and with it the transaction gone
   */
  public boolean rollback(Unit unit) {
    Connection physical = unit.physical();
    if (physical == null) {
      return true;
    }
    try {
      if (!physical.getAutoCommit()) {
        physical.rollback();
      }
      return true;
    } catch (SQLException e) {
      LOG.debug("{}: store={} a connection broke", settings.name(), store.name(), e);
      evict(unit);
      return false;
    }
  }

  /** Undoes settings of a session; false if that can't be done, and the session has to end. */
  public boolean restore(Connection physical, Set<String> names) {
    try {
      return names.isEmpty() || store.restore(physical, names);
    } catch (SQLException e) {
      LOG.debug("{}: store={} a connection broke", settings.name(), store.name(), e);
      return false;
    }
  }

  /** Ends a physical connection, whoever waits in a call on it. From any thread. */
  public void abort(Connection physical) throws SQLException {
    physical.abort(Runnable::run);
    store.evict(physical);
  }

  /** Ends the unit's physical connection, which is broken or no longer as it was given. */
  public void evict(Unit unit) {
    Connection physical = unit.physical();
    unit.detach();
    if (physical != null) {
      store.evict(physical);
    }
  }

  private static boolean plain(Unit unit, Terms terms) {
    return unit.physical() != null
        && !unit.isAcrossStores()
        && unit.operations().isEmpty()
        && (terms.readOnly() || !unit.unproven());
  }

  /** Nothing was written: ends with success in any epoch, and is never settled (C3, C5). */
  private Receipt commitPlain(Unit unit, Terms terms) throws SQLException {
    TransactionId id = desk.ids().next();
    try {
      Connection physical = unit.physical();
      if (physical != null && terms.readOnly()) {
        physical.commit();
      } else if (physical != null) {
        store.commit(physical, id, false);
      }
    } catch (SQLException e) {
      if (!unreachable(e)) {
        throw e;
      }
      gate.suspect();
      evict(unit);
      if (unit.mayHaveEffects()) {
        throw Refusals.unknowable(e);
      }
      if (unit.isOpaque() || unit.unproven() || serializable(terms.context())) {
        throw Refusals.retry(
            "the reply to COMMIT is missing, and more than plain queries may have run, or the transaction is serializable",
            e);
      }
    } finally {
      desk.ids().closed(id);
    }
    return receipt(id, Receipt.Status.APPLIED);
  }

  private static boolean serializable(Context context) {
    return context.isolation() == Isolation.SERIALIZABLE
        || ISOLATION_SETTINGS.stream()
            .anyMatch(name -> "serializable".equalsIgnoreCase(context.settings().get(name)));
  }

  private Receipt commitWriting(Unit unit, Terms terms) throws SQLException, InterruptedException {
    Intent intent = IntentContent.of(unit, terms, store, desk.journal().contents());
    Receipt known = intent == null ? null : knownHere(unit, intent);
    return known == null ? commitWriting(unit, terms, intent) : known;
  }

  /** What the log says of an intent key while its transaction waits: the store has yet to learn. */
  private @Nullable Receipt knownHere(Unit unit, Intent intent) throws SQLException {
    Intents.Known known = desk.journal().intents().waiting(store.name(), intent);
    if (known == null) {
      return null;
    }
    takeBack(unit);
    return receiptOf(known);
  }

  /** Nothing of it is committed, nor what it has set in the session. */
  private void takeBack(Unit unit) {
    rollback(unit);
    evict(unit);
  }

  private Receipt receiptOf(Intents.Known known) throws SQLException {
    if (!known.same()) {
      throw Refusals.otherContent(known.first());
    }
    return receipt(known.first(), known.status());
  }

  private Receipt commitWriting(Unit unit, Terms terms, @Nullable Intent intent)
      throws SQLException, InterruptedException {
    TransactionId id = desk.ids().next();
    boolean over = false;
    try {
      Receipt receipt = commitWriting(unit, terms, intent, id);
      over = receipt.status() == Receipt.Status.APPLIED || !receipt.id().equals(id);
      if (intent != null && receipt.status() == Receipt.Status.APPLIED) {
        desk.journal().intents().applied(store.name(), intent, receipt.id());
      }
      return receipt;
    } catch (SQLException e) {
      over = !"08007".equals(e.getSQLState());
      throw e;
    } catch (InterruptedException e) {
      over =
          true; // Whoever waits has not sent COMMIT yet, or has been told that it is rolled back.
      throw e;
    } finally {
      if (over) {
        desk.ids().closed(id);
      }
    }
  }

  /** A connection of an earlier epoch is not given to others: its session may hold settings. */
  private Receipt commitWriting(Unit unit, Terms terms, @Nullable Intent intent, TransactionId id)
      throws SQLException, InterruptedException {
    long budget = Deadline.after(seams, settings.outageBudget());
    if (unit.physical() == null) {
      desk.journal().sharing().lookIfParked(store.name(), terms.orderingKey());
    }
    while (true) {
      Connection physical = unit.physical();
      if (physical != null) {
        if (!parked(terms.orderingKey()) && mayEnter(unit, budget)) {
          Receipt sent =
              unit.isAcrossStores()
                  ? across.send(unit, terms, intent, id, physical, budget)
                  : send(unit, terms, intent, id, physical);
          if (sent != null) {
            return sent;
          }
        }
        evict(unit);
      }
      if (unit.poisoned()) {
        throw detached("an earlier statement of the transaction failed");
      }
      if (!unit.replayable()) {
        throw Refusals.retry(
            "the store's availability changed, and " + unit.whyNotReplayable(), null);
      }
      Receipt receipt = acceptOnceUnlessUp(transaction(id, unit, terms, intent), terms, budget);
      if (receipt != null) {
        return receipt;
      }
      reattach(unit, terms);
    }
  }

  /** Holds the gate shared if a COMMIT may be sent: here, and as far as other nodes know. */
  boolean mayEnter(Unit unit, long budget) throws InterruptedException {
    while (gate.enter(unit.epoch())) {
      if (desk.journal().sharing().maySend(store.name())) {
        return true;
      }
      gate.leave();
      if (!desk.journal().sharing().awaitMaySend(store.name(), budget)) {
        return false; // It holds locks, and nobody knows for how long.
      }
    }
    return false;
  }

  /**
   * COMMIT, with the gate held until its reply, or until the transaction is in doubt (C5).
   *
   * @return null if it is rolled back, and is to be run again
   */
  @Nullable Receipt send(
      Unit unit, Terms terms, @Nullable Intent intent, TransactionId id, Connection physical)
      throws SQLException, InterruptedException {
    SQLException failure;
    Kept kept = null;
    boolean again = unit.replayable() && terms.deferrable();
    try {
      kept = keep(unit, terms, intent, id, again);
      sendKept(unit, terms, id, physical, intent, kept);
      return receipt(id, Receipt.Status.APPLIED);
    } catch (SQLException e) {
      failure = e;
    } catch (RuntimeException e) {
      failure = new SQLException("the driver failed at COMMIT", "08006", e);
    } finally {
      if (kept != null && retention.isOpen(kept)) {
        retention.doubted(kept, again);
      }
      gate.leave();
    }
    if (kept != null) {
      if (retention.isOpen(kept)) {
        evict(unit);
        return settleKept(unit, terms, intent, kept, failure);
      }
      voidKept(kept, failure);
    }
    if (intent != null && store.intentTaken(failure)) {
      evict(unit);
      return receiptOfHolder(unit, intent, failure);
    }
    if (wroteNothingForCertain(unit, failure)) {
      return receipt(id, Receipt.Status.APPLIED);
    }
    if (!isOpen(unit, failure)) {
      throw failure;
    }
    evict(unit);
    return settle(unit, terms, intent, id, failure);
  }

  /** Whether the outcome of a COMMIT that failed like this has to be settled. */
  private boolean isOpen(Unit unit, SQLException failure) {
    boolean refusedAsReadOnly =
        Refusals.READ_ONLY.equals(failure.getSQLState()) && unit.isReadOnlyLate();
    return !refusedAsReadOnly && (unreachable(failure) || store.settledOtherwise(failure));
  }

  /** Has its place in the log before COMMIT is sent (C6); null if nothing is kept of it. */
  private @Nullable Kept keep(
      Unit unit, Terms terms, @Nullable Intent intent, TransactionId id, boolean again) {
    boolean wrote = !unit.operations().isEmpty() || !unit.retained().isEmpty();
    if (!retention.isOn() || !wrote || unit.whyNotRetainable() != null) {
      return null;
    }
    Transaction transaction = transaction(id, unit.retained(), terms, intent);
    Map<String, Long> seen = desk.leasing().told(unit.seen());
    Kept kept = retention.keep(new LogRecord.Retained(transaction, again, seen));
    if (kept != null) {
      desk.leasing().logged(seen);
    }
    return kept;
  }

  /** Returns once the reply is there, and the entry on disk. */
  private void sendKept(
      Unit unit,
      Terms terms,
      TransactionId id,
      Connection physical,
      @Nullable Intent intent,
      @Nullable Kept kept)
      throws SQLException {
    long sent = kept == null && retention.isOn() ? retention.sending() : 0;
    boolean wrote;
    try {
      wrote = store.commit(physical, id, unit.unproven(), intent);
    } catch (SQLException e) {
      if (kept != null && (!isOpen(unit, e) || wroteNothingForCertain(unit, e))) {
        retention.failed(kept);
      }
      throw e;
    }
    store.committedWith(terms.context().settings());
    if (kept != null) {
      retention.acknowledged(kept);
    } else if (wrote && retention.isOn()) {
      retention.acknowledged(id, sent, unit.whyNotRetainable() != null);
    }
  }

  /**
   * What failed for certain must not be applied later (C6): where the log can't be told, the ledger
   * is.
   */
  private void voidKept(Kept kept, SQLException failure) throws SQLException {
    try {
      retention.voided(kept);
    } catch (RananeetiException e) {
      failure.addSuppressed(e);
      Transaction nothing = nothing(kept.id());
      if (settle(nothing, settings.inDoubtWait(), true) == null) {
        throw Refusals.unknown(kept.id(), failure);
      }
    }
  }

  Transaction nothing(TransactionId id) {
    return new Transaction(
        id, store.name(), List.of(), Context.NONE, null, null, seams.now(), null, null);
  }

  /**
   * Settles what waits in the log: here as long as the store is up as it was, since a writer that
   * has all that was acknowledged may be given this too; else the drain does, in its turn.
   */
  private Receipt settleKept(
      Unit unit, Terms terms, @Nullable Intent intent, Kept kept, SQLException failure)
      throws SQLException {
    long budget = Deadline.after(seams, settings.outageBudget());
    Transaction whole = transaction(kept.id(), unit, terms, intent);
    Settlement settlement = null;
    try {
      settlement = settleHere(unit, whole, kept, budget);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (settlement == null) {
        haveSettled(kept);
      }
    }
    if (settlement != null) {
      return receiptOf(settlement, failure);
    }
    boolean deferrable = unit.replayable() && terms.deferrable();
    try {
      return deferrable
          ? acceptKept(kept, whole, budget, failure)
          : awaitKept(kept, Deadline.after(seams, settings.inDoubtWait()), failure);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (deferrable) {
        return accepted(kept, whole, failure);
      }
      throw unknown(kept, failure);
    }
  }

  /** Null if the drain has to do it. */
  private @Nullable Settlement settleHere(Unit unit, Transaction whole, Kept kept, long budget)
      throws InterruptedException {
    Transaction transaction = unit.replayable() ? whole : whole.withoutOperations();
    for (int tries = 1; !gate.stopped() && gate.enter(unit.epoch()); tries++) {
      boolean unreachable = false;
      try {
        Settlement settlement = desk.settler().alone(transaction, true);
        retention.settled(kept, settlement);
        return settlement;
      } catch (StoreException e) {
        if (e.failure() == Failure.ENVIRONMENT) {
          return null;
        }
        unreachable = e.failure() == Failure.UNREACHABLE;
      } finally {
        gate.leave();
      }
      if (seams.nanoTime() >= budget) {
        return null;
      }
      if (unreachable) {
        gate.awaitVerdict(gate.suspect(), unit.epoch(), budget);
      }
      gate.rest(Duration.ofMillis(5 + seams.random().nextLong(Math.min(200, 10L * tries))));
    }
    return null;
  }

  /** Accepted, unless the drain is quick; nobody waits for a store that is down. */
  private Receipt acceptKept(Kept kept, Transaction whole, long budget, SQLException failure)
      throws SQLException, InterruptedException {
    while (seams.nanoTime() < budget && gate.look().availability() != Availability.DOWN) {
      if (desk.backlog().awaitSettled(kept.sequence(), soon(budget))) {
        break;
      }
    }
    return desk.journal().outcome(kept.id()) == Outcome.APPLIED
        ? applied(kept)
        : accepted(kept, whole, failure);
  }

  /** The drain has applied it; its entry is on disk before anybody hears of that (C6). */
  private Receipt applied(Kept kept) {
    retention.onDisk(kept);
    return receipt(kept.id(), Receipt.Status.APPLIED);
  }

  /** The drain looks at it, also where the store is up. */
  private void haveSettled(Kept kept) {
    try {
      if (desk.backlog().waitsAgain(kept.sequence())) {
        notUp(() -> {});
      }
    } catch (RananeetiException e) {
      LOG.debug("{}: closed, transaction={} waits", settings.name(), kept.id(), e);
    }
  }

  private long soon(long deadline) {
    return Math.min(deadline, Deadline.after(seams, Duration.ofMillis(50)));
  }

  private Receipt accepted(Kept kept, Transaction whole, SQLException failure) throws SQLException {
    try {
      if (desk.journal().isShared()) {
        notUp(() -> desk.journal().defer(kept.sequence(), whole));
        desk.journal().sharing().acknowledging(whole);
      } else {
        desk.journal().defer(kept.sequence(), whole);
      }
    } catch (RananeetiException e) {
      failure.addSuppressed(e);
      throw unknown(kept, failure);
    }
    return receipt(kept.id(), Receipt.Status.ACCEPTED);
  }

  /** The drain finds out whether it happened, and sees to it that it never will if not. */
  private Receipt awaitKept(Kept kept, long deadline, SQLException failure)
      throws SQLException, InterruptedException {
    if (!desk.backlog().awaitSettled(kept.sequence(), deadline)) {
      throw unknown(kept, failure);
    }
    Outcome outcome =
        Objects.requireNonNullElse(desk.journal().outcome(kept.id()), Outcome.UNKNOWN);
    if (outcome == Outcome.APPLIED || outcome == Outcome.DUPLICATE) {
      return applied(kept);
    }
    try {
      desk.journal().forceMarks();
    } catch (RananeetiException e) {
      failure.addSuppressed(e);
      throw unknown(kept, failure);
    }
    return receiptOf(new Settlement(nothing(kept.id()), outcome, null), failure);
  }

  /** The log has the question, and the drain answers it (G5). */
  private SQLException unknown(Kept kept, SQLException failure) {
    desk.ids().closed(kept.id());
    return Refusals.unknown(kept.id(), failure);
  }

  /**
   * The receipt of who has its key; null if nobody has any more, or nobody can say now, and it can
   * be run again.
   */
  @Nullable Receipt receiptOfHolder(Unit unit, Intent intent, SQLException failure)
      throws SQLException {
    StoreException unread = null;
    try {
      IntentHolder holder = desk.settler().holder(intent.key());
      if (holder != null) {
        boolean same = holder.digest().equals(intent.digest());
        return receiptOf(new Intents.Known(holder.id(), Receipt.Status.APPLIED, same));
      }
    } catch (StoreException e) {
      unread = e;
      failure.addSuppressed(e);
      gate.suspect();
    }
    if (unit.replayable() && (unread == null || unread.failure() == Failure.UNREACHABLE)) {
      return null;
    }
    throw Refusals.retry("its intent key was taken, and by whom can't be read now", failure);
  }

  /** The receipt of who has an intent key, as far as it can be told now; null if nobody has. */
  @Nullable Receipt receiptOf(String intentKey) {
    Intents intents = desk.journal().intents();
    Intent intent = new Intent(intentKey, "");
    Intents.Known known = intents.waiting(store.name(), intent);
    if (known == null && up()) {
      try {
        IntentHolder holder = desk.settler().holder(intentKey);
        return holder == null ? null : receipt(holder.id(), Receipt.Status.APPLIED);
      } catch (StoreException e) {
        LOG.debug("{}: store={} an intent key can't be read", settings.name(), store.name(), e);
        gate.suspect();
      }
    }
    known = intents.known(store.name(), intent, settings.intentRetention());
    return known == null ? null : receipt(known.first(), known.status());
  }

  /** The transaction had made itself read-only, so the ledger's row was refused (C3). */
  private static boolean wroteNothingForCertain(Unit unit, SQLException failure) {
    return Refusals.READ_ONLY.equals(failure.getSQLState())
        && unit.operations().isEmpty()
        && !unit.isOpaque();
  }

  private Receipt settle(
      Unit unit, Terms terms, @Nullable Intent intent, TransactionId id, SQLException failure)
      throws SQLException {
    boolean mayApply = unit.replayable() && !unit.operations().isEmpty();
    Transaction whole = transaction(id, unit, terms, intent);
    // Where transactions are kept, only the drain runs one again: there may be some before it.
    Transaction transaction = mayApply && !retention.isOn() ? whole : whole.withoutOperations();
    Settlement settlement = settle(transaction, settings.outageBudget(), false);
    if (settlement == null && mayApply && terms.deferrable()) {
      return acceptInDoubt(whole, failure);
    }
    Transaction unrepeated = whole.withoutOperations();
    if (settlement == null) {
      settlement = settle(unrepeated, settings.inDoubtWait(), true);
    }
    if (settlement == null) {
      remember(unrepeated);
      throw Refusals.unknown(id, failure);
    }
    if (retention.isOn() && settlement.outcome() == Outcome.APPLIED) {
      retention.acknowledged(id, 0, true);
    }
    return receiptOf(settlement, failure);
  }

  /** Settles if a writer can be reached in time; null if not, or if the thread is interrupted. */
  private @Nullable Settlement settle(Transaction transaction, Duration wait, boolean patient) {
    try {
      return settle(transaction, Deadline.after(seams, wait), patient);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private @Nullable Settlement settle(Transaction transaction, long deadline, boolean patient)
      throws InterruptedException {
    for (int tries = 1; ; tries++) {
      Passage passage = gate.look();
      if (passage.availability() != Availability.DOWN) {
        try {
          return desk.settler().alone(transaction, true);
        } catch (StoreException e) {
          if (e.failure() == Failure.ENVIRONMENT) {
            return null;
          }
          if (e.failure() == Failure.UNREACHABLE) {
            gate.awaitVerdict(gate.suspect(), passage.epoch(), deadline);
          }
        }
      } else if (!patient) {
        return null;
      }
      if (seams.nanoTime() >= deadline || gate.stopped()) {
        return null;
      }
      gate.rest(Duration.ofMillis(5 + seams.random().nextLong(Math.min(200, 10L * tries))));
    }
  }

  private Receipt receiptOf(Settlement settlement, SQLException failure) throws SQLException {
    TransactionId id = settlement.transaction().id();
    return switch (settlement.outcome()) {
      case APPLIED -> receipt(id, Receipt.Status.APPLIED);
      case DUPLICATE -> {
        desk.journal().remember(id, Outcome.DUPLICATE);
        yield receipt(Objects.requireNonNullElse(settlement.first(), id), Receipt.Status.APPLIED);
      }
      case REFUSED -> throw Refusals.refused(id, settlement.refusal());
      default ->
          throw "40001".equals(failure.getSQLState())
              ? failure
              : Refusals.retry("the connection broke before the commit", failure);
    };
  }

  /** Keeps the question in the log, so that the drain answers it (G5). */
  private void remember(Transaction unrepeated) {
    try {
      notUp(() -> desk.journal().accept(unrepeated, true));
      desk.journal().sharing().acknowledging(unrepeated);
    } catch (RananeetiException e) {
      LOG.warn(
          "{}: transaction={} stays in doubt, and only memory keeps the question",
          settings.name(),
          unrepeated.id(),
          e);
      desk.questions().add(unrepeated);
    }
  }

  private Receipt acceptInDoubt(Transaction transaction, SQLException failure) throws SQLException {
    try {
      notUp(() -> desk.journal().accept(transaction, true));
      desk.journal().sharing().acknowledging(transaction);
    } catch (RananeetiException | IllegalArgumentException e) {
      failure.addSuppressed(e);
      desk.questions().add(transaction.withoutOperations());
      throw Refusals.unknown(transaction.id(), failure);
    }
    return receipt(transaction.id(), Receipt.Status.ACCEPTED);
  }

  /** Runs it while the gate is held shared and the store is not up, or the platform is closed. */
  private void notUp(Runnable accept) {
    while (true) {
      Passage passage = gate.enter();
      try {
        if (!passage.up() || gate.stopped()) {
          accept.run();
          return;
        }
      } finally {
        gate.leave();
      }
      gate.recoverAfter(() -> {});
    }
  }

  /** One at a time with each intent key. */
  private @Nullable Receipt acceptOnceUnlessUp(Transaction transaction, Terms terms, long budget)
      throws SQLException, InterruptedException {
    Intents intents = desk.journal().intents();
    intents.begin(transaction);
    Receipt receipt = null;
    try {
      receipt = acceptUnlessUp(transaction, terms, budget);
      return receipt;
    } finally {
      intents.end(transaction);
      if (receipt == null || !receipt.id().equals(transaction.id())) {
        desk.journal().book().endWaitOf(transaction.id());
      }
    }
  }

  /** Accepts into the log; null if the store is up and takes it directly. */
  private @Nullable Receipt acceptUnlessUp(Transaction transaction, Terms terms, long budget)
      throws SQLException, InterruptedException {
    Receipt receipt = null;
    boolean late = seams.nanoTime() >= budget; // What it waits at the gate is not the store's.
    Passage passage = gate.enter();
    boolean detached =
        !passage.up() || parked(terms.orderingKey()) || waitsForOthers(transaction, terms);
    boolean waits = !terms.deferrable() && passage.availability() == Availability.RECOVERING;
    try {
      if (detached && !waits) {
        receipt = accept(transaction, terms);
      }
    } finally {
      gate.leave();
    }
    if (waits) {
      return awaitRecovered(terms, budget);
    }
    if (receipt != null) {
      acknowledging(transaction, passage.up());
    }
    if (!detached && !late) {
      return null;
    }
    if (receipt == null) {
      receipt = acceptThoughUp(transaction, terms);
      acknowledging(transaction, false);
    }
    backPressure(passage);
    return receipt;
  }

  private void acknowledging(Transaction transaction, boolean up) throws SQLException {
    try {
      desk.journal().sharing().acknowledging(transaction);
      if (up) {
        desk.journal().sharing().acceptedThoughUp(transaction);
      }
    } catch (RananeetiException e) {
      throw Refusals.unknown(transaction.id(), e);
    }
  }

  /** A store that it has a part for is not up: parks its key, before anything is accepted. */
  private boolean waitsForOthers(Transaction transaction, Terms terms) {
    if (!transaction.isAcrossStores()
        || !terms.deferrable()
        || !desk.parts().mustWait(transaction)) {
      return false;
    }
    desk.journal().book().wait(desk.journal().log().forced() + 1, transaction);
    desk.parts().waits(transaction, null, "it is not up");
    gate.rouse();
    return true;
  }

  /** A recovery is under way, and this one may not go behind the backlog: waits for its end. */
  private @Nullable Receipt awaitRecovered(Terms terms, long budget)
      throws SQLException, InterruptedException {
    if (!gate.awaitUp(budget)) {
      mayDefer(terms);
    }
    return null;
  }

  private Receipt accept(Transaction transaction, Terms terms) throws SQLException {
    return accept(transaction, terms, () -> desk.journal().accept(transaction, false));
  }

  private Receipt acceptThoughUp(Transaction transaction, Terms terms) throws SQLException {
    return accept(transaction, terms, () -> notUp(() -> desk.journal().accept(transaction, false)));
  }

  /** Where its intent key has a transaction that this node knows, that one's receipt (S6). */
  private Receipt accept(Transaction transaction, Terms terms, Runnable accept)
      throws SQLException {
    Intent intent = transaction.intent();
    Intents.Known known =
        intent == null
            ? null
            : desk.journal().intents().known(store.name(), intent, settings.intentRetention());
    if (known != null) {
      return receiptOf(known);
    }
    mayDefer(terms);
    try {
      accept.run();
    } catch (RananeetiException | IllegalArgumentException e) {
      throw notAccepted(transaction, e);
    }
    return transaction.isAcrossStores()
        ? across.receipt(transaction, Receipt.Status.ACCEPTED)
        : receipt(transaction.id(), Receipt.Status.ACCEPTED);
  }

  static SQLException notAccepted(Transaction transaction, RuntimeException failure) {
    if (failure instanceof LogFullException) {
      return Refusals.logFull(failure);
    }
    if (failure instanceof LogFailedException) {
      return Refusals.unknown(transaction.id(), failure);
    }
    return failure instanceof IllegalArgumentException
        ? Refusals.tooLarge(failure)
        : Refusals.closed();
  }

  private void mayDefer(Terms terms) throws SQLException {
    if (!terms.deferrable()) {
      throw detached("the transaction may not be deferred");
    }
  }

  /** While a recovery is under way with much to do, whoever adds to it waits a little. */
  private void backPressure(Passage passage) {
    if (passage.availability() != Availability.RECOVERING
        || desk.backlog().count() <= LONG_BACKLOG) {
      return;
    }
    try {
      desk.backlog().awaitProgress(Deadline.after(seams, BACK_PRESSURE));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The store is up again: runs the recording on a connection of the new epoch. */
  private void reattach(Unit unit, Terms terms) throws SQLException {
    Attachment attachment = attach(terms.orderingKey(), true);
    if (attachment == null) {
      return;
    }
    unit.attach(attachment.connection(), attachment.epoch());
    try {
      enter(unit, terms, attachment.connection());
      replay(unit, attachment.connection());
    } catch (SQLException e) {
      evict(unit);
      if (!unreachable(e)) {
        throw e;
      }
      gate.suspect();
    } catch (StoreException e) {
      evict(unit);
      replayFailed(e);
    }
  }

  private void enter(Unit unit, Terms terms, Connection connection) throws SQLException {
    if (terms.context().isolation() != Isolation.DEFAULT) {
      connection.setTransactionIsolation(terms.context().isolation().level());
    }
    if (terms.readOnly()) {
      connection.setReadOnly(true);
    }
    if (!terms.context().settings().isEmpty()) {
      unit.dirty();
      store.enter(connection, terms.context().settings());
    }
  }

  private void replayFailed(StoreException e) throws SQLException {
    switch (e.failure()) {
      case UNREACHABLE -> gate.suspect();
      case REFUSED, UNCLEAR, RETRY, ENVIRONMENT ->
          throw Refusals.retry("run again after a failover it met " + e.sqlState(), e);
    }
  }

  private boolean parked(@Nullable String orderingKey) {
    return desk.journal().book().parks(store.name(), orderingKey)
        || desk.journal().sharing().parks(store.name(), orderingKey);
  }

  Transaction transaction(TransactionId id, Unit unit, Terms terms, @Nullable Intent intent) {
    Transaction own = transaction(id, unit.operations(), terms, intent);
    return unit.isAcrossStores() ? own.after(desk.parts().inOrder(unit)) : own;
  }

  private Transaction transaction(
      TransactionId id, List<Operation> operations, Terms terms, @Nullable Intent intent) {
    return new Transaction(
        id,
        store.name(),
        operations,
        store.complete(terms.context()),
        terms.orderingKey(),
        terms.traceParent(),
        seams.now(),
        null,
        intent);
  }

  private Receipt receipt(TransactionId id, Receipt.Status status) {
    return new Receipt(id, status, seams.now());
  }

  /** What the ledger says of an id that is neither open nor in the log; null while unreachable. */
  @Nullable Outcome askLedger(Transaction question) {
    try {
      return gate.look().availability() == Availability.DOWN
          ? null
          : desk.settler().abort(question).outcome();
    } catch (StoreException e) {
      return e.failure() == Failure.ENVIRONMENT ? Outcome.UNKNOWN : null;
    }
  }
}
