package io.rananeeti.s3;

import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.StorageClass;

/**
 * Which logs the ledger knows, an object each incarnation (I2, I3), and the object that the probe
 * writes. Thread-safe.
 */
final class Logs {

  private static final String SETTLED_BELOW = "settled-below";
  private static final String SEEN = "seen";

  private final S3Store.Opened store;
  private final Bucket bucket;
  private final String prefix;
  private final Set<UUID> own = ConcurrentHashMap.newKeySet();

  /** Of the probe's object, as it was written last; null if this process has not written it. */
  private @Nullable String probed;

  Logs(S3Store.Opened store, Bucket bucket, String prefix) {
    this.store = store;
    this.bucket = bucket;
    this.prefix = prefix;
  }

  /**
   * An incarnation as it was found.
   *
   * @param settledBelow none of its transactions with a smaller number is open
   */
  record Known(long settledBelow, Instant seen, String tag) {}

  private String key(UUID incarnation) {
    return folder() + incarnation;
  }

  /** Where they all are. */
  String folder() {
    return prefix + "/logs/";
  }

  /** See {@link io.rananeeti.store.Store#register}. */
  void register(Set<UUID> known, boolean adopt) throws SQLException, StoreException {
    Set<UUID> unknown = new TreeSet<>();
    for (UUID incarnation : known) {
      Known found = find(incarnation, new Call());
      if (found == null) {
        unknown.add(incarnation);
      } else {
        write(incarnation, found.settledBelow(), found);
      }
    }
    if (!unknown.isEmpty() && !adopt) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          Failures.ANOTHER_HISTORY,
          "the ledger does not know %d of the %d incarnations of this log, first=%s: the bucket was made anew or emptied; decide whether to adopt it"
              .formatted(unknown.size(), known.size(), unknown.iterator().next()),
          null);
    }
    unknown.add(store.host().incarnation());
    own.addAll(known);
    own.addAll(unknown);
    for (UUID incarnation : unknown) {
      if (find(incarnation, new Call()) == null) {
        write(incarnation, 0, null);
      }
    }
  }

  /** Whether it is one of this log's, as far as it was registered by this process. */
  boolean isOwn(UUID incarnation) {
    return own.contains(incarnation);
  }

  /** Says of those of this log that they are in use, so that nobody forgets them (F2). */
  void seen() throws SQLException {
    for (UUID incarnation : own) {
      Known found = find(incarnation, new Call());
      if (found != null) {
        write(incarnation, found.settledBelow(), found);
      }
    }
  }

  /** What is known of an incarnation; null if nothing is. */
  @Nullable Known find(UUID incarnation, Call call) throws SQLException {
    ResponseBytes<GetObjectResponse> found;
    try {
      found =
          bucket.send(
              call, c -> c.getObjectAsBytes(r -> r.bucket(bucket.name()).key(key(incarnation))));
    } catch (SdkException e) {
      if (Failures.isMissing(e)) {
        return null;
      }
      throw Failures.of("read the ledger", e);
    }
    try {
      Fields fields = Fields.of(found.asUtf8String());
      if (!fields.require("version").equals(Integer.toString(Row.VERSION))) {
        throw new IllegalArgumentException("version " + fields.require("version"));
      }
      return new Known(
          Long.parseLong(fields.require(SETTLED_BELOW)),
          Instant.parse(fields.require(SEEN)),
          found.response().eTag());
    } catch (RuntimeException e) {
      throw new SQLException(
          "the ledger's object %s can't be read (%s): it was changed by hand, or is a newer version's: upgrade the older of the two"
              .formatted(key(incarnation), e.getMessage()),
          Failures.UNKNOWN_VERSION);
    }
  }

  /** Writes it over what was found, and over nothing else. */
  void write(UUID incarnation, long settledBelow, @Nullable Known found) throws SQLException {
    Fields fields =
        new Fields()
            .add("version", Integer.toString(Row.VERSION))
            .add(SETTLED_BELOW, Long.toString(settledBelow))
            .add(SEEN, store.clock().instant().toString())
            .add("nonce", UUID.randomUUID().toString());
    if (found == null || incarnation.equals(store.host().incarnation())) {
      fields.add("platform", store.host().platform()).add("log", store.host().logId().toString());
    }
    byte[] bytes = fields.toString().getBytes(StandardCharsets.UTF_8);
    PutObjectRequest.Builder put = put(key(incarnation), bytes);
    if (found == null) {
      put.ifNoneMatch("*");
    } else {
      put.ifMatch(found.tag());
    }
    try {
      bucket.send(new Call(), c -> c.putObject(put.build(), RequestBody.fromBytes(bytes)));
    } catch (SdkException e) {
      throw Failures.isUnmet(e)
          ? Failures.again("the ledger's object of a log is written by somebody else")
          : Failures.of("write the ledger", e);
    }
  }

  private PutObjectRequest.Builder put(String key, byte[] bytes) {
    return PutObjectRequest.builder()
        .bucket(bucket.name())
        .key(key)
        .storageClass(StorageClass.STANDARD)
        .checksumSHA256(Digest.base64(bytes, bytes.length));
  }

  /**
   * Whether a transaction without a row may be settled; asked after its row was looked for, since
   * what is forgotten was said to be settled before that.
   *
   * @throws StoreException {@link Failure#ENVIRONMENT} if not (I2, I3)
   */
  void check(TransactionId id, Call call) throws SQLException, StoreException {
    Known known = find(id.incarnation(), call);
    if (known == null) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          Failures.ANOTHER_HISTORY,
          "the ledger does not know the incarnation of this log, id=%s: the bucket was made anew or emptied; decide whether to adopt it"
              .formatted(id),
          null);
    }
    if (id.number() < known.settledBelow()) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          Failures.STALE_LOG,
          "the ledger has settled and forgotten this and later ones, id=%s: this log is a copy, or older than the bucket; stop this node and find the log that is in use"
              .formatted(id),
          null);
    }
  }

  /**
   * Writes the probe's object.
   *
   * @return false if it was gone, and with it what was there before
   */
  synchronized boolean probe(Consumer<AwsRequestOverrideConfiguration.Builder> timeLimit)
      throws SQLException {
    byte[] bytes =
        new Fields()
            .add(SEEN, store.clock().instant().toString())
            .add("nonce", UUID.randomUUID().toString())
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    String key = prefix + "/probes/" + store.host().incarnation();
    PutObjectRequest.Builder put = put(key, bytes).overrideConfiguration(timeLimit);
    String last = probed;
    try {
      probed =
          bucket
              .send(
                  new Call(),
                  c -> c.putObject(put.ifMatch(last).build(), RequestBody.fromBytes(bytes)))
              .eTag();
      return true;
    } catch (SdkException e) {
      if (!Failures.isUnmet(e)) {
        throw Failures.of("probe", e);
      }
      // Gone; or an earlier probe was done and its reply lost, and this one finds its tag.
      HeadObjectResponse there = bucket.head(key, new Call());
      probed = there == null ? null : there.eTag();
      return there != null;
    }
  }
}
