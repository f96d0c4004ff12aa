package io.rananeeti.examples.cafe;

import io.rananeeti.Receipt;
import io.rananeeti.examples.cafe.OrderEvent.Kind;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Takes orders, and notes for the guest what the application's own code met. Thread-safe. */
final class OrderDesk {

  private final OrderBook book;
  private final OrderLog log;
  private final AcceptedOrders accepted;
  private final Emulation emulation;
  private final Clock clock;
  private final LongAdder storedAtOnce = new LongAdder();

  OrderDesk(
      OrderBook book, OrderLog log, AcceptedOrders accepted, Emulation emulation, Clock clock) {
    this.book = book;
    this.log = log;
    this.accepted = accepted;
    this.emulation = emulation;
    this.clock = clock;
  }

  /** How many orders the database took without a detour since the start. */
  long storedAtOnce() {
    return storedAtOnce.sum();
  }

  /** Whether failures can be emulated. */
  boolean canEmulate() {
    return emulation.isPossible();
  }

  /**
   * Takes an order.
   *
   * @throws SQLException if it could not be taken; the same form can be sent again safely
   */
  void take(Order order) throws SQLException {
    log.note(order.number(), Kind.PLACED, OrderDetails.of(order).text());
    AtomicInteger attempt = new AtomicInteger(1);
    noteAttempt(order, attempt.get());
    Instant start = clock.instant();
    Emulation.Rule rule = emulate(order, attempt);
    try {
      Receipt receipt = book.place(order);
      noteReceipt(order, attempt.get(), receipt, Duration.between(start, clock.instant()));
    } catch (SQLException e) {
      log.note(order.number(), Kind.FAILED, sentence(e));
      throw e;
    } finally {
      rule.close();
    }
  }

  private Emulation.Rule emulate(Order order, AtomicInteger attempt) {
    if (!order.emulate() || !emulation.isPossible()) {
      return () -> {};
    }
    return emulation.start(
        order,
        () -> {
          int broken = attempt.getAndIncrement();
          log.note(order.number(), Kind.FAULT, "Attempt " + broken + ": the connection was reset.");
          noteAttempt(order, broken + 1);
        });
  }

  private void noteAttempt(Order order, int attempt) {
    log.note(order.number(), Kind.ATTEMPT, "Attempt " + attempt + ": to the database.");
  }

  private void noteReceipt(Order order, int attempt, Receipt receipt, Duration took) {
    String id = receipt.id().toString();
    if (receipt.status() == Receipt.Status.APPLIED) {
      storedAtOnce.increment();
      log.note(
          order.number(),
          Kind.STORED,
          "%s Attempt %d: done in %d ms.".formatted(id, attempt, took.toMillis()));
      return;
    }
    log.note(
        order.number(),
        Kind.FAULT,
        "Attempt %d: %s can't take it now, handed over after %d ms."
            .formatted(attempt, away(receipt), took.toMillis()));
    log.note(order.number(), Kind.ACCEPTED, id);
    accepted.add(receipt.id(), order.number());
  }

  /** The first of the stores that has not got its part. */
  private static String away(Receipt receipt) {
    boolean isReceipts = receipt.stores().get(Receipts.STORE) == Receipt.Status.ACCEPTED;
    return isReceipts ? "S3 or the database" : "the database";
  }

  private static String sentence(SQLException e) {
    return "%s (SQLSTATE %s)".formatted(e.getMessage(), e.getSQLState());
  }
}
