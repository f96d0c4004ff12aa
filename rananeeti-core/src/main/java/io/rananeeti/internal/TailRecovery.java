package io.rananeeti.internal;

import io.rananeeti.DeadLetter;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Frontier;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.TailCheck;
import io.rananeeti.store.Transaction;
import io.rananeeti.store.Writer;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The beginning of a recovery where transactions are kept: finds out what the writer lacks of those
 * that were acknowledged, lets it wait in its place of the log, and raises the epoch. What waits is
 * applied by the drain's pass, in the order of the log (R1).
 *
 * <p>All of it is one conversation on one physical connection, so what was found missing is missing
 * on the writer whose epoch is raised. A look is enough: no COMMIT that was answered can still be
 * on its way. Those whose outcome is open are not looked at, but claimed when their turn comes.
 *
 * <p><b>Who dies when.</b> Before the epoch is raised nothing has changed, and the next recovery
 * begins anew. After it the writer may have a higher epoch than the log says, which is no harm.
 * What is known to be missing is only in memory: after a crash everything that is kept is looked at
 * again. A recovery that ends early leaves it to the next, which may find that the writer has all.
 *
 * <p>Owned by the drain's owner thread.
 */
final class TailRecovery {

  private static final Logger LOG = LoggerFactory.getLogger(TailRecovery.class);
  private static final int BATCH = 500;

  static final Refusal AGAIN = new Refusal("55R03", "refused on a writer that is gone");

  private final String platform;
  private final Desk desk;
  private final Store store;
  private final Journal journal;
  private final Tail tail;
  private Set<TransactionId> restoring = Set.of();
  private @Nullable TransactionId last;
  private LogRecord.@Nullable Era found;
  private boolean lost;
  private final Set<UUID> incarnations = new HashSet<>();

  TailRecovery(Settings settings, Desk desk) {
    this.platform = settings.name();
    this.desk = desk;
    this.store = desk.store();
    this.journal = desk.journal();
    this.tail = desk.tail();
  }

  /** From here on connections need not have the frontier, until {@link #run} has ended. */
  void begin() {
    tail.check();
  }

  /**
   * Finds out what is missing, and ends all connections that have not proven to have the rest.
   *
   * @throws StoreException if the writer does not answer, or is none
   */
  void run() throws StoreException {
    restoring = desk.holding().work(this::check);
    store.sever();
    for (TransactionId letter : restoring) {
      long sent = tail.sending();
      desk.settler().refuseLate(nothing(store.name(), letter), causeOf(letter));
      tail.acknowledged(0, letter, sent, Instant.EPOCH);
    }
    restoring = Set.of();
    tell();
  }

  /** What was missing is told once the writer is known that lacks it, however long that takes. */
  private void tell() {
    if (found != null) {
      journal.sharing().found(found, lost);
      lost = false;
    }
  }

  /** Those of what was missing: the writer may lack that they are registered, too. */
  Set<UUID> incarnations() {
    return Set.copyOf(incarnations);
  }

  private Refusal causeOf(TransactionId id) {
    DeadLetter letter = journal.book().get(id);
    return letter == null ? AGAIN : new Refusal(letter.sqlState(), letter.reason());
  }

  static Transaction nothing(String store, TransactionId id) {
    return new Transaction(
        id, store, List.of(), Context.NONE, null, null, Instant.EPOCH, null, null);
  }

  private Set<TransactionId> check() throws StoreException {
    try (TailCheck check = store.inspect()) {
      Writer writer = check.writer();
      if (tail.excludes(writer)) {
        throw new StoreException(
            Failure.UNREACHABLE,
            Frontier.STALE_BRANCH,
            "the writer that answers is on a stale branch, epoch=%d seen=%d"
                .formatted(writer.epoch(), tail.epoch()),
            null);
      }
      Set<TransactionId> letters = hasAll(check) ? lacking(check, restoring) : missing(check);
      raise(check, writer);
      return letters;
    }
  }

  private void raise(TailCheck check, Writer writer) throws StoreException {
    TransactionId recovery = desk.ids().next();
    try {
      long epoch = check.raise(tail.epoch(), recovery);
      LogRecord.Era era =
          new LogRecord.Era(store.name(), epoch, writer.lineage(), writer.identity());
      tail.raised(era, recovery);
      last = recovery;
      found = era;
      journal.era(era);
    } catch (LogFailedException e) {
      LOG.warn(
          "{}: store={} the epoch is raised, and the log can't be told", platform, store.name(), e);
    } finally {
      desk.ids().closed(recovery);
    }
  }

