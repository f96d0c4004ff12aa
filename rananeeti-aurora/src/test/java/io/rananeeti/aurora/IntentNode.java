package io.rananeeti.aurora;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.PostgresServer;
import io.rananeeti.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One of several nodes on one database: a platform with a log of its own, behind its own proxy. */
final class IntentNode implements AutoCloseable {

  static final Duration STALL = Duration.ofMinutes(1);

  /** An outage is noticed soon; where none is meant, a slow machine may be taken for one. */
  static final Duration HASTY = Duration.ofMillis(300);

  static final String STORE = "orders";

  /** Others run at the same time. */
  private static final long LOOK_AGAIN = 1_000_000;

  /** What a transaction does before its commit. */
  @FunctionalInterface
  interface Work {
    void on(PlatformConnection connection) throws SQLException;
  }

  private final String name;
  private final PostgresServer server;
  private final Path directory;
  private final Duration outageBudget;
  private final FaultProxy proxy;
  private final SimulatedDisk disk = new SimulatedDisk();
  private DataPlatform platform;

  IntentNode(String name, PostgresServer server, Path directory, Duration outageBudget) {
    this.name = name;
    this.outageBudget = outageBudget;
    this.server = server;
    this.directory = directory;
    this.proxy = FaultProxy.inFrontOf(server);
    this.platform = open();
  }

  private DataPlatform open() {
    return DataPlatform.builder(name)
        .store(
            AuroraStore.builder(STORE)
                .url(proxy.url())
                .user(server.user())
                .password(server.password())
                .poolSize(4)
                .build())
        .log(directory)
        .logStorage(disk)
        .outageBudget(outageBudget)
        .inDoubtWait(Duration.ofMillis(500))
        .probeInterval(Duration.ofMillis(50))
        .open();
  }

  FaultProxy proxy() {
    return proxy;
  }

  DataPlatform platform() {
    return platform;
  }

  List<DeadLetter> letters() {
    return platform.deadLetters().list();
  }

  /** A transaction under this intent key. */
  Receipt intended(String key, Work work) throws SQLException {
    try (PlatformConnection connection = platform.getConnection(STORE)) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.intent-key", key);
      work.on(connection);
      connection.commit();
      return Objects.requireNonNull(connection.receipt());
    }
  }

  /** Its database can't be reached, and it knows. */
  void goDown() {
    cutOff();
    await(Availability.DOWN);
  }

  /** Its database can't be reached from now on. */
  void cutOff() {
    proxy.refuse();
    proxy.reset();
  }

  /** Its database can be reached again, and nothing waits. */
  void recover() throws InterruptedException {
    proxy.pass();
    if (!platform.drain(STALL)) {
      throw new AssertionError(name + " still has something to do: " + platform.health());
    }
    await(Availability.UP);
  }

  /** The process dies, and another one opens its log. */
  void restart() {
    disk.kill();
    platform.close();
    platform = open();
  }

  void await(Availability wanted) {
    await(() -> availability() == wanted, name + " becomes " + wanted);
  }

  private Availability availability() {
    return Objects.requireNonNull(platform.health().stores().get(STORE)).availability();
  }

  static void await(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + STALL.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("has not happened: " + what);
      }
      LockSupport.parkNanos(LOOK_AGAIN);
    }
  }

  @Override
  public void close() {
    platform.close();
    proxy.close();
  }
}
