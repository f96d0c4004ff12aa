package io.rananeeti.internal;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Context;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Transaction;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Transactions that insert one row. */
final class Transactions {

  private Transactions() {}

  static Transaction of(TransactionId id, String store, @Nullable String key) {
    return transaction(id, store, key, null);
  }

  static Transaction retry(
      TransactionId id, String store, @Nullable String key, TransactionId replaces) {
    return transaction(id, store, key, replaces);
  }

  private static Transaction transaction(
      TransactionId id, String store, @Nullable String key, @Nullable TransactionId replaces) {
    Operation insert =
        new Operation("INSERT INTO t VALUES ('secret', 1)", false, List.of(List.of()), List.of(1L));
    return new Transaction(
        id, store, List.of(insert), Context.NONE, key, null, Instant.EPOCH, replaces, null);
  }
}
