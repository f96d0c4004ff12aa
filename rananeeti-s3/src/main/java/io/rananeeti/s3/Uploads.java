package io.rananeeti.s3;

import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.s3.Action.Attributes;
import io.rananeeti.s3.Action.Body;
import io.rananeeti.s3.ExpiringSigner.Fence;
import io.rananeeti.store.Content;
import io.rananeeti.store.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Makes changes of the bucket ready, so that each is one last request: content that is larger than
 * a part is uploaded in parts, of which nobody sees anything before that. Holds one part in memory,
 * never more. An upload that breaks because S3 can't be reached goes on with the next part when it
 * is tried again, or with its last request. That one may come twice then: it makes the same object,
 * or finds that its upload is no more. Thread-safe.
 */
final class Uploads {

  private static final int MOST_PARTS = 10_000;

  private static final int MOST_UNFINISHED = 100;

  /** What S3 copies within one request, at most 5 GiB. */
  private static final long COPIED_AT_ONCE = 1L << 30;

  private final Bucket bucket;
  private final Spooled spooled;
  private final int partSize;

  /** Uploads that broke when S3 could not be reached, and go on where they were. */
  private final Map<List<Object>, MultiPart> unfinished = new LinkedHashMap<>();

  Uploads(Bucket bucket, Spooled spooled, int partSize) {
    this.bucket = bucket;
    this.spooled = spooled;
    this.partSize = partSize;
  }

  /** Where content is that is not in the log's entry. */
  @FunctionalInterface
  interface Spooled {
    InputStream read(Content content) throws IOException;
  }

  /** A change that lacks its last request. Used by one thread. */
  interface Ready {

    /**
     * Sends that request.
     *
     * @param fence after which it has no effect; null for what may come late
     * @throws SdkException as the SDK throws it
     */
    void send(@Nullable Fence fence, Call call);

    /** It will not be sent, or has failed: what was uploaded for it goes. */
    default void abandon() {}

    /** Its last request was not answered: if it has to be sent again, nothing else has to be. */
    default void keep() {}

    /** It has failed with this. */
    default void failed(SQLException failure) {
      if (Failures.classify(failure) == Failure.UNREACHABLE) {
        keep();
      } else {
        abandon();
      }
    }
  }

  /**
   * Makes it ready.
   *
   * @param writer whose id goes into the object's metadata; null for none
   */
  Ready ready(Action action, @Nullable TransactionId writer, Call call) throws SQLException {
    if (action instanceof Action.Put put) {
      return put.body().length() > partSize ? inParts(put, writer, call) : whole(put, writer);
    }
    if (action instanceof Action.Copy copy) {
      return copied(copy, writer, call);
    }
    Action.Delete delete = (Action.Delete) action;
    return (fence, sending) ->
        last(
            fence,
            sending,
            c ->
                c.deleteObject(
                    r -> r.bucket(bucket.name()).key(delete.key()).ifMatch(delete.match())));
  }

  private <T> void last(@Nullable Fence fence, Call call, Function<S3Client, T> request) {
    if (fence == null) {
      bucket.send(call, request);
    } else {
      bucket.sendOnce(fence, call, request);
    }
  }

  private Ready whole(Action.Put put, @Nullable TransactionId writer) throws SQLException {
    byte[] bytes = bytes(put);
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(bucket.name())
            .key(put.key())
            .contentType(put.attributes().contentType())
            .storageClass(put.attributes().storageClass())
            .metadata(metadata(put.attributes(), put.body().sha256(), writer))
            .checksumSHA256(Digest.base64(put.body().sha256()))
            .overrideConfiguration(bucket.timeLimit(bytes.length));
    if (put.match() == null) {
      request.ifNoneMatch("*");
    } else {
      request.ifMatch(put.match());
    }
    return (fence, call) ->
        last(fence, call, c -> c.putObject(request.build(), body(bytes, bytes.length)));
  }

  /** The bytes themselves, which nobody changes while they are sent: the SDK's own copies them. */
  private static RequestBody body(byte[] bytes, int length) {
    return RequestBody.fromContentProvider(
        () -> new ByteArrayInputStream(bytes, 0, length), length, "application/octet-stream");
  }

