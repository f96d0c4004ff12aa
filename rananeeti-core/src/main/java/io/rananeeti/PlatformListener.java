package io.rananeeti;

/**
 * Is told what becomes of transactions, because code under Spring or Hibernate never sees a
 * receipt. Calls must be quick; what a listener throws is logged and changes nothing.
 *
 * <p>None of these calls is kept through a crash: {@link DataPlatform#outcome} and {@link
 * DeadLetters} are the truth, listeners are a hint.
 */
public interface PlatformListener {

  /** On the committing thread, before {@code commit()} returns. Lost if the process dies first. */
  default void committed(Receipt receipt) {}

  /**
   * An accepted transaction is now applied, or another one with its intent key and content was in
   * its place ({@link Outcome#DUPLICATE}). On a drain thread, after the store's commit; lost if the
   * process dies between the two.
   */
  default void applied(Receipt receipt) {}

  /** An accepted transaction was refused. On a drain thread, after it became a dead letter. */
  default void rejected(DeadLetter letter) {}

  /** The availability of a store changed. */
  default void availability(String store, Availability from, Availability to) {}

  /** A person has to look at a store; the same text is in {@link Health}. */
  default void alarm(String store, String message) {}
}
