package io.rananeeti.testkit.simulation;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A ledger transaction that counts which ways settling takes. Used by one thread. */
final class WatchedLedger implements LedgerTransaction {

  /** A step that answers nothing. */
  @FunctionalInterface
  private interface Step {
    void run() throws StoreException;
  }

  private final LedgerTransaction ledger;
  private final Counters counters;
  private boolean group;

  WatchedLedger(LedgerTransaction ledger, Counters counters) {
    this.ledger = ledger;
    this.counters = counters;
  }

  @Override
  public List<Claim> claim(List<TransactionId> ids, Outcome intended) throws StoreException {
    group = ids.size() > 1;
    try {
      List<Claim> claims = ledger.claim(ids, intended);
      claims.forEach(claim -> count(claim, intended));
      return claims;
    } catch (StoreException e) {
      throw counted(e);
    }
  }

  private void count(Claim claim, Outcome intended) {
    if (claim.ours()) {
      counters.count(intended == Outcome.ABORTED ? Branch.ABORTED : Branch.FENCED);
      return;
    }
    switch (claim.outcome()) {
      case APPLIED -> counters.count(Branch.MET_APPLIED);
      case REFUSED -> counters.count(Branch.MET_REFUSED);
      case ABORTED -> counters.count(Branch.MET_ABORTED);
      default -> {}
    }
  }

  @Override
  public boolean replace(TransactionId refused) throws StoreException {
    boolean replaced = ledger.replace(refused);
    if (replaced) {
      counters.count(Branch.LETTER_REPLACED);
    }
    return replaced;
  }

  @Override
  public Map<String, IntentHolder> intend(Map<TransactionId, Intent> intents)
      throws StoreException {
    try {
      return ledger.intend(intents);
    } catch (StoreException e) {
      throw counted(e);
    }
  }

  @Override
  public @Nullable IntentHolder holder(String intentKey) throws StoreException {
    return ledger.holder(intentKey);
  }

  @Override
  public void duplicate(TransactionId claimed, TransactionId first) throws StoreException {
    run(() -> ledger.duplicate(claimed, first));
    counters.count(Branch.DUPLICATE);
  }

  @Override
  public void guard() throws StoreException {
    run(ledger::guard);
  }

  @Override
  public void enter(Context context) throws StoreException {
    run(() -> ledger.enter(context));
  }

  @Override
  public void execute(List<Operation> operations, Instant acceptedAt) throws StoreException {
    run(() -> ledger.execute(operations, acceptedAt));
  }

  @Override
  public void release() throws StoreException {
    try {
      ledger.release();
    } catch (StoreException e) {
      if (e.failure() == Failure.REFUSED) {
        counters.count(Branch.REFUSED_AT_RELEASE);
      }
      throw counted(e);
    }
  }

  @Override
  public void retreat() throws StoreException {
    run(ledger::retreat);
  }

  @Override
  public void refuse(TransactionId claimed, Refusal refusal) throws StoreException {
    run(() -> ledger.refuse(claimed, refusal));
    counters.count(Branch.REFUSED);
  }

  @Override
  public void commit() throws StoreException {
    try {
      ledger.commit();
      if (group) {
        counters.count(Branch.GROUP_APPLIED);
      }
    } catch (StoreException e) {
      if (e.failure() == Failure.REFUSED) {
        counters.count(Branch.REFUSED_AT_COMMIT);
      }
      if (e.failure() == Failure.UNREACHABLE) {
        counters.count(Branch.SETTLE_UNANSWERED);
      }
      throw counted(e);
    }
  }

  @Override
  public void close() {
    ledger.close();
  }

  private void run(Step step) throws StoreException {
    try {
      step.run();
    } catch (StoreException e) {
      throw counted(e);
    }
  }

  private StoreException counted(StoreException failure) {
    if (failure.failure() == Failure.RETRY) {
      counters.count(Branch.DRAIN_ASKED_TO_RETRY);
    }
    if (group && failure.failure() == Failure.REFUSED) {
      counters.count(Branch.GROUP_GIVEN_UP);
    }
    return failure;
  }
}
