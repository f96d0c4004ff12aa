package io.rananeeti.internal;

import io.rananeeti.store.Store;
import io.rananeeti.store.Transaction;
import java.util.Queue;

/**
 * Everything of the platform that belongs to one store.
 *
 * @param store the adapter
 * @param gate its availability, and the gate that commits pass
 * @param journal the log, shared with the other stores
 * @param ids the ids, shared with the other stores
 * @param settler settles on this store
 * @param listeners all listeners
 * @param alarms what a person must look at
 * @param questions transactions in doubt that the log had no room for; the drain settles them
 * @param holding whether a person holds it
 * @param leasing values of its sequences in stock
 * @param parts what its units of work have for other stores
 */
record Desk(
    Store store,
    Gate gate,
    Journal journal,
    Ids ids,
    Settler settler,
    Listeners listeners,
    Alarms alarms,
    Queue<Transaction> questions,
    Holding holding,
    Leasing leasing,
    Parts parts) {

  Tail tail() {
    return journal.tail(store.name());
  }

  Backlog backlog() {
    return journal.backlog(store.name());
  }
}
