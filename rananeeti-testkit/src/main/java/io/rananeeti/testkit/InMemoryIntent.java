package io.rananeeti.testkit;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import java.time.Instant;

/**
 * A row of the intent keys of an {@link InMemoryDatabase}.
 *
 * @param expiresAt from when on anybody may take the key, by the database's clock
 */
record InMemoryIntent(IntentHolder holder, Instant expiresAt) {

  static InMemoryIntent of(TransactionId id, Intent intent, Instant expiresAt) {
    return new InMemoryIntent(new IntentHolder(id, intent.digest()), expiresAt);
  }

  InMemoryIntent until(Instant later) {
    return new InMemoryIntent(holder, later);
  }
}
