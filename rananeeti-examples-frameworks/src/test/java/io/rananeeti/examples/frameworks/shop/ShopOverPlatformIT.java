package io.rananeeti.examples.frameworks.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.RananeetiDriver;
import io.rananeeti.examples.frameworks.shop.OrderController.Line;
import io.rananeeti.examples.frameworks.shop.OrderController.Order;
import io.rananeeti.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.web.client.HttpServerErrorException;

/** The same shop with another URL and driver class: its own tests, and an outage. */
@ActiveProfiles("rananeeti")
@DirtiesContext
class ShopOverPlatformIT extends ShopTests {

  private static final Duration STALL = Duration.ofMinutes(3);
  private static final String LOG = "rananeeti.log";
  private static final int ORDERS = 100;
  private static final PostgresServer SERVER = PostgresServer.builder().start();

  @TempDir private static Path directory;

  @Autowired private DataSource dataSource;

  /**
   * A new database each time, so its log is a new one, too. On a busy machine the platform may need
   * longer for its first look at the database than Flyway would wait.
   */
  @BeforeAll
  static void openPlatform() throws Exception {
    System.setProperty(LOG, directory.resolve("log").toString());
    String url = SERVER.url().replace("jdbc:", "jdbc:rananeeti:");
    try (Connection connection =
        DriverManager.getConnection(url, SERVER.user(), SERVER.password())) {
      awaitUp(connection.unwrap(DataPlatform.class));
    }
  }

  @DynamicPropertySource
  static void database(DynamicPropertyRegistry properties) {
    ShopDatabase.isOn(SERVER, properties);
  }

  @AfterAll
  static void stopServer() {
    RananeetiDriver.shutdown();
    System.clearProperty(LOG);
    SERVER.close();
  }

  @Test
  void ordersTakenWhileTheDatabaseIsDownAreThereOnce() throws Exception {
    place("carol", new Line("tea", 1));
    int before = left("cup");
    List<Order> placed = new ArrayList<>();

    SERVER.kill();
    for (int i = 0; i < ORDERS; i++) {
      placed.add(place("dora", new Line("tea", 1), new Line("cup", i + 1)));
    }
    assertThat(placed).allMatch(this::isConfirmed);
    assertThat(health()).contains("\"db\":{\"status\":\"UP\"");
    assertThatThrownBy(() -> ordersOf("dora"))
        .isInstanceOf(HttpServerErrorException.ServiceUnavailable.class);
    SERVER.start();
    try (Connection connection = dataSource.getConnection()) {
      awaitUp(connection.unwrap(DataPlatform.class));
    }

    assertThat(ordersOf("dora")).containsExactlyInAnyOrderElementsOf(placed);
    assertThat(left("cup")).isEqualTo(before - ORDERS * (ORDERS + 1) / 2);
    assertThat(ship(placed.get(0).id()).status()).isEqualTo("shipped");
  }

  private static void awaitUp(DataPlatform platform) throws Exception {
    assertThat(platform.drain(STALL)).isTrue();
    long end = System.nanoTime() + STALL.toNanos();
    while (platform.health().stores().values().stream()
        .anyMatch(store -> store.availability() != Availability.UP)) {
      assertThat(System.nanoTime()).as("the store is up").isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }
}
