package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Durability;
import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Context;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Transaction;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log gives back. */
final class JournalReleaseTest {

  private static final String BUSY = "orders";
  private static final String IDLE = "stock";
  private static final int ENTRIES = 10;
  private static final String LARGE = "SELECT '%s'".formatted("x".repeat(9_000_000));

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  JournalReleaseTest() {}

  @Test
  void aStoreForWhichNothingWaitsKeepsNothingOfTheOthers() {
    try (DurableLog log = open()) {
      Ids ids = new Ids(log.incarnation());
      Journal journal = journal(log, ids);
      for (int i = 0; i < ENTRIES; i++) {
        settle(journal, ids.next(), BUSY);
      }

      journal.release();

      assertThat(firstKept(log)).isGreaterThan(2);
    }
  }

  @Test
  void whatWaitsForOneStoreIsKept() {
    try (DurableLog log = open()) {
      Ids ids = new Ids(log.incarnation());
      Journal journal = journal(log, ids);
      Transaction waits = Transactions.of(ids.next(), IDLE, null);
      journal.accept(waits, false);
      long sequence = log.forced();
      for (int i = 0; i < ENTRIES; i++) {
        settle(journal, ids.next(), BUSY);
      }

      journal.release();

      assertThat(journal.read(sequence)).isEqualTo(waits);
    }
  }

  /** R8: what is given back never takes a hold with it. */
  @Test
  void aHoldIsKeptForAsLongAsItLasts() {
    try (DurableLog log = open()) {
      Ids ids = new Ids(log.incarnation());
      Journal journal = journal(log, ids);
      journal.hold(held(true));
      for (int i = 0; i < ENTRIES; i++) {
        settle(journal, ids.next(), BUSY);
      }

      journal.release();

      assertThat(journal(log, ids).held(IDLE)).isEqualTo(held(true));

      journal.hold(held(false));
      journal.release();

      assertThat(firstKept(log)).isGreaterThan(3);
      assertThat(journal(log, ids).held(IDLE)).isNull();
    }
  }

  /** A decision whose line could not be written beside the log is kept in it. */
  @Test
  void aDecisionIsKeptUntilItsLineIsWritten() {
    try (DurableLog log = open()) {
      Ids ids = new Ids(log.incarnation());
      Journal journal = journal(log, ids);
      long decision = journal.hold(held(true));
      journal.hold(held(false));
      journal.keepFrom(() -> decision);
      for (int i = 0; i < ENTRIES; i++) {
        settle(journal, ids.next(), BUSY);
      }

      journal.release();

      assertThat(journal(log, ids).decisions()).containsKey(decision);
    }
  }

  /** What another node had accepted comes where it was, whoever begins to read there. */
  @Test
  void thePlaceOfWhatWaitsIsKeptForAsLongAsItWaits() {
    try (DurableLog log = open()) {
      Ids ids = new Ids(log.incarnation());
      Journal journal = journal(log, ids);
      Transaction moved = Transactions.of(ids.next(), IDLE, null);
      journal.place(moved.id(), 7);
      for (int i = 0; i < ENTRIES; i++) {
        settle(journal, ids.next(), BUSY);
      }
      journal.accept(moved, false);
      long entry = log.forced();

      journal.release();

      assertThat(journal(log, ids).isMoved(moved.id())).isTrue();

      journal.backlog(IDLE).seen(entry);
      journal.mark(IDLE, entry, moved.id(), Outcome.APPLIED, null, 0);
      log.force(log.append(held(false)));
      journal.release();

      assertThat(journal(log, ids).isMoved(moved.id())).isFalse();
      assertThat(firstKept(log)).isGreaterThan(3);
    }
  }

  private static LogRecord.Held held(boolean on) {
    return new LogRecord.Held(IDLE, on, "ann", "drill", Instant.EPOCH);
  }

  /** Accepts, reads and marks it. */
  private static void settle(Journal journal, TransactionId id, String store) {
    Operation insert = new Operation(LARGE, false, List.of(List.of()), List.of(1L));
    journal.accept(
        new Transaction(
            id, store, List.of(insert), Context.NONE, null, null, Instant.EPOCH, null, null),
        false);
    long entry = journal.log().forced();
    journal.backlog(store).seen(entry);
    journal.mark(store, entry, id, Outcome.APPLIED, null, 0);
  }

  private static long firstKept(DurableLog log) {
    try (LogCursor cursor = log.read(1)) {
      LogEntry first = Objects.requireNonNull(cursor.next(), "entry");
      return first.sequence();
    }
  }

  private static Journal journal(DurableLog log, Ids ids) {
    return new Journal(log, Seams.system(), ids, new DeadLetterBook(), List.of(BUSY, IDLE));
  }

  private DurableLog open() {
    LogOptions options = new LogOptions(new LogLimits(1L << 40, 0), Durability.PROCESS, false);
    return DurableLog.open(directory, FileStorage::open, options, Seams.system(), "release");
  }
}
