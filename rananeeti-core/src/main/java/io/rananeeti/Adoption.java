package io.rananeeti;

/** What to do with waiting transactions when the database turns out to have another history. */
public enum Adoption {
  /** Apply them to the database that is there now. */
  APPLY,
  /** Make dead letters of them, each of which can be retried or discarded. */
  SET_ASIDE
}
