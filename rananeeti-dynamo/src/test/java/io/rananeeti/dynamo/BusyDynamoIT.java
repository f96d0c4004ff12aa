package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.PlatformConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several threads write the same items while DynamoDB loses replies, throttles, hangs and comes
 * back: all that was acknowledged is there once, and in the order of each ordering key.
 */
@SuppressWarnings("NullAway")
class BusyDynamoIT extends DynamoFixture {

  private static final int THREADS = 5;

  private static final FaultyFront.Fault[] FAULTS = {
    FaultyFront.Fault.LOSE_REQUEST,
    FaultyFront.Fault.LOSE_REPLY,
    FaultyFront.Fault.DELIVER_LATE,
    FaultyFront.Fault.THROTTLE,
    FaultyFront.Fault.FAIL,
    FaultyFront.Fault.HANG
  };

  private final AtomicBoolean over = new AtomicBoolean();
  private final Set<String> states = ConcurrentHashMap.newKeySet();

  static long[] seeds() {
    boolean full = Boolean.getBoolean("rananeeti.test.full");
    long first = Long.getLong("rananeeti.test.seed", 1);
    long[] seeds = new long[full ? 12 : 1];
    for (int i = 0; i < seeds.length; i++) {
      seeds[i] = first + i;
    }
    return seeds;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void allThatWasAcknowledgedIsThereOnceAndInOrder(long seed) throws Exception {
    Random random = new Random(seed);
    outageBudget = Duration.ofMillis(400);
    front.forgetTokens();
    open(storeAt(front.endpoint()).callTimeout(Duration.ofMillis(500)).build());
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<Integer>> written = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      written.add(threads.submit(() -> write(thread)));
    }
    for (int i = 0; i < 8; i++) {
      rest(50 + random.nextInt(150));
      FaultyFront.Fault fault = FAULTS[random.nextInt(FAULTS.length)];
      boolean writesOnly = random.nextBoolean();
      front.always(fault, name -> !writesOnly || name.equals("TransactWriteItems"));
      rest(50 + random.nextInt(400));
      front.pass();
      front.deliver();
    }
    over.set(true);
    int sum = 0;
    for (int i = 0; i < THREADS; i++) {
      int last = written.get(i).get(STALL.toSeconds(), TimeUnit.SECONDS);
      sum += last;
    }
    threads.shutdown();
    await(() -> platform.health().stores().get("menu").availability() == Availability.UP);
    awaitDrained();
    front.deliver();

    assertThat(letters).as("seed=%d", seed).isEmpty();
    for (int i = 0; i < THREADS; i++) {
      assertThat(number("thread " + i, "latest"))
          .as("seed=%d thread=%d", seed, i)
          .isEqualTo(Integer.toString(written.get(i).get()));
    }
    assertThat(number("total", "eaten")).as("seed=%d", seed).isEqualTo(Integer.toString(sum));
    assertThat(sum).isGreaterThan(THREADS);
    assertThat(states).as("seed=%d", seed).isSubsetOf("40001");
  }

  /** Writes 1, 2, 3 and so on, each only on top of the one before. */
  private int write(int thread) {
    int done = 0;
    while (!over.get()) {
      try (PlatformConnection connection = platform.getConnection("menu")) {
        connection.setAutoCommit(false);
        connection.setClientInfo("rananeeti.ordering-key", "thread " + thread);
        UpdateItem next =
            UpdateItem.in("menu", dishes, Map.of("pk", "thread " + thread))
                .update("SET latest = :next")
                .value(":next", done + 1);
        connection.enlist(
            done == 0
                ? next.onlyIf("attribute_not_exists(pk)")
                : next.onlyIf("latest = :last").value(":last", done));
        connection.enlist(
            UpdateItem.in("menu", dishes, Map.of("pk", "total"))
                .update("ADD eaten :one")
                .value(":one", 1));
        connection.commit();
        done++;
      } catch (SQLException e) {
        states.add(String.valueOf(e.getSQLState()));
      }
    }
    return done;
  }

  /** A moment of the outage, whose length the seed says; nothing depends on it. */
  private static void rest(int milliseconds) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
  }
}
