package io.rananeeti.log;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Transaction;
import io.rananeeti.store.ValueRange;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What an entry of the log holds. */
public sealed interface LogRecord {

  /**
   * The log was opened: from here on, ids are of this incarnation (I1).
   *
   * @param incarnation drawn at random
   * @param at when, by this node's clock
   */
  record Opened(UUID incarnation, Instant at) implements LogRecord {}

  /**
   * The ledger of a store knows this incarnation (I2, I3). Written after that is so.
   *
   * @param store the store
   * @param incarnation the incarnation that it knows
   */
  record Registered(String store, UUID incarnation) implements LogRecord {}

  /**
   * An operator decided what to do about a store with another history (I3).
   *
   * @param store the store
   * @param setAsideBelow accepted transactions below this sequence number become dead letters; 0
   *     for none
   * @param at when, by this node's clock
   */
  record Adopted(String store, long setAsideBelow, Instant at) implements LogRecord {}

  /**
   * An acknowledged transaction, or one whose acknowledgement was lost with the process.
   *
   * @param transaction the transaction; without operations where it may not be applied again and
   *     only waits to be settled
   * @param inDoubt whether its COMMIT had been sent
   * @param by who has sent a dead letter again with it; null for what an application committed
   * @param reason why, in that person's words; null likewise
   */
  record Accepted(
      Transaction transaction, boolean inDoubt, @Nullable String by, @Nullable String reason)
      implements LogRecord {

    /** What an application committed. */
    public Accepted(Transaction transaction, boolean inDoubt) {
      this(transaction, inDoubt, null, null);
    }
  }

  /**
   * A mark: says what became of an accepted transaction.
   *
   * @param entry the sequence number of the entry that accepted it
   * @param id the transaction
   * @param outcome one of {@code APPLIED}, {@code REFUSED}, {@code DISCARDED}, {@code ABORTED},
   *     {@code DUPLICATE}
   * @param refusal why, where it was refused; null else
   * @param note what a person gave as the reason; of a duplicate, the id of the transaction that it
   *     repeats; else null
   * @param at when, by this node's clock
   * @param by who decided it, null if it was nobody
   */
  record Mark(
      long entry,
      TransactionId id,
      Outcome outcome,
      @Nullable Refusal refusal,
      @Nullable String note,
      Instant at,
      @Nullable String by)
      implements LogRecord {

    /** What became of it without a person. */
    public Mark(
        long entry,
        TransactionId id,
        Outcome outcome,
        @Nullable Refusal refusal,
        @Nullable String note,
        Instant at) {
      this(entry, id, outcome, refusal, note, at, null);
    }
  }

  /**
   * A person holds a store, or releases it: while it is held nothing reaches for it (R8).
   *
   * @param store the store
   * @param held whether it is held from here on
   * @param by who said so
   * @param reason why, in that person's words
   * @param at when, by this node's clock
   */
  record Held(String store, boolean held, String by, String reason, Instant at)
      implements LogRecord {}

  /**
   * Stands in the place of an entry that was on disk and can't be read any more, once a person has
   * decided to go on without it.
   *
   * @param at when that was, by this node's clock
   */
  record Lost(Instant at) implements LogRecord {}

  /**
   * The platform holds values of a sequence. All values that it ever held of one sequence are
   * numbered, from 0: this record says which stand at {@code from} and behind it, whatever was said
   * of these numbers before.
   *
   * @param store the store
   * @param sequence its name in full
   * @param from the number of the first of them
   * @param values in order
   * @param state which sequence it was, among those of its name; null if that is not known
   * @param furthest the furthest value ever leased, where it was written again without the records
   *     that say so; null where those say it
   */
  record Leased(
      String store,
      String sequence,
      long from,
      List<ValueRange> values,
      @Nullable String state,
      @Nullable Long furthest)
      implements LogRecord {

    /** Copies the list. */
    public Leased {
      values = List.copyOf(values);
    }
  }

  /**
   * Values that were leased may have been given to the application: a watermark that is forced
   * before any of them is.
   *
   * @param store the store
   * @param sequence its name in full
   * @param below those with a smaller number
   */
  record Drawn(String store, String sequence, long below) implements LogRecord {}

  /**
   * A transaction whose COMMIT is sent once this is in the log (C6). What a mark says became of it
   * is so: {@code APPLIED}, it is acknowledged; {@code ABORTED}, nothing of it happened, and the
   * application knows. Without a mark it counts as acknowledged.
   *
   * @param transaction the transaction
   * @param again whether it may be run again though nobody knows that it ever was committed: not if
   *     the application has read something in it (R6)
   * @param seen the furthest value of each sequence that the application was given in it, by the
   *     sequence's name in full (R4)
   */
  record Retained(Transaction transaction, boolean again, Map<String, Long> seen)
      implements LogRecord {

    /** Copies the map. */
    public Retained {
      seen = Map.copyOf(seen);
    }
  }

  /**
   * A recovery has raised the epoch of a store's writer (R3): what is acknowledged from here on is
   * on that writer's history.
   *
   * @param store the store
   * @param epoch as it is in the writer's database now
   * @param lineage of the writer; 0 if it has none
   * @param writer its identity
   */
  record Era(String store, long epoch, long lineage, String writer) implements LogRecord {}

  /**
   * Stands in the copy of a node's log before the entries of one batch: says how far that node's
   * log is copied with it, and what place in the order of all nodes these entries have.
   *
   * @param upTo the last sequence number of the node's log that is in the copy, or need not be
   * @param ticket drawn from one counter of all nodes before the batch was written; 0 if nothing
   *     was accepted in it
   */
  record Copied(long upTo, long ticket) implements LogRecord {}

  /**
   * The transaction that is accepted next was accepted by a node that is no more, and keeps the
   * place that it had in the order of all nodes.
   *
   * @param id the transaction
   * @param ticket its place, as in {@link Copied}
   */
  record Moved(TransactionId id, long ticket) implements LogRecord {}

  /**
   * A {@link Retained} transaction whose COMMIT is in doubt was acknowledged as accepted: from here
   * on it has a place in the order of all nodes. It is settled in the place of its own entry.
   *
   * @param entry the sequence number of that entry
   * @param id the transaction
   */
  record Deferred(long entry, TransactionId id) implements LogRecord {}

  /**
   * An accepted transaction may keep waiting while its store is up: a unit of work that waits for
   * another store than its own, or that its caller has left to the drain; or what somebody else's
   * lock blocks. Other nodes, which read this in the copy, count its key as parked until it is
   * marked, and don't wait for it to be up.
   *
   * @param entry the sequence number of its entry
   * @param id the transaction
   */
  record Delayed(long entry, TransactionId id) implements LogRecord {}
}
