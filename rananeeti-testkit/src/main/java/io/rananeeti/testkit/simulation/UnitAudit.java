package io.rananeeti.testkit.simulation;

import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares what is in the stores that units of work have parts for with what is in the database, in
 * the end (U1 to U5): whatever has a row is whole; an item without a row is that of a letter; an
 * object without a row does no harm, unless its unit was acknowledged.
 */
final class UnitAudit {

  private final Units units;
  private final Evidence evidence;
  private final Set<String> rows;
  private final List<String> complaints = new ArrayList<>();

  /**
   * An audit of a run that has come to rest.
   *
   * @param rows the names of all that is applied in the database
   */
  UnitAudit(Units units, Evidence evidence, Set<String> rows) {
    this.units = units;
    this.evidence = evidence;
    this.rows = rows;
  }

  List<String> complaints() {
    Map<String, Told> told = new HashMap<>();
    evidence.told().forEach(each -> told.put(each.work().name(), each));
    units
        .enlisted()
        .forEach(
            (name, has) -> {
              if (!has.isNothing()) {
                unit(name, has, told.get(name));
              }
            });
    evidence.told().stream().filter(each -> units.isUnit(each.work())).forEach(this::ledgers);
    return complaints;
  }

  private void unit(String name, Enlisted has, @Nullable Told told) {
    boolean row = rows.contains(name);
    boolean object = units.hasObject(name);
    int items = units.itemsOf(name);
    boolean lacks = (has.object() != null && !object) || (has.item() != null && items == 0);
    if (row && lacks) {
      complaints.add("half there: %s has %s, of %s".formatted(name, has, told));
    }
    List<TransactionId> ids = units.idsOfItem(name);
    boolean letter = ids.stream().anyMatch(this::wasLetter);
    if (!row && items > 0 && !letter) {
      complaints.add("an item without its row: %s under %s, of %s".formatted(name, ids, told));
    }
    count(told, row, object, items, letter);
  }

  private void count(@Nullable Told told, boolean row, boolean object, int items, boolean letter) {
    if (told == null) {
      return;
    }
    if (told.error().startsWith("23") && items == 0 && !row) {
      units.count(Units.Way.CAME_TO_NOTHING);
    }
    if (told.error().startsWith("23") && items > 0) {
      units.count(Units.Way.REFUSED_TOO_LATE);
    }
    if (object && !row) {
      units.count(Units.Way.OBJECT_LEFT);
    }
    if (row && items > 0 && letter) {
      units.count(Units.Way.RETRIED);
    }
    if (row && told.error().equals(Told.DIED)) {
      units.count(Units.Way.DIED_AND_WHOLE);
    }
  }

  private boolean wasLetter(TransactionId id) {
    return evidence.letters().stream().anyMatch(letter -> letter.id().equals(id))
        || evidence.operators().values().stream()
            .anyMatch(
                operator ->
                    operator.discarded().contains(id)
                        || operator.attempted().contains(id)
                        || operator.retried().containsKey(id)
                        || operator.retried().containsValue(id));
  }

  /** The items' ledger says the same as the database, as long as it has not forgotten it. */
  private void ledgers(Told told) {
    TransactionId id = told.id();
    Enlisted has = units.enlisted().getOrDefault(told.work().name(), Enlisted.NOTHING);
    boolean judged =
        told.receipt() != null && has.item() != null && rows.contains(told.work().name());
    if (!judged || id == null || wasLetter(id)) {
      return;
    }
    boolean forgotten = units.items().settledBelow(id) > id.number();
    Outcome outcome = units.items().ledger().get(id);
    boolean agrees = outcome == Outcome.APPLIED || (outcome == null && forgotten);
    if (!agrees) {
      complaints.add("the items' ledger says %s of %s".formatted(outcome, told));
    }
    if (told.receipt() == Receipt.Status.APPLIED && outcome == Outcome.REFUSED) {
      complaints.add("told applied, and refused by another store: " + told);
    }
  }
}
