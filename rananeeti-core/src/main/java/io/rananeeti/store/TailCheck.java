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
   * Raises the epoch above this one, and commits that as durably as the store can.
   *
   * @return the epoch that the writer has now
   */
  long raise(long above) throws StoreException;

  /** Gives the connection back. Never throws. */
  @Override
  void close();
}
