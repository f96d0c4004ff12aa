package io.rananeeti.dynamo;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The writes of a transaction that is not yet sent, in order. DynamoDB takes them all in one
 * request, so what it would refuse of it for its size is refused as soon as it is known. Used by
 * one thread.
 */
final class Buffer {

  /** What DynamoDB takes. */
  static final int MOST_ACTIONS = 100;

  /** What of it may be the application's: the ledger's item and an intent key's go along. */
  static final int MOST_OF_APPLICATION = MOST_ACTIONS - 4;

  private static final long MOST_BYTES = 4L << 20;

  /** Of the 4 MB: what goes along, and what the estimate misses. */
  private static final long MOST_BYTES_OF_APPLICATION = MOST_BYTES - (64L << 10);

  private final List<Action> actions = new ArrayList<>();
  private final Map<Action.ItemId, Integer> places = new HashMap<>();
  private long size;

  /** Why this is too much for one transaction; null if it is not. */
  static @Nullable String refusal(int actions, long size) {
    if (actions > MOST_OF_APPLICATION) {
      return "a transaction of DynamoDB takes %d writes of the application, and this would be number %d: commit before, or use several transactions"
          .formatted(MOST_OF_APPLICATION, actions);
    }
    if (size > MOST_BYTES_OF_APPLICATION) {
      return "a transaction of DynamoDB takes 4 MB, and this would be about %d KB: commit before, or use several transactions"
          .formatted(size >> 10);
    }
    return null;
  }

  /**
   * Takes one more.
   *
   * @throws SQLException 54000 if that is too much, or its item is written already
   */
  void add(Action action) throws SQLException {
    String refusal = refusal(actions.size() + 1, size + action.size());
    if (refusal != null) {
      throw new SQLException(refusal, "54000");
    }
    if (places.putIfAbsent(action.item(), actions.size()) != null) {
      throw new SQLException(
          "a transaction of DynamoDB takes one write for each item, and this item of table %s is written already: make one write of the two, or use two transactions"
              .formatted(action.table()),
          "54000");
    }
    actions.add(action);
    size += action.size();
  }

  List<Action> actions() {
    return actions;
  }

  int length() {
    return actions.size();
  }

  boolean isEmpty() {
    return actions.isEmpty();
  }

  /** Forgets all but the first. */
  void cut(int length) {
    for (Action action : actions.subList(length, actions.size())) {
      places.remove(action.item());
      size -= action.size();
    }
    actions.subList(length, actions.size()).clear();
  }
}
