package io.rananeeti.store;

/**
 * When a store's part of a unit of work across stores is applied: in this order. So whoever reads
 * the last one, which the others are pointed to from, finds them there.
 */
public enum PartOrder {
  /**
   * Immutable objects, under keys that their content decides: applied twice, late, or for a unit
   * that comes to nothing, they do no harm.
   */
  OBJECTS,
  /** Items, written all or nothing with a row of the store's ledger. */
  ITEMS,
  /** Rows of a database with transactions of its own. */
  ROWS
}
