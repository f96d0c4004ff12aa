package io.rananeeti.examples.cafe;

import io.rananeeti.examples.cafe.OrderEvent.Kind;
import io.rananeeti.examples.cafe.OrderEvent.Part;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An order as its page shows it.
 *
 * @param number its number
 * @param state how far it has come
 * @param details what was ordered
 * @param events what happened, without repetitions
 */
record OrderView(
    String number, OrderState state, Optional<OrderDetails> details, List<OrderEvent> events) {

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

  /**
   * One line of a log.
   *
   * @param at when, as ISO 8601
   * @param time when, for people, in the server's time zone
   * @param tone one of {@code plain}, {@code good}, {@code wait}, {@code bad}
   * @param text what happened
   * @param id the transaction, empty if none is meant
   */
  record Line(String at, String time, String tone, String text, String id) {}

  /** The view of an order after these events. */
  static OrderView of(String number, List<OrderEvent> events) {
    Optional<OrderDetails> details =
        events.stream()
            .filter(event -> event.kind() == Kind.PLACED)
            .findFirst()
            .flatMap(event -> OrderDetails.parse(event.detail()));
    return new OrderView(number, OrderState.after(events), details, withoutRepetitions(events));
  }

  /** A listener and a reader may have noted the same end of the same transaction. */
  private static List<OrderEvent> withoutRepetitions(List<OrderEvent> events) {
    Set<String> ends = new HashSet<>();
    List<OrderEvent> once = new ArrayList<>();
    for (OrderEvent event : events) {
      boolean isEnd = event.kind().part() == Part.TRANSACTIONS_QUEUE_CODE;
      if (!isEnd || ends.add(event.kind() + event.id())) {
        once.add(event);
      }
    }
    return once;
  }

  /** What the application's code has to say. */
  List<Line> appCode() {
    return lines(Part.APP_CODE);
  }

  /** What the backend code has to say. */
  List<Line> backendCode() {
    return lines(Part.BACKEND_CODE);
  }

  /** What the transactions queue code has to say. */
  List<Line> transactionsQueueCode() {
    return lines(Part.TRANSACTIONS_QUEUE_CODE);
  }

  private List<Line> lines(Part part) {
    return events.stream().filter(event -> event.kind().part() == part).map(this::line).toList();
  }

  private Line line(OrderEvent event) {
    String time = TIME.format(event.at().atZone(ZoneId.systemDefault()));
    return switch (event.kind()) {
      case PLACED -> line(event, time, "plain", placed(event), false);
      case ATTEMPT -> line(event, time, "plain", event.detail(), false);
      case FAULT -> line(event, time, "wait", event.detail(), false);
      case FAILED -> line(event, time, "bad", "Not taken: " + event.detail(), false);
      case STORED -> line(event, time, "good", "The database has it. " + event.cause(), true);
      case ACCEPTED ->
          line(event, time, "wait", "Accepted: on disk in the platform's log, and safe.", true);
      case APPLIED -> line(event, time, "good", "Applied: " + applied(event), true);
      case REFUSED -> line(event, time, "bad", "The database refused it: " + event.cause(), true);
      case RETRIED -> line(event, time, "wait", "Sent to the database again.", true);
      case DISCARDED -> line(event, time, "bad", "Given up by the cafe.", true);
    };
  }

  private static Line line(OrderEvent event, String time, String tone, String text, boolean id) {
    return new Line(event.at().toString(), time, tone, text.strip(), id ? event.id() : "");
  }

  private String placed(OrderEvent event) {
    boolean again =
        events.stream().anyMatch(e -> e.kind() == Kind.PLACED && e.at().isBefore(event.at()));
    return again
        ? "The same form once more: the same order."
        : details.filter(OrderDetails::emulate).isPresent()
            ? "Order received. Every attempt may lose its connection: one in two does."
            : "Order received.";
  }

  private String applied(OrderEvent event) {
    String how = event.cause().isEmpty() ? "the database has it." : "found in the database.";
    return acceptedAt()
        .map(
            start ->
                "%s It waited %s.".formatted(how, Ages.words(Duration.between(start, event.at()))))
        .orElse(how);
  }

  private Optional<Instant> acceptedAt() {
    return events.stream()
        .filter(event -> event.kind() == Kind.ACCEPTED)
        .map(OrderEvent::at)
        .findFirst();
  }
}
