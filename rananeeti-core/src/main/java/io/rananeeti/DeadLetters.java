package io.rananeeti;

import java.util.List;
import java.util.Optional;

/** The acknowledged transactions that a store refused, until a person has dealt with them. */
public interface DeadLetters {

  /** All of them, in the order in which they were accepted. */
  List<DeadLetter> list();

  /** The one with this id. */
  Optional<DeadLetter> get(TransactionId id);

  /**
   * Accepts the transaction again, unchanged, under a new id; it is applied at once when the store
   * is up. Two retries of one letter apply it once. Survives a crash once it has returned.
   *
   * @return the receipt of the new transaction
   * @throws IllegalArgumentException if there is no such letter
   * @throws io.rananeeti.error.LogFullException if the log has no room; the letter stays
   */
  Receipt retry(TransactionId id);

  /**
   * Gives the transaction up; it will never be applied. Survives a crash once it has returned.
   *
   * @param reason kept in the log for those who ask later
   * @throws IllegalArgumentException if there is no such letter
   * @throws io.rananeeti.error.LogFullException if the log has no room; the letter stays
   */
  void discard(TransactionId id, String reason);
}
