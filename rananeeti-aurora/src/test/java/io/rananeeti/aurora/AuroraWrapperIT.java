package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.testkit.AuroraEmulator;
import io.rananeeti.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A platform at the endpoints of an Aurora cluster and of a Global Database, through the AWS
 * wrapper, while the writer dies, moves, hangs or lies. Eight threads write all the time; each call
 * ends well, and what it was told is there once.
 */
@SuppressWarnings("NullAway.Init")
@Tag("emulator")
class AuroraWrapperIT {

  private static final String HOME = "us-east-1";
  private static final String AWAY = "eu-west-1";
  private static final Duration STALL = Duration.ofMinutes(5);

  private @Nullable AuroraEmulator emulator;
  private @Nullable DataPlatform platform;
  @TempDir Path directory;

  @AfterEach
  void close() {
    if (platform != null) {
      platform.close();
    }
    if (emulator != null) {
      emulator.close();
    }
  }

  @Test
  void aKilledWriterIsFollowedToThePromotedReader() throws Exception {
    startCluster();
    runThrough(
        "writer killed, reader promoted after 1 s",
        () -> {
          aurora().kill("us1");
          pass(Duration.ofSeconds(1));
          aurora().promote("us2");
        });
    assertThat(writerOfPlatform()).isEqualTo("us2");
  }

  @Test
  void aWriterThatHangsIsFollowedToThePromotedReader() throws Exception {
    startCluster();
    runThrough(
        "writer hangs, reader promoted after 1 s",
        () -> {
          aurora().hang("us1");
          pass(Duration.ofSeconds(1));
          aurora().promote("us2");
        });
    assertThat(writerOfPlatform()).isEqualTo("us2");
  }

  @Test
  void aWriterThatIsCutOffIsFollowedToThePromotedReader() throws Exception {
    startCluster();
    runThrough(
        "packets dropped, reader promoted after 3 s",
        () -> {
          aurora().partition("us1");
          pass(Duration.ofSeconds(3));
          aurora().promote("us2");
        });
    assertThat(writerOfPlatform()).isEqualTo("us2");
  }

  /** DNS and topology name the old writer for a while, which is back as a reader. */
  @Test
  void aDemotedInstanceThatDnsAndTopologyCallTheWriterIsNone() throws Exception {
    startCluster();
    runThrough(
        "promoted, DNS and topology stale for 2 s",
        () -> {
          aurora().freezeDns();
          aurora().freezeTopology();
          aurora().kill("us1");
          aurora().promote("us2");
          aurora().start("us1");
          pass(Duration.ofSeconds(2));
          aurora().truthfulTopology();
          aurora().truthfulDns();
        });
    assertThat(writerOfPlatform()).isEqualTo("us2");
  }

  @Test
  void aPlannedSwitchoverAndTheWayBackLoseNothing() throws Exception {
    startGlobal();
    runThrough("planned switchover", () -> aurora().switchover(AWAY));
    assertThat(writerOfPlatform()).isEqualTo("eu1");
    runThrough("planned switchover back", () -> aurora().switchover(HOME));
  }

  /** Without retention, so nothing is written while the region dies: its tail would be lost. */
  @Test
  void aLostRegionIsFollowedToTheOther() throws Exception {
    startGlobal();
    try (Load before = new Load(platform().dataSource("orders"), 8)) {
      await("some rows", () -> before.count() > 200);
    }
    aurora().awaitReplication();
    aurora().kill(HOME);
    long killed = System.nanoTime();
    try (Connection connection = platform().dataSource("orders").getConnection()) {
      run(connection, "INSERT INTO items (id, name) VALUES (-1, 'in the dark')");
    }
    Duration stall = since(killed);
    aurora().failover(AWAY);
    awaitState(Availability.UP);
    assertThat(platform().drain(STALL)).isTrue();

    assertThat(writerOfPlatform()).isEqualTo("eu1");
    assertThat(count("SELECT count(*) FROM items WHERE id = -1")).isEqualTo(1);
    report("region killed, other promoted", stall, since(killed));
  }

