package io.rananeeti.internal;

import io.rananeeti.Availability;
import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Part;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits units of work that have parts for other stores while all is well; while it is not, the
 * log accepts them whole, and the drain does the same. The rules:
 *
 * <ul>
 *   <li><b>U1</b> The entry, with all parts in it, is on disk before the first part is sent: from
 *       there on the unit happens, all of it.
 *   <li><b>U2</b> Parts are applied in the order of their stores, the unit's own operations last;
 *       each is settled in its store's own ledger under the unit's id.
 *   <li><b>U3</b> Only as long as no part is applied that would do harm by itself may the unit
 *       still come to nothing, because a store refuses it: that mark is forced before the caller
 *       hears of it. Later, a refusal makes a dead letter of the unit.
 *   <li><b>U4</b> A unit that could not be applied later, because the application has read in it or
 *       may not defer it, has no entry; so it may have objects only besides, whose put is without
 *       effect until something points to them.
 *   <li><b>U5</b> What takes a letter's place does not repeat the parts that the letter had
 *       applied.
 * </ul>
 *
 * <p><b>Who dies when.</b> Before the force: nothing was sent, nobody was told. After it: the next
 * open finds an entry without a mark, and the drain sends all parts again; each ledger knows what
 * it has. After the last store's commit and before the mark: the same, and the drain finds it
 * applied. Between the mark that it comes to nothing and its force nobody has heard of either: the
 * drain meets the same refusal, and the unit is a letter.
 *
 * <p>From the force to the mark the unit is <em>in hand</em>: the drain leaves it out. While parts
 * are sent the gate is open: the epoch is looked at again before COMMIT is sent, and if the drain
 * has had its turn meanwhile, it gets the unit too. Thread-safe; works on the caller's thread.
 */
final class AcrossStores {

  private static final Logger LOG = LoggerFactory.getLogger(AcrossStores.class);

  /** SQLSTATE: may not be part of a unit of work across stores as it is. */
  private static final String UNFIT = "55R20";

  private final Settings settings;
  private final Seams seams;
  private final Desk desk;
  private final Gate gate;
  private final Coordinator coordinator;

  AcrossStores(Settings settings, Desk desk, Coordinator coordinator) {
    this.settings = settings;
    this.seams = settings.seams();
    this.desk = desk;
    this.gate = desk.gate();
    this.coordinator = coordinator;
  }

  /**
   * Refuses a unit that could be left half applied (U4), or done twice.
   *
   * @throws SQLException 55R20; nothing happened
   */
  void check(Unit unit, Terms terms) throws SQLException {
    if (terms.readOnly()) {
      throw Refusals.readOnly();
    }
    List<Part> parts = desk.parts().inOrder(unit);
    if (desk.parts().areHarmless(parts)) {
      return;
    }
    if (terms.intentKey() != null) {
      throw unfit(
          "has an intent key, which only the store that comes last knows: leave the key out, and give the items conditions");
    }
    if (!unit.replayable()) {
      throw unfit(
          "can't be applied later: %s; read in a transaction of its own before"
              .formatted(unit.whyNotReplayable()));
    }
    if (!terms.deferrable()) {
      throw unfit("may not be deferred");
    }
  }

  private static SQLException unfit(String why) {
    return new SQLException(
        "the transaction has operations for another store besides objects, and " + why, UNFIT);
  }

  /**
   * The gate is held shared, and given back.
   *
   * @return null if nothing happened, and the log has to accept it
   */
  @Nullable Receipt send(
      Unit unit,
      Terms terms,
      @Nullable Intent intent,
      TransactionId id,
      Connection physical,
      long budget)
      throws SQLException, InterruptedException {
    Transaction whole = coordinator.transaction(id, unit, terms, intent);
    if (!unit.replayable() || !terms.deferrable()) {
      gate.leave();
      return sendUnlogged(unit, terms, intent, whole, physical, budget);
    }
    long entry;
    try {
      if (desk.parts().mustWait(whole)) {
        return null;
      }
      entry = accept(whole);
    } finally {
      gate.leave();
    }
    InHand hand = new InHand(unit, intent, whole, entry, budget);
    awaitCopied(hand);
    return sendInHand(hand, terms, physical);
  }

