package io.rananeeti.s3;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * The time as S3 has it, learned from its answers, to the second. Thread-safe.
 *
 * <p>Requests that must not arrive late are signed by it: their end is S3's to enforce, by its own
 * clock, whatever this machine's clock says.
 */
final class ServerClock implements ExecutionInterceptor {

  private static final ExecutionAttribute<Instant> SENT =
      new ExecutionAttribute<>("rananeeti.sent");

  private final Clock own;
  private volatile Duration ahead = Duration.ZERO;

  ServerClock(Clock own) {
    this.own = own;
  }

  /** About now. */
  Instant now() {
    return own.instant().plus(ahead);
  }

  @Override
  public void beforeTransmission(
      Context.BeforeTransmission context, ExecutionAttributes attributes) {
    attributes.putAttribute(SENT, own.instant());
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    Instant told = told(context.httpResponse());
    Instant sent = attributes.getAttribute(SENT);
    if (told != null && sent != null) {
      ahead = ahead(sent, told, own.instant());
    }
  }

  /**
   * How far S3's clock is ahead at least: nothing, if the two may be the same by what was told
   * between two moments of ours, to the second; servers note it once a second.
   */
  static Duration ahead(Instant sent, Instant told, Instant received) {
    Duration least = Duration.between(received, told);
    Duration most = Duration.between(sent, told.plusSeconds(2));
    return least.isNegative() ? (most.isNegative() ? most : Duration.ZERO) : least;
  }

  /** What an answer says of S3's time; null if it says nothing. */
  static @Nullable Instant told(SdkHttpResponse answer) {
    String date = answer.firstMatchingHeader("Date").orElse(null);
    if (date == null) {
      return null;
    }
    try {
      return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
    } catch (DateTimeException unreadable) {
      return null;
    }
  }
}
