package io.rananeeti.internal.jdbc;

import java.sql.SQLWarning;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The warnings of a connection. Only the last few are kept, or an application that never clears
 * them would pile them up.
 */
final class Warnings {

  private static final int KEPT = 16;

  private final Deque<SQLWarning> kept = new ArrayDeque<>();

  void add(String message, String sqlState) {
    if (kept.size() == KEPT) {
      kept.removeFirst();
    }
    kept.add(new SQLWarning(message, sqlState));
  }

  /** In the place of what was said with this SQLSTATE before. */
  void replace(String message, String sqlState) {
    kept.removeIf(each -> sqlState.equals(each.getSQLState()));
    add(message, sqlState);
  }

  void clear() {
    kept.clear();
  }

  /** A chain of them, in the order in which they came, and the driver's behind; null if none. */
  @Nullable SQLWarning chain(@Nullable SQLWarning ofDriver) {
    SQLWarning first = null;
    for (SQLWarning each : kept) {
      SQLWarning copy = new SQLWarning(each.getMessage(), each.getSQLState());
      if (first == null) {
        first = copy;
      } else {
        first.setNextWarning(copy);
      }
    }
    if (first == null || ofDriver == null) {
      return first == null ? ofDriver : first;
    }
    first.setNextWarning(ofDriver);
    return first;
  }
}
