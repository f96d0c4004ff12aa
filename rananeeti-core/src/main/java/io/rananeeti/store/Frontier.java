package io.rananeeti.store;

import io.rananeeti.TransactionId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a new physical connection must find before its first use (R2, R3), or else it speaks to a
 * writer that lacks what was acknowledged.
 *
 * @param epoch the highest that this node has seen
 * @param lineage of the writer that had it
 * @param asked whether a connection has to have it: not while a recovery finds out what is missing
 * @param ids transactions whose rows the ledger must have: every acknowledged one after whose reply
 *     no other acknowledged COMMIT was sent. A writer that has a transaction has all whose replies
 *     came before its COMMIT was sent, so one that has these has all
 * @param writer the identity that it must have; null where any may: only where several nodes share
 *     their logs is another writer none that has all, though this node misses nothing there
 */
public record Frontier(
    long epoch, long lineage, boolean asked, Set<TransactionId> ids, @Nullable String writer) {

  /** Nothing to be found. */
  public static final Frontier NONE = new Frontier(0, 0, false, Set.of(), null);

  /** SQLSTATE: the writer is on a branch that this node has seen the end of. */
  public static final String STALE_BRANCH = "55R09";

  /** Copies the set. */
  public Frontier {
    ids = Set.copyOf(ids);
  }

  /** Whether a connection may be used as far as its writer says who it is, and of which epoch. */
  public boolean admits(Writer shown) {
    return !asked
        || (shown.epoch() >= epoch && (writer == null || writer.equals(shown.identity())));
  }

  /**
   * Whether a writer is no writer: it lacks the last recovery, and nothing says that it was
   * promoted after that. A probe passes over it, and no connection to it is used.
   */
  public boolean excludes(Writer writer) {
    return writer.epoch() < epoch && writer.lineage() <= lineage;
  }
}
