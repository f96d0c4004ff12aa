package io.rananeeti.internal.log;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.lincheck.CheckedSeams;
import io.rananeeti.log.LogRecord;
import java.util.UUID;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * What callers do at a log whose disk fails in between, as operations for Lincheck. In whatever
 * order: what is acknowledged is on disk, what is refused is refused by a log that has ended, and
 * nobody waits for ever.
 */
public abstract class DyingDiskOperations {

  private static final LogRecord RECORD = new LogRecord.Registered("orders", new UUID(1, 2));

  final MemoryStorage storage = new MemoryStorage();
  private volatile String violation = "";

  /** A detached commit. */
  @Operation
  public void accept() {
    try {
      long sequence = appendAndForce();
      require(storage.onDisk() >= sequence, "acknowledged and not on disk");
    } catch (LogFailedException refused) {
      require(hasEnded(), "refused by a log that goes on");
    }
  }

  /** Each force fails from now on. */
  @Operation(runOnce = true)
  public void die() {
    storage.failForces();
  }

  @Validate
  public void nothingWasAcknowledgedInVain() {
    if (!violation.isEmpty()) {
      throw new IllegalStateException(violation);
    }
  }

  abstract long appendAndForce();

  abstract boolean hasEnded();

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      violation = otherwise;
    }
  }

  /** The log as it is. */
  public static final class Real extends DyingDiskOperations {

    private final DurableLog log = LogOnMemory.open(storage, CheckedSeams.sound());

    @Override
    long appendAndForce() {
      long sequence = log.append(RECORD);
      log.acknowledge(sequence);
      return sequence;
    }

    @Override
    boolean hasEnded() {
      return !log.takesEntries();
    }
  }

  /** Broken on purpose: takes a force that failed for one that returned. */
  public static final class SwallowsAFailedForce extends DyingDiskOperations {

    private final GroupCommitSketch log =
        new GroupCommitSketch(
            GroupCommitSketch.Fault.SWALLOWS_A_FAILED_FORCE, storage, CheckedSeams.sound());

    @Override
    long appendAndForce() {
      long sequence = log.append();
      log.force(sequence);
      return sequence;
    }

    @Override
    boolean hasEnded() {
      return true;
    }
  }
}
