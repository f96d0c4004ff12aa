package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.store.Context;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Transaction;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link TransactionLog} must do. Extend it and give the log under test. */
public abstract class TransactionLogContract {

  private static final UUID INCARNATION = new UUID(0x4000, 0x8000);

  /** Given by JUnit: private to one test. */
  @TempDir protected Path directory;

  /** For subclasses. */
  @SuppressWarnings("NullAway.Init")
  protected TransactionLogContract() {}

  /** Opens the log under test; a test opens it several times, one after the other. */
  protected abstract TransactionLog open();

  @Test
  final void beginsWithTheRecordOfItsOpening() {
    try (TransactionLog log = open()) {
      LogEntry first = entries(log, 1).get(0);

      assertThat(first.sequence()).isEqualTo(1);
      assertThat(first.record())
          .isInstanceOfSatisfying(
              LogRecord.Opened.class,
              opened -> assertThat(opened.incarnation()).isEqualTo(log.incarnation()));
      assertThat(log.forced()).isEqualTo(1);
    }
  }

  @Test
  final void keepsItsIdAndDrawsANewIncarnationAtEveryOpen() {
    Set<UUID> ids = new HashSet<>();
    Set<UUID> incarnations = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      try (TransactionLog log = open()) {
        ids.add(log.id());
        incarnations.add(log.incarnation());
      }
    }

