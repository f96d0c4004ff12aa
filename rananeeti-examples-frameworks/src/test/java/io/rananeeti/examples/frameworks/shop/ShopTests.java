package io.rananeeti.examples.frameworks.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.examples.frameworks.shop.OrderController.Line;
import io.rananeeti.examples.frameworks.shop.OrderController.NewOrder;
import io.rananeeti.examples.frameworks.shop.OrderController.Order;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;

/** The tests of the shop itself, over HTTP. Which database it has, its configuration says. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
abstract class ShopTests {

  @LocalServerPort private int port;
  @Autowired private Confirmations confirmations;
  @Autowired private StockRepository stock;
  @Autowired private Flyway flyway;

  final Order place(String customer, Line... lines) {
    return Objects.requireNonNull(
        client()
            .post()
            .uri("/orders")
            .body(new NewOrder(customer, List.of(lines)))
            .retrieve()
            .body(Order.class));
  }

  final List<Order> ordersOf(String customer) {
    return Arrays.asList(
        Objects.requireNonNull(
            client().get().uri("/orders?customer={c}", customer).retrieve().body(Order[].class)));
  }

  final Order ship(UUID id) {
    return Objects.requireNonNull(
        client().post().uri("/orders/{id}/shipment", id).retrieve().body(Order.class));
  }

  final String health() {
    return Objects.requireNonNull(
        client().get().uri("/actuator/health").retrieve().body(String.class));
  }

  final boolean isConfirmed(Order order) {
    return confirmations.has(order.id());
  }

  final int left(String item) {
    return stock.findById(item).orElseThrow().quantity();
  }

  private RestClient client() {
    return RestClient.create("http://localhost:" + port);
  }

  @Test
  void theSchemaIsMigrated() {
    assertThat(flyway.info().current().getVersion().getVersion()).isEqualTo("2");
    assertThat(flyway.info().pending()).isEmpty();
    assertThat(flyway.migrate().migrationsExecuted).isZero();
  }

  @Test
  void anOrderIsTakenConfirmedAndShipped() {
    int before = left("tea");
    Order order = place("ann", new Line("tea", 2), new Line("cup", 1));

    assertThat(ordersOf("ann")).containsExactly(order);
    assertThat(isConfirmed(order)).isTrue();
    assertThat(left("tea")).isEqualTo(before - 2);
    assertThat(ship(order.id()).status()).isEqualTo("shipped");
    assertThat(ordersOf("ann")).singleElement().extracting(Order::status).isEqualTo("shipped");
  }

  @Test
  void anOrderForWhatIsNotSoldLeavesNothingBehind() {
    int before = left("tea");

    assertThatThrownBy(() -> place("bob", new Line("tea", 1), new Line("gold", 1)))
        .isInstanceOf(HttpClientErrorException.NotFound.class);
    assertThat(ordersOf("bob")).isEmpty();
    assertThat(left("tea")).isEqualTo(before);
  }

  @Test
  void itIsHealthy() {
    assertThat(health()).contains("\"db\":{\"status\":\"UP\"");
  }
}
