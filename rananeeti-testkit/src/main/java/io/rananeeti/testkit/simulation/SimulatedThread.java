package io.rananeeti.testkit.simulation;

import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread of a {@link Simulation}: runs on a carrier, and only while it has the turn. Its fields
 * are touched by whoever has the turn; the hand-over of the turn orders their accesses.
 */
final class SimulatedThread implements Seams.Running {

  private final Simulation simulation;
  private final SimulatedProcess process;
  private final int id;
  private final String name;
  private final Runnable body;
  private final SimulatedWaiter ended;
  private Carriers.@Nullable Carrier carrier;
  private volatile boolean turn;
  private boolean over;
  private boolean interrupted;
  private boolean signalled;
  private long deadline = Deadline.NEVER;
  private @Nullable SimulatedWaiter locking;
  private @Nullable SimulatedWaiter waiting;
  private @Nullable BooleanSupplier condition;

  SimulatedThread(
      Simulation simulation, SimulatedProcess process, int id, String name, Runnable body) {
    this.simulation = simulation;
    this.process = process;
    this.id = id;
    this.name = name + "#" + id;
    this.body = body;
    this.ended = new SimulatedWaiter(simulation);
  }

  SimulatedProcess process() {
    return process;
  }

  int id() {
    return id;
  }

  boolean isOver() {
    return over;
  }

  /** The next moment at which it could go on by itself. */
  long deadline() {
    return waiting == null ? Deadline.NEVER : deadline;
  }

  /** Whether it could go on now, were its process not paused. */
  boolean canRun(long now) {
    SimulatedWaiter wanted = locking == null ? waiting : locking;
    if (wanted == null) {
      return true;
    }
    if (!wanted.isFree()) {
      return false;
    }
    return locking != null || interrupted || deadline <= now || (signalled && holdsNow());
  }

  private boolean holdsNow() {
    BooleanSupplier awaited = condition;
    boolean holds = awaited == null || simulation.evaluate(awaited);
    signalled = holds;
    return holds;
  }

  /** It wants this lock. */
  void locking(@Nullable SimulatedWaiter waiter) {
    locking = waiter;
  }

  /** It waits for this. */
  void waiting(SimulatedWaiter waiter, BooleanSupplier awaited, long until) {
    waiting = waiter;
    condition = awaited;
    deadline = until;
    signalled = false;
  }

  void goesOn() {
    waiting = null;
    condition = null;
  }

  /** Something that it may wait for has changed. */
  void signal(SimulatedWaiter by) {
    signalled |= waiting == by;
  }

  /** Whether it was interrupted; forgets it. */
  boolean takeInterrupt() {
    boolean was = interrupted;
    interrupted = false;
    return was;
  }

  void keepInterrupt() {
    interrupted = true;
  }

  /** Gives it the turn; the caller has to stop, or to {@link #awaitTurn()}. */
  void giveTurn() {
    turn = true;
    Carriers.Carrier mine = carrier;
    if (mine == null) {
      mine = Carriers.take();
      carrier = mine;
      mine.carry(this::live);
    } else {
      LockSupport.unpark(mine);
    }
  }

  void losesTurn() {
    turn = false;
  }

  /** Returns once it has the turn again; an interrupt is kept aside. */
  void awaitTurn() {
    while (!turn) {
      LockSupport.park(this);
    }
  }

  private void live() {
    try {
      if (!simulation.isDead(this)) {
        body.run();
      }
    } catch (ProcessDied died) {
      simulation.trace("unwound", name);
    } catch (RuntimeException | Error failure) {
      simulation.failed(this, failure);
    }
    end();
  }

  private void end() {
    over = true;
    simulation.trace("ends", name);
    ended.signalFromOutside();
    Carriers.Carrier mine = carrier;
    if (mine != null) {
      mine.leaving();
    }
    simulation.threadEnded(this);
  }

  @Override
  public void interrupt() {
    simulation.point("interrupt");
    interrupted = true;
  }

  @Override
  public boolean join(long until) throws InterruptedException {
    ended.lock();
    try {
      return ended.await(() -> over, until);
    } finally {
      ended.unlock();
    }
  }

  /** What it does now, for a person. */
  String state() {
    if (over) {
      return name + " has ended";
    }
    if (locking != null) {
      return name + " wants a lock";
    }
    return waiting == null ? name + " could run" : name + " waits until " + deadline;
  }

  @Nullable Thread carrier() {
    return carrier;
  }

  @Override
  public String toString() {
    return name;
  }
}
