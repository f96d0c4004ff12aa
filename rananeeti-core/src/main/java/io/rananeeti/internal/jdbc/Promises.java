package io.rananeeti.internal.jdbc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * Texts of statements that have answered another update count than 1 while attached: a promise of 1
 * would likely break (D6). One that has changed several rows stays among them. One that has changed
 * none is taken back by the next answer of 1: a versioned update that lost a race once is still
 * worth a promise. Bounded; forgotten at restart. Thread-safe.
 */
final class Promises {

  private static final int MOST = 10_000;

  /** The texts, and whether they have changed several rows. */
  private final Cache<String, Boolean> unkept =
      Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build();

  /** The text answered this count. */
  void answered(String sql, long count) {
    if (count > 1) {
      unkept.put(sql, true);
    } else if (count == 0) {
      unkept.asMap().putIfAbsent(sql, false);
    } else if (count == 1 && Boolean.FALSE.equals(unkept.getIfPresent(sql))) {
      unkept.asMap().remove(sql, false);
    }
  }

  /** Whether 1 may be promised. */
  boolean mayPromiseOne(String sql) {
    return unkept.getIfPresent(sql) == null;
  }
}
