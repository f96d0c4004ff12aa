package io.rananeeti.testkit.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What all clients were told, in the order in which it ended. Thread-safe. */
public final class History {

  private final List<Told> told = new ArrayList<>();
  private long moments;

  /** An empty one. */
  public History() {}

  synchronized long tick() {
    return moments++;
  }

  /** Everything that has begun has an earlier time. */
  synchronized long time() {
    return moments;
  }

  synchronized void add(Told one) {
    told.add(one);
  }

  synchronized void clear() {
    told.clear();
  }

  synchronized List<Told> told() {
    return List.copyOf(told);
  }

  /** All ways in which a transaction has ended: a receipt's status, or an SQLSTATE. */
  public Set<String> endings() {
    return told().stream()
        .map(each -> each.receipt() == null ? each.error() : each.receipt().name())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** One line each, in the order in which it began. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    told().stream()
        .sorted(Comparator.comparingLong(Told::begun))
        .forEach(each -> text.append("    ").append(each).append(System.lineSeparator()));
    return text.toString();
  }
}
