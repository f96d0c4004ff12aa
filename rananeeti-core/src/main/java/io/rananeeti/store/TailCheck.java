package io.rananeeti.store;

import io.rananeeti.TransactionId;
import java.util.Collection;
import java.util.Set;

/**
 * Looks, on one physical connection, at what a writer has of this platform's acknowledged
 * transactions, and raises its epoch. That connection need not have the {@link Frontier}: it is how
 * a recovery finds out what is missing. Used by one thread.
 *
 * <p>Only for transactions whose COMMIT was answered, or which are fenced: of one that may be under
 * way a look says nothing (S1).
 */
public interface TailCheck extends AutoCloseable {

  /** The writer that this connection speaks to, with the epoch that it had at the beginning. */
  Writer writer();

  /**
   * Which of these the ledger has no row of, and can't have deleted the row either (F1).
   *
   * @param ids a few hundred at the most
   */
  Set<TransactionId> lacking(Collection<TransactionId> ids) throws StoreException;

  /**
   * The same, and those whose row says that they were refused: one that was acknowledged, was
   * refused when it was applied again, and whose mark was lost.
   *
   * @param ids a few hundred at the most
   */
  Set<TransactionId> notApplied(Collection<TransactionId> ids) throws StoreException;

  /**
   * Raises the epoch above this one, writes a row of the ledger for this recovery, and commits both
   * in one database transaction, as durably as the store can. Branches of a history may have been
   * raised to the same epoch by several nodes; the row is on this one alone, and on what comes of
   * it.
   *
   * @param recovery an id that nobody else has
   * @return the epoch that the writer has now
   */
  long raise(long above, TransactionId recovery) throws StoreException;

  /** Gives the connection back. Never throws. */
  @Override
  void close();
}
