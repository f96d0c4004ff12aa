package io.rananeeti.testkit.simulation;

import io.rananeeti.DataPlatform;
import io.rananeeti.Health;
import io.rananeeti.error.RananeetiException;
import java.time.Duration;

/**
 * A person who holds a node's store and releases it, again and again, while everything else goes
 * wrong, and in the end leaves it released (R8).
 */
final class Holder {

  private static final String BY = "ann";
  private static final int LONGEST = 700;

  private final SimulatedRun run;
  private final Node node;
  private final SeededRandom random;
  private boolean over;

  Holder(SimulatedRun run, Node node) {
    this.run = run;
    this.node = node;
    this.random = new SeededRandom(run.seed() ^ 0x484F4C44L);
  }

  boolean isOver() {
    return over;
  }

  /** The world's thread that does it. */
  void run() {
    while (!run.chaos().isOver()) {
      pause();
      node.with(random.nextBoolean() ? this::hold : this::release);
    }
    while (!over) {
      pause();
      node.with(this::release);
      Health.StoreHealth health = node.health();
      over = health != null && health.hold() == null;
    }
  }

  private void pause() {
    run.simulation()
        .sleep(Duration.ofMillis((1 + random.nextInt(LONGEST)) * (long) run.patience()));
  }

  private void hold(DataPlatform platform) {
    try {
      platform.hold(Node.STORE, BY, "drill");
      node.isHeld(true);
      run.counters().count(Branch.HELD);
      run.simulation().trace("held", node);
    } catch (RananeetiException e) {
      run.simulation().trace("not held:", e);
    }
  }

  /** Whether the one before it was held is not known where its process died meanwhile. */
  private void release(DataPlatform platform) {
    node.isHeld(false);
    try {
      platform.release(Node.STORE, BY, "over");
      run.counters().count(Branch.RELEASED);
      run.simulation().trace("released", node);
    } catch (RananeetiException | IllegalStateException e) {
      run.simulation().trace("not released:", e);
    }
  }
}
