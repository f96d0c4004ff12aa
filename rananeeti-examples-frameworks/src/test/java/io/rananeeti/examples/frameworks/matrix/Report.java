package io.rananeeti.examples.frameworks.matrix;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table of what came of each operation, as Markdown. Frameworks that fare alike share a row.
 */
final class Report {

  private Report() {}

  /** What was demanded of the platform, and is what was seen, or else the test has failed. */
  static String demanded(List<Actor> actors) {
    return table(
        actors,
        (actor, deed, phase) -> {
          boolean seen = seen(actor, deed).containsKey(phase);
          return seen ? deed.demanded().getOrDefault(phase, Set.of()) : Set.of();
        });
  }

  /** What was seen. */
  static String seen(List<Actor> actors) {
    return table(actors, (actor, deed, phase) -> seen(actor, deed).getOrDefault(phase, Set.of()));
  }

  /** What each framework throws for an SQLSTATE. */
  static String thrown(List<Actor> actors) {
    Map<String, List<String>> frameworks = new TreeMap<>();
    for (Actor actor : actors) {
      actor
          .thrown()
          .forEach(
              (state, classes) ->
                  frameworks
                      .computeIfAbsent(
                          state + " | " + String.join(", ", classes), row -> new ArrayList<>())
                      .add(actor.framework()));
    }
    StringBuilder table = new StringBuilder("| SQLSTATE | thrown | by |\n|---|---|---|\n");
    frameworks.forEach(
        (row, who) ->
            table
                .append("| ")
                .append(row)
                .append(" | ")
                .append(who.stream().distinct().collect(Collectors.joining("; ")))
                .append(" |\n"));
    return table.toString();
  }

  private static Map<Phase, Set<String>> seen(Actor actor, Deed deed) {
    return actor.outcomes().getOrDefault(deed.name(), new EnumMap<>(Phase.class));
  }

  private static String table(List<Actor> actors, Cell cell) {
    Map<String, List<String>> frameworks = new LinkedHashMap<>();
    for (Actor actor : actors) {
      for (Deed deed : actor.deeds()) {
        String cells =
            Stream.of(Phase.values())
                .map(phase -> text(cell.outcomes(actor, deed, phase)))
                .collect(Collectors.joining(" | "));
        frameworks
            .computeIfAbsent(deed.name() + " | " + cells, row -> new ArrayList<>())
            .add(actor.framework());
      }
    }
    int all = (int) actors.stream().map(Actor::framework).distinct().count();
    StringBuilder table = new StringBuilder(head());
    frameworks.forEach(
        (row, who) -> {
          List<String> names = who.stream().distinct().toList();
          String first = names.size() == all ? "all" : String.join("; ", names);
          table.append("| ").append(first).append(" | ").append(row).append(" |\n");
        });
    return table.toString();
  }

  private static String head() {
    String titles = Stream.of(Phase.values()).map(Phase::title).collect(Collectors.joining(" | "));
    return "| framework | operation | "
        + titles
        + " |\n|"
        + "---|".repeat(Phase.values().length + 2)
        + "\n";
  }

  private static String text(Set<String> outcomes) {
    return outcomes.isEmpty() ? "" : String.join(" or ", new TreeSet<>(outcomes).descendingSet());
  }

  private interface Cell {
    Set<String> outcomes(Actor actor, Deed deed, Phase phase);
  }
}
