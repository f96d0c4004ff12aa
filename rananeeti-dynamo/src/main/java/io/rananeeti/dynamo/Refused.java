package io.rananeeti.dynamo;

import io.rananeeti.dynamo.Request.Cancelled;
import io.rananeeti.dynamo.Request.Reason;
import io.rananeeti.dynamo.Request.Role;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what a cancelled transaction's reasons mean for the application. Stateless. */
final class Refused {

  private Refused() {}

  /** Another transaction was at work with the same items; null if none was. */
  static @Nullable SQLException conflict(Cancelled cancelled) {
    String code = cancelled.code("TransactionConflict", "TransactionInProgress", "Replicated");
    return code.isEmpty()
        ? null
        : new SQLTransactionRollbackException(
            "nothing was committed, another transaction writes the same items (" + code + ")",
            "40001");
  }

  /** It did not get to do it; null if it did. */
  static @Nullable SQLException throttled(Cancelled cancelled) {
    String code = cancelled.code("ProvisionedThroughput", "Throttling", "RequestLimit", "Internal");
    return code.isEmpty()
        ? null
        : new SQLTransientConnectionException("DynamoDB throttles (" + code + ")", "53000");
  }

  /** What was wrong with the application's writes. */
  static SQLException operation(Cancelled cancelled) {
    List<Reason> reasons = cancelled.of(Role.OPERATION);
    if (reasons.isEmpty()) {
      return new SQLException(
          "DynamoDB has cancelled the transaction and gives no reason", "XX000");
    }
    Reason first = reasons.get(0);
    Action action = first.part().action();
    String what = action == null ? "a write" : "a write of table " + action.table();
    if (first.isUnmet() && action != null) {
      String words = what + ": " + action.unmet().words;
      String state = action.unmet().sqlState;
      return state.startsWith("23")
          ? new SQLIntegrityConstraintViolationException(words, state)
          : new SQLException(words, state);
    }
    String said = Failures.words(first.reason().message());
    return switch (first.code()) {
      case "DuplicateItem" ->
          new SQLIntegrityConstraintViolationException(
              what + ": " + Action.Unmet.DUPLICATE.words, Action.Unmet.DUPLICATE.sqlState);
      case "ItemCollectionSizeLimitExceeded" ->
          new SQLException(what + ": the items with its partition key exceed 10 GB", "54000");
      case "AccessDenied" -> new SQLSyntaxErrorException(what + ": access is denied", "42501");
      case "ValidationError" -> new SQLSyntaxErrorException(what + ": " + said, "22023");
      default -> new SQLException(what + ": DynamoDB answered " + first.code(), "XX000");
    };
  }
}
