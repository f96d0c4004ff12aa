package io.rananeeti.dynamo;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What failures of DynamoDB mean (D5), told apart by whether it <em>answered</em>: throttling, 5xx
 * and time-outs are no answer. Messages never carry what DynamoDB says of values.
 */
final class Failures {

  /** SQLSTATE: the ledger's table is missing, or is none of ours. */
  static final String NO_LEDGER = "55R12";

  /** SQLSTATE: the ledger has the transaction already (C1). */
  static final String SETTLED_OTHERWISE = "55R13";

  /** SQLSTATE: the intent key has a holder (S6). */
  static final String INTENT_TAKEN = "55R14";

  /** SQLSTATE: the ledger does not know this log, so this is another history (I3). */
  static final String ANOTHER_HISTORY = "55R03";

  /** SQLSTATE: the log asks for what it has released, so it is a copy or too old (I2). */
  static final String STALE_LOG = "55R04";

  /** SQLSTATE: the ledger has a version that this code does not know. */
  static final String UNKNOWN_VERSION = "55R05";

  private static final Set<String> CREDENTIALS =
      Set.of(
          "UnrecognizedClientException",
          "InvalidSignatureException",
          "IncompleteSignatureException",
          "IncompleteSignature",
          "MissingAuthenticationTokenException",
          "MissingAuthenticationToken",
          "ExpiredTokenException",
          "ExpiredToken",
          "InvalidClientTokenId",
          "SignatureDoesNotMatch");

  private static final Set<String> CONFLICTS =
      Set.of(
          "TransactionConflictException",
          "TransactionInProgressException",
          "ReplicatedWriteConflictException",
          "ResourceInUseException");

  private static final Set<String> ENVIRONMENT =
      Set.of(NO_LEDGER, ANOTHER_HISTORY, STALE_LOG, UNKNOWN_VERSION);

  /** Beginnings of messages that speak of names and rules, not of values. */
  private static final List<String> ABOUT_NAMES =
      List.of(
          "One or more parameter values were invalid",
          "The provided key element",
          "The provided expression refers",
          "Transaction request cannot include",
          "Invalid UpdateExpression",
          "Invalid ConditionExpression",
          "Invalid KeyConditionExpression",
          "Invalid FilterExpression",
          "An operand in the update expression",
          "ExpressionAttribute",
          "Value provided in ExpressionAttribute",
          "Item size",
          "Statement wasn't well formed",
          "Number of parameters",
          "Consistent reads are not supported",
          "Query condition missed key schema",
          "Unexpected");

  private Failures() {}

  /** What it means. */
  static Failure classify(SQLException failure) {
    String state = failure.getSQLState();
    if (state == null) {
      return Failure.UNCLEAR;
    }
    if (ENVIRONMENT.contains(state)) {
      return Failure.ENVIRONMENT;
    }
    return switch (state.length() < 2 ? state : state.substring(0, 2)) {
      case "08", "53" -> Failure.UNREACHABLE;
      case "40" -> Failure.RETRY;
      case "28", "58" -> Failure.ENVIRONMENT;
      case "XX" -> Failure.UNCLEAR;
      default -> Failure.REFUSED;
    };
  }

  /** Of a request of ours: it says nothing about the application's. */
  static Failure classifyOwn(SQLException failure) {
    Failure meaning = classify(failure);
    return meaning == Failure.REFUSED || meaning == Failure.UNCLEAR ? Failure.ENVIRONMENT : meaning;
  }

  static StoreException store(Failure meaning, SQLException failure) {
    return new StoreException(
        meaning,
        String.valueOf(failure.getSQLState()),
        String.valueOf(failure.getMessage()),
        meaning == Failure.UNREACHABLE ? failure : null);
  }

  /**
   * A failure of a request.
   *
   * @param step what was being done
   */
  static SQLException of(String step, SdkException failure) {
    if (failure instanceof AwsServiceException answer) {
      return answered(step, answer);
    }
    if (failure instanceof ApiCallTimeoutException
        || failure instanceof ApiCallAttemptTimeoutException) {
      return unreachable(step + ": DynamoDB did not answer in time", failure);
    }
    if (failure instanceof AbortedException) {
      return unreachable(step + ": the call was ended, DynamoDB is out of reach", failure);
    }
    String message = String.valueOf(failure.getMessage());
    if (message.contains("credentials")) {
      return new SQLInvalidAuthorizationSpecException(
          step + ": there are no credentials for DynamoDB; see the SDK's default provider chain",
          "28000");
    }
    return hasIoException(failure)
        ? unreachable(step + ": DynamoDB can't be reached", failure)
        : new SQLException(step + ": the SDK failed, " + failure.getClass().getName(), "XX000");
  }

