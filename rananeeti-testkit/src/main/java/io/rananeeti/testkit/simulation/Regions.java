package io.rananeeti.testkit.simulation;

import io.rananeeti.testkit.InMemoryDatabase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The branches of the database's history that the loss of regions leaves, and which of them the new
 * connections of a node reach. One is the writer that stays; another may be the writer before it,
 * which lives on.
 */
final class Regions {

  private final SeededRandom wire;
  private InMemoryDatabase current;
  private @Nullable InMemoryDatabase old;
  private final Set<String> apart = new HashSet<>();
  private final Set<String> astray = new HashSet<>();
  private final Set<String> returned = new HashSet<>();
  private final List<Ended> ended = new ArrayList<>();
  private boolean lost;
  private boolean adopted;

  Regions(InMemoryDatabase first, SeededRandom wire) {
    this.current = first;
    this.wire = wire;
  }

  /** The writer that stays. */
  InMemoryDatabase current() {
    return current;
  }

  /** The writer that stays, and the one before it if that lives on. */
  List<InMemoryDatabase> all() {
    return old == null ? List.of(current) : List.of(current, old);
  }

  boolean hasOld() {
    return old != null;
  }

  /** What the next connection of a node reaches. */
  InMemoryDatabase reachedBy(String node) {
    InMemoryDatabase other = old;
    boolean strays =
        other != null && (apart.contains(node) || (astray.contains(node) && wire.oneIn(3)));
    return other != null && strays ? other : current;
  }

  /**
   * The standby of another region is promoted.
   *
   * @param livesOn whether the writer does, so that it may come back
   * @param time of the history
   */
  void promote(String identity, boolean livesOn, long time) {
    InMemoryDatabase before = current;
    endOld();
    current = before.promoted(identity);
    Set<String> has = names(current);
    lost = true;
    adopted = false;
    if (livesOn) {
      old = before;
    } else {
      before.endForGood();
      current.isTheOnlyBranch();
    }
    ended.add(new Ended(before, has, time));
  }

  private static Set<String> names(InMemoryDatabase database) {
    Set<String> names = new HashSet<>();
    String table = database.hasTable("events") ? "events" : "events_gone";
    database.rows(table).forEach(row -> names.add(row.values().get(0)));
    return names;
  }

  /** A writer, and the names that the one after it has had from its beginning. */
  private record Ended(InMemoryDatabase database, Set<String> inherited, long time) {

    /** A COMMIT may have been on its way to it, and told, when it ended. */
    Losses.Lost lost() {
      Set<String> lacking = names(database);
      lacking.removeAll(inherited);
      return new Losses.Lost(lacking, time);
    }
  }

  /** The names of what was lost, each time. */
  List<Losses.Lost> together() {
    return ended.stream().map(Ended::lost).toList();
  }

  /** All connections of this node reach the writer before, and know nothing of the other. */
  void setApart(String node) {
    apart.add(node);
  }

  /** Some connections of this node reach the writer before. */
  void leadAstray(String node) {
    astray.add(node);
  }

  /** All connections reach the writer that stays; the other lives on. */
  void reunite() {
    apart.clear();
    astray.clear();
  }

  /** The writer that was promoted is gone for good, and the one before it is all there is. */
  void comeBack() {
    InMemoryDatabase back = old;
    if (back == null) {
      throw new IllegalStateException("there is none that could");
    }
    back.restart();
    back.lagStandby(false);
    current.endForGood();
    current = back;
    old = null;
    current.isTheOnlyBranch();
    reunite();
    back.rows("events").forEach(row -> returned.add(row.values().get(0)));
    adopted = true;
  }

  /** No other branch comes back any more. */
  void endOld() {
    reunite();
    if (old != null) {
      old.endForGood();
      old = null;
    }
    current.isTheOnlyBranch();
  }

  /** Whether a person may say that the writer that nodes reach is the only one. */
  boolean mayBeAdopted() {
    return adopted;
  }

  /** Whether what was acknowledged may have been lost by the database. */
  boolean hasLost() {
    return lost;
  }

  /** The names of what was there when a writer came back, whatever its client was told since. */
  Set<String> returned() {
    return returned;
  }
}
