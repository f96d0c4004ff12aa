package io.rananeeti.examples.cafe;

import io.rananeeti.examples.cafe.OrderEvent.Kind;
import java.util.List;
import java.util.Optional;

/** How far an order has come, by the notes about it. */
enum OrderState {
  /** Its form has come; nothing is known of its end. */
  PLACED("being placed"),
  /** It is on disk in the log and waits for the database. */
  ACCEPTED("accepted"),
  /** The database has it. */
  APPLIED("applied"),
  /** The database refused it; a person has to look. */
  REFUSED("refused"),
  /** It was refused and then given up. */
  DISCARDED("discarded"),
  /** The client got an error. */
  FAILED("failed");

  private final String word;

  OrderState(String word) {
    this.word = word;
  }

  /** The word for people. */
  String word() {
    return word;
  }

  /** Whether nothing more will happen. */
  boolean isFinal() {
    return this == APPLIED || this == DISCARDED;
  }

  /** The state after these events. Applied once is applied for ever. */
  static OrderState after(List<OrderEvent> events) {
    OrderState state = PLACED;
    for (OrderEvent event : events) {
      OrderState next = of(event.kind()).orElse(state);
      state = state == APPLIED ? APPLIED : next;
    }
    return state;
  }

  private static Optional<OrderState> of(Kind kind) {
    return switch (kind) {
      case STORED, APPLIED -> Optional.of(APPLIED);
      case ACCEPTED, RETRIED -> Optional.of(ACCEPTED);
      case REFUSED -> Optional.of(REFUSED);
      case DISCARDED -> Optional.of(DISCARDED);
      case FAILED -> Optional.of(FAILED);
      case PLACED, ATTEMPT, FAULT -> Optional.empty();
    };
  }

  /** The transaction that stands for the order after these events. */
  static Optional<String> transaction(List<OrderEvent> events) {
    return events.stream()
        .filter(event -> event.kind() == Kind.ACCEPTED || event.kind() == Kind.RETRIED)
        .reduce((first, second) -> second)
        .map(event -> event.kind() == Kind.RETRIED ? event.cause() : event.id());
  }
}