  /** Its parts must not outlive what other nodes know of it. */
  private void awaitCopied(InHand hand) throws SQLException {
    boolean copied = false;
    try {
      desk.journal().sharing().acknowledging(hand.whole());
      copied = true;
    } catch (RananeetiException e) {
      throw Refusals.unknown(hand.id(), e);
    } finally {
      if (!copied) {
        leave(hand);
      }
    }
  }

  /** Whatever happens, the drain brings to an end what the log has. */
  private Receipt sendInHand(InHand hand, Terms terms, Connection physical) throws SQLException {
    boolean over = false;
    boolean parks = false;
    try {
      Receipt receipt = sendLogged(hand, terms, physical);
      over = true;
      return receipt;
    } catch (SQLException e) {
      over = true;
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RananeetiException e) {
      LOG.debug("{}: transaction={} waits", settings.name(), hand.id(), e);
    } finally {
      if (!over) {
        parks = leave(hand);
      }
    }
    return leftToDrain(hand, parks);
  }

  /** It is told of only if its key is parked for others, whatever keeps the drain from it. */
  private Receipt leftToDrain(InHand hand, boolean parks) throws SQLException {
    if (!parks) {
      throw Refusals.unknown(hand.id(), new LogFullException("no room to say that it waits", null));
    }
    return accepted(hand, desk.journal().sharing()::leftToDrain);
  }

  /** Nobody is told before other nodes know, or commit nothing directly. */
  private Receipt accepted(InHand hand, Consumer<Transaction> telling) throws SQLException {
    try {
      telling.accept(hand.whole());
    } catch (RananeetiException e) {
      throw Refusals.unknown(hand.id(), e);
    }
    return receipt(hand.whole(), Receipt.Status.ACCEPTED);
  }

  /** A unit that its caller is committing. */
  private record InHand(
      Unit unit, @Nullable Intent intent, Transaction whole, long entry, long budget) {

    TransactionId id() {
      return whole.id();
    }

    InHand inDoubt() {
      return new InHand(unit, null, whole.withoutIntent(), entry, budget);
    }
  }

  /** U1. */
  private long accept(Transaction whole) throws SQLException {
    try {
      return desk.journal().acceptInHand(whole, () -> desk.parts().left(whole.id()));
    } catch (RananeetiException | IllegalArgumentException e) {
      throw Coordinator.notAccepted(whole, e);
    }
  }

  private Receipt sendLogged(InHand hand, Terms terms, Connection physical)
      throws SQLException, InterruptedException {
    Parts.Progress progress = desk.parts().apply(hand.whole(), hand.budget(), true);
    if (progress.refusal() != null) {
      Refusal refusal = progress.refusal();
      SQLException refused = Refusals.refused(hand.id(), refusal);
      if (mayComeToNothing(hand, progress.applied())) {
        comeToNothing(hand, refused);
        throw refused;
      }
      return leaveAndWait(hand, refused);
    }
    if (!progress.isWhole()) {
      return leaveUntilBack(hand, progress);
    }
    if (!coordinator.mayEnter(hand.unit(), hand.budget())) {
      return leaveAndWait(hand, null);
    }
    boolean marked = false;
    SQLException failure = null;
    try {
      marked = commit(hand, terms, physical);
    } catch (SQLException e) {
      failure = e;
    } catch (RuntimeException e) {
      failure = new SQLException("the driver failed at COMMIT", "08006", e);
    } finally {
      gate.leave();
    }
    if (failure != null) {
      return failed(hand, failure);
    }
    if (!marked) {
      leave(hand);
    }
    return receipt(hand.whole(), Receipt.Status.APPLIED);
  }

