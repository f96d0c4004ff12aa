package io.rananeeti.s3;

import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.log.ArchiveStorage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.StorageClass;

/**
 * The archive of a log in a bucket: objects of the class INTELLIGENT_TIERING, put only if there is
 * none of the name, with a SHA-256 that S3 compares and keeps. It never deletes or replaces
 * anything, so {@code s3:PutObject}, {@code s3:GetObject} and {@code s3:ListBucket} on the prefix
 * are all that it needs. Thread-safe.
 */
public final class S3Archive implements ArchiveStorage {

  private static final int PAGE = 1_000;
  private static final int NO_SUCH_RANGE = 416;
  private static final Duration CALL_TIMEOUT = Duration.ofMinutes(1);

  private final S3Location location;
  private final Bucket bucket;

  /**
   * In a bucket that is there; reaches for nothing yet.
   *
   * @param location {@code s3://bucket/prefix}, where there need be no prefix; {@code
   *     ?region=eu-west-1} if it is not what the SDK finds, {@code &endpoint=https://...} for the
   *     endpoint of a VPC or another server that speaks S3; with {@code http} only on this machine
   * @throws IllegalArgumentException if it is of another form
   */
  public S3Archive(String location) {
    this(location, null);
  }

  /**
   * The same.
   *
   * @param credentials by what it proves who it is; null for the SDK's default provider chain
   */
  public S3Archive(String location, @Nullable AwsCredentialsProvider credentials) {
    this.location = S3Location.of(location);
    this.bucket =
        Clients.open(
            new S3Store.Settings(
                "archive",
                this.location.bucket(),
                this.location.region(),
                this.location.endpoint(),
                credentials,
                "archive",
                CALL_TIMEOUT,
                Duration.ofDays(1),
                Clock.systemUTC(),
                S3Store.Timing.USUAL));
  }

  @Override
  public boolean put(String name, Path file, long bytes, String sha256) throws IOException {
    PutObjectRequest request =
        PutObjectRequest.builder()
            .bucket(bucket.name())
            .key(location.key(name))
            .contentType(name.endsWith(".gz") ? "application/gzip" : "application/cbor")
            .contentLength(bytes)
            .storageClass(StorageClass.INTELLIGENT_TIERING)
            .checksumSHA256(Digest.base64(sha256))
            .ifNoneMatch("*")
            .overrideConfiguration(bucket.timeLimit(bytes))
            .build();
    try {
      bucket.send(new Call(), client -> client.putObject(request, RequestBody.fromFile(file)));
      return true;
    } catch (SdkException failure) {
      if (Failures.isUnmet(failure)) {
        return holds(name, bytes, sha256);
      }
      throw failed("put " + name, failure);
    }
  }

  /** By its bytes: what was put by an interrupted call is there, and so may be somebody else's. */
  private boolean holds(String name, long bytes, String sha256) throws IOException {
    String key = location.key(name);
    long length =
        ask("look at " + name, c -> c.headObject(r -> r.bucket(bucket.name()).key(key)))
            .contentLength();
    if (length != bytes) {
      return false;
    }
    try (InputStream in = open(name, 0)) {
      return Digest.hex(in).equals(sha256);
    }
  }

  @Override
  public List<Stored> list(String prefix, String after, int most) throws IOException {
    ListObjectsV2Request.Builder request =
        ListObjectsV2Request.builder()
            .bucket(bucket.name())
            .prefix(location.key(prefix))
            .maxKeys(Math.min(most, PAGE));
    if (!after.isEmpty()) {
      request.startAfter(location.key(after));
    }
    ListObjectsV2Response page = ask("list " + prefix, c -> c.listObjectsV2(request.build()));
    while (page.contents().isEmpty() && Boolean.TRUE.equals(page.isTruncated())) {
      request.continuationToken(page.nextContinuationToken());
      page = ask("list " + prefix, c -> c.listObjectsV2(request.build()));
    }
    return page.contents().stream()
        .map(object -> new Stored(location.name(object.key()), object.size()))
        .toList();
  }

  @Override
  public InputStream open(String name, long from) throws IOException {
    GetObjectRequest.Builder request =
        GetObjectRequest.builder().bucket(bucket.name()).key(location.key(name));
    if (from > 0) {
      request.range("bytes=" + from + "-");
    }
    try {
      return bucket.send(new Call(), c -> c.getObject(request.build()));
    } catch (SdkException failure) {
      if (failure instanceof AwsServiceException answer && answer.statusCode() == NO_SUCH_RANGE) {
        return InputStream.nullInputStream();
      }
      throw failed("read " + name, failure);
    }
  }

  private <T> T ask(String step, Function<S3Client, T> request) throws IOException {
    try {
      return bucket.send(new Call(), request);
    } catch (SdkException failure) {
      throw failed(step, failure);
    }
  }

  private static IOException failed(String step, SdkException failure) {
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
    return "s3://" + bucket.name() + "/" + location.key("");
  }
}
