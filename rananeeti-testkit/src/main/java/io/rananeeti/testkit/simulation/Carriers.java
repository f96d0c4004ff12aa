package io.rananeeti.testkit.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Threads that carry simulated ones, used again from simulation to simulation. Thread-safe. */
final class Carriers {

  private static final Deque<Carrier> IDLE = new ArrayDeque<>();
  private static int made;

  private Carriers() {}

  /** A carrier that waits for something to run. */
  static synchronized Carrier take() {
    Carrier idle = IDLE.pollLast();
    if (idle != null) {
      return idle;
    }
    Carrier carrier = new Carrier("simulation-carrier-" + ++made);
    carrier.setDaemon(true);
    carrier.start();
    return carrier;
  }

  /** Ends those that carry nothing. */
  static synchronized void end() {
    for (Carrier idle = IDLE.poll(); idle != null; idle = IDLE.poll()) {
      idle.over = true;
      LockSupport.unpark(idle);
    }
  }

  private static synchronized void giveBack(Carrier carrier) {
    IDLE.addLast(carrier);
  }

  /** One of them. */
  static final class Carrier extends Thread {

    private volatile @Nullable Runnable work;
    private volatile boolean over;

    private Carrier(String name) {
      super(name);
    }

    /** Runs this; its last act must be {@link #leaving}. */
    void carry(Runnable next) {
      work = next;
      LockSupport.unpark(this);
    }

    /** The work is over but for handing the turn on: another may be given to this carrier. */
    void leaving() {
      work = null;
      Thread.interrupted();
      giveBack(this);
    }

    @Override
    public void run() {
      while (!over) {
        Runnable next = work;
        if (next == null) {
          LockSupport.park(this);
        } else {
          next.run();
        }
      }
    }
  }
}
