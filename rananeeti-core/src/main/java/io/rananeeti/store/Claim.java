package io.rananeeti.store;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import org.jspecify.annotations.Nullable;

/**
 * What a ledger answered to an insert of a transaction's row.
 *
 * @param id the transaction
 * @param ours whether the row is now ours, in this database transaction: the original, should it
 *     still be on its way, can never commit once this one has
 * @param outcome what the row says
 * @param refusal why, where the outcome is {@link Outcome#REFUSED}; null else
 * @param first which transaction it repeats, where the outcome is {@link Outcome#DUPLICATE}; null
 *     else
 */
public record Claim(
    TransactionId id,
    boolean ours,
    Outcome outcome,
    @Nullable Refusal refusal,
    @Nullable TransactionId first) {

  /** Of one that is no duplicate. */
  public Claim(TransactionId id, boolean ours, Outcome outcome, @Nullable Refusal refusal) {
    this(id, ours, outcome, refusal, null);
  }
}
