package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.examples.cafe.OrderingClient.Attempt;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The main job, end to end: eight clients order while the database is killed twice, and the cafe
 * once while orders wait. {@code -Dcafe.test.seconds} says for about how long, 30 unless told
 * otherwise: each act has its share of that, and lasts longer where the machine is slow.
 */
final class CafeOutageIT {

  private static final int CLIENTS = 8;
  private static final Duration DURATION =
      Duration.ofSeconds(Long.getLong("cafe.test.seconds", 30));
  private static final int ORDERS_OF_A_DARK_ACT = 120;
  private static final Duration ACCEPT_GOAL = Duration.ofMillis(50);
  private static final Duration ACCEPT_LIMIT = Duration.ofSeconds(2);
  private static final Duration RETURN_GOAL = Duration.ofSeconds(2);
  private static final Duration RETURN_LIMIT = Duration.ofSeconds(30);

  @TempDir private Path directory;

  private volatile @Nullable CafeProcess open;
  private final List<long[]> dark = new ArrayList<>();
  private final List<Duration> returns = new ArrayList<>();
  private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
  private volatile boolean over;
  private long killed;

  @AfterEach
  void close() throws Exception {
    over = true;
    clients.shutdownNow();
    CafeProcess cafe = open;
    if (cafe != null) {
      cafe.close();
    }
    CafeProcess.endDatabase(data());
  }

  @Test
  void everyOrderLandsExactlyOnceWhileTheDatabaseAndTheCafeAreKilled() throws Exception {
    CafeProcess first = CafeProcess.start(data(), Map.of());
    open = first;
    first.awaitHealth("state", "UP");

    List<Future<List<Attempt>>> ordering = startClients();
    killDatabaseAndThenTheCafe(first);
    killDatabase();
    pass(0.05);
    over = true;
    List<Attempt> attempts = new ArrayList<>();
    for (Future<List<Attempt>> client : ordering) {
      attempts.addAll(client.get());
    }
    cafe().awaitDrained();

    report(attempts);
    assertThat(errorsOfLivingCafes(first, attempts)).isEmpty();
    assertThat(inTheDark(attempts)).hasSizeGreaterThanOrEqualTo(200);
    assertThat(cafe().health("deadLetters")).isEqualTo("0");
    assertTable(attempts);
    assertPagesTellTheTruth(attempts);
    assertThat(percentile(50, inTheDark(attempts))).isLessThan(ACCEPT_LIMIT);
    assertThat(returns).allSatisfy(time -> assertThat(time).isLessThan(RETURN_LIMIT));
  }

  private Path data() {
    return directory.resolve("data");
  }

  private CafeProcess cafe() {
    return Objects.requireNonNull(open);
  }

  private List<Future<List<Attempt>>> startClients() {
    List<Future<List<Attempt>>> ordering = new ArrayList<>();
    for (int client = 1; client <= CLIENTS; client++) {
      ordering.add(clients.submit(new OrderingClient(client, this::cafe, () -> !over)));
    }
    return ordering;
  }

