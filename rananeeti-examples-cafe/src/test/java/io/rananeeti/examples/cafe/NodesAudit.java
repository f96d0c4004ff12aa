package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.examples.cafe.CafeNodes.Note;
import io.rananeeti.examples.cafe.TableClient.Order;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the database must say in the end, by what clients were told. */
final class NodesAudit {

  private final Map<String, List<Note>> notes = new HashMap<>();
  private final List<Note> inOrder;

  /** Of all insertions that were committed, in their order. */
  NodesAudit(List<Note> inOrder) {
    this.inOrder = inOrder;
    for (Note note : inOrder) {
      notes.computeIfAbsent(note.message(), any -> new ArrayList<>()).add(note);
    }
  }

  private List<Note> of(Order order) {
    return notes.getOrDefault(order.message(), List.of());
  }

  /** Each promised order once, each other at most once, and none that nobody has placed. */
  void assertOnce(Collection<Order> orders) {
    Map<Order, List<Note>> wrong = new LinkedHashMap<>();
    Set<String> unknown = new HashSet<>(notes.keySet());
    for (Order order : orders) {
      unknown.remove(order.message());
      int times = of(order).size();
      if (times > 1 || (order.isTaken() && times == 0)) {
        wrong.put(order, of(order));
      }
    }
    assertThat(wrong).as("lost or doubled").isEmpty();
    assertThat(unknown).as("never placed").isEmpty();
  }

  /**
   * Of each table's promised orders the later one is behind the earlier one.
   *
   * @param said by the nodes, to be read where that is not so
   */
  void assertOrder(Collection<Order> orders, List<String> said) {
    Map<String, Integer> places = new HashMap<>();
    for (int place = 0; place < inOrder.size(); place++) {
      places.put(inOrder.get(place).message(), place);
    }
    Map<String, Order> last = new HashMap<>();
    List<String> wrong = new ArrayList<>();
    for (Order order : orders) {
      Order before = order.isTaken() ? last.put(order.table(), order) : null;
      if (before != null
          && places.getOrDefault(before.message(), 0) > places.getOrDefault(order.message(), 0)) {
        wrong.add("%s %s%nis before %s %s".formatted(order, of(order), before, of(before)));
      }
    }
    assertThat(wrong).as(() -> "overtaken; " + String.join("\n", said)).isEmpty();
  }

  /** Whether all of these are there. */
  boolean hasAll(Collection<Order> orders) {
    return orders.stream().noneMatch(order -> of(order).isEmpty());
  }
}
