package io.rananeeti;

import io.rananeeti.store.Operation;
import io.rananeeti.store.Spool;
import java.io.IOException;

/**
 * An operation for {@link PlatformConnection#enlist}, that has no statement of SQL: an item to be
 * put into a table of DynamoDB, say. Immutable; stores have their own.
 */
public interface StoreOperation {

  /** The name of the store that it is for. */
  String store();

  /**
   * What the log keeps of it.
   *
   * @throws IllegalStateException if something of it is missing
   */
  Operation operation();

  /**
   * The same, of one whose content may be too large for an entry of the log: what it puts into the
   * spool, it names by a parameter whose value is a {@link io.rananeeti.store.Content}. Asked once,
   * when it is enlisted.
   *
   * @throws IOException if the content can't be read or kept
   */
  default Operation operation(Spool spool) throws IOException {
    return operation();
  }
}
