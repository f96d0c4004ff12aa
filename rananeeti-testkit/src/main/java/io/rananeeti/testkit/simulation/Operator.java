package io.rananeeti.testkit.simulation;

import io.rananeeti.Adoption;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.error.RananeetiException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * A person who looks at the dead letters of a node, retries some, discards others, and remembers
 * that longer than any of its platforms lives.
 */
final class Operator {

  private final SeededRandom random;
  private final BiConsumer<String, Object> trace;
  private final Map<TransactionId, TransactionId> retried = new ConcurrentHashMap<>();
  private final Set<TransactionId> discarded = ConcurrentHashMap.newKeySet();
  private final Set<TransactionId> attempted = ConcurrentHashMap.newKeySet();
  private final Set<TransactionId> attemptedBefore = ConcurrentHashMap.newKeySet();

  Operator(SeededRandom random, BiConsumer<String, Object> trace) {
    this.random = random;
    this.trace = trace;
  }

  void attend(DataPlatform platform, int retryOneIn) {
    for (DeadLetter letter : platform.deadLetters().list()) {
      attend(platform, letter, retryOneIn);
    }
  }

  void attend(DataPlatform platform, DeadLetter letter, int retryOneIn) {
    TransactionId id = letter.id();
    boolean fresh = !retried.containsKey(id) && !retried.containsValue(id);
    boolean twice = false; // At two nodes at once: nobody knows which of them was the first.
    try {
      if (!attempted.add(id)) {
        attemptedBefore.add(id);
      }
      if (fresh && random.oneIn(retryOneIn)) {
        Receipt receipt = platform.deadLetters().retry(id, "ann", "mended");
        twice |= retried.put(id, receipt.id()) != null;
        trace.accept("retried", id);
      } else {
        platform.deadLetters().discard(id, "ann", "not for our guests");
        discarded.add(id);
        trace.accept("discarded", id);
      }
      if (twice) {
        attempted.add(id); // Who was the first has taken it out since.
      } else {
        attempted.remove(id);
      }
    } catch (RananeetiException | IllegalArgumentException e) {
      trace.accept("not attended:", e);
    }
  }

  /** Says that the writer that there is now is the only one; whether that was asked. */
  boolean adopt(DataPlatform platform, String store) {
    try {
      platform.adopt(store, Adoption.APPLY, "ann", "the other region is gone for good");
      trace.accept("adopted", store);
      return true;
    } catch (RananeetiException | IllegalStateException e) {
      trace.accept("not adopted:", e);
      return false;
    }
  }

  /** Letters that were retried, and the transactions that replace them. */
  Map<TransactionId, TransactionId> retried() {
    return retried;
  }

  Set<TransactionId> discarded() {
    return discarded;
  }

  /** Letters of which nobody knows whether they were retried or discarded. */
  Set<TransactionId> attempted() {
    return attempted;
  }

  /** Letters of which nobody knew that when they were retried or discarded, perhaps elsewhere. */
  Set<TransactionId> attemptedBefore() {
    return attemptedBefore;
  }
}
