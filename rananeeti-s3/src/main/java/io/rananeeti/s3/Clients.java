package io.rananeeti.s3;

import io.rananeeti.aws.internal.Access;
import io.rananeeti.aws.internal.InFlight;
import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Makes the SDK's clients. */
final class Clients {

  /** How long S3 may be silent within a transfer; calls have their own, shorter time-outs. */
  private static final Duration SILENCE = Duration.ofMinutes(1);

  private Clients() {}

  static Bucket open(S3Store.Settings settings) {
    InFlight http = settings.access().http(SILENCE);
    ServerClock clock = new ServerClock(settings.clock());
    return new Bucket(
        settings,
        client(settings, http, clock, Access.oneRepetition()),
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
                settings.access().limits(retries).addExecutionInterceptor(clock).build());
    settings
        .access()
        .tell(builder::region, builder::endpointOverride, builder::credentialsProvider);
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
    settings
        .access()
        .tell(builder::region, builder::endpointOverride, builder::credentialsProvider);
    return builder.build();
  }
}
