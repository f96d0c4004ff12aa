package io.rananeeti.s3;

import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.s3.ExpiringSigner.Fence;
import io.rananeeti.s3.Ledger.Found;
import io.rananeeti.s3.Row.Trace;
import io.rananeeti.s3.Uploads.Ready;
import io.rananeeti.store.Refusal;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * Does the actions of transactions, each transaction once. Thread-safe; keeps no state.
 *
 * <p><b>Objects whose keys name their content</b> are put if they are not there. Done twice or
 * late, that changes nothing, so nothing has to be known before it is done again.
 *
 * <p><b>Any other action</b> is the only one of its transaction, has a condition, and is fenced:
 *
 * <ol>
 *   <li>a row of the ledger says that it is begun, what it leaves behind, and until when its
 *       request is good. It is written by {@code If-None-Match}: whoever settles the transaction
 *       before, leaves a row that this one fails on;
 *   <li>the request is sent once, and signed so that S3 refuses it after that time.
 * </ol>
 *
 * <p><b>Who dies when.</b> Before the row is there, whoever settles the transaction writes another
 * one, and the original never begins. After that, what the action leaves behind says that it was
 * done: the transaction's id in the object's metadata, or that nothing is there. As long as that is
 * not seen, nobody decides anything before the time is over by S3's own clock; then no request can
 * have an effect any more, and it is done anew, by a row that replaces the one found ({@code
 * If-Match}), or never. A late writer of that row fails on the other's. A request that was paused
 * with its process arrives signed for a time that is over.
 */
final class Work {

  private final Bucket bucket;
  private final Ledger ledger;
  private final Uploads uploads;

  Work(Bucket bucket, Ledger ledger, Uploads uploads) {
    this.bucket = bucket;
    this.ledger = ledger;
    this.uploads = uploads;
  }

  /**
   * Does all of a transaction.
   *
   * @param found the row that says that it is begun; null if there is none
   * @param live whether this is the original: it leaves a row in any case, since who settles it may
   *     know nothing else of it. A settlement leaves the outcome where it is refused
   * @throws SQLException 55R13 if somebody else is at work with it; 23505 or 23514 if its condition
   *     does not hold, for certain
   */
  void apply(TransactionId id, List<Action> actions, @Nullable Found found, boolean live, Call call)
      throws SQLException {
    if (!actions.stream().allMatch(Action::isAddressed)) {
      fenced(id, actions.get(0), found, live, call);
      return;
    }
    if (live) {
      write(id, Row.begun(bucket.fence().until(), actions), found, bucket.fence(), call);
    }
    for (Action action : actions) {
      put((Action.Put) action, call);
    }
  }

  /** Writes a row in the place of what was found, and of nothing else. */
  Found write(TransactionId id, Row row, @Nullable Found found, Fence fence, Call call)
      throws SQLException {
    String tag = ledger.write(id, row, found, fence, call);
    if (tag == null) {
      throw new SQLException(
          "to be settled: the ledger has another row of transaction " + id,
          Failures.SETTLED_OTHERWISE);
    }
    return new Found(row, tag, null);
  }

  /** Puts what its key names. */
  private void put(Action.Put put, Call call) throws SQLException {
    if (put.body().inline() == null && isThere(put, call)) {
      return;
    }
    Ready ready = uploads.ready(put, null, call);
    try {
      ready.send(null, call);
    } catch (SdkException e) {
      SQLException failure = Failures.of("put of object " + put.key(), e);
      ready.failed(failure);
      if (!Failures.isUnmet(e) && !Failures.isUploaded(e)) {
        throw failure;
      }
      if (!isThere(put, call)) {
        throw Failures.again("object " + put.key() + " was there, and is gone");
      }
    }
  }

  /** Whether it is there, and as far as S3 can say without sending it, what its key names. */
  private boolean isThere(Action.Put put, Call call) throws SQLException {
    HeadObjectResponse there = bucket.head(put.key(), call);
    if (there == null) {
      return false;
    }
    String sha256 = there.metadata().getOrDefault(Keys.SHA256, put.body().sha256());
    if (there.contentLength() != put.body().length() || !sha256.equals(put.body().sha256())) {
      throw new SQLException(
          "object %s is there, and is not what its key names: it was put or changed by another hand; look at it, delete it, and retry"
              .formatted(put.key()),
          Failures.TAMPERED);
    }
    return true;
  }

  private void fenced(
      TransactionId id, Action action, @Nullable Found found, boolean live, Call call)
      throws SQLException {
    Ready ready = uploads.ready(action, id, call);
    Found own;
    Fence fence = bucket.fence();
    try {
      own = write(id, Row.begun(fence.until(), List.of(action)), found, fence, call);
    } catch (SQLException e) {
      ready.abandon();
      throw e;
    }
    try {
      ready.send(fence, call);
    } catch (SdkException e) {
      if ((Failures.isUnmet(e) || Failures.isUploaded(e)) && isDone(id, own.row(), call)) {
        return; // It was sent twice, by the line below the SDK too, and met what it had done.
      }
      SQLException failure = failed(action, e, ready);
      if (Failures.isUnmet(e) && !live) {
        write(id, Row.refused(refusal(failure)), own, bucket.fence(), call);
      }
      throw failure;
    }
  }

  private static SQLException failed(Action action, SdkException e, Ready ready) {
    SQLException failure = Failures.of(step(action), e);
    ready.failed(failure);
    if (Failures.isUploaded(e)) {
      return Failures.again(step(action) + ": what was uploaded is gone, and is uploaded anew");
    }
    return Failures.isUnmet(e) ? unmet(action, failure) : failure;
  }

  private static Refusal refusal(SQLException why) {
    return new Refusal(String.valueOf(why.getSQLState()), String.valueOf(why.getMessage()));
  }

  private static String step(Action action) {
    return action instanceof Action.Delete
        ? "delete of object " + action.key()
        : "write of object " + action.key();
  }

  private static SQLException unmet(Action action, SQLException failure) {
    boolean absent =
        action instanceof Action.Copy || (action instanceof Action.Put put && put.match() == null);
    return absent
        ? new SQLIntegrityConstraintViolationException(
            step(action) + ": there is one already", Failures.PRESENT)
        : new SQLIntegrityConstraintViolationException(
            String.valueOf(failure.getMessage()), Failures.UNMATCHED);
  }

  /**
   * Whether a begun transaction is done, by what it leaves behind.
   *
   * @throws SQLException 40001 if that can't be said before the time of its requests is over
   */
  boolean isDone(TransactionId id, Found found, Call call) throws SQLException {
    Instant until = found.row().until();
    for (Trace trace : found.row().traces()) {
      if (!isLeft(id, trace, call)) {
        if (until != null && !bucket.isOver(until, found.now())) {
          throw Failures.again(
              "a request of transaction %s may be on its way until %s".formatted(id, until));
        }
        return false;
      }
    }
    return true;
  }

  private boolean isDone(TransactionId id, Row row, Call call) throws SQLException {
    for (Trace trace : row.traces()) {
      if (!isLeft(id, trace, call)) {
        return false;
      }
    }
    return !row.traces().isEmpty();
  }

  private boolean isLeft(TransactionId id, Trace trace, Call call) throws SQLException {
    HeadObjectResponse there = bucket.head(trace.key(), call);
    return switch (trace.kind()) {
      case DELETED -> there == null;
      case ADDRESSED -> there != null;
      case WRITTEN -> there != null && id.toString().equals(there.metadata().get(Keys.TRANSACTION));
    };
  }
}
