package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.FaultPoint;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.Message;
import io.rananeeti.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two nodes, one intent key, at the same time (S6): with the database up, down, and in between. One
 * effect, and every receipt true.
 *
 * <p>A seed draws for each node whether it reaches the database when its clients begin, what their
 * COMMIT meets (a lost or late reply, a cut, an outage that begins right behind it), whether its
 * process dies afterwards; and for each client what it does before its commit, whether it may be
 * deferred, and whether it wants something else under the same key. Then all is well again, and
 * everybody asks once more. {@code verify} runs 60 seeds, {@code -Pfull} 1,000; {@code
 * -Drananeeti.seed} runs one again.
 */
@SuppressWarnings("NullAway") // the server is started for the test
class IntentRaceIT {

  private static final Message PAIR = Message.running("INSERT INTO rananeeti.ledger \\(");
  private static final int AT_ONCE = 5;
  private static final String RIGHT = "tea";
  private static final String WRONG = "cake";

  private static PostgresServer server;

  private final Map<String, Integer> counts = new ConcurrentSkipListMap<>();
  @TempDir private Path directory;

  @BeforeAll
  static void startServer() throws SQLException {
    server = PostgresServer.builder().start();
    server.execute(
        "CREATE TABLE effects (seq serial, intent text NOT NULL, name text NOT NULL)",
        "CREATE TABLE once (intent text PRIMARY KEY, name text NOT NULL)");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void twoNodesWithOneIntentKeyHaveOneEffect() throws Exception {
    Long given = Long.getLong("rananeeti.seed");
    long[] seeds =
        given != null
            ? new long[] {given}
            : LongStream.rangeClosed(1, Boolean.getBoolean("rananeeti.test.full") ? 1_000 : 60)
                .toArray();
    Queue<String> failures = new ConcurrentLinkedQueue<>();
    ExecutorService runners = Executors.newFixedThreadPool(AT_ONCE);

    for (long seed : seeds) {
      runners.execute(() -> run(seed, failures));
    }
    runners.shutdown();
    assertThat(runners.awaitTermination(1, TimeUnit.HOURS)).isTrue();

    System.err.println(counts);
    assertThat(failures).as("failures, each with the property that runs it again").isEmpty();
    if (given == null) {
      assertThat(counts)
          .containsKeys(
              "APPLIED", "ACCEPTED", "22R01", "outcome DUPLICATE", "letter 22R01", "restarted");
    }
  }

  private void run(long seed, Queue<String> failures) {
    try {
      run(seed);
    } catch (Exception | Error e) {
      failures.add("-Drananeeti.seed=" + seed + ": " + e);
    }
  }

  /** What one client wants, and what became of it. */
  private static final class Attempt {
    final IntentNode node;
    final String name;
    final boolean deferrable;
    final boolean reads;
    final boolean unique;
    @Nullable Receipt receipt;
    String error = "";

    Attempt(IntentNode node, String name, SplittableRandom random, boolean unique) {
      this.node = node;
      this.name = name;
      this.unique = unique;
      this.deferrable = random.nextInt(5) > 0;
      this.reads = random.nextInt(5) == 0;
    }

    /** The database has said what becomes of it. */
    boolean isAnswered() {
      return receipt == null
          ? List.of("22R01", "23505").contains(error)
          : receipt.status() == Receipt.Status.APPLIED;
    }

    @Override
    public String toString() {
      return "%s deferrable=%s reads=%s unique=%s receipt=%s error=%s"
          .formatted(name, deferrable, reads, unique, receipt, error);
    }
  }

  private void run(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    String key = "key-" + seed;
    try (IntentNode ann = node("ann", seed);
        IntentNode bob = node("bob", seed)) {
      List<IntentNode> nodes = List.of(ann, bob);
      for (IntentNode node : nodes) {
        node.recover();
      }
      List<Attempt> attempts = attempts(nodes, random);

      List<Fault> faults = strike(nodes, random);
      together(key, attempts, random.nextInt(4) == 0 ? () -> allDown(nodes) : () -> {});
      maybeRestart(nodes, random);
      faults.forEach(Fault::cancel);
      settleDown(nodes);
      List<Attempt> again =
          List.of(askOnceMore(key, ann, attempts), askOnceMore(key, bob, attempts));
      settleDown(nodes);

      judge(key, nodes, attempts, again);
    }
  }

  private IntentNode node(String name, long seed) {
    return new IntentNode(name, server, directory.resolve(name + "-" + seed), IntentNode.HASTY);
  }

  private static List<Attempt> attempts(List<IntentNode> nodes, SplittableRandom random) {
    boolean unique = random.nextInt(4) == 0;
    boolean quarrel = random.nextInt(3) == 0;
    List<Attempt> attempts = new ArrayList<>();
    for (IntentNode node : nodes) {
      for (int i = 1 + random.nextInt(2); i > 0; i--) {
        String name = quarrel && random.nextBoolean() ? WRONG : RIGHT;
        attempts.add(new Attempt(node, name, random, unique));
      }
    }
    return attempts;
  }

  /**
   * Once more the same, with nothing in its way. A node that the machine was too slow for is down
   * again, and its client has to ask again when it is back; what it was told meanwhile is judged as
   * everything else.
   */
  private static Attempt askOnceMore(String key, IntentNode node, List<Attempt> attempts)
      throws InterruptedException {
    long end = System.nanoTime() + IntentNode.STALL.toNanos();
    while (true) {
      Attempt last = last(node, attempts);
      call(key, last, () -> {});
      attempts.add(last);
      if (last.isAnswered()) {
        return last;
      }
      assertThat(System.nanoTime()).as("no answer: %s", attempts).isLessThan(end);
      node.recover();
    }
  }

  private static Attempt last(IntentNode node, List<Attempt> attempts) {
    boolean unique = attempts.get(0).unique;
    return new Attempt(node, RIGHT, new SplittableRandom(1), unique);
  }

  private static List<Fault> strike(List<IntentNode> nodes, SplittableRandom random) {
    List<Fault> faults = new ArrayList<>();
    for (IntentNode node : nodes) {
      FaultProxy proxy = node.proxy();
      FaultPoint point = proxy.on(PAIR).times(1 + random.nextInt(2));
      switch (random.nextInt(9)) {
        case 0 -> faults.add(point.loseReply());
        case 1 -> faults.add(point.cutBefore());
        case 2 -> faults.add(point.cutAfter());
        case 3 -> faults.add(point.deliverLate(Duration.ofMillis(random.nextInt(400))));
        case 4 -> node.goDown();
        case 5 -> node.cutOff();
        case 6 -> faults.add(point.hang(Duration.ofMillis(200 + random.nextInt(600))));
        case 7 -> node.goDown();
        default -> {}
      }
    }
    return faults;
  }

  private static void allDown(List<IntentNode> nodes) {
    nodes.forEach(IntentNode::cutOff);
  }

  /**
   * All clients come to their commit at the same time.
   *
   * @param afterEach what happens as soon as one of them is done
   */
  private static void together(String key, List<Attempt> attempts, Runnable afterEach)
      throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(attempts.size());
    ExecutorService executor = Executors.newFixedThreadPool(attempts.size());
    try {
      List<Future<?>> clients = new ArrayList<>();
      for (Attempt attempt : attempts) {
        clients.add(
            executor.submit(
                () -> {
                  call(key, attempt, () -> meet(barrier));
                  afterEach.run();
                }));
      }
      for (Future<?> client : clients) {
        client.get(2, TimeUnit.MINUTES);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void call(String key, Attempt attempt, Runnable beforeCommit) {
    boolean[] met = {false};
    Runnable once =
        () -> {
          if (!met[0]) {
            met[0] = true;
            beforeCommit.run();
          }
        };
    try {
      attempt.receipt =
          attempt.node.intended(key, connection -> work(key, attempt, connection, once));
    } catch (SQLException e) {
      attempt.error = String.valueOf(e.getSQLState());
    }
    once.run();
  }

  private static void work(
      String key, Attempt attempt, PlatformConnection connection, Runnable beforeCommit)
      throws SQLException {
    if (!attempt.deferrable) {
      connection.setClientInfo("rananeeti.defer", "false");
    }
    if (attempt.reads) {
      try (Statement statement = connection.createStatement()) {
        statement.executeQuery("SELECT count(*) FROM effects");
      }
    }
    if (!attempt.unique) {
      insert(connection, "INSERT INTO effects (intent, name) VALUES (?, ?)", key, attempt.name);
      beforeCommit.run();
    } else {
      beforeCommit.run();
      insert(connection, "INSERT INTO once (intent, name) VALUES (?, ?)", key, attempt.name);
    }
  }

  private static void insert(Connection connection, String sql, String key, String name)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, key);
      statement.setString(2, name);
      statement.executeUpdate();
    }
  }

