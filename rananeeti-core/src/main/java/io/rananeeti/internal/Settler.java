package io.rananeeti.internal;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Settles transactions on a reachable writer: the rules S1-S5, D1 and D4, as steps of one {@link
 * LedgerTransaction}.
 *
 * <p>Each transaction's row is claimed by a write that waits for the original, should that still be
 * on its way. A row that stands is the truth. A row of ours fences the original for ever once it is
 * committed, and in that same database transaction the operations are applied. Every settlement
 * commits an outcome, so a refusal survives a crash that comes before its mark.
 *
 * <p>An intent key is taken in that database transaction too, before the operations run (S6): where
 * another transaction with the same content has it, this one is committed as its duplicate, and one
 * with other content is refused. A refusal gives the key back.
 *
 * <p><b>Who dies when.</b> Before the commit is sent: nothing happened, whoever comes next claims
 * again. After it was sent and before its reply: the next claim meets our row, or does not, and
 * both are the truth. After the reply and before the mark: the next claim meets our row.
 * Thread-safe; keeps no state.
 */
final class Settler {

  private final Store store;
  private final Holding holding;

  Settler(Store store, Holding holding) {
    this.store = store;
    this.holding = holding;
  }

  /**
   * Applies transactions of one {@link #alike} group in one database transaction, each with its own
   * row (D4); if the store refuses one of them, or has refused one whose mark was lost, each is
   * applied by itself, up to the first refusal.
   *
   * @return a settlement for each, in order, or for the first few of them; at least one
   * @throws StoreException if nothing of it is known
   */
  List<Settlement> apply(List<Transaction> group) throws StoreException {
    return holding.work(() -> applied(group));
  }

  private List<Settlement> applied(List<Transaction> group) throws StoreException {
    if (group.size() > 1) {
      List<Settlement> together = together(group);
      if (together != null) {
        return together;
      }
    }
    return oneByOne(group);
  }

  /** Settles without applying: what stands stands, else it is aborted for ever (S2). */
  Settlement abort(Transaction transaction) throws StoreException {
    return holding.work(() -> aborted(transaction));
  }

  private Settlement aborted(Transaction transaction) throws StoreException {
    try (LedgerTransaction ledger = store.begin(Isolation.DEFAULT)) {
      Claim claim = ledger.claim(List.of(transaction.id()), Outcome.ABORTED).get(0);
      ledger.commit();
      return settlement(transaction, claim);
    }
  }

  /** Whether two transactions may share a database transaction. */
  static boolean alike(Transaction one, Transaction other) {
    return one.context().equals(other.context()) && plain(one) && plain(other);
  }

  private static boolean plain(Transaction transaction) {
    return transaction.replaces() == null
        && !transaction.operations().isEmpty()
        && !transaction.isAcrossStores();
  }

  private List<Settlement> oneByOne(List<Transaction> group) throws StoreException {
    List<Settlement> settlements = new ArrayList<>();
    for (Transaction transaction : group) {
      try {
        Settlement settlement = alone(transaction, false);
        settlements.add(settlement);
        if (settlement.outcome() == Outcome.REFUSED) {
          return settlements;
        }
      } catch (StoreException e) {
        if (settlements.isEmpty()) {
          throw e;
        }
        return settlements;
      }
    }
    return settlements;
  }

  private @Nullable List<Settlement> together(List<Transaction> group) throws StoreException {
    try (LedgerTransaction ledger = store.begin(group.get(0).context().isolation())) {
      List<TransactionId> ids = group.stream().map(Transaction::id).toList();
      List<Claim> claims = ledger.claim(ids, Outcome.APPLIED);
      if (claims.stream().anyMatch(claim -> claim.outcome() == Outcome.REFUSED)) {
        return null;
      }
      Map<TransactionId, TransactionId> firsts = firsts(ledger, group, claims);
      if (firsts == null) {
        return null;
      }
      ledger.enter(group.get(0).context());
      List<Settlement> settlements = new ArrayList<>();
      for (int i = 0; i < group.size(); i++) {
        TransactionId first = firsts.get(ids.get(i));
        if (first != null) {
          settlements.add(new Settlement(group.get(i), Outcome.DUPLICATE, null, first, true));
          continue;
        }
        if (claims.get(i).ours()) {
          ledger.execute(group.get(i).operations(), group.get(i).acceptedAt());
        }
        settlements.add(settlement(group.get(i), claims.get(i)));
      }
      ledger.commit();
      return settlements;
    } catch (StoreException e) {
      if (e.failure() == Failure.UNREACHABLE || e.failure() == Failure.ENVIRONMENT) {
        throw e;
      }
      return null;
    }
  }

