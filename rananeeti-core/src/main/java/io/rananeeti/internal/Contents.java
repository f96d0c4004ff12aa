package io.rananeeti.internal;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.log.ContentSpool;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Content;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Part;
import io.rananeeti.store.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of the journal name content in the spool, and until when. Thread-safe.
 *
 * <p>An entry names its content from before it is acknowledged, and the spool keeps that until the
 * entry neither waits, nor is a dead letter's, nor is kept for other regions, and its mark is on
 * disk. Who asks is the drain's owner thread of the entry's store, so that no recovery of that
 * store gives the entry another life meanwhile; in every other change of an entry's state it has
 * the new one before it loses the old, and the old one is asked for first.
 */
final class Contents {

  /** Of an entry that was found at open. */
  private record Found(long sequence, String store, List<Content> contents) {}

  /** Whether an entry of a store may be asked for again. */
  @FunctionalInterface
  interface Needed {
    boolean test(String store, long sequence);
  }

  private final List<Found> found = new ArrayList<>();
  private volatile @Nullable ContentSpool spool;

  /** The scan at open has found an entry. */
  void found(long sequence, Transaction transaction) {
    List<Content> contents = named(transaction);
    if (!contents.isEmpty()) {
      found.add(new Found(sequence, transaction.store(), contents));
    }
  }

  /** Whether any entry that it has found names content; of a log that has no spool. */
  boolean hasFound() {
    return !found.isEmpty();
  }

  /** The scan is over: what none of the entries names that are needed is deleted. */
  void keepIn(ContentSpool given, Needed needed) {
    for (Found each : found) {
      if (needed.test(each.store(), each.sequence())) {
        given.named(each.sequence(), each.store(), each.contents());
      }
    }
    found.clear();
    given.open();
    spool = given;
  }

  /** Where the content is; null where there is no log on a disk. */
  @Nullable ContentSpool spool() {
    return spool;
  }

  /**
   * Appends a transaction, without what is too large for its entry.
   *
   * @param makesRoom whether there may be room where there was none
   */
  long append(
      LogRecord.Accepted accepted, BooleanSupplier makesRoom, ToLongFunction<LogRecord> append) {
    Transaction transaction = accepted.transaction();
    return append(
        transaction,
        false,
        makesRoom,
        claimed ->
            append.applyAsLong(
                claimed.equals(transaction)
                    ? accepted
                    : new LogRecord.Accepted(
                        claimed, accepted.inDoubt(), accepted.by(), accepted.reason())));
  }

  /** The same; what fits into the entry stays there, so that a commit waits for one force only. */
  long append(
      LogRecord.Retained retained, BooleanSupplier makesRoom, ToLongFunction<LogRecord> append) {
    Transaction transaction = retained.transaction();
    return append(
        transaction,
        true,
        makesRoom,
        claimed ->
            append.applyAsLong(
                claimed.equals(transaction)
                    ? retained
                    : new LogRecord.Retained(claimed, retained.again(), retained.seen())));
  }

  private long append(
      Transaction transaction,
      boolean onlyIfNeeded,
      BooleanSupplier makesRoom,
      ToLongFunction<Transaction> append) {
    ContentSpool into = spool;
    if (into == null) {
      return append.applyAsLong(transaction);
    }
    ClaimCheck check = new ClaimCheck(into, transaction.operations());
    boolean lets = true;
    try {
      Transaction claimed = claimed(transaction, check, onlyIfNeeded, makesRoom);
      long sequence = append.applyAsLong(claimed);
      into.named(sequence, claimed.store(), named(claimed));
      return sequence;
    } catch (LogFailedException unknown) {
      lets = false; // The entry may be on disk all the same, and is found at the next open.
      named(transaction).forEach(into::holdAgain);
      throw unknown;
    } finally {
      if (lets) {
        check.taken().forEach(into::letGo);
      }
    }
  }

  private static Transaction claimed(
      Transaction transaction, ClaimCheck check, boolean onlyIfNeeded, BooleanSupplier makesRoom) {
    while (true) {
      try {
        List<Operation> operations = check.run(onlyIfNeeded);
        return operations == transaction.operations()
            ? transaction
            : transaction.withOperations(operations);
      } catch (LogFullException full) {
        if (!makesRoom.getAsBoolean()) {
          throw full;
        }
      }
    }
  }

  /**
   * Lets go of what entries of a store name that nobody will ask for any more. By the drain's owner
   * thread.
   *
   * @param marks forces the marks so far, without which a crash lets an entry wait again
   */
  void forget(String store, LongPredicate needed, Runnable marks) {
    ContentSpool from = spool;
    if (from == null) {
      return;
    }
    List<Long> over = new ArrayList<>(from.entriesOf(store));
    over.removeIf(needed::test);
    if (!over.isEmpty()) {
      marks.run();
      from.forget(over);
    }
  }

  /** The spool, of a log that has one. */
  ContentSpool requireSpool() {
    return Objects.requireNonNull(spool, "a log without a disk has no spool");
  }

  /** All content that a transaction names, for whichever store. */
  static List<Content> named(Transaction transaction) {
    List<Content> named = ClaimCheck.named(transaction.operations());
    for (Part part : transaction.before()) {
      List<Content> ofPart = ClaimCheck.named(part.operations());
      if (!ofPart.isEmpty()) {
        named = new ArrayList<>(named);
        named.addAll(ofPart);
      }
    }
    return named;
  }
}
