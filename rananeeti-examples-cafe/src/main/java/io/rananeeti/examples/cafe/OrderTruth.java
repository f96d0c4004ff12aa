package io.rananeeti.examples.cafe;

import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.examples.cafe.OrderEvent.Kind;
import java.util.List;
import java.util.Optional;

/**
 * Corrects the notes about an order by what the platform and the database know: notes are lost in
 * crashes, the truth is not. Thread-safe.
 */
final class OrderTruth {

  private final DataPlatform platform;
  private final OrderLog log;
  private final StoredOrders stored;

  OrderTruth(DataPlatform platform, OrderLog log, StoredOrders stored) {
    this.platform = platform;
    this.log = log;
    this.stored = stored;
  }

  /** The events of an order, with what was missing added to its log. */
  List<OrderEvent> events(String number) {
    List<OrderEvent> events = log.events(number);
    OrderState state = OrderState.after(events);
    if (state.isFinal()) {
      return events;
    }
    return correct(number, state, OrderState.transaction(events)) ? log.events(number) : events;
  }

  private boolean correct(String number, OrderState noted, Optional<String> transaction) {
    if (transaction.isEmpty()) {
      return noteIfStored(number, Kind.STORED, "");
    }
    TransactionId id = TransactionId.parse(transaction.get());
    Outcome outcome = platform.outcome(id);
    return switch (outcome) {
      case APPLIED -> note(number, Kind.APPLIED, id.toString());
      case REFUSED -> noted != OrderState.REFUSED && noteRefusal(number, id);
      case DISCARDED -> note(number, Kind.DISCARDED, id.toString());
      case REPLACED, DUPLICATE, ABORTED, UNKNOWN ->
          noteIfStored(number, Kind.APPLIED, id.toString());
      case ACCEPTED, IN_DOUBT -> false;
    };
  }

  private boolean noteRefusal(String number, TransactionId id) {
    Optional<DeadLetter> letter = platform.deadLetters().get(id);
    letter.ifPresent(refused -> note(number, Kind.REFUSED, refusal(refused)));
    return letter.isPresent();
  }

  private boolean noteIfStored(String number, Kind kind, String id) {
    return stored.holds(number) && note(number, kind, id + " Found in the database.");
  }

  private boolean note(String number, Kind kind, String detail) {
    log.note(number, kind, detail);
    return true;
  }

  /** The detail of a refusal: the transaction's id, then the cause. */
  static String refusal(DeadLetter letter) {
    return "%s %s (SQLSTATE %s)".formatted(letter.id(), letter.reason(), letter.sqlState());
  }
}
