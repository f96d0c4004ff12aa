package io.rananeeti.dynamo;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.IntentHolder;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What failed writes have told of the ledger, until a transaction is committed that has used it.
 *
 * <p>DynamoDB has no transaction in which one could look and then write. So a ledger transaction
 * takes everything for free, and learns from the failure of its one write what stands; the platform
 * tries again, and is told. It must be told until it has settled it: a group that asks, and then
 * fails for another reason, is followed by each of its members, which asks again.
 *
 * <p>Nothing is believed for longer than {@link #FRESH}: a key is free again some day, and a letter
 * replaced. What is forgotten here is learned again by the same failure. Thread-safe.
 */
final class Learned {

  /** Longer than the platform waits before it tries again. */
  static final Duration FRESH = Duration.ofMinutes(1);

  private static final int MOST = 10_000;

  private final LongSupplier nanoTime;
  private final Map<Object, Fact> facts =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Fact> eldest) {
          return size() > MOST;
        }
      };

  /** By a clock that only goes forward. */
  Learned(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** What was learned, and when. */
  private record Fact(Object what, long since) {}

  /** Whose item it is. */
  record ClaimOf(TransactionId id) {}

  /** Who has a key. */
  record HolderOf(String intentKey) {}

  /** Which letter is none any more. */
  record NotRefused(TransactionId id) {}

  synchronized void claim(Claim claim) {
    learn(new ClaimOf(claim.id()), claim);
  }

  /** What stands for a transaction; null if nothing is known. */
  synchronized @Nullable Claim claimOf(TransactionId id) {
    return (Claim) known(new ClaimOf(id));
  }

  synchronized void holder(String intentKey, IntentHolder holder) {
    learn(new HolderOf(intentKey), holder);
  }

  synchronized @Nullable IntentHolder holderOf(String intentKey) {
    return (IntentHolder) known(new HolderOf(intentKey));
  }

  synchronized void notRefused(TransactionId id) {
    learn(new NotRefused(id), id);
  }

  /** Whether a letter is known to be none any more. */
  synchronized boolean isNotRefused(TransactionId id) {
    return known(new NotRefused(id)) != null;
  }

  /** They were used, and what they were used for is committed. */
  synchronized void forget(Collection<?> used) {
    used.forEach(facts::remove);
  }

  private void learn(Object about, Object what) {
    facts.remove(about);
    facts.put(about, new Fact(what, nanoTime.getAsLong()));
  }

  private @Nullable Object known(Object about) {
    Fact fact = facts.get(about);
    if (fact == null) {
      return null;
    }
    if (nanoTime.getAsLong() - fact.since() > FRESH.toNanos()) {
      facts.remove(about);
      return null;
    }
    return fact.what();
  }
}
