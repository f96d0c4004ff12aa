package io.rananeeti.internal;

import io.rananeeti.internal.shared.TailGate;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Transaction;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes that share a log ask of each other, as the platform meets it. Of a platform whose
 * log is its own none of it does anything. Thread-safe.
 */
interface Sharing {

  /** Of a log that is not shared. */
  Sharing NONE = new Sharing() {};

  /** What speaks against applying a transaction now. */
  enum Verdict {
    /** Nothing. */
    MAY,
    /** Others are before it, or may be. */
    WAITS,
    /** A dead letter of another node is before it. */
    PARKED
  }

  /**
   * A transaction is about to be accepted. Returns once no other node commits directly.
   *
   * @throws io.rananeeti.error.LogFullException if it can't be accepted now
   */
  default void accepting(Transaction transaction) {}

  /**
   * What was accepted is about to be appended, as it will stand in the log.
   *
   * @throws IllegalArgumentException if it is larger than its copy may be
   */
  default void appending(LogRecord record) {}

  /**
   * An entry is in this node's log, and about to be acknowledged. Returns once it is in the copy,
   * where that is asked for; but for what may have to wait for large content, which would keep the
   * gate from its next change for as long: {@link #acknowledging} waits for that.
   *
   * @throws io.rananeeti.error.LogFailedException if nobody knows whether it will be
   */
  default void accepted(long sequence, Transaction transaction) {}

  /**
   * What was accepted is about to be acknowledged; called outside of the gate. Returns once it is
   * in the copy, where that is asked for.
   *
   * @throws io.rananeeti.error.LogFailedException if nobody knows whether it will be
   */
  default void acknowledging(Transaction transaction) {}

  /**
   * A transaction was accepted though the store is up, because its key is parked or it waits for
   * another store, and is about to be acknowledged; called outside of the gate. Returns once no
   * other node can overtake it (N6).
   */
  default void acceptedThoughUp(Transaction transaction) {}

  /**
   * A unit of work that its caller was committing is the drain's, and about to be acknowledged;
   * called outside of the gate. Returns once no other node can overtake it (N2).
   */
  default void leftToDrain(Transaction unit) {}

  /**
   * A unit of work waits for another store than its own, or its caller has left it to the drain; or
   * somebody else's lock blocks a transaction: from its copy on it parks its key for others too.
   *
   * @param entry where it stands in the log
   */
  default void delays(long entry, Transaction transaction) {}

  /** Whether a recovery may begin to look at the writer. */
  default boolean mayRecover(String store) {
    return true;
  }

  /**
   * A recovery has looked at a writer, and raised it to this epoch.
   *
   * @param lost whether it lacked something that was acknowledged here
   */
  default void found(LogRecord.Era writer, boolean lost) {}

  /** What the drain may apply now, as long as any node's tail may be lost (N5). */
  default TailGate.Turn turn(String store) {
    return TailGate.Turn.ALL;
  }

  /** All that the writer lacked of this node's is applied again. */
  default void whole(String store) {}

  /** A person has said that the next writer is the only one. */
  default void adopted(String store) {}

  /** The drain is about to read what waits: learns what waits elsewhere; false if it can't. */
  default boolean look() {
    return true;
  }

  /** Whether an entry of this node's log may be applied, as far as the others are concerned. */
  default Verdict verdict(long sequence, Transaction transaction) {
    return Verdict.MAY;
  }

  /** Whether a dead letter of another node parks a key. */
  default boolean parks(String store, @Nullable String orderingKey) {
    return false;
  }

  /** Nothing waits here: whether the gate may be closed for the last look. */
  default boolean isTimeToClose(String store) {
    return true;
  }

  /** The gate is closed and nothing waits here: whether it may be opened with the store up. */
  default boolean agreeUp(String store) throws InterruptedException {
    return true;
  }

  /** Whether this node has gone on by itself, and so waits for nobody. */
  default boolean isAlone() {
    return false;
  }

  /** The gate is open with the store up, or will not be. */
  default void opened(String store) {}

  /** Whether this node may commit directly, if the store is up. */
  default boolean maySend(String store) {
    return true;
  }

  /** Waits until that is so, or the store is not up any more; false at the deadline. */
  default boolean awaitMaySend(String store, long deadline) throws InterruptedException {
    return true;
  }

  /** Looks whether a key is parked still, if it is and nobody is looking; one caller at a time. */
  default void lookIfParked(String store, @Nullable String orderingKey) {}

  /** Looks, while the store is up, where something waits here or elsewhere. */
  default void lookIfParked(String store) {}

  /**
   * Whether something that waits here may be applied, as far as it was looked: nobody else's of its
   * key is before it, nor a dead letter of this node.
   */
  default boolean isAnyKeyFree(String store) {
    return false;
  }

  /** How long the drain may pause while the store is up. */
  default Duration patience(String store, Duration pause) {
    return pause;
  }

  /** The log must keep what is not below this one, for its copy. */
  default long copiedBelow() {
    return Long.MAX_VALUE;
  }

  /**
   * Whether rows of the ledger may be deleted: nobody else has transactions of this node that he
   * believes to wait.
   */
  default boolean mayForget() {
    return true;
  }

  /** Nothing below this one is needed any more. */
  default void released(long below) {}

  /** What a person should know of it. */
  default List<String> warnings() {
    return List.of();
  }
}
