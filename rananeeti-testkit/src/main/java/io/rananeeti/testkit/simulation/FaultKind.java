package io.rananeeti.testkit.simulation;

/** What goes wrong in a simulation. Each is counted, and has to happen in a run of many seeds. */
public enum FaultKind {
  /** Connections are refused, calls fail, the server rolls back. */
  UNREACHABLE,
  /** The database takes calls and answers none. */
  HANGS,
  /** The database answers, but is no writer. */
  READ_ONLY,
  /** COMMIT is done, its reply lost. */
  COMMIT_REPLY_LOST,
  /** COMMIT never arrives. */
  COMMIT_REQUEST_LOST,
  /** COMMIT is still on its way when its sender has given up. */
  COMMIT_LATE,
  /** A late COMMIT arrives. */
  LATE_ARRIVES,
  /** A late COMMIT arrives, and once more. */
  LATE_ARRIVES_TWICE,
  /** A COMMIT in which the platform settles is done, its reply lost. */
  SETTLE_REPLY_LOST,
  /** A COMMIT in which the platform settles never arrives. */
  SETTLE_REQUEST_LOST,
  /** A COMMIT in which the platform settles is still on its way when the platform has given up. */
  SETTLE_LATE,
  /** A COMMIT gets no reply, and for a while nothing can be settled, though all else works. */
  LEDGER_LOCKED,
  /** Some step of the conversation fails because the connection breaks. */
  CONNECTION_BREAKS,
  /** Some step is told that the session was ended. */
  SESSION_ENDED,
  /** Some step is told that there are too many connections. */
  TOO_MANY_CONNECTIONS,
  /** No connection is to be had for so long that callers give up. */
  NO_CONNECTION,
  /** Some step fails to serialize. */
  SERIALIZATION_FAILURE,
  /** Some step is the victim of a deadlock with somebody else. */
  DEADLOCK,
  /** Some step waits too long for a lock. */
  LOCK_NOT_AVAILABLE,
  /** Some step is cancelled, for whatever reason. */
  CANCELLED,
  /** COMMITs wait for the standby. */
  STANDBY_STALLS,
  /** The standby takes over without what waited for it. */
  TAIL_LOST,
  /** Another writer, which has everything. */
  ANOTHER_WRITER,
  /** The server dies and is back at once. */
  SERVER_RESTARTS,
  /** Somebody else locks a row for long. */
  ROW_LOCKED,
  /** A table is missing. */
  SCHEMA_MISSING,
  /** A right is missing. */
  RIGHT_MISSING,
  /** Messages take long. */
  SLOW_NETWORK,
  /** The process dies; what it has written stays. */
  PROCESS_DIES,
  /** The machine dies; what was not forced vanishes or tears. */
  POWER_CUT,
  /** The process dies at a step of the schedule, wherever that is. */
  DIES_AT_A_STEP,
  /** The process does nothing for a while. */
  PROCESS_PAUSED,
  /** The platform is closed in the middle of everything, and opened again. */
  CLOSED,
  /** A force fails. */
  FORCE_FAILS,
  /** An append fails half-way. */
  APPEND_FAILS,
  /** The disk is full. */
  DISK_FULL,
  /** Forces take long. */
  SLOW_FORCE,
  /** The wall clock is wrong. */
  CLOCK_SKEWED,
  /** The wall clock steps back. */
  CLOCK_STEPS_BACK,
  /** Another region gets nothing more, and no COMMIT waits for it. */
  REGION_LAGS(true),
  /** The region of the writer is lost, and one takes over that lacks the last transactions. */
  REGION_LOST(true),
  /** Twice in a row, and the second one may lack what the first has recovered, and its epoch. */
  REGION_LOST_TWICE(true),
  /** Another region takes over while the writer lives on, and some nodes know nothing of it. */
  REGIONS_SPLIT(true),
  /** Some connections of a node reach a writer that was given up. */
  OLD_WRITER_SEEN(true),
  /** The writer that took over is lost for good, and the one before it comes back. */
  OLD_WRITER_BACK(true);

  private final boolean ofRegions;

  FaultKind() {
    this(false);
  }

  FaultKind(boolean ofRegions) {
    this.ofRegions = ofRegions;
  }

  /** Whether it takes what was acknowledged, which only platforms that retain can bear. */
  boolean isOfRegions() {
    return ofRegions;
  }
}
