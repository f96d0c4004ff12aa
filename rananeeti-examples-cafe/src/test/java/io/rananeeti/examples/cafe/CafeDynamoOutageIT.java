package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.examples.cafe.TableClient.Order;
import io.rananeeti.testkit.DynamoServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The shared log itself is gone, in three ways: stopped, hung, and asked too often. Orders flow as
 * long as there is a database; without one each node's own log takes them. {@code
 * -Dcafe.nodes.seed} runs one seed only.
 */
final class CafeDynamoOutageIT {

  private static final int NODES = 2;
  private static final int LEASE_SECONDS = 1;
  private static final int ENOUGH = 5;
  private static final int SEEDS = Boolean.getBoolean("rananeeti.test.full") ? 10 : 1;

  @TempDir private Path directory;

  private final ConcurrentLinkedQueue<Order> orders = new ConcurrentLinkedQueue<>();
  private final ExecutorService clients = Executors.newFixedThreadPool(NODES);
  private volatile boolean over;

  /** A way for DynamoDB to be gone. */
  private enum Way {
    STOPPED,
    HUNG,
    THROTTLED
  }

  static LongStream seeds() {
    Long chosen = Long.getLong("cafe.nodes.seed");
    return chosen == null ? LongStream.rangeClosed(1, SEEDS) : LongStream.of(chosen);
  }

  @AfterEach
  void endClients() {
    over = true;
    clients.shutdownNow();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void ordersAreTakenWhateverIsGoneAndAppliedOnceWhateverComesBackFirst(long seed)
      throws Exception {
    System.out.println("DynamoDB gone: seed " + seed);
    Random random = new Random(seed);
    List<Way> ways = new ArrayList<>(List.of(Way.values()));
    Collections.shuffle(ways, random);
    try (DynamoServer dynamo = DynamoServer.builder().start();
        ThrottlingFront front = new ThrottlingFront(dynamo.endpoint());
        CafeNodes nodes = new CafeNodes(directory, NODES, sharing(front))) {
      nodes.startAll();
      nodes.awaitDrained();
      List<Future<Void>> ordering = order(nodes, random);

      for (Way way : ways) {
        outage(nodes, dynamo, front, way, random.nextBoolean());
      }
      over = true;
      for (Future<Void> client : ordering) {
        client.get();
      }

      nodes.awaitDrained();
      NodesAudit audit = new NodesAudit(nodes.notes());
      audit.assertOnce(orders);
      audit.assertOrder(orders, nodes.said(" - cafe: "));
      assertThat(orders).allMatch(Order::isTaken);
      assertThat(front.throttled()).isPositive();
    }
  }

  private static CafeNodes.Sharing sharing(ThrottlingFront front) {
    return new CafeNodes.Sharing(front.endpoint(), LEASE_SECONDS, "BOTH_IF_REACHED");
  }

  /** Each at a node of its own: while the shared log is gone, order between nodes is not kept. */
  private List<Future<Void>> order(CafeNodes nodes, Random random) {
    List<Future<Void>> ordering = new ArrayList<>();
    for (CafeNode node : nodes.all()) {
      List<String> tables = List.of("Table 1 of " + node, "Table 2 of " + node);
      Random own = new Random(random.nextLong());
      ordering.add(
          clients.submit(new TableClient(tables, List.of(node), own, () -> !over, orders)));
    }
    return ordering;
  }

  private void outage(
      CafeNodes nodes, DynamoServer dynamo, ThrottlingFront front, Way way, boolean databaseFirst)
      throws Exception {
    System.out.printf("%s, the database comes back %s%n", way, databaseFirst ? "first" : "last");
    takeAway(dynamo, front, way);
    awaitOrders(nodes); // All but the database is gone.
    nodes.database().kill();
    awaitOrders(nodes); // All is gone.
    if (databaseFirst) {
      nodes.database().start();
      awaitOrders(nodes);
      giveBack(dynamo, front, way);
    } else {
      giveBack(dynamo, front, way);
      awaitOrders(nodes);
      nodes.database().start();
    }
    nodes.awaitDrained();
    awaitOrders(nodes); // All is there.
  }

  private static void takeAway(DynamoServer dynamo, ThrottlingFront front, Way way) {
    switch (way) {
      case STOPPED -> dynamo.stop(); // A kill may lose what it has answered.
      case HUNG -> dynamo.pause();
      case THROTTLED -> front.throttle(true);
    }
  }

  private static void giveBack(DynamoServer dynamo, ThrottlingFront front, Way way) {
    switch (way) {
      case STOPPED -> dynamo.start();
      case HUNG -> dynamo.resume();
      case THROTTLED -> front.throttle(false);
    }
  }

  /** A few more orders of each node, begun and answered from now on. */
  private void awaitOrders(CafeNodes nodes) throws Exception {
    long now = System.nanoTime();
    CafeProcess.await(
        "orders by all nodes",
        () ->
            nodes.all().stream()
                .allMatch(
                    node ->
                        orders.stream()
                                .filter(order -> order.node() == node && order.isTaken())
                                .filter(order -> order.start() > now)
                                .count()
                            >= ENOUGH));
  }
}
