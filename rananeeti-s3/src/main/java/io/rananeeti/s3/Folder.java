package io.rananeeti.s3;

import io.rananeeti.aws.internal.InFlight.Call;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;

/** What is under one prefix of a bucket, by names without that prefix. Thread-safe. */
final class Folder implements AutoCloseable {

  private static final int PAGE = 1_000;

  private final S3Location location;
  private final Bucket bucket;

  /**
   * Reaches for nothing yet.
   *
   * @param location {@code s3://bucket/prefix}
   * @param user what it is for, which stands in the requests
   * @param callTimeout of a request without content
   * @throws IllegalArgumentException if the location is of another form
   */
  Folder(
      String location,
      String user,
      Duration callTimeout,
      @Nullable AwsCredentialsProvider credentials) {
    this.location = S3Location.of(location);
    this.bucket =
        Clients.open(
            new S3Store.Settings(
                user,
                this.location.bucket(),
                this.location.region(),
                this.location.endpoint(),
                credentials,
                user,
                callTimeout,
                Duration.ofDays(1),
                Clock.systemUTC(),
                S3Store.Timing.USUAL));
  }

  Bucket bucket() {
    return bucket;
  }

  String key(String name) {
    return location.key(name);
  }

  /** A page of what begins with this, of names behind another, in their order. */
  <T> List<T> list(String prefix, String after, int most, BiFunction<String, Long, T> stored)
      throws IOException {
    ListObjectsV2Request.Builder request =
        ListObjectsV2Request.builder()
            .bucket(bucket.name())
            .prefix(key(prefix))
            .maxKeys(Math.min(most, PAGE));
    if (!after.isEmpty()) {
      request.startAfter(key(after));
    }
    ListObjectsV2Response page = ask("list " + prefix, c -> c.listObjectsV2(request.build()));
    while (page.contents().isEmpty() && Boolean.TRUE.equals(page.isTruncated())) {
      request.continuationToken(page.nextContinuationToken());
      page = ask("list " + prefix, c -> c.listObjectsV2(request.build()));
    }
    return page.contents().stream()
        .map(object -> stored.apply(location.name(object.key()), object.size()))
        .toList();
  }

  <T> T ask(String step, Function<S3Client, T> request) throws IOException {
    try {
      return bucket.send(new Call(), request);
    } catch (SdkException failure) {
      throw failed(step, failure);
    }
  }

  static IOException failed(String step, SdkException failure) {
    return new IOException(Failures.of(step, failure).getMessage(), failure);
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    bucket.sever();
    bucket.close();
  }

  @Override
  public String toString() {
    return "s3://" + bucket.name() + "/" + key("");
  }
}
