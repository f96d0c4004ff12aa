package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.testkit.DynamoServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three cafes on one shared log and one database: nodes are killed, and some of them lose their
 * disks; nodes sleep, some of them until they are taken for dead; and the database dies and comes
 * back. {@code -Dcafe.nodes.seed} runs one seed only, {@code -Dcafe.nodes.first} and {@code
 * -Dcafe.nodes.last} those from one to another.
 */
final class CafeNodesIT {

  private static final int NODES = 3;
  private static final int LEASE_SECONDS = 2;
  private static final Duration GOAL = Duration.ofSeconds(15);
  private static final int SEEDS = Boolean.getBoolean("rananeeti.test.full") ? 50 : 3;

  @TempDir private static Path directory;

  private static @Nullable DynamoServer dynamo;
  private static @Nullable CafeNodes nodes;

  static LongStream seeds() {
    Long chosen = Long.getLong("cafe.nodes.seed");
    return chosen == null
        ? LongStream.rangeClosed(
            Long.getLong("cafe.nodes.first", 1), Long.getLong("cafe.nodes.last", SEEDS))
        : LongStream.of(chosen);
  }

  @BeforeAll
  static void open() throws Exception {
    DynamoServer server = DynamoServer.builder().inMemory(true).start();
    dynamo = server;
    // BOTH: only what is in the shared log as well outlives a lost disk.
    CafeNodes.Sharing sharing = new CafeNodes.Sharing(server.endpoint(), LEASE_SECONDS, "BOTH");
    nodes = new CafeNodes(directory, NODES, sharing);
  }

  @AfterAll
  static void close() {
    if (nodes != null) {
      nodes.close();
    }
    if (dynamo != null) {
      dynamo.close();
    }
  }

  private CafeNodes nodes() {
    if (nodes == null) {
      throw new IllegalStateException("the nodes are not there");
    }
    return nodes;
  }

  @BeforeEach
  void startThoseThatDoNotRun() throws Exception {
    nodes().database().start();
    nodes().startAll();
    nodes().awaitDrained();
    nodes().clear();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyPromisedOrderIsAppliedOnceAndInTheOrderOfItsTable(long seed) throws Exception {
    NodesRun run = new NodesRun(seed, nodes(), Duration.ofSeconds(LEASE_SECONDS));

    run.play();

    List<String> alone = nodes().said("goes on by itself"); // And keeps no order among nodes.
    System.out.println(run.report() + (alone.isEmpty() ? "" : ", order not judged: " + alone));
    NodesAudit audit = new NodesAudit(nodes().notes());
    audit.assertOnce(run.orders());
    if (alone.isEmpty()) {
      audit.assertOrder(run.orders(), nodes().said(" - cafe: "));
    }
    for (CafeNode node : nodes().all()) {
      assertThat(node.cafe().health("deadLetters")).isEqualTo("0");
    }
    assertThat(run.orphans()).isNotEmpty();
    assertThat(run.orphansApplied()).isLessThan(GOAL.multipliedBy(10));
  }
}