  /**
   * Takes the intent keys of those of a group that were claimed (S6).
   *
   * @return which transaction each of them repeats that is not the first with its key; null if one
   *     has another content than the first, which has to be refused by itself
   */
  private static @Nullable Map<TransactionId, TransactionId> firsts(
      LedgerTransaction ledger, List<Transaction> group, List<Claim> claims) throws StoreException {
    Map<String, Transaction> takers = new LinkedHashMap<>();
    for (int i = 0; i < group.size(); i++) {
      Intent intent = group.get(i).intent();
      if (intent != null && claims.get(i).ours()) {
        takers.putIfAbsent(intent.key(), group.get(i));
      }
    }
    if (takers.isEmpty()) {
      return Map.of();
    }
    Map<TransactionId, Intent> intents = new LinkedHashMap<>();
    takers.forEach((key, taker) -> intents.put(taker.id(), requireIntent(taker)));
    Map<String, IntentHolder> holders = ledger.intend(intents);
    Map<TransactionId, TransactionId> firsts = new HashMap<>();
    for (int i = 0; i < group.size(); i++) {
      Transaction transaction = group.get(i);
      IntentHolder holder = claims.get(i).ours() ? other(holders, transaction) : null;
      if (holder != null) {
        if (!holder.digest().equals(requireIntent(transaction).digest())) {
          return null;
        }
        ledger.duplicate(transaction.id(), holder.id());
        firsts.put(transaction.id(), holder.id());
      }
    }
    return firsts;
  }

  /** Who has its intent key in its place; null if it has none, or holds it itself. */
  private static @Nullable IntentHolder other(
      Map<String, IntentHolder> holders, Transaction transaction) {
    Intent intent = transaction.intent();
    if (intent == null) {
      return null;
    }
    IntentHolder holder = holders.get(intent.key());
    if (holder == null) {
      throw new IllegalStateException("the store did not answer for an intent key");
    }
    return holder.id().equals(transaction.id()) ? null : holder;
  }

  private static Intent requireIntent(Transaction transaction) {
    return Objects.requireNonNull(transaction.intent());
  }

  /** Who has an intent key; null if nobody has. */
  @Nullable IntentHolder holder(String intentKey) throws StoreException {
    return holding.work(() -> heldBy(intentKey)).orElse(null);
  }

  private Optional<IntentHolder> heldBy(String intentKey) throws StoreException {
    try (LedgerTransaction ledger = store.begin(Isolation.DEFAULT)) {
      IntentHolder holder = ledger.holder(intentKey);
      ledger.commit();
      return Optional.ofNullable(holder);
    }
  }

  /**
   * Applies one transaction by itself; a refusal is committed as refused (S2).
   *
   * @param evenIfForeign whether a refusal that smells of the environment is committed too
   * @throws StoreException {@link Failure#ENVIRONMENT} for such a refusal, if it is not
   */
  Settlement alone(Transaction transaction, boolean evenIfForeign) throws StoreException {
    return holding.work(() -> appliedAlone(transaction, evenIfForeign));
  }

  private Settlement appliedAlone(Transaction transaction, boolean evenIfForeign)
      throws StoreException {
    if (transaction.operations().isEmpty() && !transaction.isAcrossStores()) {
      return abort(transaction);
    }
    Attempt attempt;
    try (LedgerTransaction ledger = store.begin(transaction.context().isolation())) {
      attempt = attempt(ledger, transaction, evenIfForeign);
    }
    if (attempt.settlement() != null) {
      return attempt.settlement();
    }
    return attempt.late() == null ? abort(transaction) : refuseLate(transaction, attempt.late());
  }

  /**
   * What one database transaction achieved: a settlement; or a refusal that came at COMMIT; or
   * neither, because the letter that this was to replace is replaced already (S5).
   */
  private record Attempt(@Nullable Settlement settlement, @Nullable Refusal late) {

    static Attempt settled(Transaction transaction, Outcome outcome, @Nullable Refusal refusal) {
      return new Attempt(new Settlement(transaction, outcome, refusal), null);
    }
  }

  private static Attempt attempt(
      LedgerTransaction ledger, Transaction transaction, boolean evenIfForeign)
      throws StoreException {
    Claim claim = ledger.claim(List.of(transaction.id()), Outcome.APPLIED).get(0);
    if (!claim.ours()) {
      ledger.commit();
      return new Attempt(settlement(transaction, claim), null);
    }
    if (replacedAlready(ledger, transaction)) {
      return new Attempt(null, null);
    }
    ledger.guard();
    IntentHolder other = intend(ledger, transaction);
    if (other != null && other.digest().equals(requireIntent(transaction).digest())) {
      ledger.duplicate(transaction.id(), other.id());
      ledger.commit();
      return new Attempt(
          new Settlement(transaction, Outcome.DUPLICATE, null, other.id(), true), null);
    }
    Refusal refusal =
        other == null
            ? run(ledger, transaction, evenIfForeign)
            : Refusals.otherContentOf(other.id());
    if (refusal != null) {
      ledger.refuse(transaction.id(), refusal);
      ledger.commit();
      return Attempt.settled(transaction, Outcome.REFUSED, refusal);
    }
    Refusal late = commit(ledger, evenIfForeign);
    return late == null
        ? Attempt.settled(transaction, Outcome.APPLIED, null)
        : new Attempt(null, late);
  }

