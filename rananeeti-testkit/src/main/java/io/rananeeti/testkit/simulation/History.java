package io.rananeeti.testkit.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What all clients were told, in the order in which it ended. Thread-safe. */
public final class History {

  private final List<Told> told = new ArrayList<>();
  private long moments;

  /** An empty one. */
  public History() {}

  synchronized long tick() {
    return moments++;
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