  private void maybeRestart(List<IntentNode> nodes, SplittableRandom random) {
    for (IntentNode node : nodes) {
      if (random.nextInt(3) == 0) {
        node.restart();
        count("restarted");
      }
    }
  }

  private static void settleDown(List<IntentNode> nodes) throws InterruptedException {
    for (IntentNode node : nodes) {
      node.recover();
    }
  }

  private void judge(
      String key, List<IntentNode> nodes, List<Attempt> attempts, List<Attempt> again)
      throws SQLException {
    String all = attempts.toString();
    List<String> effects = effects(key);
    TransactionId holder = Objects.requireNonNull(IntentIT.holder(server, key), all);
    assertThat(effects).as("effects of %s", all).hasSize(1);
    String won = effects.get(0);
    Set<TransactionId> letters = letters(nodes);
    for (Attempt attempt : attempts) {
      count(attempt.receipt == null ? attempt.error : attempt.receipt.status().name());
      if (attempt.receipt == null) {
        assertThat(attempt.error).as(all).isIn(allowed(attempt, attempts));
      } else {
        judge(attempt, won, holder, nodes, letters, all);
      }
    }
    for (Attempt last : again) {
      if (won.equals(RIGHT) && !last.unique) {
        assertThat(last.receipt).as(all).isNotNull();
        assertThat(last.receipt.id()).as(all).isEqualTo(holder);
        assertThat(last.receipt.status()).as(all).isEqualTo(Receipt.Status.APPLIED);
      } else {
        assertThat(last.error).as(all).isIn("22R01", "23505");
      }
    }
  }

