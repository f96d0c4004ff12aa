package io.rananeeti.examples.cafe;

import io.rananeeti.dynamo.DynamoLogStorage;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/**
 * Where the nodes of the cafe share their logs. What can be known to be missing is said before the
 * cafe opens; whether DynamoDB is there, no more than whether the database is: it may be down.
 */
final class SharedLog {

  /** A DynamoDB on this machine asks for some region and some credentials, and takes any. */
  private static final String LOCAL_REGION = "us-east-1";

  private static final AwsCredentialsProvider LOCAL_CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("cafe", "cafe"));

  private SharedLog() {}

  /**
   * Describes the storage, which need not be reachable yet.
   *
   * @throws CafeException if a region or credentials are missing
   */
  static DynamoLogStorage open(SharedLogSettings settings) {
    boolean isLocal = isLocal(settings.endpoint());
    DynamoLogStorage.Builder storage =
        DynamoLogStorage.builder()
            .table(settings.table())
            .region(region(settings, isLocal))
            .credentials(credentials(isLocal));
    if (settings.endpoint() != null) {
      storage.endpoint(settings.endpoint());
    }
    return storage.build();
  }

  private static String region(SharedLogSettings settings, boolean isLocal) {
    if (settings.region() != null) {
      return settings.region();
    }
    try {
      return DefaultAwsRegionProviderChain.builder().build().getRegion().id();
    } catch (SdkClientException e) {
      if (isLocal) {
        return LOCAL_REGION;
      }
      throw missing("no region is set: name one with --region, or in AWS_REGION", e);
    }
  }

  private static AwsCredentialsProvider credentials(boolean isLocal) {
    AwsCredentialsProvider found = DefaultCredentialsProvider.builder().build();
    try {
      found.resolveCredentials();
      return found;
    } catch (SdkClientException e) {
      if (isLocal) {
        return LOCAL_CREDENTIALS;
      }
      throw missing(
          "there are no credentials of AWS: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", e);
    }
  }

  private static CafeException missing(String what, SdkClientException cause) {
    return new CafeException(
        "The cafe can't share its log, %s; or name a DynamoDB on this machine with --dynamodb-endpoint."
            .formatted(what),
        cause);
  }

  private static boolean isLocal(@Nullable URI endpoint) {
    try {
      return endpoint != null && InetAddress.getByName(endpoint.getHost()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
