package io.rananeeti;

/**
 * What a detached connection answers as the update count of statements whose count only the store
 * knows: {@code UPDATE}, {@code DELETE}, {@code MERGE}, {@code INSERT ... SELECT}, {@code ... ON
 * CONFLICT}. A plain {@code INSERT ... VALUES} is answered with its number of rows in any case.
 */
public enum UpdateCounts {
  /**
   * Answers 1 and verifies it when applied; another count is a refusal. A text that answered
   * another count while attached is refused. The default.
   */
  PROMISE_ONE,
  /** Refuses such statements while detached. */
  REFUSE,
  /** Answers {@link java.sql.Statement#SUCCESS_NO_INFO} and verifies nothing. */
  UNVERIFIED
}