  private static @Nullable IntentHolder intend(LedgerTransaction ledger, Transaction transaction)
      throws StoreException {
    Intent intent = transaction.intent();
    return intent == null
        ? null
        : other(ledger.intend(Map.of(transaction.id(), intent)), transaction);
  }

  /** What the attempt to run a transaction, and not to commit it, says of the environment. */
  enum Trial {
    /** It would be applied. */
    WHOLE,
    /** It would be refused in a way that smells of the environment. */
    BROKEN,
    /** Nothing: it has no operations, or would be refused for a reason of its own. */
    NOTHING
  }

  /** Tries it. */
  Trial trial(Transaction transaction) throws StoreException {
    if (transaction.operations().isEmpty()) {
      return Trial.NOTHING;
    }
    return holding.work(() -> tried(transaction));
  }

  private Trial tried(Transaction transaction) throws StoreException {
    try (LedgerTransaction ledger = store.begin(transaction.context().isolation())) {
      return trial(ledger, transaction);
    }
  }

  private static Trial trial(LedgerTransaction ledger, Transaction transaction)
      throws StoreException {
    try {
      ledger.guard();
      ledger.enter(transaction.context());
      ledger.execute(transaction.operations(), transaction.acceptedAt());
      return Trial.WHOLE;
    } catch (StoreException e) {
      if (e.failure() != Failure.REFUSED) {
        throw e;
      }
      return foreign(e) ? Trial.BROKEN : Trial.NOTHING;
    }
  }

  private static boolean replacedAlready(LedgerTransaction ledger, Transaction transaction)
      throws StoreException {
    return transaction.replaces() != null && !ledger.replace(transaction.replaces());
  }

  /** Runs it behind the guard. */
  private static @Nullable Refusal run(
      LedgerTransaction ledger, Transaction transaction, boolean evenIfForeign)
      throws StoreException {
    try {
      ledger.enter(transaction.context());
      ledger.execute(transaction.operations(), transaction.acceptedAt());
      ledger.release();
      return null;
    } catch (StoreException e) {
      if (e.failure() != Failure.REFUSED) {
        throw e;
      }
      refuseForeign(e, evenIfForeign);
      ledger.retreat();
      return e.refusal();
    }
  }

  /** A refusal that came only at COMMIT is returned; it has left no row (S3). */
  private static @Nullable Refusal commit(LedgerTransaction ledger, boolean evenIfForeign)
      throws StoreException {
    try {
      ledger.commit();
      return null;
    } catch (StoreException e) {
      if (e.failure() != Failure.REFUSED) {
        throw e;
      }
      refuseForeign(e, evenIfForeign);
      return e.refusal();
    }
  }

  private static void refuseForeign(StoreException e, boolean evenIfForeign) throws StoreException {
    if (foreign(e) && !evenIfForeign) {
      throw new StoreException(
          Failure.ENVIRONMENT, e.sqlState(), String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Commits the outcome refused, unless another outcome stands.
   *
   * @param refusal what the original met at COMMIT, or too often
   */
  Settlement refuseLate(Transaction transaction, Refusal refusal) throws StoreException {
    return holding.work(() -> refusedLate(transaction, refusal));
  }

  private Settlement refusedLate(Transaction transaction, Refusal refusal) throws StoreException {
    try (LedgerTransaction ledger = store.begin(Isolation.DEFAULT)) {
      Claim claim = ledger.claim(List.of(transaction.id()), Outcome.REFUSED).get(0);
      boolean replaced = claim.ours() && replacedAlready(ledger, transaction);
      if (!replaced) {
        if (claim.ours()) {
          ledger.refuse(transaction.id(), refusal);
        }
        ledger.commit();
        return claim.ours()
            ? new Settlement(transaction, Outcome.REFUSED, refusal)
            : settlement(transaction, claim);
      }
    }
    return abort(transaction);
  }

  /** Table missing, or rights: what a rebuilt schema answers to everything (D5). */
  private static boolean foreign(StoreException e) {
    return !e.isOfRow() && (e.sqlState().equals("42P01") || e.sqlState().equals("42501"));
  }

  private static Settlement settlement(Transaction transaction, Claim claim) {
    return new Settlement(
        transaction, claim.outcome(), claim.refusal(), claim.first(), claim.ours());
  }
}
