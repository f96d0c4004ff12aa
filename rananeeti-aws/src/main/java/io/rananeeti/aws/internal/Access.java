package io.rananeeti.aws.internal;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;

/**
 * How a service is reached: by clients of the SDK that never wait or try again on their own account
 * for long.
 *
 * @param region null for what the SDK finds
 * @param endpoint null for the region's own
 * @param credentials null for the SDK's default provider chain
 * @param callTimeout how long one call may take, with its repetition
 */
public record Access(
    @Nullable Region region,
    @Nullable URI endpoint,
    @Nullable AwsCredentialsProvider credentials,
    Duration callTimeout) {

  /** The platform tries again itself; one repetition hides a connection that was closed idle. */
  private static final int ATTEMPTS = 2;

  private static final Duration LEAST_BACK_OFF = Duration.ofMillis(10);
  private static final Duration MOST_BACK_OFF = Duration.ofMillis(100);
  private static final Duration SHORTEST = Duration.ofMillis(50);

  /**
   * The HTTP client of these clients.
   *
   * @param silence how long the service may say nothing within an answer
   */
  public InFlight http(Duration silence) {
    return new InFlight(
        UrlConnectionHttpClient.builder()
            .connectionTimeout(attemptTimeout())
            .socketTimeout(silence)
            .build());
  }

  /** Tells a builder of the SDK's what was said; what was not, the SDK finds. */
  public void tell(
      Consumer<Region> ofRegion,
      Consumer<URI> ofEndpoint,
      Consumer<AwsCredentialsProvider> ofCredentials) {
    if (region != null) {
      ofRegion.accept(region);
    }
    if (endpoint != null) {
      ofEndpoint.accept(endpoint);
    }
    if (credentials != null) {
      ofCredentials.accept(credentials);
    }
  }

  /** The time-outs of a client, and how often it tries. */
  public ClientOverrideConfiguration.Builder limits(RetryStrategy retries) {
    return ClientOverrideConfiguration.builder()
        .apiCallTimeout(callTimeout)
        .apiCallAttemptTimeout(attemptTimeout())
        .retryStrategy(retries);
  }

  /** How long one of the two attempts may take. */
  public Duration attemptTimeout() {
    return callTimeout.dividedBy(ATTEMPTS);
  }

  /** One repetition, after a moment. */
  public static RetryStrategy oneRepetition() {
    BackoffStrategy backOff = BackoffStrategy.exponentialDelay(LEAST_BACK_OFF, MOST_BACK_OFF);
    return AwsRetryStrategy.standardRetryStrategy().toBuilder()
        .maxAttempts(ATTEMPTS)
        .backoffStrategy(backOff)
        .throttlingBackoffStrategy(backOff)
        .build();
  }

  /** For a request that has to be answered within this time. */
  public static Duration within(Duration timeout) {
    return timeout.compareTo(SHORTEST) < 0 ? SHORTEST : timeout;
  }

  /** Where the service is, for people. */
  public String where() {
    return endpoint == null
        ? Objects.requireNonNullElse(region, "default region").toString()
        : endpoint.getHost() + ":" + endpoint.getPort();
  }
}
