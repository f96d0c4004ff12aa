package io.rananeeti;

import io.rananeeti.store.Operation;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The acknowledged transactions that a store refused, until a person has dealt with them. Whoever
 * does so says who and why: both are kept in the log and in the {@link DataPlatform#auditTrail()
 * audit trail}.
 */
public interface DeadLetters {

  /** All of them, in the order in which they were accepted. */
  List<DeadLetter> list();

  /** The one with this id. */
  Optional<DeadLetter> get(TransactionId id);

  /**
   * The ordering keys that are parked, with what they are parked behind and how many accepted
   * transactions wait there; at most 1,000 of each store. Reads the log from the first transaction
   * that waits, so it is for people, not for a health check.
   */
  List<ParkedKey> parked();

  /**
   * Accepts the transaction again, unchanged, under a new id; it is applied at once when the store
   * is up, and before what it has parked. Two retries of one letter apply it once. Survives a crash
   * once it has returned.
   *
   * @param by who wants that
   * @param reason why
   * @return the receipt of the new transaction
   * @throws IllegalArgumentException if there is no such letter, or nobody or nothing is named
   * @throws io.rananeeti.error.LogFullException if the log has no room; the letter stays
   */
  Receipt retry(TransactionId id, String by, String reason);

  /**
   * The same with other operations:
   *
   * <pre>{@code
   * letters.retry(id, "ann", "the drink has another name now",
   *     operations -> {
   *       List<Operation> corrected = new ArrayList<>(operations);
   *       corrected.set(0, operations.get(0).with(0, 2, Parameter.of(Kind.STRING, "Café")));
   *       return corrected;
   *     });
   * }</pre>
   *
   * <p>What was promised to the application stays promised, and is verified, where the correction
   * leaves it ({@link Operation#unpromised()} takes it back); of a new {@code INSERT ... VALUES}
   * the rows that it lists are promised. Context and ordering key stay as they were.
   *
   * @param correction gets the operations as they were accepted, with their parameters, and returns
   *     those to be applied; at least one
   * @throws IllegalArgumentException also if something of the correction can't wait in the log or
   *     does not fit its text; says what, and the letter stays
   */
  Receipt retry(
      TransactionId id, String by, String reason, UnaryOperator<List<Operation>> correction);

  /**
   * Gives the transaction up; it will never be applied. Survives a crash once it has returned.
   *
   * @param by who decides that
   * @param reason kept in the log for those who ask later
   * @throws IllegalArgumentException if there is no such letter, or nobody or nothing is named
   * @throws io.rananeeti.error.LogFullException if the log has no room; the letter stays
   */
  void discard(TransactionId id, String by, String reason);

  /**
   * An ordering key whose transactions wait for a person, or for somebody else's lock.
   *
   * @param store the store
   * @param orderingKey the key; null stands for all transactions without one
   * @param behind the dead letters, their retries that wait to be applied, or transactions that
   *     wait for a lock
   * @param waiting how many accepted transactions wait behind them, themselves not counted
   */
  record ParkedKey(
      String store, @Nullable String orderingKey, List<TransactionId> behind, long waiting) {

    /** Copies the list. */
    public ParkedKey {
      behind = List.copyOf(behind);
    }
  }
}