  /** Lets a share of the whole time go by. */
  private static void pass(double part) {
    long end = System.nanoTime() + (long) (DURATION.toNanos() * part);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Lets a share of the whole time go by, and longer until enough orders wait. */
  private void passInTheDark(double part) throws Exception {
    pass(part);
    CafeProcess.await(
        "enough orders wait",
        () -> Long.parseLong(cafe().health("backlog")) >= ORDERS_OF_A_DARK_ACT);
  }

  /** The cafe that is opened again brings the database back with it. */
  private void killDatabaseAndThenTheCafe(CafeProcess first) throws Exception {
    pass(0.1);
    goDark(first);
    passInTheDark(0.2);
    dark.get(0)[1] = System.nanoTime();
    killed = System.nanoTime();
    first.kill();
    open = CafeProcess.start(data(), Map.of());
  }

  private void killDatabase() throws Exception {
    pass(0.1);
    goDark(cafe());
    passInTheDark(0.2);
    dark.get(1)[1] = System.nanoTime();
    cafe().flip("start");
    try (Connection connection = reconnect()) {
      long back = System.nanoTime();
      long before = CafeProcess.count(connection);
      CafeProcess.await("the first applied order", () -> CafeProcess.count(connection) > before);
      returns.add(Duration.ofNanos(System.nanoTime() - back));
    }
  }

  private void goDark(CafeProcess cafe) throws Exception {
    cafe.flip("kill");
    cafe.awaitHealth("state", "DOWN");
    dark.add(new long[] {System.nanoTime(), Long.MAX_VALUE});
  }

  private Connection reconnect() throws Exception {
    AtomicReference<Connection> connection = new AtomicReference<>();
    CafeProcess.await(
        "the database is back",
        () -> {
          try {
            connection.set(cafe().connect());
            return true;
          } catch (SQLException | IOException e) {
            return false;
          }
        });
    return Objects.requireNonNull(connection.get());
  }

  /** Orders under way when the first cafe was killed may have got no answer; no others. */
  private List<Attempt> errorsOfLivingCafes(CafeProcess first, List<Attempt> attempts) {
    return attempts.stream()
        .filter(attempt -> attempt.number() == null)
        .filter(
            attempt ->
                attempt.cafe() != first
                    || attempt.end() < killed
                    || attempt.error().startsWith("status"))
        .toList();
  }

  private List<Attempt> inTheDark(List<Attempt> attempts) {
    return attempts.stream()
        .filter(attempt -> attempt.number() != null)
        .filter(
            attempt -> dark.stream().anyMatch(d -> d[0] < attempt.start() && attempt.end() < d[1]))
        .toList();
  }

  private void assertTable(List<Attempt> attempts) throws Exception {
    Map<String, List<String>> rows = rows();
    for (Attempt attempt : attempts) {
      List<String> found = rows.getOrDefault(attempt.message(), List.of());
      if (attempt.number() != null) {
        assertThat(found)
            .containsExactly(
                "%s %s %d 2030-05-17 19:30:00"
                    .formatted(attempt.number(), attempt.name(), attempt.people()));
      } else {
        assertThat(found).hasSizeLessThanOrEqualTo(1);
      }
    }
    assertThat(rows.keySet()).isSubsetOf(attempts.stream().map(Attempt::message).toList());
  }

  private Map<String, List<String>> rows() throws Exception {
    Map<String, List<String>> rows = new HashMap<>();
    try (Connection connection = cafe().connect();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT ordrtxt, concat_ws(' ', ordrdgst, ordrname, ordrppl, ordrdttm)"
                    + " FROM cafe.ordersraw")) {
      while (result.next()) {
        rows.computeIfAbsent(result.getString(1), message -> new ArrayList<>())
            .add(result.getString(2));
      }
    }
    return rows;
  }

  private void assertPagesTellTheTruth(List<Attempt> attempts) throws Exception {
    List<Attempt> accepted = inTheDark(attempts);
    for (int i = 0; i < accepted.size(); i += Math.max(1, accepted.size() / 50)) {
      String page = cafe().get("/orders/" + accepted.get(i).number() + ".html").body();
      assertThat(page)
          .contains("<strong id=\"state\">applied</strong>")
          .contains("Accepted: on disk", "Applied:");
    }
  }

  private void report(List<Attempt> attempts) {
    List<Attempt> accepted = inTheDark(attempts);
    System.out.printf(
        "%d orders, %d of them in the dark, %d with an error; accept time in the dark p99 %d ms"
            + " (goal %d); first applied %s after the return (goal %s)%n",
        attempts.size(),
        accepted.size(),
        attempts.stream().filter(attempt -> attempt.number() == null).count(),
        percentile(99, accepted).toMillis(),
        ACCEPT_GOAL.toMillis(),
        returns,
        RETURN_GOAL);
  }

  private static Duration percentile(int percent, List<Attempt> attempts) {
    long[] times =
        attempts.stream().mapToLong(attempt -> attempt.end() - attempt.start()).sorted().toArray();
    return times.length == 0
        ? Duration.ZERO
        : Duration.ofNanos(times[Math.min(times.length - 1, times.length * percent / 100)]);
  }
}
