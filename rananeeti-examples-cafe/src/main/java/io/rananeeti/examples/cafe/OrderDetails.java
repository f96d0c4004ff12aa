package io.rananeeti.examples.cafe;

import java.util.Optional;

/**
 * What was ordered, as the order's page shows it.
 *
 * @param people how many
 * @param date when, as ISO 8601
 * @param emulate whether failures are emulated
 * @param name for whom
 * @param message empty if there is none
 */
record OrderDetails(String people, String date, boolean emulate, String name, String message) {

  /** The details of an order. */
  static OrderDetails of(Order order) {
    return new OrderDetails(
        Integer.toString(order.people()),
        order.date().toString(),
        order.emulate(),
        order.name(),
        order.message() == null ? "" : order.message());
  }

  /** Parts with tabs between them; a message may hold tabs of its own, so it comes last. */
  String text() {
    return String.join("\t", people, date, Boolean.toString(emulate), name, message);
  }

  /** Reads what {@link #text()} wrote. */
  static Optional<OrderDetails> parse(String text) {
    String[] parts = text.split("\t", 5);
    return parts.length < 5
        ? Optional.empty()
        : Optional.of(
            new OrderDetails(
                parts[0], parts[1], Boolean.parseBoolean(parts[2]), parts[3], parts[4]));
  }
}
