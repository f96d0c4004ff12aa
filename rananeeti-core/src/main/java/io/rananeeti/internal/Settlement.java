package io.rananeeti.internal;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * What became of a transaction, as its ledger says for good.
 *
 * @param transaction the transaction
 * @param outcome {@code APPLIED}, {@code DUPLICATE}, {@code REFUSED}, {@code ABORTED} or {@code
 *     REPLACED}
 * @param refusal why, where it was refused; null else
 * @param first which transaction it repeats, where it is a duplicate; null else
 * @param ours whether this settlement is what wrote it, and did not find it written
 */
record Settlement(
    Transaction transaction,
    Outcome outcome,
    @Nullable Refusal refusal,
    @Nullable TransactionId first,
    boolean ours) {

  Settlement(Transaction transaction, Outcome outcome, @Nullable Refusal refusal) {
    this(transaction, outcome, refusal, null, true);
  }
}
