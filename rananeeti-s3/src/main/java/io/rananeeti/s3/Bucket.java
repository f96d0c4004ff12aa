package io.rananeeti.s3;

import io.rananeeti.aws.internal.Access;
import io.rananeeti.aws.internal.InFlight;
import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.s3.ExpiringSigner.Fence;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/** S3, as this store speaks to it. Thread-safe. */
final class Bucket implements AutoCloseable {

  private static final long BYTES_A_SECOND = 1 << 20;

  private final String name;
  private final S3Client client;
  private final S3Client once;
  private final InFlight inFlight;
  private final ServerClock clock;
  private final S3Store.Settings settings;

  /**
   * One bucket.
   *
   * @param client may send a request twice
   * @param once sends each request once
   */
  Bucket(
      S3Store.Settings settings,
      S3Client client,
      S3Client once,
      InFlight inFlight,
      ServerClock clock) {
    this.name = settings.bucket();
    this.settings = settings;
    this.client = client;
    this.once = once;
    this.inFlight = inFlight;
    this.clock = clock;
  }

  String name() {
    return name;
  }

  /** Asks it, and says what went wrong. */
  <T> T ask(String step, Call call, Function<S3Client, T> request) throws SQLException {
    try {
      return send(call, request);
    } catch (SdkException e) {
      throw Failures.of(step, e);
    }
  }

  <T> T ask(String step, Function<S3Client, T> request) throws SQLException {
    return ask(step, new Call(), request);
  }

  /** The same, with the SDK's own exceptions. */
  <T> T send(Call call, Function<S3Client, T> request) {
    return inFlight.run(call, () -> request.apply(client));
  }

  /**
   * Sends what must not be done once its fence is over, and each request of it once: after an
   * answer none is on its way.
   */
  <T> T sendOnce(Fence fence, Call call, Function<S3Client, T> request) {
    return inFlight.run(
        call,
        () -> {
          ExpiringSigner.enter(fence);
          try {
            return request.apply(once);
          } finally {
            ExpiringSigner.leave();
          }
        });
  }

  /** About now, by S3's clock. */
  Instant now() {
    return clock.now();
  }

  /** A fence that begins now. */
  Fence fence() {
    return new Fence(clock.now().truncatedTo(ChronoUnit.SECONDS), settings.fence());
  }

  /**
   * Whether no request of a fence can have any effect any more: its time is over by S3's clock, and
   * S3 has given up those whose bodies were on their way.
   *
   * @param now as S3 has just said; null if it did not
   */
  boolean isOver(Instant until, @Nullable Instant now) {
    Instant certain = now == null ? clock.now().minus(settings.fence()) : now;
    return certain.isAfter(until.plus(settings.lull()));
  }

  /** What there is of an object; null if it is not there. */
  @Nullable HeadObjectResponse head(String key, Call call) throws SQLException {
    try {
      return send(call, c -> c.headObject(r -> r.bucket(name).key(key)));
    } catch (SdkException e) {
      if (Failures.isMissing(e)) {
        return null;
      }
      throw Failures.of("look at object " + key, e);
    }
  }

  /** How long a request with so much content may take. */
  Consumer<AwsRequestOverrideConfiguration.Builder> timeLimit(long bytes) {
    Duration content = Duration.ofSeconds(bytes / BYTES_A_SECOND);
    Duration all = settings.callTimeout().plus(content.multipliedBy(2));
    Duration attempt = settings.access().attemptTimeout().plus(content);
    return o -> o.apiCallTimeout(all).apiCallAttemptTimeout(attempt);
  }

  /** The same of a request that has to be answered within this time. */
  static Consumer<AwsRequestOverrideConfiguration.Builder> within(Duration timeout) {
    Duration limit = Access.within(timeout);
    return o -> o.apiCallTimeout(limit).apiCallAttemptTimeout(limit);
  }

  /** Ends all calls that are on their way. */
  void sever() {
    inFlight.endAll();
  }

  @Override
  public void close() {
    inFlight.close();
    client.close();
    once.close();
  }
}
