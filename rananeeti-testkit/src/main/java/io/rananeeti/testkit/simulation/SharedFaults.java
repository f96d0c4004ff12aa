package io.rananeeti.testkit.simulation;

import io.rananeeti.DataPlatform;
import io.rananeeti.SharedDurability;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.shared.LogCopies;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.testkit.InMemorySharedStorage;
import io.rananeeti.testkit.InMemorySharedStorage.Weather;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What befalls nodes that share their logs, besides all else: requests that are lost, late or slow,
 * a storage that is gone for a while for one node or for all, nodes that are away for longer than
 * their lease, that sleep for longer, or that never come back, and clocks that are set forward a
 * little.
 *
 * <p>Every acknowledged transaction is applied once whatever happens. The order of all nodes is
 * kept as long as none of them has gone on by itself: in runs in which the storage is never gone
 * for as long as a lease, and in which everything is acknowledged by both logs.
 */
final class SharedFaults {

  private static final long OWN = 0x534841524544L;
  private static final String NAME = "shared";
  private static final int SOON = 8;
  private static final long OF_SLEEP = 0x534C454550L;
  private static final long OF_CLOCKS = 0x434C4F434BL;

  private final SimulatedRun run;
  private final SeededRandom random;
  private final SeededRandom sleep;
  private final SeededRandom clocks;
  private final InMemorySharedStorage storage;
  private final WatchedSharedStorage watched;
  private final Operator operator;
  private final Duration lease;
  private final boolean outages;
  private final boolean losesNodes;
  private final SharedDurability durability;
  private final int more;
  private final Weather weather;
  private final Seams seams;
  private final List<Snapshot> snapshots = new ArrayList<>();

  /** Who is to sleep in a request that it has not made yet. */
  private final Set<Node> drowsy = new HashSet<>();

  private boolean over;

  SharedFaults(SimulatedRun run, Seams seams) {
    this.run = run;
    this.seams = seams;
    this.random = new SeededRandom(run.seed() ^ OWN);
    this.sleep = new SeededRandom(run.seed() ^ OF_SLEEP);
    this.clocks = new SeededRandom(run.seed() ^ OF_CLOCKS);
    this.storage = new InMemorySharedStorage(seams);
    this.operator = new Operator(random, run.simulation()::trace);
    this.lease = Duration.ofMillis(1_000 + random.nextInt(2_000));
    this.watched = new WatchedSharedStorage(NAME, run.simulation(), lease, run.complaints()::add);
    this.outages = random.oneIn(3);
    this.losesNodes = random.oneIn(3);
    this.durability =
        outages && random.nextBoolean() ? SharedDurability.BOTH_IF_REACHED : SharedDurability.BOTH;
    this.more = random.nextInt(2);
    double lost = random.oneIn(2) ? 0.02 : 0;
    Duration delay = Duration.ofMillis(random.oneIn(2) ? random.nextInt(30) : 0);
    this.weather = new Weather(lost, delay, Duration.ofSeconds(3));
  }

  /** From here on. */
  void begin() {
    storage.weather(weather, new SeededRandom(random.nextLong()));
  }

  /** How many nodes more than two. */
  int more() {
    return more;
  }

  /** The one person who looks after all nodes. */
  Operator operator() {
    return operator;
  }

  /** Whether the order of all nodes is kept. */
  boolean keepsOrder() {
    return !outages;
  }

  DataPlatform.Builder builder(String node) {
    return DataPlatform.builder(NAME)
        .sharedLog(watched.of(node, storage.node(node)))
        .sharedDurability(durability)
        .nodeLease(lease);
  }

  /** How long a node that has died is away. */
  Duration untilRestart() {
    return random.oneIn(3) ? lease.multipliedBy(1 + random.nextInt(4)) : Duration.ZERO;
  }

  boolean isOver() {
    return over;
  }

  /**
   * Whether all that live have slept as they were to: who does not reach the storage until all
   * faults end falls asleep in a request that it makes after that.
   */
  boolean areAllAwake() {
    long now = run.simulation().nanos();
    return run.nodes().stream()
        .filter(node -> !node.isGone())
        .allMatch(node -> !drowsy.contains(node) && node.process().pausedUntil() <= now);
  }

