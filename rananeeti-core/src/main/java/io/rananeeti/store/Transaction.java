package io.rananeeti.store;

import io.rananeeti.TransactionId;
import java.time.Instant;
import java.util.Collection;
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
 * @param before what it has for other stores, applied in this order, and before its own operations;
 *     empty but for a unit of work across stores
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
    @Nullable Intent intent,
    List<Part> before) {

  /** Copies the lists. */
  public Transaction {
    operations = List.copyOf(operations);
    before = List.copyOf(before);
  }

  /** One of one store. */
  public Transaction(
      TransactionId id,
      String store,
      List<Operation> operations,
      Context context,
      @Nullable String orderingKey,
      @Nullable String traceParent,
      Instant acceptedAt,
      @Nullable TransactionId replaces,
      @Nullable Intent intent) {
    this(
        id,
        store,
        operations,
        context,
        orderingKey,
        traceParent,
        acceptedAt,
        replaces,
        intent,
        List.of());
  }

  /** The same without its intent key. */
  public Transaction withoutIntent() {
    return new Transaction(
        id,
        store,
        operations,
        context,
        orderingKey,
        traceParent,
        acceptedAt,
        replaces,
        null,
        before);
  }

  /** The same with these parts for other stores. */
  public Transaction after(Collection<Part> parts) {
    return new Transaction(
        id,
        store,
        operations,
        context,
        orderingKey,
        traceParent,
        acceptedAt,
        replaces,
        intent,
        List.copyOf(parts));
  }

  /** The same under another id. */
  public Transaction withId(TransactionId other) {
    return new Transaction(
        other,
        store,
        operations,
        context,
        orderingKey,
        traceParent,
        acceptedAt,
        replaces,
        intent,
        before);
  }

  /** Whether other stores have a part of it. */
  public boolean isAcrossStores() {
    return !before.isEmpty();
  }

  /** The same with nothing to run: it can only be settled, by what stands or by being aborted. */
  public Transaction withoutOperations() {
    return new Transaction(
        id, store, List.of(), context, orderingKey, traceParent, acceptedAt, null, null);
  }

  /** The same with other operations of its own. */
  public Transaction withOperations(List<Operation> others) {
    return new Transaction(
        id, store, others, context, orderingKey, traceParent, acceptedAt, replaces, intent, before);
  }
}
