package io.rananeeti.internal.jdbc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * Texts of statements that have answered another update count than 1 while attached: a promise of 1
 * would likely break (D6). Bounded; forgotten at restart. Thread-safe.
 */
final class Promises {

  private static final int MOST = 10_000;

  private final Cache<String, Boolean> unkept =
      Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build();

  /** The text answered this count. */
  void answered(String sql, long count) {
    if (count != 1 && count >= 0) {
      unkept.put(sql, true);
    }
  }

  /** Whether 1 may be promised. */
  boolean mayPromiseOne(String sql) {
    return unkept.getIfPresent(sql) == null;
  }
}
