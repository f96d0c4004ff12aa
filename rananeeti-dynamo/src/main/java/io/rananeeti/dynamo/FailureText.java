package io.rananeeti.dynamo;

import java.io.IOException;
import java.io.InterruptedIOException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** What a failure of the SDK's means, for a person who has not seen DynamoDB before. */
final class FailureText {

  private FailureText() {}

  /**
   * The same as an {@link IOException}. After an interrupt of the thread, that is set again.
   *
   * @param of what was called, for the text
   */
  static IOException of(SdkException failure, String of) {
    if (failure instanceof AbortedException) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while DynamoDB was asked: " + of);
      interrupted.initCause(failure);
      return interrupted;
    }
    return new IOException("%s: %s".formatted(said(failure), of), failure);
  }

  private static String said(SdkException failure) {
    if (failure instanceof AwsServiceException answered) {
      return answered(answered);
    }
    if (failure instanceof ApiCallTimeoutException
        || failure instanceof ApiCallAttemptTimeoutException) {
      return "DynamoDB did not answer in time";
    }
    String text = String.valueOf(failure.getMessage());
    if (text.contains("credentials")) {
      return "no credentials for DynamoDB were found; give the process a role, or set them as for any AWS client ("
          + firstLine(text)
          + ")";
    }
    return "DynamoDB can't be reached (" + root(failure) + ")";
  }

  private static String answered(AwsServiceException failure) {
    String code = code(failure);
    if (failure.isThrottlingException()) {
      return "DynamoDB throttles (" + code + "); it takes less than is sent";
    }
    return switch (code) {
      case "AccessDeniedException" ->
          "DynamoDB refuses these credentials; docs/shared-log.md lists what they must be allowed ("
              + message(failure)
              + ")";
      case "ExpiredTokenException",
          "UnrecognizedClientException",
          "InvalidSignatureException",
          "IncompleteSignatureException",
          "MissingAuthenticationTokenException" ->
          "DynamoDB does not know these credentials (%s); look at them, and at the clock of this machine"
              .formatted(code);
      case "ResourceNotFoundException" ->
          "DynamoDB has no such table in this region and account, or not yet";
      default -> "DynamoDB answered with an error (%s: %s)".formatted(code, message(failure));
    };
  }

  /** The service's name for it. */
  static String code(AwsServiceException failure) {
    return failure.awsErrorDetails() == null
        ? failure.getClass().getSimpleName()
        : String.valueOf(failure.awsErrorDetails().errorCode());
  }

  private static String message(AwsServiceException failure) {
    return failure.awsErrorDetails() == null
        ? "status " + failure.statusCode()
        : firstLine(String.valueOf(failure.awsErrorDetails().errorMessage()));
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static String root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + firstLine(String.valueOf(root.getMessage()));
  }
}