  /**
   * The pair, and the mark. The gate is held.
   *
   * @return whether it has its mark, or can't have one before the next open
   */
  private boolean commit(InHand hand, Terms terms, Connection physical) throws SQLException {
    long sent = desk.tail().sending();
    desk.store().commit(physical, hand.id(), true, hand.intent());
    desk.store().committedWith(terms.context().settings());
    try {
      desk.journal()
          .mark(desk.store().name(), hand.entry(), hand.id(), Outcome.APPLIED, null, sent);
      desk.journal().done(hand.id());
      return true;
    } catch (LogFailedException e) {
      LOG.debug("{}: transaction={} has no mark", settings.name(), hand.id(), e);
      desk.journal().done(hand.id());
      return true;
    } catch (RananeetiException e) {
      LOG.debug("{}: transaction={} has no mark", settings.name(), hand.id(), e);
      return false;
    }
  }

  private Receipt failed(InHand hand, SQLException failure)
      throws SQLException, InterruptedException {
    boolean rolledBack =
        desk.store().intentTaken(failure)
            || !(coordinator.unreachable(failure) || desk.store().settledOtherwise(failure));
    if (!rolledBack || !mayComeToNothing(hand, hand.whole().before().size())) {
      return leaveAndWait(hand, failure);
    }
    comeToNothing(hand, failure);
    if (hand.intent() != null && desk.store().intentTaken(failure)) {
      coordinator.evict(hand.unit());
      Receipt holder = coordinator.receiptOfHolder(hand.unit(), hand.intent(), failure);
      if (holder != null) {
        return holder;
      }
      throw Refusals.retry("its intent key was taken, and is free again", failure);
    }
    throw failure;
  }

  /** U3. */
  private boolean mayComeToNothing(InHand hand, int applied) {
    return desk.parts().areHarmless(hand.whole().before().subList(0, applied));
  }

  /**
   * Where the mark is written, and nobody knows whether it stays, only the next open can tell.
   * Where other nodes have the entry, which may not get the mark, the ledger is told first.
   */
  private void comeToNothing(InHand hand, SQLException failure) throws SQLException {
    if (desk.journal().sharing() != Sharing.NONE && !fenced(hand, failure)) {
      leave(hand.inDoubt()); // The fence may be there: who has its intent key is told nothing.
      throw Refusals.unknown(hand.id(), failure);
    }
    boolean marked = false;
    try {
      desk.journal().mark(desk.store().name(), hand.entry(), hand.id(), Outcome.ABORTED, null, 0);
      marked = true;
      desk.journal().forceMarks();
      desk.journal().done(hand.id());
    } catch (RananeetiException e) {
      if (!marked) {
        leave(hand);
      }
      failure.addSuppressed(e);
      throw Refusals.unknown(hand.id(), failure);
    }
  }

