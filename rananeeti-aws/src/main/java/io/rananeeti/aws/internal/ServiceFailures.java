package io.rananeeti.aws.internal;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What failures of a service mean (D5), told apart by whether it <em>answered</em>: throttling, 5xx
 * and time-outs are no answer. What its answers mean is each service's own. Stateless, thread-safe.
 */
public abstract class ServiceFailures {

  /** SQLSTATE: the ledger has the transaction already (C1). */
  public static final String SETTLED_OTHERWISE = "55R13";

  /** SQLSTATE: the ledger does not know this log, so this is another history (I3). */
  public static final String ANOTHER_HISTORY = "55R03";

  /** SQLSTATE: the log asks for what it has released, so it is a copy or too old (I2). */
  public static final String STALE_LOG = "55R04";

  /** SQLSTATE: the ledger has a version that this code does not know, or can't be read. */
  public static final String UNKNOWN_VERSION = "55R05";

  private static final Set<String> HISTORY = Set.of(ANOTHER_HISTORY, STALE_LOG, UNKNOWN_VERSION);

  private final String service;
  private final Set<String> environment;
  private final Set<String> credentials;

  /**
   * Of one service.
   *
   * @param environment the SQLSTATEs of its own that speak of the environment
   * @param credentials its codes for credentials that it does not take
   */
  protected ServiceFailures(Service service, Set<String> environment, Set<String> credentials) {
    this.service = service.name();
    this.environment = environment;
    this.credentials = credentials;
  }

  /** What it means. */
  protected final Failure meaning(SQLException failure) {
    String state = failure.getSQLState();
    if (state == null) {
      return Failure.UNCLEAR;
    }
    if (HISTORY.contains(state) || environment.contains(state)) {
      return Failure.ENVIRONMENT;
    }
    return switch (state.length() < 2 ? state : state.substring(0, 2)) {
      case "08", "53" -> Failure.UNREACHABLE;
      case "40" -> Failure.RETRY;
      case "28", "58" -> Failure.ENVIRONMENT;
      case "XX" -> Failure.UNCLEAR;
      default -> meaningOf(state);
    };
  }

  /** What any other SQLSTATE means. */
  protected Failure meaningOf(String state) {
    return Failure.REFUSED;
  }

  /** Of a request of ours: it says nothing about the application's. */
  protected final Failure ownMeaning(SQLException failure) {
    Failure meaning = meaning(failure);
    return meaning == Failure.REFUSED || meaning == Failure.UNCLEAR ? Failure.ENVIRONMENT : meaning;
  }

  /** A failure with its meaning, for the platform. */
  public static StoreException store(Failure meaning, SQLException failure) {
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
  protected final SQLException failure(String step, SdkException failure) {
    if (failure instanceof AwsServiceException answer) {
      return answered(step, answer);
    }
    if (failure instanceof ApiCallTimeoutException
        || failure instanceof ApiCallAttemptTimeoutException) {
      return unreachable("%s: %s did not answer in time".formatted(step, service), failure);
    }
    if (failure instanceof AbortedException) {
      return unreachable(
          "%s: the call was ended, %s is out of reach".formatted(step, service), failure);
    }
    if (String.valueOf(failure.getMessage()).contains("credentials")) {
      return new SQLInvalidAuthorizationSpecException(
          "%s: there are no credentials for %s; see the SDK's default provider chain"
              .formatted(step, service),
          "28000");
    }
    return hasIoException(failure)
        ? unreachable("%s: %s can't be reached".formatted(step, service), failure)
        : new SQLException(step + ": the SDK failed, " + failure.getClass().getName(), "XX000");
  }

  private SQLException answered(String step, AwsServiceException answer) {
    String code = codeOf(answer);
    if (answer.isThrottlingException() || isThrottled(answer, code)) {
      return new SQLTransientConnectionException(
          "%s: %s throttles (%s)".formatted(step, service, code), "53000", answer);
    }
    if (answer.statusCode() >= 500 || isNoAnswer(answer, code)) {
      return unreachable(
          "%s: %s answered %d".formatted(step, service, answer.statusCode()), answer);
    }
    if (credentials.contains(code)) {
      return new SQLInvalidAuthorizationSpecException(
          "%s: %s does not take the credentials (%s)%s"
              .formatted(step, service, code, aboutCredentials()),
          "28000");
    }
    return refused(step, code, answer);
  }

  /** The service's name for what an answer says. */
  protected abstract String codeOf(AwsServiceException answer);

  /** Whether it asks for less, though the SDK does not know that. */
  protected abstract boolean isThrottled(AwsServiceException answer, String code);

  /** Whether it says nothing, though it has another status than 5xx. */
  protected abstract boolean isNoAnswer(AwsServiceException answer, String code);

  /** What to do about credentials that are not taken; empty if there is nothing to say. */
  protected String aboutCredentials() {
    return "";
  }

  /** What the service has decided. */
  protected abstract SQLException refused(String step, String code, AwsServiceException answer);

  /**
   * An answer that has no meaning of its own here.
   *
   * @param what whose key in AWS KMS it may speak of
   */
  protected final SQLException other(String step, String code, String what) {
    return code.startsWith("KMS")
        ? new SQLException(
            "%s: the %s's key in AWS KMS can't be used".formatted(step, what), "58000")
        : new SQLException("%s: %s answered %s".formatted(step, service, code), "XX000");
  }

  private static SQLException unreachable(String what, @Nullable Throwable cause) {
    return new SQLTransientConnectionException(what, "08006", cause);
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
