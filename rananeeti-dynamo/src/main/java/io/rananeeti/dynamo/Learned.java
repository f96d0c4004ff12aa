package io.rananeeti.dynamo;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.IntentHolder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What failed writes have told of the ledger, until it is asked for: once each.
 *
 * <p>DynamoDB has no transaction in which one could look and then write. So a ledger transaction
 * takes everything for free, and learns from the failure of its one write what stands; the platform
 * tries again, and is told. What is forgotten here, because there is too much of it or the process
 * ends, is learned again by the same failure. Thread-safe.
 */
final class Learned {

  private static final int MOST = 10_000;

  private final Map<TransactionId, Claim> claims = bounded();
  private final Map<String, IntentHolder> holders = bounded();
  private final Map<TransactionId, Boolean> notRefused = bounded();

  private static <K, V> Map<K, V> bounded() {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > MOST;
      }
    };
  }

  synchronized void claim(Claim claim) {
    claims.put(claim.id(), claim);
  }

  /** What stands for a transaction; null if nothing is known. */
  synchronized @Nullable Claim claimOf(TransactionId id) {
    return claims.remove(id);
  }

  synchronized void holder(String intentKey, IntentHolder holder) {
    holders.put(intentKey, holder);
  }

  synchronized @Nullable IntentHolder holderOf(String intentKey) {
    return holders.remove(intentKey);
  }

  synchronized void notRefused(TransactionId id) {
    notRefused.put(id, Boolean.TRUE);
  }

  /** Whether a letter is known to be none any more. */
  synchronized boolean isNotRefused(TransactionId id) {
    return notRefused.remove(id) != null;
  }
}