  private boolean fenced(InHand hand, SQLException failure) {
    try {
      return desk.settler().abort(coordinator.nothing(hand.id())).outcome() == Outcome.ABORTED;
    } catch (StoreException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  private void handOver(InHand hand) {
    desk.parts().left(hand.id());
    desk.journal().leave(hand.entry(), hand.whole());
  }

  /**
   * What it has set in the session must not outlive it; the drain may need what it has locked.
   * Before the drain has it, other nodes are to find that it parks its key: the drain may have to
   * leave it, and its store be up again all the same.
   *
   * @return whether they will
   */
  private boolean leave(InHand hand) {
    coordinator.evict(hand.unit());
    boolean parks = parks(hand);
    handOver(hand);
    try {
      gate.recoverAfter(desk.journal().book()::lookAgain);
    } catch (RananeetiException e) {
      LOG.debug("{}: closed, transaction={} waits", settings.name(), hand.id(), e);
    }
    return parks;
  }

  private boolean parks(InHand hand) {
    try {
      desk.journal().sharing().delays(hand.entry(), hand.whole());
      return true;
    } catch (RananeetiException e) {
      LOG.debug("{}: transaction={} parks nothing", settings.name(), hand.id(), e);
      return false;
    }
  }

  /** Its key is parked before anybody is told, so that nothing overtakes it. */
  private Receipt leaveUntilBack(InHand hand, Parts.Progress progress) throws SQLException {
    coordinator.evict(hand.unit());
    gate.enter(); // The drain frees what waits under the closed gate: all of this, or none of it.
    try {
      desk.journal().book().wait(hand.entry(), hand.whole());
      desk.parts().waits(hand.whole(), progress.store(), String.valueOf(progress.trouble()));
      desk.journal().sharing().delays(hand.entry(), hand.whole());
      handOver(hand);
    } finally {
      gate.leave();
    }
    gate.rouse();
    return accepted(hand, desk.journal().sharing()::acceptedThoughUp);
  }

  /** Accepted, unless the drain is quick; nobody waits for a store that is down. */
  private Receipt leaveAndWait(InHand hand, @Nullable SQLException failure) throws SQLException {
    boolean parks = leave(hand);
    Outcome outcome = null;
    try {
      outcome = awaitOutcome(hand);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (outcome == Outcome.REFUSED) {
      DeadLetter letter = desk.journal().book().get(hand.id());
      SQLException refused =
          Refusals.becameLetter(
              hand.id(), letter == null ? null : new Refusal(letter.sqlState(), letter.reason()));
      if (failure != null) {
        refused.addSuppressed(failure);
      }
      throw refused;
    }
    return outcome == Outcome.APPLIED
        ? receipt(hand.whole(), Receipt.Status.APPLIED)
        : leftToDrain(hand, parks);
  }

  private @Nullable Outcome awaitOutcome(InHand hand) throws InterruptedException {
    Outcome outcome = known(hand.id());
    while (outcome == null
        && seams.nanoTime() < hand.budget()
        && gate.look().availability() != Availability.DOWN) {
      desk.backlog()
          .awaitProgress(Math.min(hand.budget(), Deadline.after(seams, Duration.ofMillis(50))));
      outcome = known(hand.id());
    }
    return outcome;
  }

  private @Nullable Outcome known(TransactionId id) {
    Outcome outcome = desk.journal().outcome(id);
    return outcome == Outcome.APPLIED || outcome == Outcome.REFUSED ? outcome : null;
  }

  /**
   * U4: only its commit in its own store makes anything of its objects. They are put under an id of
   * their own: what their store's ledger says of that is no answer to what became of the unit (G5).
   */
  private @Nullable Receipt sendUnlogged(
      Unit unit,
      Terms terms,
      @Nullable Intent intent,
      Transaction whole,
      Connection physical,
      long budget)
      throws SQLException, InterruptedException {
    Parts.Progress progress = put(whole, budget);
    if (progress.refusal() != null) {
      throw Refusals.refused(whole.id(), progress.refusal());
    }
    if (!progress.isWhole()) {
      String what =
          "the transaction can't be accepted, since %s"
              .formatted(unit.replayable() ? "it may not be deferred" : unit.whyNotReplayable());
      throw Refusals.detached(Objects.requireNonNull(progress.store()), what);
    }
    if (!coordinator.mayEnter(unit, budget)) {
      return null;
    }
    Receipt sent = coordinator.send(unit, terms, intent, whole.id(), physical);
    return sent == null
        ? null
        : new Receipt(
            sent.id(), sent.status(), sent.at(), desk.parts().statuses(whole, sent.status()));
  }

  private Parts.Progress put(Transaction whole, long budget) throws InterruptedException {
    TransactionId id = desk.ids().next();
    try {
      return desk.parts().apply(whole.withId(id), budget, true);
    } finally {
      desk.ids().closed(id);
    }
  }

  /** How far each store has come. */
  Receipt receipt(Transaction whole, Receipt.Status status) {
    return new Receipt(whole.id(), status, seams.now(), desk.parts().statuses(whole, status));
  }
}
