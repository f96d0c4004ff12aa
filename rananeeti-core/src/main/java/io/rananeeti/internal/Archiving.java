package io.rananeeti.internal;

import java.util.List;

/** What the log asks of its archive. Of a log that has none nothing is kept for it. Thread-safe. */
interface Archiving {

  /** Of a log without an archive. */
  Archiving NONE = new Archiving() {};

  /**
   * The log must keep what is not below this one, for the archive.
   *
   * @param settledBelow what is needed by nobody but the archive
   */
  default long archivedBelow(long settledBelow) {
    return Long.MAX_VALUE;
  }

  /** The log is full: whether it may give back more than it has been told so far. */
  default boolean makeRoom() {
    return false;
  }

  /** Whether the log holds something for the archive only. */
  default boolean holdsBack() {
    return false;
  }

  /** What a person should know of it. */
  default List<String> warnings() {
    return List.of();
  }
}
