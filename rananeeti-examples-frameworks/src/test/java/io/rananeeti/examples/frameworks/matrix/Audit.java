package io.rananeeti.examples.frameworks.matrix;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares what an actor was told with what is in the database. What was acknowledged is there
 * once. What was refused is not there over the platform; with the plain driver, a lost reply leaves
 * both possible.
 */
final class Audit {

  private final Actor actor;
  private final List<String> findings = new ArrayList<>();

  private Audit(Actor actor) {
    this.actor = actor;
  }

  /** What does not fit, in words; empty if all does. */
  static List<String> of(Actor actor, Tables tables) throws SQLException {
    Audit audit = new Audit(actor);
    audit.inserts(tables);
    audit.updates(tables);
    return audit.findings;
  }

  private void inserts(Tables tables) throws SQLException {
    Map<String, Long> there = new HashMap<>();
    for (String table : actor.tables()) {
      tables.notes(table).forEach((note, rows) -> there.merge(note, rows, Long::sum));
    }
    actor.acknowledged().forEach(note -> expect(note, there.getOrDefault(note, 0L), 1, 1));
    long most = actor.door().isOurs() ? 0 : 1;
    actor.refused().forEach(note -> expect(note, there.getOrDefault(note, 0L), 0, most));
  }

  private void updates(Tables tables) throws SQLException {
    Map<String, Long> there = tables.quantities(actor.tables().get(0));
    actor
        .added()
        .forEach(
            (note, times) -> {
              int failed = actor.notAdded().getOrDefault(note, 0);
              long most = (long) times + (actor.door().isOurs() ? 0 : failed);
              expect("quantity of " + note, there.getOrDefault(note, 0L), times, most);
            });
  }

  private void expect(String what, long found, long least, long most) {
    if (found < least || found > most) {
      findings.add(
          "%s: %s is there %d times instead of %d to %d"
              .formatted(actor.who(), what, found, least, most));
    }
  }
}
