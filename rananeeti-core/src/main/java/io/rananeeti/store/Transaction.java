package io.rananeeti.store;

import io.rananeeti.TransactionId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A unit of work as the log keeps it and a store applies it.
 *
 * @param id given once, kept for ever
 * @param store the store it is for
 * @param operations what to run, in order
 * @param context what must be set around them
 * @param orderingKey transactions with the same key are applied in the order of acceptance; null:
 *     it is one of the sequence of all unkeyed ones
 * @param traceParent the W3C trace parent of the caller, null if there was none
 * @param acceptedAt when the application was told so, by the accepting node's clock
 * @param replaces the dead letter that this is the retry of, null if it is none
 * @param intent its intent key with what it was about when the application gave that, null if none
 */
public record Transaction(
    TransactionId id,
    String store,
    List<Operation> operations,
    Context context,
    @Nullable String orderingKey,
    @Nullable String traceParent,
    Instant acceptedAt,
    @Nullable TransactionId replaces,
    @Nullable Intent intent) {

  /** Copies the list. */
  public Transaction {
    operations = List.copyOf(operations);
  }

  /** The same with nothing to run: it can only be settled, by what stands or by being aborted. */
  public Transaction withoutOperations() {
    return new Transaction(
        id, store, List.of(), context, orderingKey, traceParent, acceptedAt, null, null);
  }

  /** The same with other operations. */
  public Transaction withOperations(List<Operation> others) {
    return new Transaction(
        id, store, others, context, orderingKey, traceParent, acceptedAt, replaces, intent);
  }
}