  @Test
  void everythingDownAndBackAgainLosesNothing() throws Exception {
    startCluster();
    runThrough(
        "all down for 4 s",
        () -> {
          aurora().killAll();
          pass(Duration.ofSeconds(4));
          aurora().startAll();
        });
  }

  private interface Trouble {
    void strike() throws Exception;
  }

  /** Trouble under load: no call fails, and what was acknowledged is there once. */
  private void runThrough(String name, Trouble trouble) throws Exception {
    count("SELECT count(*) FROM items");
    onWriter("TRUNCATE items");
    Load load = new Load(platform().dataSource("orders"), 8);
    long struck;
    try (load) {
      await("some rows", () -> load.count() > 100);
      struck = System.nanoTime();
      trouble.strike();
      awaitState(Availability.UP);
      int sofar = load.count();
      await("some rows more", () -> load.count() > sofar + 100);
    }
    report(name, load.longestStall(), since(struck));
    assertThat(platform().drain(STALL)).isTrue();

    assertThat(load.failures()).isEmpty();
    assertThat(ids()).isEqualTo(load.acknowledged());
  }

  private void startCluster() throws Exception {
    emulator = AuroraEmulator.cluster(HOME, 2).start();
    open(aurora().clusterEndpoint(HOME), store());
  }

  private void startGlobal() throws Exception {
    emulator = AuroraEmulator.global().region(HOME, 2).region(AWAY, 1).start();
    open(aurora().globalEndpoint(), store().hostPatterns(aurora().hostPatterns().split(",")));
  }

  private AuroraStore.Builder store() {
    return AuroraStore.builder("orders").user(aurora().user()).password(aurora().password());
  }

  private void open(String host, AuroraStore.Builder store) throws Exception {
    onWriter("CREATE TABLE items (id int PRIMARY KEY, name text)");
    platform =
        DataPlatform.builder("shop")
            .store(store.url(aurora().url(host) + "?sslmode=disable").build())
            .log(directory)
            .logStorage(new SimulatedDisk())
            .open();
    awaitState(Availability.UP);
  }

  private AuroraEmulator aurora() {
    return Objects.requireNonNull(emulator);
  }

  private DataPlatform platform() {
    return Objects.requireNonNull(platform);
  }

  private void awaitState(Availability wanted) throws InterruptedException {
    await(
        "the store is " + wanted,
        () ->
            Objects.requireNonNull(platform().health().stores().get("orders")).availability()
                == wanted);
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(since(begun)).as(what).isLessThan(STALL);
      pass(Duration.ofMillis(5));
    }
  }

  /** The time that a scenario takes is part of it. */
  private static void pass(Duration time) throws InterruptedException {
    boolean counted = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(counted).isFalse();
  }

  private static Duration since(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private String writerOfPlatform() throws SQLException {
    try (Connection connection = platform().dataSource("orders").getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT pg_catalog.aurora_db_instance_identifier()")) {
      row.next();
      return row.getString(1);
    }
  }

  private void onWriter(String sql) throws SQLException {
    try (Connection connection = aurora().connect(aurora().writer())) {
      run(connection, sql);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int count(String sql) throws SQLException {
    return numbers(sql).get(0);
  }

  private List<Integer> ids() throws SQLException {
    return numbers("SELECT id FROM items ORDER BY id");
  }

  private List<Integer> numbers(String sql) throws SQLException {
    List<Integer> numbers = new ArrayList<>();
    try (Connection connection = aurora().connect(aurora().writer());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        numbers.add(rows.getInt(1));
      }
    }
    return numbers;
  }

  private static void report(String name, Duration longestStall, Duration whole) {
    System.out.printf(
        "AURORA %s: longest stall %d ms, all over after %d ms%n",
        name, longestStall.toMillis(), whole.toMillis());
  }
}
