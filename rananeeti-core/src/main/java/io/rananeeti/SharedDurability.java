package io.rananeeti;

/**
 * Where an accepted transaction has to be before {@code commit()} returns, where the log is shared
 * with other nodes ({@link DataPlatform.Builder#sharedLog}).
 */
public enum SharedDurability {
  /**
   * In this node's log; copied right after that. What is not copied yet is lost with this node's
   * disk, and may be overtaken by what other nodes accept later.
   */
  LOCAL,
  /**
   * In this node's log and in its copy; while the copy can't be reached, in this node's log. The
   * default.
   */
  BOTH_IF_REACHED,
  /**
   * In both, always: while the copy can't be reached nothing is accepted (SQLSTATE 53100), and what
   * was accepted when it went away fails with 08007.
   */
  BOTH
}
