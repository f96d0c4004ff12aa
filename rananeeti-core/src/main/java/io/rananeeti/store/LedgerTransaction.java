package io.rananeeti.store;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One database transaction in which the platform settles transactions: claims their rows of the
 * ledger, runs their operations, commits. The rules that combine these steps are the platform's
 * (settle S1-S5, drain D1 and D4); a store only offers the steps.
 *
 * <p>Its commit is durable as far as the store can make it, whatever the session's settings say
 * (C8). No step waits for a lock longer than a few seconds (S4); that is then {@link
 * Failure#RETRY}. After any exception but a {@link Failure#REFUSED} between {@link #guard()} and
 * {@link #release()} only {@link #close()} is left. Used by one thread.
 */
public interface LedgerTransaction extends AutoCloseable {

  /**
   * Inserts a row for each id with the given outcome, or waits for whoever is inserting it and
   * answers what stands there (S1): by a write, never by a look-up. Comes before {@link #enter}.
   *
   * @return one claim an id, in the order given
   * @throws StoreException {@link Failure#ENVIRONMENT} if an id lies below what its incarnation has
   *     settled: this log is a copy, or older than the database (I2)
   */
  List<Claim> claim(List<TransactionId> ids, Outcome intended) throws StoreException;

  /** Turns the row of a dead letter from refused into replaced; false if it is not refused (S5). */
  boolean replace(TransactionId refused) throws StoreException;

  /** Marks the point that {@link #retreat()} goes back to. */
  void guard() throws StoreException;

  /**
   * Takes intent keys for transactions whose rows were claimed, or waits for whoever is taking one,
   * and answers who has it (S6): by a write, as {@link #claim}. A key whose time is over is taken
   * from its holder. Comes before {@link #enter}; {@link #retreat} gives back what was taken since
   * {@link #guard}.
   *
   * @param intents no two with the same key
   * @return the holder of each key
   */
  Map<String, IntentHolder> intend(Map<TransactionId, Intent> intents) throws StoreException;

  /**
   * Who has an intent key; null if nobody has, or only until now. A write too, so that the answer
   * is as durable as a commit.
   */
  @Nullable IntentHolder holder(String intentKey) throws StoreException;

  /** Rewrites a row that this transaction has claimed: another was applied in its place. */
  void duplicate(TransactionId claimed, TransactionId first) throws StoreException;

  /** Sets what the application had set, for this database transaction only. */
  void enter(Context context) throws StoreException;

  /**
   * Runs the operations of one accepted transaction and compares their results with what was
   * promised.
   *
   * @param acceptedAt offered to triggers and defaults as {@code rananeeti.accepted_at}
   * @throws StoreException {@link Failure#REFUSED} with {@link Refusal#BROKEN_PROMISE} when a
   *     result differs from the promise
   */
  void execute(List<Operation> operations, Instant acceptedAt) throws StoreException;

  /** Checks what is deferred to the commit (S3), and gives up the guard. */
  void release() throws StoreException;

  /** Undoes everything since {@link #guard()}, context included; the claims stay. */
  void retreat() throws StoreException;

  /** Rewrites a row that this transaction has claimed: it was refused, and why. */
  void refuse(TransactionId claimed, Refusal refusal) throws StoreException;

  /**
   * Commits. On {@link Failure#UNREACHABLE} nobody knows whether it did: claim again.
   *
   * @throws StoreException {@link Failure#REFUSED} or {@link Failure#RETRY} if the store rolled it
   *     back
   */
  void commit() throws StoreException;

  /** Rolls back what is not committed, and gives the connection back. Never throws. */
  @Override
  void close();
}
