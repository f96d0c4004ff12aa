package io.rananeeti.s3;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What failures of S3 mean (D5), told apart by whether it <em>answered</em>: throttling, 5xx and
 * time-outs are no answer. Messages carry no more of what S3 says than its code: its words may name
 * accounts, keys and signatures.
 */
final class Failures {

  /** SQLSTATE: the ledger has the transaction already (C1). */
  static final String SETTLED_OTHERWISE = "55R13";

  /** SQLSTATE: this machine's clock is not S3's. */
  static final String CLOCK = "55R14";

  /** SQLSTATE: what S3 received was not what was sent. */
  static final String CHECKSUM = "55R15";

  /** SQLSTATE: an object is not what was put there. */
  static final String TAMPERED = "55R16";

  /** SQLSTATE: the spool has lost content, or it is not what was taken. */
  static final String CONTENT = "55R17";

  /** SQLSTATE: the ledger does not know this log, so this is another history (I3). */
  static final String ANOTHER_HISTORY = "55R03";

  /** SQLSTATE: the log asks for what it has released, so it is a copy or too old (I2). */
  static final String STALE_LOG = "55R04";

  /** SQLSTATE: the ledger has a version that this code does not know, or can't be read. */
  static final String UNKNOWN_VERSION = "55R05";

  /** SQLSTATE: there is no such bucket. */
  static final String NO_BUCKET = "3D000";

  /** SQLSTATE: the condition that nothing is there does not hold. */
  static final String PRESENT = "23505";

  /** SQLSTATE: the condition on the entity tag does not hold. */
  static final String UNMATCHED = "23514";

  private static final Set<String> ENVIRONMENT =
      Set.of(CLOCK, ANOTHER_HISTORY, STALE_LOG, UNKNOWN_VERSION, NO_BUCKET, "42501");

  private static final Set<String> CREDENTIALS =
      Set.of(
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "ExpiredToken",
          "InvalidToken",
          "TokenRefreshRequired",
          "AuthorizationHeaderMalformed",
          "InvalidSecurity",
          "NotSignedUp",
          "AccountProblem");

  private static final Set<String> CHECKSUMS =
      Set.of("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "IncompleteBody");

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
      default ->
          switch (state) {
            case CHECKSUM -> Failure.UNCLEAR;
            case SETTLED_OTHERWISE -> Failure.RETRY;
            default -> Failure.REFUSED;
          };
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

  static StoreException store(SQLException failure) {
    return store(classify(failure), failure);
  }

  static StoreException own(SQLException failure) {
    return store(classifyOwn(failure), failure);
  }

  /** To be asked again: somebody else is at work with the same transaction. */
  static SQLException again(String why) {
    return new SQLTransactionRollbackException(why, "40001");
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
      return unreachable(step + ": S3 did not answer in time", failure);
    }
    if (failure instanceof AbortedException) {
      return unreachable(step + ": the call was ended, S3 is out of reach", failure);
    }
    if (String.valueOf(failure.getMessage()).contains("credentials")) {
      return new SQLInvalidAuthorizationSpecException(
          step + ": there are no credentials for S3; see the SDK's default provider chain",
          "28000");
    }
    return hasIoException(failure)
        ? unreachable(step + ": S3 can't be reached", failure)
        : new SQLException(step + ": the SDK failed, " + failure.getClass().getName(), "XX000");
  }

  private static SQLException unreachable(String what, @Nullable Throwable cause) {
    return new SQLTransientConnectionException(what, "08006", cause);
  }

  private static SQLException answered(String step, AwsServiceException answer) {
    String code = code(answer);
    if (answer.isThrottlingException() || code.equals("SlowDown") || answer.statusCode() == 429) {
      return new SQLTransientConnectionException(
          "%s: S3 throttles (%s)".formatted(step, code), "53000", answer);
    }
    if (answer.statusCode() >= 500 || code.equals("RequestTimeout")) {
      return unreachable("%s: S3 answered %d".formatted(step, answer.statusCode()), answer);
    }
    if (CREDENTIALS.contains(code)) {
      return new SQLInvalidAuthorizationSpecException(
          "%s: S3 does not take the credentials (%s): look at the access key, its secret and the region"
              .formatted(step, code),
          "28000");
    }
    return refused(step, code, answer);
  }

  private static SQLException refused(String step, String code, AwsServiceException answer) {
    if (CHECKSUMS.contains(code)) {
      return new SQLException(
          "%s: what S3 received is not what was sent (%s): something between changes what passes"
              .formatted(step, code),
          CHECKSUM);
    }
    if (isExpired(answer)) {
      return again(step + ": S3 refuses a request that arrived after its time");
    }
    return switch (code) {
      case "NoSuchBucket" ->
          new SQLException(
              step + ": there is no such bucket: create it, or name another one", NO_BUCKET);
      case "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture" ->
          new SQLException(
              "%s: the clock of this machine is not S3's (%s): set it, by NTP for instance"
                  .formatted(step, code),
              CLOCK);
      case "AccessDenied", "AllAccessDisabled", "Forbidden", "HTTP 403" ->
          new SQLSyntaxErrorException(
              step + ": access is denied: see what the credentials must be allowed, docs/s3.md",
              "42501");
      case "PreconditionFailed" ->
          new SQLException(step + ": its condition does not hold", UNMATCHED);
      case "NoSuchKey" -> new SQLException(step + ": there is no such object", UNMATCHED);
      case "ConditionalRequestConflict", "OperationAborted" ->
          again(step + ": another request is under way with the same object");
      default ->
          code.startsWith("KMS")
              ? new SQLException(step + ": the bucket's key in AWS KMS can't be used", "58000")
              : new SQLException("%s: S3 answered %s".formatted(step, code), "XX000");
    };
  }

  /** A request of a fence came too late: S3 has no code of its own for that. */
  static boolean isExpired(AwsServiceException answer) {
    return answer.statusCode() == 403
        && code(answer).equals("AccessDenied")
        && answer.awsErrorDetails() != null
        && String.valueOf(answer.awsErrorDetails().errorMessage()).contains("has expired");
  }

  static boolean isUnmet(SdkException failure) {
    return failure instanceof AwsServiceException answer
        && (answer.statusCode() == 412 || code(answer).equals("NoSuchKey"));
  }

  /** The upload is completed, perhaps by an earlier attempt, or it was removed. */
  static boolean isUploaded(SdkException failure) {
    return failure instanceof AwsServiceException answer && code(answer).equals("NoSuchUpload");
  }

  static boolean isMissing(SdkException failure) {
    return failure instanceof AwsServiceException answer
        && answer.statusCode() == 404
        && !code(answer).equals("NoSuchBucket");
  }

  /** S3's name for it; an answer to HEAD has none. */
  static String code(AwsServiceException answer) {
    String code = answer.awsErrorDetails() == null ? null : answer.awsErrorDetails().errorCode();
    return code == null || code.isBlank() ? "HTTP " + answer.statusCode() : code;
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
