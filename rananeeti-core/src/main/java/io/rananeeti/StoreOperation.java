package io.rananeeti;

import io.rananeeti.store.Operation;

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
}
