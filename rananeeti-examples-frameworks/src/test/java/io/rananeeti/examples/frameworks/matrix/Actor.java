package io.rananeeti.examples.frameworks.matrix;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A framework at work behind one door to the database. Keeps account of what returned and what was
 * thrown. Used by one thread at a time.
 */
final class Actor {

  private final Door door;
  private final String framework;
  private final List<Deed> deeds;
  private final List<String> tables;

  private final Set<String> acknowledged = new HashSet<>();
  private final Set<String> refused = new HashSet<>();
  private final Map<String, Integer> added = new HashMap<>();
  private final Map<String, Integer> notAdded = new HashMap<>();
  private final Set<String> stale = new HashSet<>();
  private final Map<String, Map<Phase, Set<String>>> outcomes = new LinkedHashMap<>();
  private final Map<String, Set<String>> thrown = new TreeMap<>();
  private final List<String> complaints = new ArrayList<>();
  private int next;

  Actor(Door door, String framework, List<String> tables, List<Deed> deeds) {
    this.door = door;
    this.framework = framework;
    this.tables = tables;
    this.deeds = deeds;
    deeds.stream().filter(deed -> deed.loads() != null).map(this::counter).forEach(stale::add);
  }

  Door door() {
    return door;
  }

  String framework() {
    return framework;
  }

  List<Deed> deeds() {
    return deeds;
  }

  List<String> tables() {
    return tables;
  }

  Set<String> acknowledged() {
    return acknowledged;
  }

  Set<String> refused() {
    return refused;
  }

  /** How often quantities were raised, by the note of the row. */
  Map<String, Integer> added() {
    return added;
  }

  /** How often that failed. */
  Map<String, Integer> notAdded() {
    return notAdded;
  }

  /** What came of each deed in each phase. */
  Map<String, Map<Phase, Set<String>>> outcomes() {
    return outcomes;
  }

  /** What the framework makes of each SQLSTATE. */
  Map<String, Set<String>> thrown() {
    return thrown;
  }

  /** What should not have come of them. */
  List<String> complaints() {
    return complaints;
  }

  String counter(Deed deed) {
    return who() + "-" + deed.counter();
  }

  String who() {
    return door.title() + "-" + framework;
  }

  /** The notes for the next rows, so that they can be watched for. */
  List<String> notes(int count) {
    return IntStream.range(0, count).mapToObj(i -> who() + "-#" + next++ + "#").toList();
  }

  void does(Deed deed, Phase phase) {
    does(deed, phase, notes(deed.inserts()), () -> {});
  }

  void does(Deed deed, Phase phase, List<String> notes, Runnable between) {
    String outcome = Deed.OK;
    try {
      reload(deed);
      deed.action().run(deed.counter() == null ? notes : List.of(counter(deed)), between);
      acknowledged.addAll(notes);
      count(added, deed);
    } catch (Exception e) {
      refused.addAll(notes);
      count(notAdded, deed);
      outcome = outcome(e);
      thrown.computeIfAbsent(outcome, state -> new TreeSet<>()).add(e.getClass().getSimpleName());
      complain(deed, phase, outcome, e);
    }
    outcomes
        .computeIfAbsent(deed.name(), name -> new EnumMap<>(Phase.class))
        .computeIfAbsent(phase, p -> new TreeSet<>())
        .add(outcome);
  }

  private void reload(Deed deed) throws Exception {
    Deed.Loading loads = deed.loads();
    if (loads != null && stale.contains(counter(deed))) {
      loads.load(counter(deed));
      stale.remove(counter(deed));
    }
  }

  private void count(Map<String, Integer> where, Deed deed) {
    if (deed.counter() != null) {
      where.merge(counter(deed), 1, Integer::sum);
      if (where == notAdded) {
        stale.add(counter(deed));
      }
    }
  }

  private void complain(Deed deed, Phase phase, String outcome, Exception cause) {
    if (door.isOurs() && !deed.demanded().getOrDefault(phase, Set.of()).contains(outcome)) {
      complaints.add(
          "%s: %s, %s: %s: %s".formatted(who(), deed.name(), phase.title(), outcome, trail(cause)));
    }
  }

  private static String trail(Throwable thrown) {
    StringBuilder text = new StringBuilder();
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      text.append("\n    ").append(cause);
    }
    return text.toString();
  }

  /** The SQLSTATE that the framework was told, or else what was thrown. */
  static String outcome(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return thrown.getClass().getSimpleName();
  }
}
