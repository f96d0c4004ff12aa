package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.shared.LogCopies;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.testkit.InMemorySharedStorage.Fate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LogCopiesTest {

  private static final long NODE = 5;
  private static final UUID LOG = new UUID(7, 8);

  private final SteppingSeams seams = new SteppingSeams(3);
  private final InMemorySharedStorage shared = new InMemorySharedStorage(seams, 2_000);
  private final LogCopies own = copies("own");
  private final LogCopies taker = copies("taker");

  @Test
  void keepsTheNumbersThatEntriesHaveInTheirLog() throws IOException {
    LogCopies.Target target = own.target(NODE, LOG);
    assertThat(target.upTo()).isZero();
    target.put(4, 0, List.of(entry(2), entry(4)));
    target.put(9, 17, List.of(entry(7)));
    target.put(12, 0, List.of());

    assertThat(all(taker.source(NODE)))
        .containsExactly(
            copied(1, 4, 0), entry(2), entry(4), copied(5, 9, 17), entry(7), copied(10, 12, 0));
    assertThat(target.upTo()).isEqualTo(12);
    assertThat(own.target(NODE, LOG).upTo()).isEqualTo(12);
  }

  @Test
  void goesOnWithTheSameSourceAndAfterARestartOfItsNode() throws IOException {
    LogCopies.Source source = taker.source(NODE);
    assertThat(source.next()).isEmpty();
    own.target(NODE, LOG).put(3, 1, List.of(entry(3)));
    assertThat(all(source)).containsExactly(copied(1, 3, 1), entry(3));

    LogCopies.Target again = copies("own again").target(NODE, LOG);
    again.put(again.upTo() + 2, 2, List.of(entry(5)));

    assertThat(all(source)).containsExactly(copied(4, 5, 2), entry(5));
    assertThat(source.next()).isEmpty();
  }

  @Test
  void endsForItsNodeOnceItIsTakenOver() throws IOException {
    LogCopies.Target target = own.target(NODE, LOG);
    target.put(3, 1, List.of(entry(2), entry(3)));
    try (TransactionLog taken = taker.takeOver(NODE)) {
      assertThat(TransactionLogContract.entries(taken, 1)).startsWith(entry(2), entry(3));
      taken.force(taken.append(TransactionLogContract.mark(99)));
    }

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> target.put(4, 2, List.of(entry(4))))
        .withMessageContaining("taken over by the node that took node 5");
    assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> own.target(NODE, LOG));
    try (TransactionLog again = copies("third").takeOver(NODE)) {
      assertThat(TransactionLogContract.entries(again, 3))
          .extracting(LogEntry::record)
          .contains(entry(3).record(), TransactionLogContract.mark(99));
    }
  }

  @Test
  void leavesNoWayBackForANodeWhoseCopyIsRemoved() throws IOException {
    LogCopies.Target target = own.target(NODE, LOG);
    for (int i = 1; i <= 150; i++) {
      target.put(i, i, List.of(entry(i)));
    }
    TransactionLog taken = taker.takeOver(NODE);
    shared.loseReply("taker", Fate.DONE);
    assertThatIOException().isThrownBy(() -> taker.remove(NODE));
    taker.remove(NODE);
    taker.remove(NODE);
    taken.close();

    assertThat(all(copies("any").source(NODE))).isEmpty();
    assertThat(shared.node("any").list("cafe/log/5", 0, 100)).hasSizeLessThan(6);
    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> target.put(151, 1, List.of(entry(151))));
    assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> own.target(NODE, LOG));
    own.remove(77);
  }

  @Test
  void writesALargeBatchInPiecesAndEachSaysHowFarItGoes() throws IOException {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 1; i <= 12; i++) {
      entries.add(
          new LogEntry(
              2L * i,
              new LogRecord.Accepted(
                  TransactionLogContract.transaction(i, "x".repeat(300_000)), false)));
    }
    own.target(NODE, LOG).put(30, 6, entries);

    List<LogEntry> read = all(taker.source(NODE));
    assertThat(read).filteredOn(entry -> !isCopied(entry)).isEqualTo(entries);
    long upTo = 0;
    int pieces = 0;
    for (LogEntry entry : read) {
      if (entry.record() instanceof LogRecord.Copied copied) {
        upTo = copied.upTo();
        pieces++;
        assertThat(copied.ticket()).isEqualTo(6);
      } else {
        assertThat(entry.sequence()).isLessThanOrEqualTo(upTo);
      }
    }
    assertThat(upTo).isEqualTo(30);
    assertThat(pieces).isBetween(3, 8);
  }

  @ParameterizedTest
  @EnumSource(Fate.class)
  void writesEachBatchOnceWhateverBecameOfAReply(Fate fate) throws IOException {
    LogCopies.Target target = own.target(NODE, LOG);
    for (int i = 1; i <= 9; i++) {
      shared.loseReply("own", fate);
      target.put(i, i, List.of(entry(i)));
      shared.deliverLate();
    }

    assertThat(all(taker.source(NODE)))
        .filteredOn(entry -> !isCopied(entry))
        .extracting(LogEntry::sequence)
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
  }

  @Test
  void saysThatTheStorageIsOutOfReachAndBeginsAgainOnceItIsBack() throws IOException {
    LogCopies.Target target = own.target(NODE, LOG);
    target.put(1, 1, List.of(entry(1)));
    shared.unreachable(true);

    assertThatIOException()
        .isThrownBy(() -> target.put(2, 2, List.of(entry(2))))
        .withMessageContaining("could not be reached");
    assertThatIOException().isThrownBy(() -> own.target(NODE, LOG));
    assertThatIOException().isThrownBy(() -> taker.takeOver(NODE));
    shared.unreachable(false);

    LogCopies.Target again = own.target(NODE, LOG);
    assertThat(again.upTo()).isEqualTo(1);
    again.put(2, 3, List.of(entry(2)));
    assertThat(all(taker.source(NODE)))
        .containsExactly(copied(1, 1, 1), entry(1), copied(2, 2, 3), entry(2));
  }

  @Test
  void releasesWhatNobodyNeeds() throws IOException {
    LogCopies.Target target = own.target(NODE, LOG);
    for (int i = 1; i <= 100; i++) {
      target.put(10L * i, i, List.of(entry(10L * i)));
    }

    target.release(800);

    List<LogEntry> kept = all(taker.source(NODE));
    assertThat(kept).contains(entry(800), entry(1_000)).doesNotContain(entry(500));
    assertThat(own.target(NODE, LOG).upTo()).isEqualTo(1_000);
  }

  @Test
  void tellsWhoWasAsleepThatSomethingWasReleasedUnread() throws IOException {
    LogCopies.Target target = own.target(NODE, LOG);
    LogCopies.Source asleep = taker.source(NODE);
    LogCopies.Source awake = taker.source(NODE);
    target.put(10, 1, List.of(entry(10)));
    assertThat(all(asleep)).contains(entry(10));
    for (int i = 2; i <= 100; i++) {
      target.put(10L * i, i, List.of(entry(10L * i)));
    }
    all(awake);
    target.release(800);
    target.put(1_010, 0, List.of());

    assertThat(all(asleep)).contains(entry(800)).doesNotContain(entry(500));
    assertThat(asleep.hasMissed()).isTrue();
    assertThat(all(awake)).containsExactly(copied(1_001, 1_010, 0));
    assertThat(awake.hasMissed()).isFalse();
    LogCopies.Source fresh = taker.source(NODE);
    assertThat(all(fresh)).contains(entry(800));
    assertThat(fresh.hasMissed()).isFalse();
  }

  @Test
  void refusesToMixTheCopiesOfTwoLogs() throws IOException {
    LogCopies.Target target = own.target(NODE, LOG);

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> taker.target(NODE, new UUID(1, 1)))
        .withMessageContaining("another log");

    target.put(1, 1, List.of(entry(1)));
    assertThat(target.upTo()).isEqualTo(1);
  }

  @Test
  void refusesBeforehandWhatACopyWouldNotTake() {
    own.check(new LogRecord.Accepted(TransactionLogContract.transaction(1, "tea"), false));
    LogRecord large =
        new LogRecord.Accepted(
            TransactionLogContract.transaction(1, "x".repeat(17_000_000)), false);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> own.check(large))
        .withMessageContaining("larger than the shared log takes");
  }

  private LogCopies copies(String process) {
    SharedLogStorage storage = shared.node(process);
    return LogCopies.over(storage, "cafe", seams);
  }

  private static List<LogEntry> all(LogCopies.Source source) throws IOException {
    List<LogEntry> all = new ArrayList<>();
    for (List<LogEntry> some = source.next(); !some.isEmpty(); some = source.next()) {
      all.addAll(some);
    }
    return all;
  }

  private static boolean isCopied(LogEntry entry) {
    return entry.record() instanceof LogRecord.Copied;
  }

  private static LogEntry entry(long sequence) {
    return new LogEntry(sequence, TransactionLogContract.mark(sequence));
  }

  private static LogEntry copied(long sequence, long upTo, long ticket) {
    return new LogEntry(sequence, new LogRecord.Copied(upTo, ticket));
  }
}
