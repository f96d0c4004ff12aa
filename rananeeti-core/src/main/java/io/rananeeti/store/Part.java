package io.rananeeti.store;

import io.rananeeti.TransactionId;
import java.util.ArrayList;
import java.util.List;

/**
 * What a unit of work has for another store than its own. That store applies it by itself, once,
 * under the unit's id.
 *
 * @param store the store it is for
 * @param operations what to run, in order
 * @param formerly ids under which it may have been applied, or refused, already: of the dead
 *     letters that its unit takes the place of, the oldest first
 */
public record Part(String store, List<Operation> operations, List<TransactionId> formerly) {

  /** Copies the lists. */
  public Part {
    operations = List.copyOf(operations);
    formerly = List.copyOf(formerly);
  }

  /** The same, of a unit that takes the place of this dead letter. */
  public Part inPlaceOf(TransactionId letter) {
    List<TransactionId> ids = new ArrayList<>(formerly);
    ids.add(letter);
    return new Part(store, operations, ids);
  }
}
