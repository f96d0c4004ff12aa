package io.rananeeti.examples.frameworks.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformListener;
import io.rananeeti.aurora.AuroraStore;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;

/** A server of its own, a proxy in front of it, and a platform over both. */
final class Site implements AutoCloseable {

  static final Duration STALL = Duration.ofMinutes(3);

  private final PostgresServer server = PostgresServer.builder().start();
  private final FaultProxy proxy = FaultProxy.inFrontOf(server);
  private final DataPlatform platform;

  Site(Path log, PlatformListener listener) {
    platform =
        DataPlatform.builder("samples")
            .store(
                AuroraStore.builder("shop")
                    .url(proxy.url())
                    .user(server.user())
                    .password(server.password())
                    .build())
            .log(log)
            .outageBudget(Duration.ofMillis(1_500))
            .probeInterval(Duration.ofMillis(200))
            .listener(listener)
            .open();
    await("the store is up", () -> availability() == Availability.UP);
  }

  PostgresServer server() {
    return server;
  }

  FaultProxy proxy() {
    return proxy;
  }

  DataPlatform platform() {
    return platform;
  }

  DataSource dataSource() {
    return platform.dataSource("shop");
  }

  /** Kills the server, and waits until the platform has noticed. */
  void outage() {
    server.kill();
    await("the store is down", () -> availability() == Availability.DOWN);
  }

  void recover() throws InterruptedException {
    server.start();
    assertThat(platform.drain(STALL)).isTrue();
    await("the store is up", () -> availability() == Availability.UP);
  }

  /** The first column of the first row, asked beside the platform. */
  String ask(String sql) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    }
  }

  long accepted() {
    return platform.health().stores().values().iterator().next().accepted();
  }

  private Availability availability() {
    return platform.health().stores().values().iterator().next().availability();
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + STALL.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    platform.close();
    proxy.close();
    server.close();
  }
}
