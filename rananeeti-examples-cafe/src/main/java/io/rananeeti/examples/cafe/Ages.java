package io.rananeeti.examples.cafe;

import java.time.Duration;
import java.util.Locale;

/** Lengths of time in words that a person reads at a glance. */
final class Ages {

  private Ages() {}

  /** Such as {@code 3.2 s}, {@code 2 min 5 s}, {@code 1 h 20 min}, {@code 3 d 4 h}. */
  static String words(Duration age) {
    if (age.compareTo(Duration.ofMinutes(1)) < 0) {
      return String.format(Locale.ROOT, "%.1f s", Math.max(0, age.toMillis()) / 1000.0);
    }
    if (age.compareTo(Duration.ofHours(1)) < 0) {
      return "%d min %d s".formatted(age.toMinutes(), age.toSecondsPart());
    }
    return age.compareTo(Duration.ofDays(1)) < 0
        ? "%d h %d min".formatted(age.toHours(), age.toMinutesPart())
        : "%d d %d h".formatted(age.toDays(), age.toHoursPart());
  }
}
