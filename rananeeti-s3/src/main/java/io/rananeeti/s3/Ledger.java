package io.rananeeti.s3;

import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.s3.ExpiringSigner.Fence;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.StorageClass;

/** The ledger's objects, one a transaction that has one, each changed by compare and set. */
final class Ledger {

  private final Bucket bucket;
  private final String prefix;

  Ledger(Bucket bucket, String prefix) {
    this.bucket = bucket;
    this.prefix = prefix;
  }

  /**
   * A row as it was found.
   *
   * @param tag its entity tag
   * @param now S3's time when it was read; null if S3 did not say
   */
  record Found(Row row, String tag, @Nullable Instant now) {}

  /** Where the rows of an incarnation are, in the order of their numbers. */
  String folder(UUID incarnation) {
    return prefix + "/ledger/" + incarnation + "/";
  }

  String key(TransactionId id) {
    return folder(id.incarnation()) + "%019d".formatted(id.number());
  }

  /** What stands there; null if nothing does. */
  @Nullable Found find(TransactionId id, Call call) throws SQLException {
    ResponseBytes<GetObjectResponse> found;
    try {
      found = bucket.send(call, c -> c.getObjectAsBytes(r -> r.bucket(bucket.name()).key(key(id))));
    } catch (SdkException e) {
      if (Failures.isMissing(e)) {
        return null;
      }
      throw Failures.of("read the ledger", e);
    }
    try {
      return new Found(
          Row.of(found.asByteArrayUnsafe()),
          found.response().eTag(),
          ServerClock.told(found.response().sdkHttpResponse()));
    } catch (IllegalArgumentException e) {
      throw new SQLException(
          "the ledger's object %s can't be read (%s): it was changed by hand, or is a newer version's"
              .formatted(key(id), e.getMessage()),
          Failures.UNKNOWN_VERSION);
    }
  }

  /**
   * Writes a row, if what stands there is what was found.
   *
   * @param found null if nothing may stand there
   * @param fence after which it can't be written any more
   * @return its entity tag; null if something else stands there
   */
  @Nullable String write(TransactionId id, Row row, @Nullable Found found, Fence fence, Call call)
      throws SQLException {
    byte[] bytes = row.bytes();
    PutObjectRequest.Builder put =
        PutObjectRequest.builder()
            .bucket(bucket.name())
            .key(key(id))
            // Most are gone within a day: nothing else is cheaper for these.
            .storageClass(StorageClass.STANDARD)
            .checksumSHA256(Digest.base64(bytes, bytes.length));
    if (found == null) {
      put.ifNoneMatch("*");
    } else {
      put.ifMatch(found.tag());
    }
    try {
      return bucket
          .sendOnce(fence, call, c -> c.putObject(put.build(), RequestBody.fromBytes(bytes)))
          .eTag();
    } catch (SdkException e) {
      if (Failures.isUnmet(e)) {
        return null;
      }
      throw Failures.of("write the ledger", e);
    }
  }
}
