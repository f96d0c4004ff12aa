package io.rananeeti.store;

/**
 * What a failure of a store means for the transaction that met it. Told apart by whether the store
 * <em>answered</em>.
 */
public enum Failure {
  /**
   * It did not answer: unreachable, shutting down, out of resources, timed out. Never an attempt.
   */
  UNREACHABLE,
  /** It asked to be tried again: serialization failure, deadlock, lock not available. */
  RETRY,
  /**
   * It gave up in the middle (cancelled, timed out by its own setting), or answered something that
   * is in no other class: tried a few times, then counted as refused.
   */
  UNCLEAR,
  /** It refused this transaction, and would again. */
  REFUSED,
  /** Something is wrong with the store or its schema that a person must look at. */
  ENVIRONMENT
}
