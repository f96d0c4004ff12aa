package io.rananeeti.store;

import io.rananeeti.TransactionId;

/**
 * Which transaction has an intent key in a store.
 *
 * @param id the transaction, of whatever log
 * @param digest of its content, as in {@link Intent#digest}
 */
public record IntentHolder(TransactionId id, String digest) {}