  /**
   * A region or a node is about to be lost: what is in a copy now must not be lost with both, nor
   * come late.
   */
  void remember() {
    Set<TransactionId> copied = new HashSet<>();
    LogCopies copies = LogCopies.over(storage.asItIs(), NAME, seams);
    try {
      long last = nodes();
      for (long node = 1; node <= last; node++) {
        LogCopies.Source source = copies.source(node);
        for (List<LogEntry> some = source.next(); !some.isEmpty(); some = source.next()) {
          some.forEach(entry -> remember(copied, entry.record()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    snapshots.add(new Snapshot(run.history().time(), copied));
  }

  /** What was in a copy at a time of the history. */
  private record Snapshot(long time, Set<TransactionId> copied) {}

  /** As many as have ever drawn a number. */
  private long nodes() throws IOException {
    return storage.asItIs().add(NAME + "/numbers", 1);
  }

  private static void remember(Set<TransactionId> copied, LogRecord record) {
    if (record instanceof LogRecord.Retained retained) {
      copied.add(retained.transaction().id());
    } else if (record instanceof LogRecord.Accepted accepted) {
      copied.add(accepted.transaction().id());
    }
  }

  /** Whether it was in a copy whenever a region or a node was lost after it was told. */
  boolean wasCopied(TransactionId id, Told told) {
    return snapshots.stream()
        .allMatch(each -> each.time() < told.ended() || each.copied().contains(id));
  }

  /** The thread of the world that does it. */
  void run() {
    int times = random.nextInt(5);
    for (int i = 0; i < times && !run.chaos().isOver(); i++) {
      run.simulation().sleep(Duration.ofMillis(random.nextInt(2_000)));
      inflict();
      if (clocks.oneIn(3)) {
        run.chaos().stepClocks(lease.dividedBy(2 + clocks.nextInt(8)));
      }
      if (sleep.oneIn(2) && !run.chaos().isOver()) {
        haveOneSleep();
      }
    }
    storage.weather(Weather.CALM, new SeededRandom(0));
    storage.deliverLate();
    over = true;
  }

  /**
   * A node sleeps in the middle of a request, for longer than its lease; in the worst case while
   * the database is away, and comes back when the node does.
   */
  private void haveOneSleep() {
    List<Node> living = run.nodes().stream().filter(node -> !node.isGone()).toList();
    Node node = sleep.oneOf(living);
    Duration time = lease.plusMillis(sleep.nextInt(4_000));
    run.simulation().trace("sleeps in one of its next requests:", node);
    drowsy.add(node);
    storage.beforeReply(node.name(), 1 + sleep.nextInt(SOON), () -> fallAsleep(node, time));
    if (sleep.nextBoolean()) {
      run.simulation().sleep(Duration.ofMillis(sleep.nextInt(200)));
      run.chaos().darken();
      run.simulation().sleep(time.plusMillis(sleep.nextInt(600) - 500));
      run.chaos().heal();
    }
  }

  private void fallAsleep(Node node, Duration time) {
    drowsy.remove(node);
    node.process().pause(time);
  }

  private void inflict() {
    List<Node> living = run.nodes().stream().filter(node -> !node.isGone()).toList();
    Node node = random.oneOf(living);
    switch (random.nextInt(5)) {
      case 0 -> {
        if (losesNodes && living.size() > 1 && durability == SharedDurability.BOTH) {
          run.simulation().trace("lost for good:", node);
          remember();
          node.goForGood();
        }
      }
      case 1 -> {
        if (outages) {
          storage.unreachable(true);
          run.simulation().sleep(lease.multipliedBy(random.nextInt(4)));
          storage.unreachable(false);
        }
      }
      case 2 -> {
        storage.unreachable(node.name(), true);
        run.simulation()
            .sleep(outages ? lease.multipliedBy(random.nextInt(4)) : lease.dividedBy(4));
        storage.unreachable(node.name(), false);
      }
      case 3 -> node.process().pause(lease.multipliedBy(random.nextInt(4)));
      default -> node.kill(false);
    }
  }
}