    assertThat(ids).hasSize(1);
    assertThat(incarnations).hasSize(4);
  }

  @Test
  final void readsBackEveryKindOfRecordAfterReopening() {
    LogRecord accepted = new LogRecord.Accepted(transaction(1, "tea"), true);
    LogRecord registered = new LogRecord.Registered("orders", INCARNATION);
    LogRecord mark = mark(1);
    try (TransactionLog log = open()) {
      log.append(accepted);
      log.append(registered);
      log.force(log.append(mark));
    }

    try (TransactionLog log = open()) {
      List<LogEntry> entries = entries(log, 2);
      assertThat(entries).extracting(LogEntry::sequence).containsExactly(2L, 3L, 4L, 5L);
      assertThat(entries)
          .extracting(LogEntry::record)
          .startsWith(accepted, registered, mark)
          .hasSize(4);
    }
  }

  @Test
  final void countsOnWhereItStoppedThroughAllOpens() {
    List<Long> sequences = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      try (TransactionLog log = open()) {
        sequences.add(log.append(mark(1)));
        sequences.add(log.append(mark(2)));
        log.force(sequences.get(sequences.size() - 1));
      }
    }

    assertThat(sequences).containsExactly(2L, 3L, 5L, 6L, 8L, 9L);
  }

  @Test
  final void keepsWhatWasAppendedAndNotForcedOverAnOrderlyClose() {
    try (TransactionLog log = open()) {
      log.append(mark(7));
    }

    try (TransactionLog log = open()) {
      assertThat(entries(log, 2).get(0).record()).isEqualTo(mark(7));
    }
  }

  @Test
  final void showsACursorOnlyWhatIsForced() {
    try (TransactionLog log = open();
        LogCursor cursor = log.read(2)) {
      long first = log.append(mark(1));
      assertThat(log.forced()).isLessThan(first);
      assertThat(cursor.next()).isNull();

      log.force(first);

      assertThat(cursor.next()).isEqualTo(new LogEntry(first, mark(1)));
      assertThat(cursor.next()).isNull();
      log.force(log.append(mark(2)));
      assertThat(cursor.next()).isEqualTo(new LogEntry(first + 1, mark(2)));
    }
  }

  @Test
  final void readsFromAnySequenceNumber() {
    int entries = 1_500;
    try (TransactionLog log = open()) {
      for (int i = 2; i <= entries; i++) {
        log.append(mark(i));
      }
      log.force(entries);
    }

    try (TransactionLog log = open()) {
      for (long from : new long[] {1, 2, 255, 256, 257, 511, 1_024, 1_499, 1_500}) {
        try (LogCursor cursor = log.read(from)) {
          assertThat(cursor.next()).extracting(LogEntry::sequence).isEqualTo(from);
        }
      }
      try (LogCursor cursor = log.read(entries + 2)) {
        assertThat(cursor.next()).isNull();
      }
    }
  }

  @Test
  final void keepsEverythingThatManyThreadsForcedInOneOrder() throws Exception {
    int threads = 8;
    int each = 60;
    ConcurrentLinkedQueue<Long> acknowledged = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    try (TransactionLog log = open()) {
      List<Thread> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int number = i;
        Thread thread =
            new Thread(() -> appendAndForce(log, number * each + 1, each, acknowledged));
        thread.setUncaughtExceptionHandler((dead, failure) -> failures.add(failure));
        thread.start();
        running.add(thread);
      }
      for (Thread thread : running) {
        thread.join();
      }
    }

    assertThat(failures).isEmpty();
    assertThat(acknowledged).hasSize(threads * each).doesNotHaveDuplicates();
    try (TransactionLog log = open()) {
      List<LogEntry> entries = entries(log, 2).subList(0, threads * each);
      assertThat(entries).extracting(LogEntry::sequence).containsAll(acknowledged).isSorted();
      assertThat(entries)
          .extracting(entry -> ((LogRecord.Mark) entry.record()).id().number())
          .doesNotHaveDuplicates();
    }
  }

  @Test
  final void isNotHurtByInterruptsOfThoseWhoUseIt() {
    long sequence;
    try (TransactionLog log = open()) {
      Thread.currentThread().interrupt();
      sequence = log.append(mark(1));
      log.force(sequence);
      assertThat(Thread.interrupted()).isTrue();

      assertThat(log.takesEntries()).isTrue();
      assertThat(log.forced()).isEqualTo(sequence);
      log.force(log.append(mark(2)));
    }

    try (TransactionLog log = open()) {
      assertThat(entries(log, sequence)).hasSize(3);
    }
  }

  @Test
  final void keepsWhatWasNotReleased() {
    int entries = 2_000;
    try (TransactionLog log = open()) {
      for (int i = 2; i <= entries; i++) {
        log.append(mark(i));
      }
      log.force(entries);
      log.release(1_700);
      assertThat(entries(log, 1_700)).hasSize(301);
    }

    try (TransactionLog log = open()) {
      List<LogEntry> kept = entries(log, 1);
      assertThat(kept).extracting(LogEntry::sequence).contains(1_700L, 2_001L).isSorted();
      assertThat(log.append(mark(1))).isEqualTo(2_002);
    }
  }

  @Test
  final void countsOnEvenIfEverythingWasReleased() {
    try (TransactionLog log = open()) {
      log.force(log.append(mark(1)));
      log.release(Long.MAX_VALUE);
    }

    try (TransactionLog log = open()) {
      assertThat(log.append(mark(1))).isEqualTo(4);
    }
  }

  @Test
  final void refusesARecordThatIsTooLargeAndGoesOn() {
    try (TransactionLog log = open()) {
      LogRecord large = new LogRecord.Accepted(transaction(1, "x".repeat(40_000_000)), false);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> log.append(large))
          .withMessageContaining("too large");

      log.force(log.append(mark(1)));
      assertThat(log.takesEntries()).isTrue();
      assertThat(log.warnings()).isEmpty();
    }
  }

  @Test
  final void takesNothingAfterItsClose() {
    TransactionLog log = open();
    log.close();

    assertThat(log.takesEntries()).isFalse();
    assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.append(mark(1)));
    log.close();
  }

  @Test
  final void isOpenOnlyOnceAtATime() {
    try (TransactionLog log = open()) {
      assertThatExceptionOfType(LogFailedException.class)
          .isThrownBy(this::open)
          .withMessageContaining("in use");
      log.force(log.append(mark(1)));
    }

    open().close();
  }

  /** All forced entries from this one on. */
  protected static List<LogEntry> entries(TransactionLog log, long from) {
    List<LogEntry> entries = new ArrayList<>();
    try (LogCursor cursor = log.read(from)) {
      for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        entries.add(entry);
      }
    }
    return entries;
  }

  /** A mark with this number. */
  protected static LogRecord mark(long number) {
    TransactionId id = new TransactionId(INCARNATION, number);
    return new LogRecord.Mark(1, id, Outcome.APPLIED, null, null, Instant.EPOCH);
  }

  /** A transaction with this number, and one statement with this parameter. */
  protected static Transaction transaction(long number, String value) {
    Parameter parameter = Parameter.of(Parameter.Kind.STRING, value);
    Operation insert =
        new Operation(
            "INSERT INTO orders VALUES (?)", true, List.of(List.of(parameter)), List.of(1L));
    return new Transaction(
        new TransactionId(INCARNATION, number),
        "orders",
        List.of(insert),
        Context.NONE,
        null,
        null,
        Instant.EPOCH,
        null);
  }

  private static void appendAndForce(
      TransactionLog log, int from, int count, ConcurrentLinkedQueue<Long> acknowledged) {
    for (int number = from; number < from + count; number++) {
      long sequence = log.append(mark(number));
      log.force(sequence);
      acknowledged.add(sequence);
    }
  }
}
