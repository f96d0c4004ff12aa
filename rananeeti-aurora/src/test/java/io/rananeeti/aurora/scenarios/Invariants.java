package io.rananeeti.aurora.scenarios;

import io.rananeeti.DataPlatform;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What must be so after each scenario, once the platform has drained: what was acknowledged is
 * there once and whole, what failed is not there, each trail is in the order of acceptance, and
 * nobody met an error that the contract (docs/jdbc.md) does not name.
 */
final class Invariants {

  /** Safe to retry; no writer and can't wait in the log; nobody knows yet. */
  private static final Set<String> NAMED = Set.of("40001", "55R01", "08007");

  /** Ten times what a caller may have to wait at the beginning of an outage. */
  private static final Duration STALL = Duration.ofSeconds(25);

  private final DataPlatform platform;
  private final List<Note> notes;
  private final Standstills standstills;
  private final Map<String, Note> byToken;
  private final List<String> violations = new ArrayList<>();

  private Invariants(DataPlatform platform, List<Note> notes, Standstills standstills) {
    this.platform = platform;
    this.standstills = standstills;
    this.notes = notes;
    this.byToken = notes.stream().collect(Collectors.toMap(Note::token, Function.identity()));
  }

  /** What is not as it must be, in words. */
  static List<String> violations(
      DataPlatform platform, List<Note> notes, Connection database, Standstills standstills)
      throws SQLException {
    Invariants invariants = new Invariants(platform, notes, standstills);
    invariants.errors();
    invariants.rows(database);
    invariants.trails(database);
    invariants.platform();
    return List.copyOf(invariants.violations);
  }

  private void errors() {
    for (Note note : notes) {
      boolean named = NAMED.contains(note.sqlState());
      boolean stood = standstills.during(note);
      boolean noConnection = stood && note.sqlState().equals("08001");
      boolean excused = noConnection || (named && !note.work().mayBeDeferred());
      if (!note.acknowledged() && !excused) {
        violations.add(note + " met an error");
      }
      if (note.work().mayBeDeferred() && !stood && note.took().compareTo(STALL) > 0) {
        violations.add(note + " was parked");
      }
      if (note.sqlState().equals("08007") && note.idInDoubt() == null) {
        violations.add(note + " does not name its id");
      }
    }
  }

  private void rows(Connection database) throws SQLException {
    Map<String, List<Integer>> parts = new HashMap<>();
    try (Statement statement = database.createStatement();
        ResultSet rows = statement.executeQuery("SELECT token, part FROM orders ORDER BY part")) {
      while (rows.next()) {
        parts.computeIfAbsent(rows.getString(1), t -> new ArrayList<>()).add(rows.getInt(2));
      }
    }
    for (Note note : notes) {
      List<Integer> found = parts.getOrDefault(note.token(), List.of());
      List<Integer> whole = note.work().rows() == 2 ? List.of(0, 1) : List.of(0);
      List<Integer> expected = isThere(note) && note.work().rows() > 0 ? whole : List.of();
      if (!found.equals(expected)) {
        violations.add("%s has the rows %s instead of %s".formatted(note, found, expected));
      }
    }
    parts.keySet().stream()
        .filter(token -> !byToken.containsKey(token))
        .forEach(token -> violations.add("nobody wrote " + token));
  }

  /** Whether it must be in the database: a commit in doubt is what the platform says it is. */
  private boolean isThere(Note note) {
    String inDoubt = note.sqlState().equals("08007") ? note.idInDoubt() : null;
    if (inDoubt == null) {
      return note.acknowledged();
    }
    Outcome outcome = platform.outcome(TransactionId.parse(inDoubt));
    if (outcome != Outcome.APPLIED && outcome != Outcome.ABORTED) {
      violations.add("%s is %s for good".formatted(note, outcome));
    }
    return outcome == Outcome.APPLIED;
  }

  private void trails(Connection database) throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet rows = statement.executeQuery("SELECT name, trail FROM trails")) {
      while (rows.next()) {
        String trail = rows.getString(2);
        trail(rows.getString(1), trail.isEmpty() ? List.of() : Arrays.asList(trail.split(" ")));
      }
    }
  }

  private void trail(String name, List<String> found) {
    List<String> expected =
        notes.stream()
            .filter(note -> name.equals(note.key()) && isThere(note))
            .map(Note::token)
            .sorted()
            .toList();
    List<String> sorted = found.stream().sorted().toList();
    if (!sorted.equals(expected)) {
      violations.add("trail %s is %s, expected %s".formatted(name, found, expected));
      return;
    }
    Note latest = null;
    for (String token : found) {
      Note note = byToken.get(token);
      if (latest != null && note.ended() < latest.committing()) {
        violations.add("trail %s: %s stands behind %s".formatted(name, note, latest));
      }
      latest = latest == null || note.committing() > latest.committing() ? note : latest;
    }
  }

  private void platform() {
    platform.deadLetters().list().forEach(letter -> violations.add("dead letter " + letter));
    platform
        .health()
        .stores()
        .forEach(
            (name, store) -> {
              store.alarms().forEach(alarm -> violations.add("alarm " + alarm));
              if (store.backlog() != 0) {
                violations.add(store.backlog() + " transactions wait");
              }
            });
    for (Note note : notes) {
      if (note.receipt() != null && isDue(note)) {
        Outcome outcome = platform.outcome(note.receipt().id());
        if (outcome != Outcome.APPLIED) {
          violations.add("%s is %s".formatted(note, outcome));
        }
      }
    }
  }

  /** All that were accepted, and some of the others, as each may ask the ledger. */
  private static boolean isDue(Note note) {
    return note.work() != Work.LOOK
        && (note.receipt().status() == Receipt.Status.ACCEPTED || note.token().endsWith("7"));
  }
}
