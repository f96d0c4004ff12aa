package io.rananeeti.internal;

import io.rananeeti.DeadLetter;
import io.rananeeti.DeadLetters;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Transaction;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a person does with dead letters (S5). One decision at a time, each under the closed gate of
 * the letter's store, so that no commit of a parked key slips by.
 *
 * <p><b>Who dies when.</b> The retry's entry names the letter, and that naming is its mark: before
 * the entry is forced the letter lives, afterwards it is replaced. The ledger lets only one retry
 * through. A discard is a mark, forced before the call returns.
 */
final class Letters implements DeadLetters {

  private final Journal journal;
  private final Ids ids;
  private final Seams seams;
  private final Map<String, StoreRuntime> stores;

  Letters(Journal journal, Ids ids, Seams seams, Map<String, StoreRuntime> stores) {
    this.journal = journal;
    this.ids = ids;
    this.seams = seams;
    this.stores = stores;
  }

  @Override
  public List<DeadLetter> list() {
    return journal.book().list();
  }

  @Override
  public Optional<DeadLetter> get(TransactionId id) {
    return Optional.ofNullable(journal.book().get(id));
  }

  @Override
  public Receipt retry(TransactionId id) {
    Transaction letter = journal.read(journal.book().entry(id));
    TransactionId fresh = ids.next();
    Transaction retry =
        new Transaction(
            fresh,
            letter.store(),
            letter.operations(),
            letter.context(),
            letter.orderingKey(),
            letter.traceParent(),
            seams.now(),
            id,
            letter.intent());
    boolean accepted = false;
    try {
      runtime(letter.store()).recoverAfter(() -> accept(retry));
      accepted = true;
    } finally {
      if (!accepted) {
        ids.closed(fresh);
      }
    }
    return new Receipt(fresh, Receipt.Status.ACCEPTED, seams.now());
  }

  @Override
  public void discard(TransactionId id, String reason) {
    runtime(letter(id).store())
        .recoverAfter(
            () -> {
              journal.discard(journal.book().entry(id), id, reason);
              journal.book().remove(id);
            });
  }

  private void accept(Transaction retry) {
    TransactionId replaced = retry.replaces();
    if (replaced == null || journal.book().get(replaced) == null) {
      throw new IllegalArgumentException("there is no dead letter " + replaced);
    }
    journal.book().retrying(retry);
    boolean accepted = false;
    try {
      journal.accept(retry, false);
      accepted = true;
    } finally {
      journal.book().remove(accepted ? replaced : retry.id());
    }
    journal.remember(replaced, Outcome.REPLACED);
  }

  private DeadLetter letter(TransactionId id) {
    return get(id).orElseThrow(() -> new IllegalArgumentException("there is no dead letter " + id));
  }

  private StoreRuntime runtime(String store) {
    StoreRuntime runtime = stores.get(store);
    if (runtime == null) {
      throw new IllegalStateException("there is no store " + store);
    }
    return runtime;
  }
}
