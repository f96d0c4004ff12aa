package io.rananeeti;

/** Whether a store's writer can be reached. */
public enum Availability {
  /** Transactions go straight to the store. */
  UP,
  /** No writable writer was found within the outage budget; transactions go to the log. */
  DOWN,
  /** A writer is back; what waits is applied, and new transactions go behind it. */
  RECOVERING
}
