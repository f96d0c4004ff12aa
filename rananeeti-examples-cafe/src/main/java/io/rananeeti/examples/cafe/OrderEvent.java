package io.rananeeti.examples.cafe;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * One thing that happened to an order.
 *
 * @param at when, by this machine's clock
 * @param kind what
 * @param detail a transaction's id for the kinds that name one, followed by a blank and a cause
 *     where there is one; a sentence for the others
 */
record OrderEvent(Instant at, Kind kind, String detail) {

  /** The part of the system that has something to say about an order. */
  enum Part {
    /** The application's own code, and what it met. */
    APP_CODE,
    /** What takes transactions over that the database can't take. */
    BACKEND_CODE,
    /** What applies them once the database is back. */
    TRANSACTIONS_QUEUE_CODE
  }

  /** What can happen to an order. The names stand in files. */
  enum Kind {
    /** The form has come. */
    PLACED(Part.APP_CODE),
    /** The platform was asked to run the transaction. */
    ATTEMPT(Part.APP_CODE),
    /** An attempt met a failure. */
    FAULT(Part.APP_CODE),
    /** The database has it, without a detour. */
    STORED(Part.APP_CODE),
    /** The client got an error. */
    FAILED(Part.APP_CODE),
    /** It is on disk in the log. */
    ACCEPTED(Part.BACKEND_CODE),
    /** The database has it, from the log. */
    APPLIED(Part.TRANSACTIONS_QUEUE_CODE),
    /** The database refused it. */
    REFUSED(Part.TRANSACTIONS_QUEUE_CODE),
    /** The refused one was accepted again, under a new id. */
    RETRIED(Part.TRANSACTIONS_QUEUE_CODE),
    /** The refused one was given up. */
    DISCARDED(Part.TRANSACTIONS_QUEUE_CODE);

    private final Part part;

    Kind(Part part) {
      this.part = part;
    }

    /** Who says it. */
    Part part() {
      return part;
    }
  }

  /** The first word of the detail: the transaction's id, for the kinds that name one. */
  String id() {
    int blank = detail.indexOf(' ');
    return blank < 0 ? detail : detail.substring(0, blank);
  }

  /** What follows the first word of the detail. */
  String cause() {
    int blank = detail.indexOf(' ');
    return blank < 0 ? "" : detail.substring(blank + 1);
  }

  /** One line, without its end. */
  String line() {
    return at + " " + kind + " " + Lines.escape(detail);
  }

  /** Reads what {@link #line()} wrote; empty for a line that a crash has cut. */
  static Optional<OrderEvent> parse(String line) {
    String[] words = line.split(" ", 3);
    if (words.length < 3) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new OrderEvent(
              Instant.parse(words[0]), Kind.valueOf(words[1]), Lines.unescape(words[2])));
    } catch (DateTimeException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
