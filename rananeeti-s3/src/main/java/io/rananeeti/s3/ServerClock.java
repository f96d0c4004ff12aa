package io.rananeeti.s3;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.interceptor.Context;
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

  private final Clock own;
  private volatile Duration ahead = Duration.ZERO;

  ServerClock(Clock own) {
    this.own = own;
  }

  /** About now. */
  Instant now() {
    return own.instant().plus(ahead);
  }

  /** How far S3's clock is ahead of this machine's, as far as its answers have said. */
  Duration ahead() {
    return ahead;
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    Instant told = told(context.httpResponse());
    if (told != null) {
      ahead = Duration.between(own.instant(), told);
    }
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
