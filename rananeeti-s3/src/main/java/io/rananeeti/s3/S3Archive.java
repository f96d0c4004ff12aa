package io.rananeeti.s3;

import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.log.ArchiveStorage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.StorageClass;

/**
 * The archive of a log in a bucket: objects of the class INTELLIGENT_TIERING, put only if there is
 * none of the name, with a SHA-256 that S3 compares and keeps. It never deletes or replaces
 * anything, so {@code s3:PutObject}, {@code s3:GetObject} and {@code s3:ListBucket} on the prefix
 * are all that it needs. Thread-safe.
 */
public final class S3Archive implements ArchiveStorage {

  private static final int NO_SUCH_RANGE = 416;
  private static final Duration CALL_TIMEOUT = Duration.ofMinutes(1);

  private final Folder folder;

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
    this.folder = new Folder(location, "archive", CALL_TIMEOUT, credentials);
  }

  @Override
  public boolean put(String name, Path file, long bytes, String sha256) throws IOException {
    PutObjectRequest request =
        PutObjectRequest.builder()
            .bucket(folder.bucket().name())
            .key(folder.key(name))
            .contentType(name.endsWith(".gz") ? "application/gzip" : "application/cbor")
            .contentLength(bytes)
            .storageClass(StorageClass.INTELLIGENT_TIERING)
            .checksumSHA256(Digest.base64(sha256))
            .ifNoneMatch("*")
            .overrideConfiguration(folder.bucket().timeLimit(bytes))
            .build();
    try {
      folder
          .bucket()
          .send(new Call(), client -> client.putObject(request, RequestBody.fromFile(file)));
      return true;
    } catch (SdkException failure) {
      if (Failures.isUnmet(failure)) {
        return holds(name, bytes, sha256);
      }
      throw Folder.failed("put " + name, failure);
    }
  }

  /** By its bytes: what was put by an interrupted call is there, and so may be somebody else's. */
  private boolean holds(String name, long bytes, String sha256) throws IOException {
    String key = folder.key(name);
    long length =
        folder
            .ask(
                "look at " + name,
                c -> c.headObject(r -> r.bucket(folder.bucket().name()).key(key)))
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
    return folder.list(prefix, after, most, Stored::new);
  }

  @Override
  public InputStream open(String name, long from) throws IOException {
    GetObjectRequest.Builder request =
        GetObjectRequest.builder().bucket(folder.bucket().name()).key(folder.key(name));
    if (from > 0) {
      request.range("bytes=" + from + "-");
    }
    try {
      return folder.bucket().send(new Call(), c -> c.getObject(request.build()));
    } catch (SdkException failure) {
      if (failure instanceof AwsServiceException answer && answer.statusCode() == NO_SUCH_RANGE) {
        return InputStream.nullInputStream();
      }
      throw Folder.failed("read " + name, failure);
    }
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    folder.close();
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
