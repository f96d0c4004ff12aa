package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.abort;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
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
import java.util.Objects;
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

  /** From now on the disk takes nothing more. Where that can't be done, tests of it are skipped. */
  protected void fill() {
    abort("a full disk can't be had here");
  }

  /** The disk that {@link #fill()} has filled takes something again. */
  protected void makeRoom() {}

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
  final void showsACursorWhatIsAcknowledgedAndKeepsIt() {
    try (TransactionLog log = open();
        LogCursor cursor = log.read(2)) {
      long first = log.append(mark(1));
      long second = log.append(mark(2));
      log.acknowledge(second);

      assertThat(log.forced()).isGreaterThanOrEqualTo(second);
      assertThat(cursor.next()).isEqualTo(new LogEntry(first, mark(1)));
      assertThat(cursor.next()).isEqualTo(new LogEntry(second, mark(2)));
      log.acknowledge(first);
      assertThat(log.forced()).isEqualTo(second);
    }

    try (TransactionLog log = open()) {
      assertThat(entries(log, 2)).extracting(LogEntry::record).startsWith(mark(1), mark(2));
    }
  }

  @Test
  final void countsOneByOneFromManyThreads() throws Exception {
    ConcurrentLinkedQueue<Long> acknowledged = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    try (TransactionLog log = open()) {
      List<Thread> running = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int from = i * 200 + 1;
        running.add(start(failures, () -> appendAndAcknowledge(log, from, 200, acknowledged)));
      }
      running.add(start(failures, () -> readInOrderUpTo(log, 801)));
      for (Thread thread : running) {
        thread.join();
      }
      assertThat(failures).isEmpty();
      assertThat(log.forced()).isEqualTo(801);
    }

    assertThat(acknowledged).hasSize(800).doesNotHaveDuplicates().contains(2L, 801L);
  }

  @Test
  final void keepsLargeEntriesOverManyFilesAndReleasesThem() {
    String large = "x".repeat(700_000);
    int last = 101;
    try (TransactionLog log = open()) {
      for (int number = 2; number <= last; number++) {
        log.append(new LogRecord.Accepted(transaction(number, large), false));
      }
      log.force(last);
      assertNumbers(log, 2, last);
      log.release(last - 1);
      assertNumbers(log, last - 1, last);
    }

    try (TransactionLog log = open()) {
      assertThat(entries(log, last - 1)).extracting(LogEntry::sequence).startsWith(100L, 101L);
      try (LogCursor cursor = log.read(1)) {
        LogEntry first = Objects.requireNonNull(cursor.next(), "entry");
        assertThat(first.sequence()).isBetween(1L, 100L);
        assertThat(cursor.next()).extracting(LogEntry::sequence).isEqualTo(first.sequence() + 1);
      }
    }
  }

  @Test
  final void readsOnWhileWhatLiesBeforeIsReleased() {
    try (TransactionLog log = open()) {
      for (int number = 2; number <= 600; number++) {
        log.append(mark(number));
      }
      log.force(600);
      try (LogCursor cursor = log.read(590)) {
        assertThat(cursor.next()).extracting(LogEntry::sequence).isEqualTo(590L);
        log.release(590);
        for (long sequence = 591; sequence <= 600; sequence++) {
          assertThat(cursor.next()).extracting(LogEntry::sequence).isEqualTo(sequence);
        }
        assertThat(cursor.next()).isNull();
      }
    }
  }

  @Test
  final void passesOverWhatIsReleasedBeforeItWasRead() {
    int each = 100;
    for (int opens = 0; opens < 3; opens++) {
      try (TransactionLog log = open()) {
        appendAndForce(log, 1, each, new ConcurrentLinkedQueue<>());
      }
    }
    try (TransactionLog log = open();
        LogCursor cursor = log.read(1)) {
      long last = log.append(mark(1));
      log.force(last);
      assertThat(cursor.next()).extracting(LogEntry::sequence).isEqualTo(1L);
      log.release(last);

      long read = 1;
      for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        assertThat(entry.sequence()).isGreaterThan(read);
        read = entry.sequence();
      }
      assertThat(read).isEqualTo(last);
    }
  }

  @Test
  final void releasesNothingThatWasNotAcknowledged() {
    try (TransactionLog log = open()) {
      log.force(log.append(mark(1)));
      long waiting = log.append(mark(2));
      log.release(Long.MAX_VALUE);
      log.force(waiting);

      assertThat(entries(log, waiting)).extracting(LogEntry::record).containsExactly(mark(2));
    }
  }

  @Test
  final void refusesWhenThereIsNoSpaceAndGoesOnOnceThereIs() {
    LogRecord refused = new LogRecord.Accepted(transaction(2, "x".repeat(500_000)), false);
    long before;
    try (TransactionLog log = open()) {
      before = log.append(mark(1));
      fill();
      assertThatExceptionOfType(LogFullException.class).isThrownBy(() -> log.append(refused));
      assertThat(log.takesEntries()).isFalse();
      assertThat(log.warnings()).isNotEmpty();
      log.force(before);
      assertThat(entries(log, before)).extracting(LogEntry::record).containsExactly(mark(1));

      makeRoom();

      assertThat(log.takesEntries()).isTrue();
      assertThat(log.append(refused)).isEqualTo(before + 1);
      assertThat(log.warnings()).isEmpty();
    }

    try (TransactionLog log = open()) {
      assertThat(entries(log, before)).extracting(LogEntry::record).startsWith(mark(1), refused);
    }
  }

  @Test
  final void givesAReaderNothingWrongWhileItCloses() throws Exception {
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    for (int round = 0; round < 10; round++) {
      TransactionLog log = open();
      for (int number = 0; number < 100; number++) {
        log.append(mark(number + 1));
      }
      log.force(log.append(mark(101)));
      Thread reader = start(failures, () -> readUntilItIsClosed(log));
      log.close();
      reader.join();
    }

    assertThat(failures).isEmpty();
  }

  @Test
  final void wakesThoseWhoWaitWhenItCloses() throws Exception {
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    TransactionLog log = open();
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      waiting.add(start(failures, () -> appendUntilItIsClosed(log)));
    }
    log.close();
    for (Thread thread : waiting) {
      thread.join();
    }

    assertThat(failures).isEmpty();
    open().close();
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
        null,
        null);
  }

  private static Thread start(ConcurrentLinkedQueue<Throwable> failures, Runnable body) {
    Thread thread = new Thread(body);
    thread.setUncaughtExceptionHandler((dead, failure) -> failures.add(failure));
    thread.start();
    return thread;
  }

  private static void assertNumbers(TransactionLog log, long from, long to) {
    try (LogCursor cursor = log.read(from)) {
      for (long sequence = from; sequence <= to; sequence++) {
        LogEntry entry = Objects.requireNonNull(cursor.next(), "entry");
        assertThat(entry.sequence()).isEqualTo(sequence);
        LogRecord.Accepted accepted = (LogRecord.Accepted) entry.record();
        assertThat(accepted.transaction().id().number()).isEqualTo(sequence);
      }
      assertThat(cursor.next()).isNull();
    }
  }

  private static void readInOrderUpTo(TransactionLog log, long last) {
    try (LogCursor cursor = log.read(1)) {
      for (long expected = 1; expected <= last; ) {
        LogEntry entry = cursor.next();
        if (entry == null) {
          Thread.onSpinWait();
        } else {
          assertThat(entry.sequence()).isEqualTo(expected++);
        }
      }
    }
  }

  private static void readUntilItIsClosed(TransactionLog log) {
    try {
      while (true) {
        List<LogEntry> entries = entries(log, 1);
        for (int i = 0; i < entries.size(); i++) {
          assertThat(entries.get(i).sequence()).isEqualTo(entries.get(0).sequence() + i);
        }
        if (!log.takesEntries()) {
          return;
        }
      }
    } catch (LogFailedException closed) {
      assertThat(log.takesEntries()).isFalse();
    }
  }

  private static void appendUntilItIsClosed(TransactionLog log) {
    try {
      for (int number = 1; ; number++) {
        log.force(log.append(mark(number)));
      }
    } catch (LogFailedException closed) {
      assertThat(log.takesEntries()).isFalse();
    }
  }

  private static void appendAndAcknowledge(
      TransactionLog log, int from, int count, ConcurrentLinkedQueue<Long> acknowledged) {
    for (int number = from; number < from + count; number++) {
      long sequence = log.append(mark(number));
      log.acknowledge(sequence);
      acknowledged.add(sequence);
    }
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
