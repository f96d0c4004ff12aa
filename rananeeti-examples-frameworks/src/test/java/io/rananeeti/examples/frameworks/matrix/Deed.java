package io.rananeeti.examples.frameworks.matrix;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One kind of work of a framework, and what may come of it over the platform.
 *
 * @param name what it is, in the table
 * @param inserts how many rows it inserts, each with a note of its own
 * @param counter the note of the row to whose quantity it adds one; null if to none
 * @param loads whether that row must have been loaded before, and again after a failure
 * @param demanded what is right, by phase: {@code ok} or SQLSTATEs
 * @param action the framework's ordinary code
 */
record Deed(
    String name,
    int inserts,
    @Nullable String counter,
    @Nullable Loading loads,
    Map<Phase, Set<String>> demanded,
    Action action) {

  static final String OK = "ok";

  /** Given the notes of the rows to insert or to change, and what has to happen in the middle. */
  @FunctionalInterface
  interface Action {
    void run(List<String> notes, Runnable between) throws Exception;
  }

  /** Loads the row of that note. */
  @FunctionalInterface
  interface Loading {
    void load(String note) throws Exception;
  }

  static Deed insert(String name, int rows, Action action) {
    return new Deed(name, rows, null, null, always(), action);
  }

  static Deed update(String name, String counter, @Nullable Loading loads, Action action) {
    return new Deed(name, 0, counter, loads, always(), action);
  }

  static Deed query(String name, Action action) {
    return new Deed(name, 0, null, null, always(), action);
  }

  /** Always succeeds. */
  private static Map<Phase, Set<String>> always() {
    Map<Phase, Set<String>> all = new EnumMap<>(Phase.class);
    for (Phase phase : Phase.values()) {
      all.put(phase, Set.of(OK));
    }
    return all;
  }

  /** The same, but in this phase one of these. */
  Deed but(Phase phase, String... outcomes) {
    Map<Phase, Set<String>> changed = new EnumMap<>(demanded);
    changed.put(phase, Set.of(outcomes));
    return new Deed(name, inserts, counter, loads, changed, action);
  }
}
