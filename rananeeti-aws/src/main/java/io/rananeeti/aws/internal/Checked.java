package io.rananeeti.aws.internal;

import java.time.Duration;

/** What builders of stores take; anything else is an {@link IllegalArgumentException}. */
public final class Checked {

  private static final Duration LEAST_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MOST_TIMEOUT = Duration.ofMinutes(1);

  private Checked() {}

  /** A store's name. */
  public static String name(String name) {
    if (!name.matches("[A-Za-z0-9_-]{1,32}")) {
      throw new IllegalArgumentException(
          "a store's name has 1 to 32 letters, digits, - and _: " + name);
    }
    return name;
  }

  /** How long one call may take. */
  public static Duration callTimeout(Duration timeout) {
    if (timeout.compareTo(LEAST_TIMEOUT) < 0 || timeout.compareTo(MOST_TIMEOUT) > 0) {
      throw new IllegalArgumentException("callTimeout is 100 ms to 1 min: " + timeout);
    }
    return timeout;
  }

  /** After how long what the ledger has of a log may be forgotten. */
  public static Duration ledgerExpiry(Duration expiry) {
    if (expiry.compareTo(Duration.ofDays(1)) < 0) {
      throw new IllegalArgumentException("ledgerExpiry is at least 1 day: " + expiry);
    }
    return expiry;
  }
}
