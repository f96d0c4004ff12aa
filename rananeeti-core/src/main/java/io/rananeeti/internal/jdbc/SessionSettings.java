package io.rananeeti.internal.jdbc;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings that the application made for its session, which follow it from one physical
 * connection to the next. As in the database they are undone with the transaction that made them.
 */
final class SessionSettings {

  private Map<String, String> values = Map.of();
  private Map<String, String> committed = Map.of();

  /** By name, in the order in which they were made first; never changed. */
  Map<String, String> values() {
    return values;
  }

  /** Sets one; without a value it is reset, and {@code all} resets all but the role. */
  void set(String name, @Nullable String value) {
    Map<String, String> next = new LinkedHashMap<>(values);
    if (value != null) {
      next.put(name, value);
    } else if (name.equals("all")) {
      next.keySet().removeIf(other -> !other.equals("role"));
    } else {
      next.remove(name);
    }
    values = next;
  }

  /** As in a new session, the role included. */
  void discard() {
    values = Map.of();
  }

  /** Goes back to what {@link #values} gave earlier. */
  void restore(Map<String, String> earlier) {
    values = earlier;
  }

  void commit() {
    committed = values;
  }

  void rollback() {
    values = committed;
  }
}
