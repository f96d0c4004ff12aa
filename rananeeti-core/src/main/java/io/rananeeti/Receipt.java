package io.rananeeti;

import java.time.Instant;

/**
 * What {@code commit()} achieved.
 *
 * @param id the transaction's id, to be asked for by {@link DataPlatform#outcome}
 * @param status whether the store has it, or the log
 * @param at when that was known, by this node's clock
 */
public record Receipt(TransactionId id, Status status, Instant at) {

  /** How far a transaction has come. */
  public enum Status {
    /** The store has committed it. */
    APPLIED,
    /** It is forced to the log and will be applied to the store once, in order. */
    ACCEPTED,
    /** The store refused it after it had been accepted; it is a dead letter. */
    REJECTED
  }
}
