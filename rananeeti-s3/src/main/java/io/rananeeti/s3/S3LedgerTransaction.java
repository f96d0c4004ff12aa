package io.rananeeti.s3;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.s3.Ledger.Found;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The steps of settling, of one transaction at a time. Used by one thread.
 *
 * <p>A claim reads what stands; that is the truth where it is an outcome. Else the claim is only
 * hoped for, until {@link #commit} has written over exactly what was read, or has put objects whose
 * keys name their content, which any number of settlers may do ({@link Work} has the argument).
 */
final class S3LedgerTransaction implements LedgerTransaction {

  private final S3Store.Opened store;
  private final Call call = new Call();
  private final Map<TransactionId, Pending> pending = new LinkedHashMap<>();
  private final List<Action> actions = new ArrayList<>();
  private boolean claimed;
  private int guarded;

  S3LedgerTransaction(S3Store.Opened store) {
    this.store = store;
  }

  /** What is to be written of a transaction, over what was found. */
  private record Pending(@Nullable Found found, Row row) {}

  @Override
  public List<Claim> claim(List<TransactionId> ids, Outcome intended) throws StoreException {
    claimed = true;
    List<Claim> claims = new ArrayList<>();
    for (TransactionId id : ids) {
      try {
        claims.add(claim(id, intended));
      } catch (SQLException e) {
        throw Failures.own(e);
      }
    }
    return claims;
  }

  private Claim claim(TransactionId id, Outcome intended) throws SQLException, StoreException {
    Found found = store.ledger().find(id, call);
    if (found == null) {
      store.logs().check(id, call);
    } else if (found.row().outcome() != null) {
      return new Claim(id, false, found.row().outcome(), found.row().refusal());
    } else if (isDone(id, found, intended)) {
      return new Claim(id, false, Outcome.APPLIED, null);
    }
    pending.put(id, new Pending(found, Row.of(intended)));
    return new Claim(id, true, intended, null);
  }

  /** What can be done any number of times is done again, without a look. */
  private boolean isDone(TransactionId id, Found found, Outcome intended) throws SQLException {
    boolean again = intended == Outcome.APPLIED && found.row().isAddressed();
    return !again && store.work().isDone(id, found, call);
  }

  /**
   * At once: who has replaced a letter is settled as applied or refused afterwards, however often
   * that is begun.
   */
  @Override
  public boolean replace(TransactionId refused) throws StoreException {
    TransactionId by = pending.keySet().iterator().next();
    try {
      Found found = store.ledger().find(refused, call);
      Row row = found == null ? null : found.row();
      if (row == null || row.outcome() != Outcome.REFUSED) {
        return row != null && by.equals(row.by());
      }
      store
          .work()
          .write(refused, Row.replaced(row.refusal(), by), found, store.bucket().fence(), call);
      return true;
    } catch (SQLException e) {
      throw Failures.own(e);
    }
  }

  @Override
  public void guard() {
    guarded = actions.size();
  }

  /** Refused when the key is given: this store keeps none. */
  @Override
  public Map<String, IntentHolder> intend(Map<TransactionId, Intent> intents)
      throws StoreException {
    throw noIntents();
  }

  @Override
  public @Nullable IntentHolder holder(String intentKey) {
    return null;
  }

  @Override
  public void duplicate(TransactionId id, TransactionId first) throws StoreException {
    throw noIntents();
  }

  private static StoreException noIntents() {
    return new StoreException(Failure.REFUSED, "0A000", S3Store.NO_INTENTS, null);
  }

  /** S3 has no settings; what would have had a meaning was refused when it was made. */
  @Override
  public void enter(Context context) {}

  @Override
  public void execute(List<Operation> operations, Instant acceptedAt) throws StoreException {
    try {
      actions.addAll(ActionText.actions(operations));
    } catch (SQLException e) {
      throw Failures.store(e);
    }
    String refusal = S3Texts.refusalOf(actions);
    if (refusal != null) {
      throw new StoreException(
          pending.size() > 1 ? Failure.RETRY : Failure.REFUSED, "54000", refusal, null);
    }
    if (!claimed) {
      tryOut();
    }
  }

  /** Nothing was claimed: all that can be told is whether the bucket is there. */
  private void tryOut() throws StoreException {
    try {
      store.bucket().ask("try", call, c -> c.headBucket(r -> r.bucket(store.bucket().name())));
    } catch (SQLException e) {
      throw Failures.own(e);
    }
  }

  @Override
  public void release() {}

  @Override
  public void retreat() {
    actions.subList(guarded, actions.size()).clear();
  }

  @Override
  public void refuse(TransactionId id, Refusal refusal) {
    Pending now = pending.get(id);
    if (now == null) {
      throw new IllegalStateException("not claimed by this transaction: " + id);
    }
    pending.put(id, new Pending(now.found(), Row.refused(refusal)));
  }

  @Override
  public void commit() throws StoreException {
    if (pending.size() > 1 && !actions.isEmpty()) {
      throw new StoreException(Failure.RETRY, "40001", "S3 settles one at a time", null);
    }
    for (Map.Entry<TransactionId, Pending> each : pending.entrySet()) {
      commit(each.getKey(), each.getValue());
    }
  }

  private void commit(TransactionId id, Pending what) throws StoreException {
    boolean applies = what.row().outcome() == Outcome.APPLIED && !actions.isEmpty();
    try {
      if (applies) {
        store.work().apply(id, actions, what.found(), false, call);
      } else {
        store.work().write(id, what.row(), what.found(), store.bucket().fence(), call);
      }
    } catch (SQLException e) {
      throw applies ? Failures.store(e) : Failures.own(e);
    }
  }

  /** Nothing was sent that is to be undone. */
  @Override
  public void close() {}
}
