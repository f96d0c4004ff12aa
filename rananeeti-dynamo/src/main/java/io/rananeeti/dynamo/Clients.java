package io.rananeeti.dynamo;

import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;

/** Makes the SDK's client, so that it never waits or tries again on its own account for long. */
final class Clients {

  /** The platform tries again itself; one repetition hides a connection that was closed idle. */
  private static final int ATTEMPTS = 2;

  private static final Duration LEAST_BACK_OFF = Duration.ofMillis(10);
  private static final Duration MOST_BACK_OFF = Duration.ofMillis(100);

  private Clients() {}

  static Database open(DynamoStore.Settings settings) {
    Duration attempt = settings.callTimeout().dividedBy(2);
    InFlight http =
        new InFlight(
            UrlConnectionHttpClient.builder()
                .connectionTimeout(attempt)
                .socketTimeout(settings.callTimeout())
                .build());
    DynamoDbClientBuilder builder =
        DynamoDbClient.builder()
            .httpClient(http)
            .overrideConfiguration(
                ClientOverrideConfiguration.builder()
                    .apiCallTimeout(settings.callTimeout())
                    .apiCallAttemptTimeout(attempt)
                    .retryStrategy(retries())
                    .build());
    if (settings.region() != null) {
      builder.region(settings.region());
    }
    if (settings.endpoint() != null) {
      builder.endpointOverride(settings.endpoint());
    }
    if (settings.credentials() != null) {
      builder.credentialsProvider(settings.credentials());
    }
    return new Database(builder.build(), http);
  }

  private static RetryStrategy retries() {
    BackoffStrategy backOff = BackoffStrategy.exponentialDelay(LEAST_BACK_OFF, MOST_BACK_OFF);
    return AwsRetryStrategy.standardRetryStrategy().toBuilder()
        .maxAttempts(ATTEMPTS)
        .backoffStrategy(backOff)
        .throttlingBackoffStrategy(backOff)
        .build();
  }
}
