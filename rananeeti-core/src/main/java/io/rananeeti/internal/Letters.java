package io.rananeeti.internal;

import io.rananeeti.DeadLetter;
import io.rananeeti.DeadLetters;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.jdbc.Corrections;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a person does with dead letters (S5). One decision at a time, each under the closed gate of
 * the letter's store, so that no commit of a parked key slips by.
 *
 * <p><b>Who dies when.</b> The retry's entry names the letter, and that naming is its mark: before
 * the entry is forced the letter lives, afterwards it is replaced. The ledger lets only one retry
 * through. A discard is a mark, forced before the call returns. The line of the audit trail comes
 * after either, and is repeated at the next open if a crash comes between them.
 */
final class Letters implements DeadLetters {

  private static final int MOST_PARKED = 1_000;

  private final Journal journal;
  private final Ids ids;
  private final Seams seams;
  private final Map<String, StoreRuntime> stores;
  private final AuditTrail audit;

  Letters(
      Journal journal, Ids ids, Seams seams, Map<String, StoreRuntime> stores, AuditTrail audit) {
    this.journal = journal;
    this.ids = ids;
    this.seams = seams;
    this.stores = stores;
    this.audit = audit;
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
  public List<ParkedKey> parked() {
    List<ParkedKey> parked = new ArrayList<>();
    for (String store : stores.keySet()) {
      parked.addAll(ParkedEntries.count(journal, journal.book().parked(store, MOST_PARKED), store));
    }
    return parked;
  }

  @Override
  public Receipt retry(TransactionId id, String by, String reason) {
    return retry(id, by, reason, UnaryOperator.identity());
  }

  @Override
  public Receipt retry(
      TransactionId id, String by, String reason, UnaryOperator<List<Operation>> correction) {
    Decisions.check(by, reason);
    Transaction letter = journal.read(journal.book().entry(id));
    List<Operation> operations =
        Corrections.checked(
            id,
            letter.operations(),
            correction.apply(letter.operations()),
            runtime(letter.store()).statements());
    TransactionId fresh = ids.next();
    LogRecord.Accepted retry =
        new LogRecord.Accepted(retryOf(letter, operations, fresh, seams.now()), false, by, reason);
    boolean accepted = false;
    try {
      runtime(letter.store()).recoverAfter(() -> accept(retry, letter));
      accepted = true;
    } finally {
      if (!accepted) {
        ids.closed(fresh);
      }
    }
    journal.sharing().acknowledging(retry.transaction());
    return new Receipt(fresh, Receipt.Status.ACCEPTED, seams.now());
  }

  /** What takes a letter's place: the same, but for its operations. */
  static Transaction retryOf(
      Transaction letter, List<Operation> operations, TransactionId fresh, Instant at) {
    return new Transaction(
        fresh,
        letter.store(),
        operations,
        letter.context(),
        letter.orderingKey(),
        letter.traceParent(),
        at,
        letter.id(),
        letter.intent(),
        letter.before().stream().map(part -> part.inPlaceOf(letter.id())).toList());
  }

  @Override
  public void discard(TransactionId id, String by, String reason) {
    Decisions.check(by, reason);
    DeadLetter letter = letter(id);
    runtime(letter.store())
        .recoverAfter(
            () -> {
              long entry = journal.book().entry(id);
              LogRecord.Mark mark =
                  new LogRecord.Mark(entry, id, Outcome.DISCARDED, null, reason, seams.now(), by);
              long sequence = journal.discard(mark);
              journal.book().remove(id);
              audit.add(sequence, Decisions.discarded(mark, letter.store()));
            });
  }

  private void accept(LogRecord.Accepted accepted, Transaction letter) {
    Transaction retry = accepted.transaction();
    TransactionId replaced = letter.id();
    if (journal.book().get(replaced) == null) {
      throw new IllegalArgumentException("there is no dead letter " + replaced);
    }
    journal.book().retrying(retry, journal.book().entry(replaced));
    long sequence = 0;
    try {
      sequence = journal.accept(accepted);
    } finally {
      // It may be in the log though it is not acknowledged: then the letter has its retry.
      boolean isThere = sequence > 0 || journal.hasAccepted(retry.id());
      journal.book().remove(isThere ? replaced : retry.id());
      if (isThere) {
        journal.remember(replaced, Outcome.REPLACED);
      }
    }
    audit.add(sequence, Decisions.retried(accepted, letter));
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
