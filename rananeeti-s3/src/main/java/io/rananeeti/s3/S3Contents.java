package io.rananeeti.s3;

import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.log.ContentStorage;
import io.rananeeti.s3.Action.Attributes;
import io.rananeeti.s3.Action.Body;
import io.rananeeti.s3.Uploads.Ready;
import io.rananeeti.store.Content;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.StorageClass;

/**
 * The place in a bucket where the nodes of a shared log keep what is too large for its entries
 * ({@link io.rananeeti.DataPlatform.Builder#sharedContents}). Each object goes with its SHA-256,
 * which S3 compares, in parts of 16 MiB where it is larger, of which one is in memory; up to 156
 * GiB. It needs {@code s3:PutObject}, {@code s3:GetObject}, {@code s3:DeleteObject}, {@code
 * s3:AbortMultipartUpload} on the prefix, and {@code s3:ListBucket}. Thread-safe.
 */
public final class S3Contents implements ContentStorage {

  private static final int PART = 16 << 20;
  private static final String TYPE = "application/octet-stream";

  /** Of a request without content; with it, a second more for each MiB. */
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  private final Folder folder;
  private final Uploads uploads;
  private final Map<String, Source> sources = new ConcurrentHashMap<>();

  /**
   * In a bucket that is there; reaches for nothing yet.
   *
   * @param location {@code s3://bucket/prefix}, as {@link S3Archive} has it; the same on all nodes
   *     but for what is behind {@code ?}
   * @throws IllegalArgumentException if it is of another form
   */
  public S3Contents(String location) {
    this(location, null);
  }

  /**
   * The same.
   *
   * @param credentials by what it proves who it is; null for the SDK's default provider chain
   */
  public S3Contents(String location, @Nullable AwsCredentialsProvider credentials) {
    this.folder = new Folder(location, "contents", CALL_TIMEOUT, credentials);
    this.uploads = new Uploads(folder.bucket(), this::read, PART);
  }

  private InputStream read(Content content) throws IOException {
    Source source = sources.get(content.sha256());
    if (source == null) {
      throw new FileNotFoundException(content.sha256());
    }
    return source.open();
  }

  @Override
  public void put(String name, Content content, Source source) throws IOException {
    // Its class is the cheapest for what is removed after hours.
    Attributes attributes = new Attributes(TYPE, StorageClass.STANDARD.toString(), Map.of());
    Action.Put put = new Action.Put(folder.key(name), Body.of(content), attributes, true, null);
    sources.put(content.sha256(), source);
    try {
      put(put, new Call());
    } catch (SQLException e) {
      throw failed(e);
    } finally {
      sources.remove(content.sha256(), source);
    }
  }

  private void put(Action.Put put, Call call) throws SQLException {
    if (isThere(put, call)) {
      return; // By an earlier try, whose answer was lost.
    }
    Ready ready = uploads.ready(put, null, call);
    try {
      ready.send(null, call);
    } catch (SdkException e) {
      SQLException failure = Failures.of("put of object " + put.key(), e);
      ready.failed(failure);
      if ((!Failures.isUnmet(e) && !Failures.isUploaded(e)) || !isThere(put, call)) {
        throw failure;
      }
    }
  }

  private boolean isThere(Action.Put put, Call call) throws SQLException {
    HeadObjectResponse there = folder.bucket().head(put.key(), call);
    if (there == null) {
      return false;
    }
    if (there.contentLength() != put.body().length()
        || !put.body().sha256().equals(there.metadata().get(Keys.SHA256))) {
      throw new SQLException(
          "object %s is there, and is not what its name says: it was put or changed by another hand; delete it, and it is put again"
              .formatted(put.key()),
          Failures.TAMPERED);
    }
    return true;
  }

  @Override
  public List<Stored> list(String prefix, String after, int most) throws IOException {
    return folder.list(prefix, after, most, Stored::new);
  }

  @Override
  public InputStream open(String name) throws IOException {
    return folder.ask(
        "read " + name,
        c -> c.getObject(r -> r.bucket(folder.bucket().name()).key(folder.key(name))));
  }

  @Override
  public void remove(String name) throws IOException {
    folder.ask(
        "remove " + name,
        c -> c.deleteObject(r -> r.bucket(folder.bucket().name()).key(folder.key(name))));
  }

  private static IOException failed(SQLException failure) {
    return new IOException(failure.getMessage(), failure);
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
