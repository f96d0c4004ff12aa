package io.rananeeti.dynamo;

import io.rananeeti.aws.internal.ServiceFailures;
import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTransactionRollbackException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What failures of DynamoDB mean (D5), told apart by whether it <em>answered</em>: throttling, 5xx
 * and time-outs are no answer. Messages never carry what DynamoDB says of values.
 */
final class Failures extends ServiceFailures {

  /** SQLSTATE: the ledger's table is missing, or is none of ours. */
  static final String NO_LEDGER = "55R12";

  /** SQLSTATE: the intent key has a holder (S6). */
  static final String INTENT_TAKEN = "55R14";

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

  private static final Failures DYNAMO = new Failures();

  private Failures() {
    super(DynamoConnection.SERVICE, Set.of(NO_LEDGER), CREDENTIALS);
  }

  /** What it means. */
  static Failure classify(SQLException failure) {
    return DYNAMO.meaning(failure);
  }

  /** Of a request of ours. */
  static StoreException own(SQLException failure) {
    return store(DYNAMO.ownMeaning(failure), failure);
  }

  static StoreException store(SQLException failure) {
    return store(classify(failure), failure);
  }

  /**
   * A failure of a request.
   *
   * @param step what was being done
   */
  static SQLException of(String step, SdkException failure) {
    return DYNAMO.failure(step, failure);
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

  @Override
  protected boolean isThrottled(AwsServiceException answer, String code) {
    return code.startsWith("ProvisionedThroughputExceeded")
        || code.startsWith("Throttling")
        || code.startsWith("RequestLimitExceeded")
        || code.startsWith("LimitExceeded");
  }

  /** An answer without a reason was cut short, or is that of somebody in between. */
  @Override
  protected boolean isNoAnswer(AwsServiceException answer, String code) {
    return answer.awsErrorDetails() != null && answer.awsErrorDetails().errorCode() == null;
  }

  @Override
  protected String codeOf(AwsServiceException answer) {
    return answer.awsErrorDetails() == null
        ? "HTTP " + answer.statusCode()
        : String.valueOf(answer.awsErrorDetails().errorCode());
  }

  @Override
  protected SQLException refused(String step, String code, AwsServiceException answer) {
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

  private SQLException refused(String step, String code, String message) {
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
      default -> other(step, code, "table");
    };
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
}