  private byte[] bytes(Action.Put put) throws SQLException {
    byte[] inline = put.body().inline();
    if (inline != null) {
      return inline;
    }
    try (InputStream in = spooled.read(put.body().content())) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw unreadable(put, e);
    }
  }

  private static SQLException unreadable(Action.Put put, IOException e) {
    return new SQLException(
        "the content of object %s can't be read from the spool, sha256=%s: %s"
            .formatted(put.key(), put.body().sha256(), e.getMessage()),
        Failures.CONTENT,
        e);
  }

  private static Map<String, String> metadata(
      Attributes attributes, @Nullable String sha256, @Nullable TransactionId writer) {
    Map<String, String> metadata = new LinkedHashMap<>(attributes.metadata());
    if (sha256 != null) {
      metadata.put(Keys.SHA256, sha256);
    }
    if (writer != null) {
      metadata.put(Keys.TRANSACTION, writer.toString());
    }
    return metadata;
  }

  private String begin(
      String key, Attributes attributes, Map<String, String> metadata, boolean checked, Call call)
      throws SQLException {
    CreateMultipartUploadRequest.Builder request =
        CreateMultipartUploadRequest.builder()
            .bucket(bucket.name())
            .key(key)
            .contentType(attributes.contentType())
            .storageClass(attributes.storageClass())
            .metadata(metadata);
    if (checked) {
      request.checksumAlgorithm(ChecksumAlgorithm.SHA256);
    }
    return bucket
        .ask(
            "begin the upload of object " + key,
            call,
            c -> c.createMultipartUpload(request.build()))
        .uploadId();
  }

  private Ready inParts(Action.Put put, @Nullable TransactionId writer, Call call)
      throws SQLException {
    Body body = put.body();
    if (body.length() > (long) partSize * MOST_PARTS) {
      throw new SQLException(
          "an object has at most %d bytes here, and %s has %d"
              .formatted((long) partSize * MOST_PARTS, put.key(), body.length()),
          "54000");
    }
    List<Object> whose = Arrays.asList(put.key(), body.sha256(), writer);
    MultiPart ready = unfinished(whose);
    if (ready == null) {
      Map<String, String> metadata = metadata(put.attributes(), body.sha256(), writer);
      String upload = begin(put.key(), put.attributes(), metadata, true, call);
      ready = new MultiPart(whose, put.key(), upload, put.match(), body.length());
    }
    try {
      parts(put, ready, call);
      return ready;
    } catch (SQLException e) {
      ready.failed(e);
      throw e;
    }
  }

  private synchronized @Nullable MultiPart unfinished(List<Object> whose) {
    return unfinished.remove(whose);
  }

  /**
   * Or else an object that takes longer than S3 can be reached at a time would never be put. One
   * that nobody has come back for since many others broke goes, and so does what it replaces: S3
   * can't be reached, so nobody is kept waiting to abort it, and the bucket's rule removes it.
   */
  private synchronized void keep(List<Object> whose, MultiPart broken) {
    unfinished.put(whose, broken);
    if (unfinished.size() > MOST_UNFINISHED) {
      unfinished.remove(unfinished.keySet().iterator().next());
    }
  }

  private void parts(Action.Put put, MultiPart to, Call call) throws SQLException {
    byte[] part = new byte[partSize];
    MessageDigest all = Digest.sha256();
    try (InputStream in = spooled.read(put.body().content())) {
      int number = 0;
      for (int n = in.readNBytes(part, 0, partSize); n > 0; n = in.readNBytes(part, 0, partSize)) {
        all.update(part, 0, n);
        if (++number > to.parts.size()) {
          to.add(part, n, call);
        }
      }
    } catch (IOException e) {
      throw unreadable(put, e);
    }
    if (!HexFormat.of().formatHex(all.digest()).equals(put.body().sha256())) {
      throw unreadable(put, new IOException("it is not what was taken"));
    }
  }

  private Ready copied(Action.Copy copy, @Nullable TransactionId writer, Call call)
      throws SQLException {
    HeadObjectResponse source = bucket.head(copy.source(), call);
    if (source == null || !Tags.same(source.eTag(), copy.sourceMatch())) {
      throw new SQLException(
          "copy of object %s: it has not the entity tag that it was to have"
              .formatted(copy.source()),
          Failures.UNMATCHED);
    }
    String sha256 = source.metadata().get(Keys.SHA256);
    String upload =
        begin(
            copy.key(),
            copy.attributes(),
            metadata(copy.attributes(), sha256, writer),
            false,
            call);
    MultiPart ready = new MultiPart(List.of(), copy.key(), upload, null, source.contentLength());
    try {
      ready.copy(copy, call);
      return ready;
    } catch (SQLException | RuntimeException e) {
      ready.abandon();
      throw e;
    }
  }

  /** An upload in parts. */
  private final class MultiPart implements Ready {

    private final List<Object> whose;
    private final String key;
    private final String upload;
    private final @Nullable String match;
    private final long length;
    private final List<CompletedPart> parts = new ArrayList<>();

    MultiPart(List<Object> whose, String key, String upload, @Nullable String match, long length) {
      this.whose = whose;
      this.key = key;
      this.upload = upload;
      this.match = match;
      this.length = length;
    }

    void add(byte[] part, int n, Call call) throws SQLException {
      int number = parts.size() + 1;
      String checksum = Digest.base64(part, n);
      String tag =
          bucket
              .ask(
                  "upload part %d of object %s".formatted(number, key),
                  call,
                  c ->
                      c.uploadPart(
                          r ->
                              r.bucket(bucket.name())
                                  .key(key)
                                  .uploadId(upload)
                                  .partNumber(number)
                                  .checksumSHA256(checksum)
                                  .overrideConfiguration(bucket.timeLimit(n)),
                          body(part, n)))
              .eTag();
      parts.add(
          CompletedPart.builder().partNumber(number).eTag(tag).checksumSHA256(checksum).build());
    }

    void copy(Action.Copy copy, Call call) throws SQLException {
      long from = 0;
      do {
        long to = Math.min(length, from + COPIED_AT_ONCE);
        String range = "bytes=%d-%d".formatted(from, to - 1);
        int number = parts.size() + 1;
        String tag =
            bucket
                .ask(
                    "copy of object " + copy.source(),
                    call,
                    c ->
                        c.uploadPartCopy(
                            r ->
                                r.sourceBucket(bucket.name())
                                    .sourceKey(copy.source())
                                    .copySourceIfMatch(copy.sourceMatch())
                                    .copySourceRange(length == 0 ? null : range)
                                    .destinationBucket(bucket.name())
                                    .destinationKey(key)
                                    .uploadId(upload)
                                    .partNumber(number)
                                    .overrideConfiguration(bucket.timeLimit(length))))
                .copyPartResult()
                .eTag();
        parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
        from = to;
      } while (from < length);
    }

    @Override
    public void send(@Nullable Fence fence, Call call) {
      last(
          fence,
          call,
          c ->
              c.completeMultipartUpload(
                  r ->
                      r.bucket(bucket.name())
                          .key(key)
                          .uploadId(upload)
                          .ifMatch(match)
                          .ifNoneMatch(match == null ? "*" : null)
                          .multipartUpload(m -> m.parts(parts))
                          .overrideConfiguration(bucket.timeLimit(length))));
    }

    /** A copy is made anew. */
    @Override
    public void keep() {
      if (!whose.isEmpty()) {
        Uploads.this.keep(whose, this);
      }
    }

    /** As well as it can be done: a rule of the bucket's removes what is left. */
    @Override
    public void abandon() {
      try {
        bucket.send(
            new Call(),
            c -> c.abortMultipartUpload(r -> r.bucket(bucket.name()).key(key).uploadId(upload)));
      } catch (SdkException left) {
        S3Store.LOG.debug("an upload of object {} is left to the bucket's rule", key, left);
      }
    }
  }
}