  /** The same failure, with the statement that met it; without its literals. */
  static SQLException in(String text, SQLException failure) {
    if (classify(failure) != Failure.REFUSED) {
      return failure;
    }
    String message = failure.getMessage() + ", in: " + PartiqlLexer.masked(text);
    String state = failure.getSQLState();
    return state.startsWith("42")
        ? new SQLSyntaxErrorException(message, state)
        : new SQLException(message, state);
  }

  private static SQLException unreachable(String what, @Nullable Throwable cause) {
    return new SQLTransientConnectionException(what, "08006", cause);
  }

  private static SQLException answered(String step, AwsServiceException answer) {
    String code = code(answer);
    if (answer.isThrottlingException() || isThrottling(code)) {
      return new SQLTransientConnectionException(
          step + ": DynamoDB throttles (" + code + ")", "53000", answer);
    }
    if (answer.statusCode() >= 500 || isCutShort(answer)) {
      return unreachable("%s: DynamoDB answered %d".formatted(step, answer.statusCode()), answer);
    }
    if (CREDENTIALS.contains(code)) {
      return new SQLInvalidAuthorizationSpecException(
          "%s: DynamoDB does not take the credentials (%s)".formatted(step, code), "28000");
    }
    if (CONFLICTS.contains(code)) {
      return new SQLTransactionRollbackException(
          "%s: another transaction is under way with the same items (%s)".formatted(step, code),
          "40001");
    }
    return refused(
        step,
        code,
        String.valueOf(
            answer.awsErrorDetails() == null ? "" : answer.awsErrorDetails().errorMessage()));
  }

  private static SQLException refused(String step, String code, String message) {
    return switch (code) {
      case "ResourceNotFoundException" ->
          new SQLSyntaxErrorException(step + ": there is no such table or index", "42P01");
      case "AccessDeniedException", "AccessDenied" ->
          new SQLSyntaxErrorException(step + ": access is denied: " + resource(message), "42501");
      case "ConditionalCheckFailedException" ->
          new SQLException(step + ": " + Action.Unmet.CONDITION.words, "23514");
      case "ItemCollectionSizeLimitExceededException" ->
          new SQLException(step + ": the items with this partition key exceed 10 GB", "54000");
      case "ValidationException", "SerializationException" ->
          new SQLSyntaxErrorException("%s: %s".formatted(step, words(message)), "22023");
      default ->
          code.startsWith("KMS")
              ? new SQLException(step + ": the table's key in AWS KMS can't be used", "58000")
              : new SQLException("%s: DynamoDB answered %s".formatted(step, code), "XX000");
    };
  }

  /** An answer without a reason was cut short, or is that of somebody in between. */
  private static boolean isCutShort(AwsServiceException answer) {
    return answer.awsErrorDetails() != null && answer.awsErrorDetails().errorCode() == null;
  }

  static String code(AwsServiceException answer) {
    return answer.awsErrorDetails() == null
        ? "HTTP " + answer.statusCode()
        : String.valueOf(answer.awsErrorDetails().errorCode());
  }

  static boolean isThrottling(String code) {
    return code.startsWith("ProvisionedThroughputExceeded")
        || code.startsWith("Throttling")
        || code.startsWith("RequestLimitExceeded")
        || code.startsWith("LimitExceeded");
  }

  /** What DynamoDB says of a request that it takes for wrong, without values. */
  static String words(@Nullable String message) {
    String said = message == null ? "" : message;
    return ABOUT_NAMES.stream().anyMatch(said::startsWith)
        ? said.replaceAll("(?s)\\[.*\\]", "[...]").replaceAll("(?s)(?<=converted to).*", " ...")
        : "DynamoDB takes the request for wrong, in words that may hold values";
  }

  /** What is denied on which table; the rest names accounts and roles. */
  private static String resource(String message) {
    int action = message.indexOf("dynamodb:");
    int table = message.indexOf("table/");
    String what = action < 0 ? "" : word(message, action);
    String where = table < 0 ? "" : word(message, table);
    return (what + " on " + where).strip();
  }

  private static String word(String text, int from) {
    int end = from;
    while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    return text.substring(from, end);
  }

  private static boolean hasIoException(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof IOException) {
        return true;
      }
    }
    return false;
  }
}
