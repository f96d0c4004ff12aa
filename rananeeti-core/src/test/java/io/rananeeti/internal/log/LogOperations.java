package io.rananeeti.internal.log;

import io.rananeeti.internal.lincheck.CheckedSeams;
import io.rananeeti.internal.log.GroupCommitSketch.Fault;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogRecord;
import java.util.UUID;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * What callers do at a log, as operations for Lincheck. {@link Specification} says what they may
 * answer: sequence numbers grow by one, and what is said to be forced is all that was acknowledged.
 * Besides, what is acknowledged, or said to be forced, survives a power cut at that moment. Of the
 * subclasses those named {@code Real} and {@code Sketch} are sound, the others broken on purpose.
 */
public abstract class LogOperations {

  private final MemoryStorage storage = new MemoryStorage();
  final Subject log;

  LogOperations() {
    log = new OfDurableLog(storage);
  }

  LogOperations(Fault fault, Seams seams) {
    log = new OfSketch(new GroupCommitSketch(fault, storage, seams));
  }

  /** A detached commit. */
  @Operation
  public long accept() {
    long sequence = log.append();
    log.force(sequence);
    requireOnDisk(sequence);
    return sequence;
  }

  @Validate
  public void allThatIsForcedIsFoundAtTheNextOpen() {
    log.requireFound(storage, log.forced());
  }

  final void requireOnDisk(long sequence) {
    if (storage.onDisk() < sequence) {
      throw new IllegalStateException("acknowledged and not on disk: " + sequence);
    }
  }

  /** Commits beside a drain that asks how far it may read. */
  public abstract static class WithDrain extends LogOperations {

    WithDrain() {}

    WithDrain(Fault fault, Seams seams) {
      super(fault, seams);
    }

    @Operation
    public long forced() {
      long forced = log.forced();
      requireOnDisk(forced);
      return forced;
    }
  }

  /** The log as it is. */
  public static final class Real extends WithDrain {}

  /** Appends and forces without the locks. */
  public static final class Unlocked extends WithDrain {
    public Unlocked() {
      super(Fault.NONE, CheckedSeams.unlocked());
    }
  }

  public static final class Sketch extends WithDrain {
    public Sketch() {
      super(Fault.NONE, CheckedSeams.sound());
    }
  }

  public static final class AcknowledgesBeforeTheForce extends WithDrain {
    public AcknowledgesBeforeTheForce() {
      super(Fault.ACKNOWLEDGES_BEFORE_THE_FORCE, CheckedSeams.sound());
    }
  }

  public static final class KeepsWhoCameTooLate extends WithDrain {
    public KeepsWhoCameTooLate() {
      super(Fault.KEEPS_WHO_CAME_TOO_LATE, CheckedSeams.sound());
    }
  }

  /** Commits only. */
  public static final class RealCommits extends LogOperations {}

  /** Loses a signal between the check and the wait. */
  public static final class ForgetfulCommits extends LogOperations {
    public ForgetfulCommits() {
      super(Fault.NONE, CheckedSeams.forgetful());
    }
  }

  public static final class WakesNobody extends LogOperations {
    public WakesNobody() {
      super(Fault.WAKES_NOBODY, CheckedSeams.sound());
    }
  }

  /** What is tested. */
  interface Subject {

    long append();

    void force(long sequence);

    long forced();

    void requireFound(MemoryStorage storage, long last);
  }

  private static final class OfDurableLog implements Subject {

    private static final LogRecord RECORD = new LogRecord.Registered("orders", new UUID(1, 2));

    private final DurableLog log;

    OfDurableLog(MemoryStorage storage) {
      log = LogOnMemory.open(storage, CheckedSeams.sound());
    }

    @Override
    public long append() {
      return log.append(RECORD);
    }

    @Override
    public void force(long sequence) {
      log.acknowledge(sequence);
    }

    @Override
    public long forced() {
      return log.forced();
    }

    @Override
    public void requireFound(MemoryStorage storage, long last) {
      LogOnMemory.requireFound(storage, last);
    }
  }

  private record OfSketch(GroupCommitSketch log) implements Subject {

    @Override
    public long append() {
      return log.append();
    }

    @Override
    public void force(long sequence) {
      log.force(sequence);
    }

    @Override
    public long forced() {
      return log.forced();
    }

    @Override
    public void requireFound(MemoryStorage storage, long last) {
      if (storage.onDisk() < last) {
        throw new IllegalStateException("forced up to " + last + ", found " + storage.onDisk());
      }
    }
  }

  /** What the operations answer one after another. */
  public static final class Specification {

    private long last;

    public long accept() {
      return ++last;
    }

    public long forced() {
      return last;
    }
  }
}
