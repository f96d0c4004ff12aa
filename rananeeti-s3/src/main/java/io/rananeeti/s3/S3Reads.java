package io.rananeeti.s3;

import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.store.Failure;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.StorageClass;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * Reads of objects. Thread-safe.
 *
 * <p>A read sees what was committed, and nothing of what waits in a log or in an open transaction.
 * While S3 can't be reached, reads fail with SQLSTATE {@code 08006}, or {@code 53000} where it
 * throttles.
 */
public final class S3Reads {

  private static final Duration LONGEST_URL = Duration.ofDays(7);

  private final Supplier<S3Store.Opened> store;

  S3Reads(Supplier<S3Store.Opened> store) {
    this.store = store;
  }

  /**
   * An object with its content, as a stream.
   *
   * @return empty if there is none
   * @throws SQLException 08006 or 53000 if S3 does not answer, 3D000 if there is no bucket
   */
  public Optional<ObjectInput> get(String key) throws SQLException {
    try {
      ResponseInputStream<GetObjectResponse> in =
          send(c -> c.getObject(r -> r.bucket(bucket()).key(key)));
      return Optional.of(new ObjectInput(in, object(key, in.response())));
    } catch (SdkException e) {
      return missing("get of object " + key, e);
    }
  }

  /**
   * The same into a file, which is there only once all of it is and was compared.
   *
   * @return what S3 says of it; empty if there is no such object, and nothing is written
   * @throws TamperedObjectException if it is not what was put there
   * @throws IOException if the file can't be written, or S3 stops answering in the middle
   */
  public Optional<StoredObject> get(String key, Path file) throws SQLException, IOException {
    Optional<ObjectInput> found = get(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Path target = file.toAbsolutePath();
    Path part = Files.createTempFile(target.getParent(), "." + target.getFileName() + "-", ".part");
    try (ObjectInput in = found.get()) {
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
      return Optional.of(in.object());
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /**
   * What S3 says of an object.
   *
   * @return empty if there is none
   * @throws SQLException 08006 or 53000 if S3 does not answer
   */
  public Optional<StoredObject> head(String key) throws SQLException {
    try {
      HeadObjectResponse said = send(c -> c.headObject(r -> r.bucket(bucket()).key(key)));
      return Optional.of(object(key, said));
    } catch (SdkException e) {
      return missing("look at object " + key, e);
    }
  }

  /**
   * A page of the objects whose keys begin like this, up to 1,000 of them.
   *
   * @param from the {@link ObjectPage#next} of the page before; null for the first one
   * @throws SQLException 08006 or 53000 if S3 does not answer, 3D000 if there is no bucket
   */
  public ObjectPage list(String prefix, @Nullable String from) throws SQLException {
    try {
      ListObjectsV2Response page =
          send(
              c -> c.listObjectsV2(r -> r.bucket(bucket()).prefix(prefix).continuationToken(from)));
      List<StoredObject> objects = page.contents().stream().map(S3Reads::object).toList();
      return new ObjectPage(
          objects, Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null);
    } catch (SdkException e) {
      throw failed("list of objects", e);
    }
  }

  /**
   * An address by which anybody may read an object for some time, whether it is there or not; made
   * without asking S3.
   *
   * @param valid 1 s to 7 days; no longer than the credentials are
   * @throws SQLException 28000 if there are no credentials
   */
  public URI presigned(String key, Duration valid) throws SQLException {
    if (valid.compareTo(Duration.ofSeconds(1)) < 0 || valid.compareTo(LONGEST_URL) > 0) {
      throw new IllegalArgumentException("a URL is valid for 1 s to 7 days: " + valid);
    }
    try (S3Presigner presigner = Clients.presigner(store.get().settings())) {
      return presigner
          .presignGetObject(
              r -> r.signatureDuration(valid).getObjectRequest(g -> g.bucket(bucket()).key(key)))
          .url()
          .toURI();
    } catch (SdkException e) {
      throw Failures.of("presigned address", e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the SDK made an address that is none", e);
    }
  }

  private String bucket() {
    return store.get().bucket().name();
  }

  private <T> T send(Function<S3Client, T> request) {
    return store.get().bucket().send(new Call(), request);
  }

  private <T> Optional<T> missing(String step, SdkException e) throws SQLException {
    if (Failures.isMissing(e)) {
      return Optional.empty();
    }
    throw failed(step, e);
  }

  private SQLException failed(String step, SdkException e) {
    SQLException failure = Failures.of(step, e);
    if (Failures.classify(failure) == Failure.UNREACHABLE) {
      store.get().host().suspect();
    }
    return failure;
  }

  private static StoredObject object(String key, GetObjectResponse said) {
    return new StoredObject(
        key,
        said.contentLength(),
        said.eTag(),
        storageClass(said.storageClassAsString()),
        said.lastModified(),
        said.contentType(),
        said.metadata().get(Keys.SHA256),
        own(said.metadata()));
  }

  private static StoredObject object(String key, HeadObjectResponse said) {
    return new StoredObject(
        key,
        said.contentLength(),
        said.eTag(),
        storageClass(said.storageClassAsString()),
        said.lastModified(),
        said.contentType(),
        said.metadata().get(Keys.SHA256),
        own(said.metadata()));
  }

  private static StoredObject object(S3Object said) {
    return new StoredObject(
        said.key(),
        said.size(),
        said.eTag(),
        storageClass(said.storageClassAsString()),
        said.lastModified(),
        null,
        null,
        Map.of());
  }

  /** S3 names the usual one by leaving it out. */
  private static String storageClass(@Nullable String said) {
    return said == null ? StorageClass.STANDARD.toString() : said;
  }

  private static Map<String, String> own(Map<String, String> metadata) {
    Map<String, String> own = new TreeMap<>(metadata);
    own.keySet().removeIf(name -> name.startsWith("rananeeti-"));
    return own;
  }
}
