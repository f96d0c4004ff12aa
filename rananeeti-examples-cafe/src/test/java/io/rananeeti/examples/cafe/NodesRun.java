package io.rananeeti.examples.cafe;

import io.rananeeti.examples.cafe.CafeNode.State;
import io.rananeeti.examples.cafe.TableClient.Order;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One seeded run: clients order all the time; a node is struck; the database dies, and while it is
 * gone one node is killed and another one sleeps, both with orders in their logs; the database
 * comes back, then the nodes, or one of them never does.
 */
final class NodesRun {

  private static final int CLIENTS = 4;
  private static final int TABLES = 3;
  private static final int ENOUGH = 8;

  /** Numbers that follow each other make alike beginnings. */
  private static final long SCATTER = 0x9E37_79B9_7F4A_7C15L;

  private final long seed;
  private final Random random;
  private final CafeNodes nodes;
  private final Duration lease;
  private final ConcurrentLinkedQueue<Order> orders = new ConcurrentLinkedQueue<>();
  private final List<String> acts = new ArrayList<>();
  private volatile boolean over;
  private List<Order> orphans = List.of();
  private Duration orphansApplied = Duration.ZERO;
  private long dark;
  private long died;
  private long lit;

  NodesRun(long seed, CafeNodes nodes, Duration lease) {
    this.seed = seed;
    this.random = new Random(seed * SCATTER);
    this.nodes = nodes;
    this.lease = lease;
  }

  /** Plays it, and returns once all is applied. */
  void play() throws Exception {
    System.out.println("nodes: seed " + seed);
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<Void>> ordering = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        ordering.add(clients.submit(client(client)));
      }
      strike();
      over = true;
      for (Future<Void> client : ordering) {
        client.get();
      }
    } finally {
      over = true;
      clients.shutdownNow();
    }
    nodes.startAll();
    nodes.awaitDrained();
  }

  private TableClient client(int client) {
    List<String> tables = new ArrayList<>();
    for (int table = 1; table <= TABLES; table++) {
      tables.add("Table %d.%d".formatted(client, table));
    }
    Random own = new Random(seed * CLIENTS + client);
    return new TableClient(tables, nodes.all(), own, () -> !over, orders);
  }

  private void strike() throws Exception {
    awaitOrders(nodes.all(), System.nanoTime());
    List<CafeNode> order = new ArrayList<>(nodes.all());
    Collections.shuffle(order, random);
    nap(order.get(0));
    killDatabase();
    awaitOrders(order, dark);
    CafeNode asleep = order.get(1);
    pause(asleep);
    CafeNode killed = order.get(2);
    Comeback comeback = kill(killed);
    awaitPart(1.5);
    if (random.nextInt(3) == 0) {
      resume(asleep);
    }
    startDatabase();
    awaitOrphansApplied();
    if (asleep.state() == State.PAUSED) {
      awaitPart(1.5);
      resume(asleep);
    }
    if (comeback == Comeback.LATE) {
      start(killed);
    }
    awaitOrders(
        nodes.all().stream().filter(node -> node.state() == State.RUNNING).toList(),
        System.nanoTime());
  }

  /** When a killed node comes back; the one that never does has lost its disk. */
  private enum Comeback {
    AT_ONCE,
    LATE,
    NEVER
  }

  private Comeback kill(CafeNode node) throws Exception {
    Comeback comeback = Comeback.values()[(int) (seed % Comeback.values().length)];
    node.kill();
    died = System.nanoTime();
    acts.add("%s dies and comes back %s".formatted(node, comeback));
    orphans = promised(node, dark, died);
    if (comeback == Comeback.NEVER) {
      node.loseDisk();
    } else if (comeback == Comeback.AT_ONCE) {
      start(node);
    }
    return comeback;
  }

  private void start(CafeNode node) throws Exception {
    node.start();
    acts.add(node + " is back");
  }

  private void pause(CafeNode node) throws Exception {
    node.pause();
    acts.add(node + " sleeps");
  }

  private void resume(CafeNode node) throws Exception {
    node.resume();
    acts.add(node + " wakes");
  }

  /** A node sleeps for a while, seldom until it is taken for dead. */
  private void nap(CafeNode node) throws Exception {
    pause(node);
    awaitPart(1.5);
    resume(node);
  }

  private void killDatabase() {
    dark = System.nanoTime();
    nodes.database().kill();
    acts.add("the database dies");
  }

  private void startDatabase() {
    nodes.database().start();
    lit = System.nanoTime();
    acts.add("the database is back");
  }

  /** Some part of a lease. */
  private void awaitPart(double most) throws Exception {
    double part = most * random.nextDouble();
    acts.add("%.1f leases".formatted(part));
    long end = System.nanoTime() + (long) (lease.toNanos() * part);
    CafeProcess.await("the next act", () -> System.nanoTime() > end);
  }

  private void awaitOrders(List<CafeNode> by, long since) throws Exception {
    CafeProcess.await(
        "orders by " + by,
        () -> by.stream().allMatch(node -> promised(node, since, Long.MAX_VALUE).size() >= ENOUGH));
  }

  private List<Order> promised(CafeNode node, long from, long to) {
    return orders.stream()
        .filter(order -> order.node() == node && order.isTaken())
        .filter(order -> order.start() > from && order.end() < to)
        .toList();
  }

  private void awaitOrphansApplied() throws Exception {
    try (Connection connection = nodes.database().connect()) {
      CafeProcess.await(
          "what the dead node has left is applied",
          () -> new NodesAudit(CafeNodes.notes(connection)).hasAll(orphans));
    }
    orphansApplied = Duration.ofNanos(System.nanoTime() - died);
  }

  Collection<Order> orders() {
    return orders;
  }

  /** What the killed node had promised while the database was gone. */
  List<Order> orphans() {
    return orphans;
  }

  /** How long it took from its death until that was applied; the database came back meanwhile. */
  Duration orphansApplied() {
    return orphansApplied;
  }

  String report() {
    return "seed %d: %d orders, %d promised, %d left by the dead node and applied %d ms after its death, %d ms after the database was back; %s"
        .formatted(
            seed,
            orders.size(),
            orders.stream().filter(Order::isTaken).count(),
            orphans.size(),
            orphansApplied.toMillis(),
            orphansApplied.minusNanos(lit - died).toMillis(),
            acts);
  }
}
