package io.rananeeti.testkit.simulation;

/**
 * A way that the platform's recovery can take, seen from outside of it. Each is counted, and has to
 * be taken in a run of many seeds.
 */
public enum Branch {
  /** A commit was applied at once. */
  TOLD_APPLIED,
  /** A commit was accepted into the log. */
  TOLD_ACCEPTED,
  /** A caller got 40001: nothing was committed. */
  TOLD_RETRY,
  /** A caller got 08007: nobody knows. */
  TOLD_UNKNOWN,
  /** A caller got 55R01: this may not be deferred. */
  TOLD_DETACHED,
  /** A caller got 53100: the log is full. */
  TOLD_LOG_FULL,
  /** A caller got 08001: no connection in time. */
  TOLD_NO_CONNECTION,
  /** A caller got 23xxx from COMMIT, or from settling it. */
  TOLD_REFUSED,
  /** A recording was run again on another connection. */
  RUN_AGAIN,
  /** A claim fenced an original that had not arrived. */
  FENCED,
  /** A claim met the row of its original, or of an earlier run. */
  MET_APPLIED,
  /** A claim met a row that says refused. */
  MET_REFUSED,
  /** A claim met a row that says aborted. */
  MET_ABORTED,
  /** A transaction in doubt was settled without being applied. */
  ABORTED,
  /** Several entries were applied in one database transaction. */
  GROUP_APPLIED,
  /** A group met a refusal and was taken back. */
  GROUP_GIVEN_UP,
  /** A refusal was taken back to the guard, and committed as refused. */
  REFUSED,
  /** A refusal came only at COMMIT, and was committed by a second transaction. */
  REFUSED_AT_COMMIT,
  /** A refusal came when deferred constraints were checked. */
  REFUSED_AT_RELEASE,
  /** A retry took the place of its letter in the ledger. */
  LETTER_REPLACED,
  /** A dead letter was announced. */
  DEAD_LETTER,
  /** An accepted transaction was applied by the drain. */
  DRAINED,
  /** A settling COMMIT got no reply. */
  SETTLE_UNANSWERED,
  /** A drain was asked to wait by a lock. */
  DRAIN_ASKED_TO_RETRY,
  /** A transaction waited too long for a lock, and counted as parked. */
  BLOCKED,
  /** The drain stopped with an alarm, for the environment is broken. */
  ENVIRONMENT_ALARM,
  /** UP to DOWN. */
  WENT_DOWN,
  /** DOWN to RECOVERING. */
  CAME_BACK,
  /** RECOVERING to UP. */
  RECOVERED,
  /** RECOVERING to DOWN. */
  LOST_AGAIN,
  /** UP to RECOVERING: another writer, or something that must not happen beside a commit. */
  RECOVERED_FROM_UP,
  /** Connections were severed. */
  SEVERED,
  /** The platform started while its database could not be reached. */
  STARTED_WHILE_DOWN,
  /** A log was opened that ends in bytes never acknowledged. */
  TORN_LOG_REPAIRED,
  /** A power cut brought an older proof of the log back. */
  PROOF_OLDER,
  /** A power cut tore the proof of the log: it proves nothing. */
  PROOF_TORN,
  /** A log with waiting entries was opened. */
  OPENED_WITH_BACKLOG,
  /** A log with dead letters was opened. */
  OPENED_WITH_LETTERS,
  /** The log has ended after a failed force or append. */
  LOG_ENDED,
  /** The ledger was pruned. */
  PRUNED,
  /** The ledger was pruned of an earlier incarnation. */
  PRUNED_OLDER,
  /** A late COMMIT arrived and committed. */
  LATE_COMMITTED,
  /** A late COMMIT arrived and was refused by the ledger, or its session was ended. */
  LATE_REFUSED,
  /** An outcome was asked for and settled by a claim. */
  OUTCOME_ASKED,
  /** A person held a store. */
  HELD,
  /** A person released a store. */
  RELEASED,
  /** A settled transaction was found to repeat another with its intent key. */
  DUPLICATE,
  /** A COMMIT was told that its intent key has a holder. */
  INTENT_TAKEN,
  /** A connection or a probe met a writer that lacks what was acknowledged. */
  BEHIND,
  /** What was acknowledged and lost was applied again. */
  APPLIED_AGAIN,
  /** A writer was passed over because it is on a stale branch. */
  STALE_BRANCH,
  /** A person said that a writer on a stale branch is the only one. */
  ADOPTED,
  /** What was retained was let go, for the other regions have it. */
  COVERED
}
