package io.rananeeti.testkit;

import io.rananeeti.testkit.InMemoryDatabase.Row;
import io.rananeeti.testkit.InMemoryTransaction.Change;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The committed rows of a table, with or without a primary key. Guarded by the waiter. */
final class InMemoryTable {

  private final boolean keyed;
  private final Map<String, Row> byKey = new LinkedHashMap<>();
  private final List<Row> appended = new ArrayList<>();

  InMemoryTable(boolean keyed) {
    this.keyed = keyed;
  }

  InMemoryTable copy() {
    InMemoryTable copy = new InMemoryTable(keyed);
    copy.byKey.putAll(byKey);
    copy.appended.addAll(appended);
    return copy;
  }

  boolean isKeyed() {
    return keyed;
  }

  @Nullable Row get(String key) {
    return byKey.get(key);
  }

  List<String> keys() {
    return List.copyOf(byKey.keySet());
  }

  List<Row> rows() {
    return List.copyOf(keyed ? byKey.values() : appended);
  }

  void apply(Change change) {
    Row row = change.row();
    if (change.key() == null) {
      if (row != null) {
        appended.add(row);
      }
    } else if (row == null) {
      byKey.remove(change.key());
    } else {
      byKey.put(change.key(), row);
    }
  }
}