  /**
   * Where some want something else, anybody may be told so: by what waited on this node, though
   * another's was there first in the end.
   */
  private static List<String> allowed(Attempt attempt, List<Attempt> all) {
    List<String> allowed = new ArrayList<>(List.of("40001", "40P01", "55R01", "08007"));
    if (attempt.unique) {
      allowed.add("23505");
    }
    if (all.stream().anyMatch(one -> !one.name.equals(attempt.name))) {
      allowed.add("22R01");
    }
    return allowed;
  }

  private void judge(
      Attempt attempt,
      String won,
      TransactionId holder,
      List<IntentNode> nodes,
      Set<TransactionId> letters,
      String all) {
    TransactionId id = Objects.requireNonNull(attempt.receipt).id();
    if (!attempt.name.equals(won)) {
      assertThat(letters).as("accepted, and another won: %s", all).contains(id);
      return;
    }
    assertThat(letters).as("a letter though it is there: %s", all).doesNotContain(id);
    Outcome outcome = outcome(nodes, id);
    count("outcome " + outcome);
    assertThat(outcome)
        .as("%s of %s", id, all)
        .isEqualTo(id.equals(holder) ? Outcome.APPLIED : Outcome.DUPLICATE);
    if (attempt.receipt.status() == Receipt.Status.APPLIED) {
      assertThat(id).as("told applied: %s", all).isEqualTo(holder);
    }
  }

  private static Outcome outcome(List<IntentNode> nodes, TransactionId id) {
    for (IntentNode node : nodes) {
      Outcome outcome = node.platform().outcome(id);
      if (outcome != Outcome.UNKNOWN) {
        return outcome;
      }
    }
    return Outcome.UNKNOWN;
  }

  private Set<TransactionId> letters(List<IntentNode> nodes) {
    Set<TransactionId> ids = new HashSet<>();
    for (IntentNode node : nodes) {
      for (DeadLetter letter : node.letters()) {
        count("letter " + letter.sqlState());
        assertThat(letter.sqlState()).isEqualTo("22R01");
        ids.add(letter.id());
      }
    }
    return ids;
  }

  private static List<String> effects(String key) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Connection connection = server.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT name FROM effects WHERE intent = ? UNION ALL SELECT name FROM once WHERE intent = ?")) {
      statement.setString(1, key);
      statement.setString(2, key);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
    }
    return names;
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }
}
