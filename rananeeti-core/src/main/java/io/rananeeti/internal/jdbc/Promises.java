package io.rananeeti.internal.jdbc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Texts of statements that have answered another update count than 1 while attached: a promise of 1
 * would likely break (D6). Bounded; forgotten at restart. Thread-safe.
 */
final class Promises {

  private static final int MOST = 10_000;

  private final Map<String, Boolean> unkept = new ConcurrentHashMap<>();

  /** The text answered this count. */
  void answered(String sql, long count) {
    if (count != 1 && count >= 0 && unkept.size() < MOST) {
      unkept.put(sql, true);
    }
  }

  /** Whether 1 may be promised. */
  boolean mayPromiseOne(String sql) {
    return !unkept.containsKey(sql);
  }
}
