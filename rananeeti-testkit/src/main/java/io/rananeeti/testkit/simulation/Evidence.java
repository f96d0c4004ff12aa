package io.rananeeti.testkit.simulation;

import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.InMemoryDatabase.Row;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that an {@link Audit} judges by, of a run that has come to rest, whatever it ran against.
 *
 * @param told what clients were told
 * @param rows the committed rows of a table, in the order in which they were applied
 * @param operators who has dealt with the dead letters of a node, by its name
 * @param letters the dead letters that were announced
 * @param outcomes what the platforms say of each transaction, now
 * @param asked what the platforms said of a transaction as soon as its client was told
 * @param notifications what was sent by NOTIFY and committed
 * @param habits what was not usual in this run
 * @param inflicted faults that may have struck
 * @param losses what the database may have lost
 * @param shared whether the order of all nodes is kept, and not only that of each
 * @param units what has parts for other stores; null if nothing has
 */
record Evidence(
    List<Told> told,
    Function<String, List<Row>> rows,
    Map<String, Operator> operators,
    List<DeadLetter> letters,
    Map<TransactionId, Outcome> outcomes,
    List<SimulatedRun.Asked> asked,
    List<String> notifications,
    Set<Habit> habits,
    Set<FaultKind> inflicted,
    Losses losses,
    boolean shared,
    @Nullable Units units) {

  List<Row> rows(String table) {
    return rows.apply(table);
  }
}
