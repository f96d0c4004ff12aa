package io.rananeeti.internal;

import io.rananeeti.Outcome;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * What became of a transaction, as its ledger says for good.
 *
 * @param transaction the transaction
 * @param outcome {@code APPLIED}, {@code REFUSED}, {@code ABORTED} or {@code REPLACED}
 * @param refusal why, where it was refused; null else
 */
record Settlement(Transaction transaction, Outcome outcome, @Nullable Refusal refusal) {}
