package io.rananeeti.internal;

import io.rananeeti.store.Store;

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
 */
record Desk(
    Store store,
    Gate gate,
    Journal journal,
    Ids ids,
    Settler settler,
    Listeners listeners,
    Alarms alarms) {

  Backlog backlog() {
    return journal.backlog(store.name());
  }
}
