package io.rananeeti;

/** What became of a transaction. The names are those of the ledger. */
public enum Outcome {
  /** Every store has it. */
  APPLIED,
  /** Durable in the log, and waits to be applied. */
  ACCEPTED,
  /** Its COMMIT was sent and no reply came; not settled yet. */
  IN_DOUBT,
  /** The store refused it; it is a dead letter until it is retried or discarded. */
  REFUSED,
  /** A dead letter that a later transaction, its retry, has taken the place of. */
  REPLACED,
  /** A dead letter that the application gave up. */
  DISCARDED,
  /**
   * Another transaction with its intent key and its content was applied: nothing of this one
   * happened, since its effect is there.
   */
  DUPLICATE,
  /** Nothing of it happened and nothing of it ever will. */
  ABORTED,
  /** This platform does not know it: never given, or settled so long ago that it is forgotten. */
  UNKNOWN
}
