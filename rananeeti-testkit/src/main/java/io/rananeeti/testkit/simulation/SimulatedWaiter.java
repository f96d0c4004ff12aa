package io.rananeeti.testkit.simulation;

import io.rananeeti.internal.time.Waiter;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A lock of a {@link Simulation}, with the semantics of the one in production. */
final class SimulatedWaiter implements Waiter {

  private final Simulation simulation;
  private @Nullable SimulatedThread owner;
  private int depth;

  SimulatedWaiter(Simulation simulation) {
    this.simulation = simulation;
  }

  boolean isFree() {
    return owner == null;
  }

  /** The lock of a thread that has died is free. */
  void releaseFrom(SimulatedProcess process) {
    if (owner != null && owner.process() == process) {
      owner = null;
      depth = 0;
    }
  }

  @Override
  public void lock() {
    if (simulation.isEvaluating()) {
      return;
    }
    SimulatedThread me = simulation.current();
    if (owner == me) {
      depth++;
      return;
    }
    simulation.point("lock");
    if (owner != null) {
      simulation.contended();
      me.locking(this);
      simulation.block(me);
      me.locking(null);
    }
    take(me);
  }

  private void take(SimulatedThread me) {
    owner = me;
    depth = 1;
    simulation.holds(this);
  }

  @Override
  public void unlock() {
    if (simulation.isEvaluating() || owner != simulation.current()) {
      return;
    }
    depth--;
    if (depth == 0) {
      owner = null;
      simulation.unlocked(this);
    }
  }

  @Override
  public boolean await(BooleanSupplier condition, long deadline) throws InterruptedException {
    SimulatedThread me = simulation.current();
    if (owner != me) {
      throw new IllegalMonitorStateException("await without the lock");
    }
    simulation.refuseTheDead();
    interrupted(me);
    while (!condition.getAsBoolean()) {
      if (deadline <= simulation.nanos()) {
        return false;
      }
      int held = depth;
      owner = null;
      depth = 0;
      me.waiting(this, condition, deadline);
      simulation.block(me);
      me.goesOn();
      owner = me;
      depth = held;
      interrupted(me);
    }
    return true;
  }

  private static void interrupted(SimulatedThread me) throws InterruptedException {
    boolean kept = me.takeInterrupt();
    if (Thread.interrupted() || kept) {
      throw new InterruptedException();
    }
  }

  @Override
  public void signalAll() {
    if (owner == simulation.current()) {
      simulation.signal(this);
    }
  }

  /** As {@link #signalAll()}, by the scheduler itself. */
  void signalFromOutside() {
    simulation.signal(this);
  }
}
