package io.rananeeti.store;

/**
 * A writable writer that a probe has found.
 *
 * @param identity equal as long as it is the same writer on the same history (R2): an opaque text
 * @param epoch what recoveries have raised in its database (R3); 0 where none has, or where the
 *     store keeps none
 * @param lineage greater than that of every writer from which it was promoted, and of all that were
 *     promoted before it from the same one (the timeline of PostgreSQL); 0 where the store can't
 *     say
 */
public record Writer(String identity, long epoch, long lineage) {

  /** Of a store without epochs. */
  public Writer(String identity) {
    this(identity, 0, 0);
  }

  /** Whether it is the same writer on the same history, whatever its epoch. */
  public boolean isSame(Writer other) {
    return identity.equals(other.identity);
  }
}
