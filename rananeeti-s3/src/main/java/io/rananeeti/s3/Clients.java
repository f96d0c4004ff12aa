package io.rananeeti.s3;

import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Makes the SDK's clients, so that they never wait or try again on their own account for long. */
final class Clients {

  /** The platform tries again itself; one repetition hides a connection that was closed idle. */
  private static final int ATTEMPTS = 2;

  private static final Duration LEAST_BACK_OFF = Duration.ofMillis(10);
  private static final Duration MOST_BACK_OFF = Duration.ofMillis(100);

  /** How long S3 may be silent within a transfer; calls have their own, shorter time-outs. */
  private static final Duration SILENCE = Duration.ofMinutes(1);

  private Clients() {}

  static Bucket open(S3Store.Settings settings) {
    InFlight http =
        new InFlight(
            UrlConnectionHttpClient.builder()
                .connectionTimeout(settings.callTimeout().dividedBy(2))
                .socketTimeout(SILENCE)
                .build());
    ServerClock clock = new ServerClock(settings.clock());
    return new Bucket(
        settings,
        client(settings, http, clock, retries()),
        client(settings, http, clock, AwsRetryStrategy.doNotRetry()),
        http,
        clock);
  }

  private static S3Client client(
      S3Store.Settings settings, InFlight http, ServerClock clock, RetryStrategy retries) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClient(http)
            .putAuthScheme(new ExpiringSigner(settings.clock()).scheme())
            .serviceConfiguration(
                S3Configuration.builder()
                    .pathStyleAccessEnabled(settings.endpoint() != null)
                    .chunkedEncodingEnabled(false)
                    .build())
            // Checksums are computed here, once, and also kept in the object's metadata.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(
                ClientOverrideConfiguration.builder()
                    .apiCallTimeout(settings.callTimeout())
                    .apiCallAttemptTimeout(settings.callTimeout().dividedBy(2))
                    .retryStrategy(retries)
                    .addExecutionInterceptor(clock)
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
    return builder.build();
  }

  /** Signs URLs; asks nobody. */
  static S3Presigner presigner(S3Store.Settings settings) {
    S3Presigner.Builder builder =
        S3Presigner.builder()
            .serviceConfiguration(
                S3Configuration.builder()
                    .pathStyleAccessEnabled(settings.endpoint() != null)
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
    return builder.build();
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
