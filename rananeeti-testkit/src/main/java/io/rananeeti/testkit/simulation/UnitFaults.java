package io.rananeeti.testkit.simulation;

import io.rananeeti.DataPlatform;
import io.rananeeti.Health;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.testkit.InMemoryDatabase;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What befalls the stores that units of work have parts for, besides all that befalls the database:
 * they are away, hang, lose replies, answer late, fail, are held; and processes die while they do.
 */
final class UnitFaults {

  private static final long OWN = 0x4F4642594C4C4553L;
  private static final String BY = "ann";
  private static final List<Step> STEPS =
      List.of(Step.CONNECT, Step.LEDGER, Step.STATEMENT, Step.SETTLE, Step.PROBE);
  private static final List<String> STATES =
      List.of("08006", "57P01", "53300", "40001", "40P01", "55P03");

  private final SimulatedRun run;
  private final Units units;
  private final SeededRandom random;
  private final int longestPause;
  private boolean over;

  UnitFaults(SimulatedRun run, Units units) {
    this.run = run;
    this.units = units;
    this.random = new SeededRandom(run.seed() ^ OWN);
    this.longestPause = 20 + random.nextInt(500);
  }

  boolean isOver() {
    return over;
  }

  /** The world's thread that does it. */
  void run() {
    if (random.oneIn(4)) {
      units.areAway(true);
    }
    while (!run.chaos().isOver()) {
      pause();
      if (!run.chaos().isOver()) {
        harm();
      }
    }
    boolean free = false;
    while (!free) {
      heal();
      pause();
      free = true;
      for (Node node : run.nodes()) {
        for (String store : List.of(Units.OBJECTS, Units.ITEMS)) {
          node.with(platform -> release(node, platform, store));
          free &= isFree(node, store);
        }
      }
    }
    over = true;
  }

  private void pause() {
    run.simulation()
        .sleep(Duration.ofMillis((1 + random.nextInt(longestPause)) * (long) run.patience()));
  }

  private void heal() {
    for (InMemoryDatabase each : units.databases()) {
      each.faults().heal();
      each.stallStandby(false);
    }
  }

  private void harm() {
    InMemoryDatabase database = random.oneOf(units.databases());
    InMemoryFaults faults = database.faults();
    int which = random.nextInt(16);
    run.simulation().trace("fault of another store", which);
    switch (which) {
      case 0, 1 -> faults.unreachable(true);
      case 2 -> faults.hang(true);
      case 3 -> faults.readOnly(true);
      case 4 -> faults.loseReply(Step.SETTLE, Fate.DONE);
      case 5 -> faults.loseReply(Step.SETTLE, Fate.LOST);
      case 6 -> faults.loseReply(Step.SETTLE, Fate.LATE);
      case 7 -> units.arriveMeanwhile();
      case 8 -> faults.fail(random.oneOf(STEPS), random.oneOf(STATES), 1 + random.nextInt(4));
      case 9 -> database.restart();
      case 10 -> database.stallStandby(true);
      case 11 -> random.oneOf(run.nodes()).dieInStep(1 + random.nextInt(200), random.nextBoolean());
      case 12 -> {
        heal();
        Node node = random.oneOf(run.nodes());
        String store = random.nextBoolean() ? Units.OBJECTS : Units.ITEMS;
        node.with(platform -> hold(node, platform, store));
      }
      case 13 -> {
        Node node = random.oneOf(run.nodes());
        String store = random.nextBoolean() ? Units.OBJECTS : Units.ITEMS;
        node.with(platform -> release(node, platform, store));
      }
      default -> heal();
    }
  }

  private void hold(Node node, DataPlatform platform, String store) {
    try {
      platform.hold(store, BY, "drill");
      units.isHeld(node, store, true);
      run.simulation().trace("held", store);
    } catch (RananeetiException e) {
      run.simulation().trace("not held:", e);
    }
  }

  private void release(Node node, DataPlatform platform, String store) {
    units.isHeld(node, store, false);
    try {
      platform.release(store, BY, "over");
      run.simulation().trace("released", store);
    } catch (RananeetiException | IllegalStateException e) {
      run.simulation().trace("not released:", e);
    }
  }

  private static boolean isFree(Node node, String store) {
    DataPlatform platform = node.platform();
    if (platform == null) {
      return node.isGone();
    }
    Health.StoreHealth health = Objects.requireNonNull(platform.health().stores().get(store));
    return health.hold() == null;
  }
}
