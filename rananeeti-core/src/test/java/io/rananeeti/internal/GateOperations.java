package io.rananeeti.internal;

import static io.rananeeti.Availability.DOWN;
import static io.rananeeti.Availability.RECOVERING;
import static io.rananeeti.Availability.UP;

import io.rananeeti.Availability;
import io.rananeeti.internal.Gate.Passage;
import io.rananeeti.internal.lincheck.CheckedSeams;
import io.rananeeti.internal.time.Seams;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * What commits, probe, drain and operator do at a {@link Gate}, as operations for Lincheck. {@link
 * Specification} says what they may answer; besides, a passage finds nobody at work on the state
 * and everything told, a change finds nobody inside, and what is told is a chain. The subclasses
 * but for the first are broken on purpose.
 */
@Param(name = "epoch", gen = IntGen.class, conf = "1:4")
public abstract class GateOperations {

  private final AtomicInteger inside = new AtomicInteger();
  private volatile Availability toldLast = DOWN;
  private final AtomicInteger told = new AtomicInteger();
  private volatile boolean chained = true;
  final Gate gate;

  GateOperations(Seams seams) {
    gate = new Gate(seams, this::observe);
  }

  /** An attached commit that starts now, or a detached one. */
  @Operation
  public String pass() {
    Passage passage = gate.enter();
    try {
      lookAroundInside(passage);
      return passage.availability() + " in " + passage.epoch();
    } finally {
      gate.leave();
    }
  }

  /** A COMMIT of a transaction that began in that epoch. */
  @Operation
  public boolean passIn(@Param(name = "epoch") int epoch) {
    if (!gate.enter(epoch)) {
      return false;
    }
    try {
      lookAroundInside(gate.look());
      return true;
    } finally {
      gate.leave();
    }
  }

  /** The probe finds a writer. */
  @Operation
  public boolean findWriter() {
    return change(DOWN, RECOVERING);
  }

  /** The drain has applied all. */
  @Operation
  public boolean drained() {
    return change(RECOVERING, UP);
  }

  /** The probe finds no writer any more. */
  @Operation
  public boolean lose() {
    return change(UP, DOWN);
  }

  /** The probe loses the writer that it had just found. */
  @Operation
  public boolean loseAgain() {
    return change(RECOVERING, DOWN);
  }

  /** The operator retries a dead letter. */
  @Operation
  public void recoverAfter() {
    gate.recoverAfter(this::beAlone);
  }

  @Validate
  public void whatWasToldIsAChainThatEndsHere() {
    require(chained && told.get() == gate.look().epoch() - 1, "changes were told out of order");
    require(toldLast == gate.look().availability(), "the last change was not told");
  }

  /** Changes the state if it is the one expected, and returns whether it did. */
  boolean change(Availability from, Availability to) {
    if (!gate.close(from)) {
      return false;
    }
    beAlone();
    open(to);
    return true;
  }

  void open(Availability to) {
    gate.open(to);
  }

  final void beAlone() {
    require(inside.get() == 0, "somebody is inside while the state changes");
  }

  /** How the observer is told; a chain of changes, each from where the last one led. */
  void observe(Availability from, Availability to) {
    tell(from, to);
  }

  final void tell(Availability from, Availability to) {
    chained &= from == toldLast;
    toldLast = to;
    told.incrementAndGet();
  }

  private void lookAroundInside(Passage passage) {
    inside.incrementAndGet();
    try {
      require(passage.equals(gate.look()), "the state changed while somebody was inside");
      require(told.get() == passage.epoch() - 1, "passed in a state that was not told yet");
    } finally {
      inside.decrementAndGet();
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  /** The gate as it is. */
  public static final class Real extends GateOperations {
    public Real() {
      super(CheckedSeams.sound());
    }
  }

  /** Checks and changes without the lock. */
  public static final class Unlocked extends GateOperations {
    public Unlocked() {
      super(CheckedSeams.unlocked());
    }
  }

  /** Changes the state after a look, without closing the gate. */
  public static final class LooksAndLeaps extends GateOperations {
    public LooksAndLeaps() {
      super(CheckedSeams.sound());
    }

    @Override
    boolean change(Availability from, Availability to) {
      boolean expected = gate.look().availability() == from;
      if (expected) {
        beAlone();
        open(to);
      }
      return expected;
    }
  }

  /** Tells a change once the gate is open, when the next one may already be told. */
  public static final class TellsLate extends GateOperations {
    public TellsLate() {
      super(CheckedSeams.sound());
    }

    @Override
    void open(Availability to) {
      Availability from = gate.look().availability();
      super.open(to);
      tell(from, to);
    }

    @Override
    void observe(Availability from, Availability to) {}
  }

  /** Tells a change only if nothing has changed since. */
  public static final class LosesAChange extends GateOperations {
    public LosesAChange() {
      super(CheckedSeams.sound());
    }

    @Override
    void open(Availability to) {
      Availability from = gate.look().availability();
      super.open(to);
      if (gate.look().availability() == to) {
        tell(from, to);
      }
    }

    @Override
    void observe(Availability from, Availability to) {}
  }

  /** What the operations answer one after another. */
  public static final class Specification {

    private Availability availability = DOWN;
    private long epoch = 1;

    public String pass() {
      return availability + " in " + epoch;
    }

    public boolean passIn(int expected) {
      return epoch == expected;
    }

    public boolean findWriter() {
      return change(DOWN, RECOVERING);
    }

    public boolean drained() {
      return change(RECOVERING, UP);
    }

    public boolean lose() {
      return change(UP, DOWN);
    }

    public boolean loseAgain() {
      return change(RECOVERING, DOWN);
    }

    public void recoverAfter() {
      change(UP, RECOVERING);
    }

    private boolean change(Availability from, Availability to) {
      if (availability != from) {
        return false;
      }
      availability = to;
      epoch++;
      return true;
    }
  }
}
