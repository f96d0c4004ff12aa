package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.testkit.InMemoryDatabase;
import io.rananeeti.testkit.InMemoryStore;
import io.rananeeti.testkit.SimulatedDisk;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How long a database that hangs, or a dead one, goes unnoticed with default settings, wherever the
 * probe is at that moment. In virtual time, so exactly.
 */
final class HangDetectionTest {

  private static final int SEEDS = 20;
  private static final Duration BUDGET = Duration.ofSeconds(2);
  private static final Duration GRACE = Duration.ofMillis(500);
  private static final Directories DIRECTORIES = new Directories();

  HangDetectionTest() {}

  @AfterAll
  static void deleteDirectories() {
    DIRECTORIES.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aHungOrDeadDatabaseIsNoticedWithinThreeSecondsAndNobodyWaitsLongerThanTheBudgetSays(
      boolean hangs) {
    Duration latest = Duration.ZERO;
    Duration longest = Duration.ZERO;
    for (int seed = 0; seed < SEEDS; seed++) {
      Outage outage = new Outage(seed, hangs, Duration.ofSeconds(5));
      outage.run();
      latest = longer(latest, outage.noticed());
      longest = longer(longest, outage.longestStall());
    }

    assertThat(latest).isLessThanOrEqualTo(Duration.ofSeconds(3));
    assertThat(longest).isLessThanOrEqualTo(BUDGET.plus(GRACE));
  }

  /** A failover of one and a half seconds is waited for, not worked through. */
  @Test
  void aShortDeathIsNoOutage() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Outage outage = new Outage(seed, false, Duration.ofMillis(1_500));
      outage.run();

      assertThat(outage.wasDown()).as("seed %d", seed).isFalse();
      assertThat(outage.longestStall()).isLessThanOrEqualTo(BUDGET.plus(GRACE));
    }
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /** A platform with default settings, three callers, and one fault at a moment of the seed. */
  private static final class Outage {

    private static final String STORE = "orders";

    private final Simulation simulation;
    private final InMemoryDatabase database;
    private final boolean hangs;
    private final Duration length;
    private @Nullable DataPlatform platform;
    private Duration noticed = Duration.ZERO;
    private Duration longestStall = Duration.ZERO;
    private boolean down;
    private boolean over;
    private int ended;

    Outage(long seed, boolean hangs, Duration length) {
      this.simulation = new Simulation(seed, false);
      this.database = new InMemoryDatabase(simulation.world());
      this.hangs = hangs;
      this.length = length;
    }

    void run() {
      simulation.run(this::world);
      assertThat(simulation.failures()).isEmpty();
    }

    Duration noticed() {
      return noticed;
    }

    Duration longestStall() {
      return longestStall;
    }

    boolean wasDown() {
      return down;
    }

    private void world() {
      database.createTable("orders");
      SimulatedProcess process = simulation.process("node");
      process.start("main", () -> open(process));
      await(() -> platform != null && is(Availability.UP));
      for (int i = 0; i < 3; i++) {
        String name = "c" + i;
        process.start("client", () -> write(name));
      }
      simulation.sleep(Duration.ofMillis(simulation.random().nextInt(2_500)));
      fault();
      over = true;
      await(() -> ended == 3);
      process.start("close", () -> platform().close());
    }

    private void open(SimulatedProcess process) {
      platform =
          DataPlatform.builder("node")
              .store(new InMemoryStore(STORE, database))
              .log(DIRECTORIES.next(null))
              .logStorage(new SimulatedDisk())
              .seams(process)
              .open();
    }

    private void fault() {
      Duration begun = simulation.elapsed();
      if (hangs) {
        database.faults().hang(true);
      } else {
        database.faults().unreachable(true);
      }
      while (simulation.elapsed().minus(begun).compareTo(length) < 0) {
        if (!down && is(Availability.DOWN)) {
          down = true;
          noticed = simulation.elapsed().minus(begun);
        }
        simulation.sleep(Duration.ofMillis(10));
      }
      database.faults().heal();
      await(() -> is(Availability.UP));
    }

    private void write(String name) {
      for (int i = 0; !over; i++) {
        Duration begun = simulation.elapsed();
        try (Connection connection = platform().getConnection(STORE);
            PreparedStatement insert =
                connection.prepareStatement("INSERT INTO orders VALUES (?, ?)")) {
          insert.setString(1, name + "." + i);
          insert.setString(2, "tea");
          insert.executeUpdate();
        } catch (SQLException e) {
          throw new AssertionError("a call failed", e);
        }
        longestStall = longer(longestStall, simulation.elapsed().minus(begun));
        simulation.sleep(Duration.ofMillis(30));
      }
      ended++;
    }

    private boolean is(Availability state) {
      return Objects.requireNonNull(platform().health().stores().get(STORE)).availability()
          == state;
    }

    private DataPlatform platform() {
      return Objects.requireNonNull(platform);
    }

    private void await(BooleanSupplier condition) {
      while (!condition.getAsBoolean()) {
        simulation.sleep(Duration.ofMillis(10));
      }
    }
  }
}