  private boolean hasAll(TailCheck check) throws StoreException {
    Set<TransactionId> frontier = tail.knownFrontier();
    return frontier != null && check.lacking(frontier).isEmpty();
  }

  /** Lets everything wait that is missing; returns the dead letters whose rows are. */
  private Set<TransactionId> missing(TailCheck check) throws StoreException {
    tail.looking(true);
    try {
      return lookFor(check);
    } finally {
      tail.looking(false);
    }
  }

  private Set<TransactionId> lookFor(TailCheck check) throws StoreException {
    SequenceSet kept = tail.kept();
    Set<TransactionId> gone = new HashSet<>();
    Set<TransactionId> frontier = tail.knownFrontier();
    if (frontier != null) {
      gone.addAll(lacking(check, frontier));
    }
    SequenceSet missing = new SequenceSet();
    Set<TransactionId> refused = letters();
    Map<TransactionId, Entry> batch = new LinkedHashMap<>();
    long count = 0;
    long first = kept.first();
    if (first != Long.MAX_VALUE) {
      try (LogCursor cursor = journal.log().read(first)) {
        for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
          Transaction transaction = Journal.transactionOf(entry.record());
          if (transaction != null && kept.contains(entry.sequence())) {
            batch.put(transaction.id(), new Entry(entry.sequence(), transaction));
            gone.remove(transaction.id());
          }
          if (batch.size() == BATCH) {
            count += missing(check, batch, missing, refused);
          }
        }
      }
      count += missing(check, batch, missing, refused);
    }
    tail.reopened(missing, count);
    lost |= count > 0;
    if (count > 0) {
      LOG.warn(
          "{}: store={} the writer lacks {} transactions that were acknowledged, they are applied again",
          platform,
          store.name(),
          count);
    }
    lost |= !gone.isEmpty();
    gone.removeAll(refused);
    gone.remove(last);
    sayLost(gone);
    return lacking(check, refused);
  }

  /** What did not let itself be kept can't be applied again. */
  private void sayLost(Set<TransactionId> gone) {
    if (!gone.isEmpty()) {
      desk.alarms()
          .raise(
              "lost",
              "%d transactions were acknowledged and could not be kept, and are lost with the writer that had them; one is %s"
                  .formatted(gone.size(), gone.iterator().next()));
    }
  }

  /** Also those whose retry waits: it does nothing where their row is not refused (S5). */
  private Set<TransactionId> letters() {
    Set<TransactionId> letters = new HashSet<>(journal.book().beingReplaced(store.name()));
    for (DeadLetter letter : journal.book().list()) {
      if (letter.store().equals(store.name())) {
        letters.add(letter.id());
      }
    }
    return letters;
  }

  /** A transaction and its place; without its parameters. */
  private record Entry(
      long sequence,
      Instant acceptedAt,
      @Nullable String orderingKey,
      @Nullable TransactionId replaces) {
    Entry(long sequence, Transaction transaction) {
      this(sequence, transaction.acceptedAt(), transaction.orderingKey(), transaction.replaces());
    }
  }

  private long missing(
      TailCheck check,
      Map<TransactionId, Entry> batch,
      SequenceSet missing,
      Set<TransactionId> refused)
      throws StoreException {
    Set<TransactionId> lacking =
        batch.isEmpty() ? Set.of() : check.notApplied(List.copyOf(batch.keySet()));
    for (TransactionId id : lacking) {
      Entry entry = batch.get(id);
      if (entry != null) {
        missing.add(entry.sequence());
        incarnations.add(id.incarnation());
        if (entry.replaces() != null) {
          refused.add(entry.replaces());
          journal.book().retryingAgain(id, store.name(), entry.orderingKey());
        }
        desk.backlog().again(entry.sequence(), entry.acceptedAt());
      }
    }
    batch.clear();
    return lacking.size();
  }

  private static Set<TransactionId> lacking(TailCheck check, Set<TransactionId> ids)
      throws StoreException {
    Set<TransactionId> lacking = new HashSet<>();
    List<TransactionId> all = List.copyOf(ids);
    for (int i = 0; i < all.size(); i += BATCH) {
      lacking.addAll(check.lacking(all.subList(i, Math.min(all.size(), i + BATCH))));
    }
    return lacking;
  }
}
