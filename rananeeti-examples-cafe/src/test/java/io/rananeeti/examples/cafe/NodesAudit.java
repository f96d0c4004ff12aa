package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.examples.cafe.TableClient.Order;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the database must say in the end, by what clients were told. */
final class NodesAudit {

  private final Map<String, Integer> times = new HashMap<>();
  private final Map<String, Integer> places = new HashMap<>();

  /** Reads the messages of all insertions that were committed, in their order. */
  NodesAudit(List<String> notes) {
    for (int place = 0; place < notes.size(); place++) {
      times.merge(notes.get(place), 1, Integer::sum);
      places.put(notes.get(place), place);
    }
  }

  /** Each promised order once, each other at most once, and none that nobody has placed. */
  void assertOnce(Collection<Order> orders) {
    Map<String, String> wrong = new LinkedHashMap<>();
    Map<String, Integer> unknown = new HashMap<>(times);
    for (Order order : orders) {
      unknown.remove(order.message());
      int found = times.getOrDefault(order.message(), 0);
      if (found > 1 || (order.isTaken() && found == 0)) {
        wrong.put(order.toString(), "applied " + found + " times");
      }
    }
    assertThat(wrong).as("lost or doubled").isEmpty();
    assertThat(unknown).as("never placed").isEmpty();
  }

  /** Of each table's promised orders the later one is behind the earlier one. */
  void assertOrder(Collection<Order> orders) {
    Map<String, Order> last = new HashMap<>();
    Map<String, String> wrong = new LinkedHashMap<>();
    for (Order order : orders) {
      Order before = order.isTaken() ? last.put(order.table(), order) : null;
      if (before != null && place(before) > place(order)) {
        wrong.put(order.toString(), "is before " + before);
      }
    }
    assertThat(wrong).as("overtaken").isEmpty();
  }

  private int place(Order order) {
    return places.getOrDefault(order.message(), -1);
  }

  /** Whether all of these are there. */
  boolean hasAll(Collection<Order> orders) {
    return orders.stream().allMatch(order -> times.containsKey(order.message()));
  }
}
