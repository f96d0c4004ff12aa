package io.rananeeti.store;

import io.rananeeti.TransactionId;
import java.util.Set;

/**
 * What a new physical connection must find before its first use (R2, R3), or else it speaks to a
 * writer that lacks what was acknowledged.
 *
 * @param epoch the highest that this node has seen: a writer with a lower one is a stale branch, or
 *     was promoted without the last recovery
 * @param lineage of the writer of that epoch
 * @param ids transactions whose rows the ledger must have: every acknowledged one after whose reply
 *     no other acknowledged COMMIT was sent. A writer that has a transaction has all whose replies
 *     came before its COMMIT was sent, so a writer that has these has all
 */
public record Frontier(long epoch, long lineage, Set<TransactionId> ids) {

  /** Nothing to be found. */
  public static final Frontier NONE = new Frontier(0, 0, Set.of());

  /** Copies the set. */
  public Frontier {
    ids = Set.copyOf(ids);
  }

  /** Whether every writer has it. */
  public boolean isEmpty() {
    return epoch == 0 && ids.isEmpty();
  }
}
