package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.examples.cafe.OrderEvent.Kind;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OrderViewTest {

  private static final String NUMBER = "0123456789abcdef0123";
  private static final Instant NOON = Instant.parse("2030-05-17T12:00:00Z");

  private final List<OrderEvent> events = new ArrayList<>();

  @Test
  void anAcceptedOrderWaits() {
    note(Kind.PLACED, details("Ann"));
    note(Kind.ATTEMPT, "Attempt 1: to the database.");
    note(Kind.ACCEPTED, "i:1");

    OrderView order = OrderView.of(NUMBER, events);

    assertThat(order.state()).isEqualTo(OrderState.ACCEPTED);
    assertThat(order.appCode()).hasSize(2);
    assertThat(order.backendCode()).hasSize(1);
    assertThat(order.transactionsQueueCode()).isEmpty();
  }

  @Test
  void anEndThatWasNotedTwiceIsShownOnce() {
    note(Kind.ACCEPTED, "i:1");
    note(Kind.APPLIED, "i:1");
    note(Kind.APPLIED, "i:1 Found in the database.");

    OrderView order = OrderView.of(NUMBER, events);

    assertThat(order.state()).isEqualTo(OrderState.APPLIED);
    assertThat(order.transactionsQueueCode())
        .extracting(OrderView.Line::text)
        .containsExactly("Applied: the database has it. It waited 1.0 s.");
  }

  @Test
  void aRefusedOrderThatIsRetriedWaitsUnderItsNewTransaction() {
    note(Kind.ACCEPTED, "i:1");
    note(Kind.REFUSED, "i:1 violates check (SQLSTATE 23514)");
    note(Kind.RETRIED, "i:1 i:2");

    assertThat(OrderState.after(events)).isEqualTo(OrderState.ACCEPTED);
    assertThat(OrderState.transaction(events)).contains("i:2");
  }

  @Test
  void whatIsAppliedStaysApplied() {
    note(Kind.STORED, "i:1 Attempt 1: done in 2 ms.");
    note(Kind.PLACED, details("Ann"));
    note(Kind.FAILED, "the connection was lost");

    assertThat(OrderState.after(events)).isEqualTo(OrderState.APPLIED);
  }

  @Test
  void theSameFormOnceMoreIsTold() {
    note(Kind.PLACED, details("Ann"));
    note(Kind.STORED, "i:1");
    note(Kind.PLACED, details("Ann"));

    assertThat(OrderView.of(NUMBER, events).appCode())
        .extracting(OrderView.Line::text)
        .contains("Order received.", "The same form once more: the same order.");
  }

  @Test
  void markupIsShownAndNotExecuted() {
    note(Kind.PLACED, details("<script>alert(1)</script>"));
    note(Kind.FAILED, "<img src=x onerror=alert(1)>");

    String page = new Pages().render("order", Map.of("order", OrderView.of(NUMBER, events)));

    assertThat(page)
        .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
        .contains("&lt;img src=x onerror=alert(1)&gt;")
        .doesNotContain("<script>alert")
        .doesNotContain("<img src=x");
  }

  private void note(Kind kind, String detail) {
    events.add(new OrderEvent(NOON.plusSeconds(events.size()), kind, detail));
  }

  private static String details(String name) {
    return OrderDetails.of(
            new Order(NUMBER, name, 2, LocalDateTime.of(2030, 5, 17, 19, 30), "a\tb", false))
        .text();
  }
}
