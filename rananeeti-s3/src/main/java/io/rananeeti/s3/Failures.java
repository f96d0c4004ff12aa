package io.rananeeti.s3;

import io.rananeeti.aws.internal.ServiceFailures;
import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTransactionRollbackException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What failures of S3 mean (D5), told apart by whether it <em>answered</em>: throttling, 5xx and
 * time-outs are no answer. Messages carry no more of what S3 says than its code: its words may name
 * accounts, keys and signatures.
 */
final class Failures extends ServiceFailures {

  /** SQLSTATE: this machine's clock is not S3's. */
  static final String CLOCK = "55R14";

  /** SQLSTATE: what S3 received was not what was sent. */
  static final String CHECKSUM = "55R15";

  /** SQLSTATE: an object is not what was put there. */
  static final String TAMPERED = "55R16";

  /** SQLSTATE: the spool has lost content, or it is not what was taken. */
  static final String CONTENT = "55R17";

  /** SQLSTATE: there is no such bucket. */
  static final String NO_BUCKET = "3D000";

  /** SQLSTATE: the condition that nothing is there does not hold. */
  static final String PRESENT = "23505";

  /** SQLSTATE: the condition on the entity tag does not hold. */
  static final String UNMATCHED = "23514";

  private static final Set<String> ENVIRONMENT = Set.of(CLOCK, NO_BUCKET, "42501");

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

  private static final Failures S3 = new Failures();

  private Failures() {
    super(S3Connection.SERVICE, ENVIRONMENT, CREDENTIALS);
  }

  /** What it means. */
  static Failure classify(SQLException failure) {
    return S3.meaning(failure);
  }

  @Override
  protected Failure meaningOf(String state) {
    return switch (state) {
      case CHECKSUM -> Failure.UNCLEAR;
      case SETTLED_OTHERWISE -> Failure.RETRY;
      default -> Failure.REFUSED;
    };
  }

  static StoreException store(SQLException failure) {
    return store(classify(failure), failure);
  }

  /** Of a request of ours. */
  static StoreException own(SQLException failure) {
    return store(S3.ownMeaning(failure), failure);
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
    return S3.failure(step, failure);
  }

  @Override
  protected boolean isThrottled(AwsServiceException answer, String code) {
    return code.equals("SlowDown") || answer.statusCode() == 429;
  }

  @Override
  protected boolean isNoAnswer(AwsServiceException answer, String code) {
    return code.equals("RequestTimeout");
  }

  @Override
  protected String aboutCredentials() {
    return ": look at the access key, its secret and the region";
  }

  @Override
  protected SQLException refused(String step, String code, AwsServiceException answer) {
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
      default -> other(step, code, "bucket");
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

  @Override
  protected String codeOf(AwsServiceException answer) {
    return code(answer);
  }

  /** S3's name for it; an answer to HEAD has none. */
  private static String code(AwsServiceException answer) {
    String code = answer.awsErrorDetails() == null ? null : answer.awsErrorDetails().errorCode();
    return code == null || code.isBlank() ? "HTTP " + answer.statusCode() : code;
  }
}
