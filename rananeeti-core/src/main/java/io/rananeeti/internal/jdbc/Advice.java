package io.rananeeti.internal.jdbc;

import io.rananeeti.OutageAudit.Kind;

/** What would work in the place of what could not go on in an outage. */
final class Advice {

  private Advice() {}

  /** By how it could not go on, and why. */
  static String on(Kind kind, String reason) {
    return switch (kind) {
      case NOT_DEFERRED -> "nothing, if that is meant; else rananeeti.defer=true, or deferral=ALL";
      case PROMISE_BREAKS ->
          "one row a statement, found by its key; or rananeeti.update-counts=UNVERIFIED for the transaction";
      case CALL_REFUSED -> "ask before the outage and keep the answer, or do without it";
      case NOT_REPLAYABLE -> onReplay(reason);
      case DETACHED_REFUSED -> onRefusal(reason);
    };
  }

  private static String onReplay(String reason) {
    return reason.contains("has read data")
        ? "read before the transaction, or run it again as a whole on 40001, as inTransaction does"
        : "keep it out of transactions that write, or run them again as a whole on 40001";
  }

  private static String onRefusal(String reason) {
    if (reason.contains("a query needs the store")) {
      return "read outside of the transaction that writes, and be ready to do without the answer";
    }
    if (reason.contains("generated keys") || reason.contains("keys can be promised")) {
      return "INSERT ... VALUES into one table, or a key that the application makes (a UUID)";
    }
    if (reason.contains("set_config")) {
      return "SET or SET LOCAL";
    }
    if (reason.contains("BEGIN with options") || reason.contains("SET TRANSACTION")) {
      return "setTransactionIsolation and setReadOnly before the transaction begins";
    }
    if (reason.contains("log can't keep") || reason.contains("stream")) {
      return "a parameter of a type that the log keeps (docs/jdbc.md)";
    }
    return "a plain INSERT, UPDATE, DELETE or MERGE whose values are literals and parameters";
  }
}
