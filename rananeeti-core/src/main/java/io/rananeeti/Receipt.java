package io.rananeeti;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What {@code commit()} achieved.
 *
 * @param id the transaction's id, to be asked for by {@link DataPlatform#outcome}
 * @param status whether the store has it, or the log
 * @param at when that was known, by this node's clock
 * @param stores of a unit of work across stores: how far each of them has come, by name, in the
 *     order in which they are applied; empty for others
 */
public record Receipt(TransactionId id, Status status, Instant at, Map<String, Status> stores) {

  /** Copies the map, and keeps its order. */
  public Receipt {
    stores = Collections.unmodifiableMap(new LinkedHashMap<>(stores));
  }

  /** Of a transaction of one store. */
  public Receipt(TransactionId id, Status status, Instant at) {
    this(id, status, at, Map.of());
  }

  /** How far a transaction has come. */
  public enum Status {
    /** The store has committed it. */
    APPLIED,
    /** It is forced to the log and will be applied to the store once, in order. */
    ACCEPTED,
    /** The store refused it after it had been accepted; it is a dead letter. */
    REJECTED
  }
}
