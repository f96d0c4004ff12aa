package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.shared.SharedLog;
import io.rananeeti.internal.shared.SharedLogOptions;
import io.rananeeti.internal.shared.SharedLogReader;
import io.rananeeti.internal.shared.SharedLogReader.Batch;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.testkit.InMemorySharedStorage.Fate;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Owners that come, sleep, die and wake, one step after the other. */
class SharedLogTest {

  private static final String PLATFORM = "cafe";
  private static final String STREAM = "cafe/log/3";
  private static final long NODE = 3;
  private static final int SMALL = 2_000;

  private final SteppingSeams seams = new SteppingSeams(7);
  private final InMemorySharedStorage shared = new InMemorySharedStorage(seams, SMALL);

  @Test
  void endsTheEarlierOwnerAndKeepsWhatItHadAcknowledged() {
    SharedLog a = open("a");
    force(a, 1, 2);

    SharedLog b = open("b");
    force(b, 3);

    assertEnds(a, "taken over by b");
    assertThat(numbers(entries(b))).containsExactly(1L, 2L, 3L);
    assertThat(b.id()).isEqualTo(a.id());
    assertThat(b.fence()).isGreaterThan(a.fence());
    assertThat(b.incarnation()).isNotEqualTo(a.incarnation());
  }

  @Test
  void refusesToTakeOverUnlessItMay() {
    SharedLog a = open("a");
    SharedLogOptions polite = new SharedLogOptions("b", 1 << 20, 1 << 20, Duration.ZERO, false);

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> SharedLog.open(shared.node("b"), PLATFORM, NODE, polite, seams))
        .withMessageContaining("in use by a");
    force(a, 1);
    a.close();

    SharedLog b = SharedLog.open(shared.node("b"), PLATFORM, NODE, polite, seams);
    assertThat(numbers(entries(b))).containsExactly(1L);
  }

  @Test
  void refusesTheSlotOfAZombieForEverThoughEverythingWasReleased() {
    SharedLog a = open("a");
    force(a, 1);
    SharedLog b = open("b");
    for (int number = 2; number < 80; number++) {
      force(b, number);
    }
    b.release(Long.MAX_VALUE);
    assertThat(keys()).hasSizeLessThan(40);

    assertEnds(a, "taken over by b");
    force(b, 80);
    assertThat(numbers(entries(b))).endsWith(79L, 80L).doesNotContain(1L, 2L);
  }

  @Test
  void acknowledgesWhatWasInTheStreamBeforeTheSealAndNothingAfterIt() throws IOException {
    SharedLog a = open("a");
    a.append(mark(1));
    shared.loseReply("a", Fate.DONE);
    List<Long> takenOver = new ArrayList<>();
    seams.meanwhile(
        () -> {
          seams.meanwhile(() -> {});
          SharedLog b = open("b");
          takenOver.addAll(numbers(entries(b)));
          for (int number = 2; number < 80; number++) {
            force(b, number);
          }
          b.release(Long.MAX_VALUE);
        });

    a.force(2);

    assertThat(takenOver).containsExactly(1L);
    assertEnds(a, "taken over by b");
    assertThat(numbers(all(1))).doesNotContain(1L).contains(79L);
  }

  @Test
  void doesNotAcknowledgeAWriteThatLandsAfterTheSeal() {
    SharedLog a = open("a");
    a.append(mark(1));
    shared.loseReply("a", Fate.LATE);
    seams.meanwhile(
        () -> {
          seams.meanwhile(() -> {});
          SharedLog b = open("b");
          shared.deliverLate();
          force(b, 2);
        });

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> a.force(2))
        .withMessageContaining("taken over by b");
    assertThat(numbers(all(1))).containsExactly(2L);
  }

  @Test
  void sealsBehindAWriteThatLandsBeforeTheSeal() {
    SharedLog a = open("a");
    a.append(mark(1));
    shared.loseReply("a", Fate.LATE);
    seams.meanwhile(
        () -> {
          seams.meanwhile(() -> {});
          shared.deliverLate();
          force(open("b"), 2);
        });

    a.force(2);

    assertThat(numbers(all(1))).containsExactly(1L, 2L);
    assertEnds(a, "taken over by b");
  }

  @ParameterizedTest
  @EnumSource(Fate.class)
  void writesEachEntryOnceWhateverBecameOfAReply(Fate fate) {
    SharedLog a = open("a");
    for (int number = 1; number <= 30; number++) {
      if (number % 3 == 0) {
        shared.loseReply("a", fate);
      }
      force(a, number);
      shared.deliverLate();
    }

    assertThat(numbers(all(1))).isEqualTo(range(1, 30));
    assertThat(numbers(entries(open("b")))).isEqualTo(range(1, 30));
  }

  @ParameterizedTest
  @EnumSource(Fate.class)
  void opensThoughRepliesAreLost(Fate fate) {
    for (int losses = 1; losses <= 4; losses++) {
      for (int i = 0; i < losses; i++) {
        shared.loseReply("p" + losses, fate);
      }
      SharedLog log = open("p" + losses);
      shared.deliverLate();
      force(log, losses);
    }

    assertThat(numbers(all(1))).containsExactly(1L, 2L, 3L, 4L);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1_700, 1_800, 1_850, 1_900, 1_927, 1_928, 2_000, 4_000, 10_000, 100_000})
  void takesEntriesOfEverySizeInSlotsOfAnySize(int length) {
    SharedLog a = open("a");
    List<Integer> lengths = new ArrayList<>();
    for (int more = 0; more < 120; more += 7) {
      lengths.add(length + more);
      lengths.add(3);
    }
    lengths.forEach(each -> a.append(held(each)));
    a.force(lengths.size() + 1);

    assertThat(lengths(entries(a))).isEqualTo(lengths);
    assertThat(lengths(entries(open("b")))).isEqualTo(lengths);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void goesOnAfterAWriterThatDiedBetweenAnyTwoParts(int written) throws IOException {
    FailingAfter dying = new FailingAfter(shared.node("a"), Integer.MAX_VALUE);
    SharedLog a = SharedLog.open(dying, PLATFORM, NODE, impatient("a"), seams);
    force(a, 1);
    a.append(held(10_000));
    dying.failAfter(written);
    boolean acknowledged = false;
    try {
      a.force(3);
      acknowledged = true;
    } catch (LogFailedException dead) {
      assertThat(dead).hasMessageContaining("could not be reached");
    }

    SharedLog b = open("b");
    force(b, 2);

    assertThat(acknowledged).isEqualTo(written >= 6);
    List<LogEntry> entries = entries(b);
    assertThat(numbers(entries)).containsExactly(1L, 2L);
    assertThat(lengths(entries)).isEqualTo(acknowledged ? List.of(10_000) : List.of());
    assertThat(entries).extracting(LogEntry::sequence).isEqualTo(range(1, entries.size()));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 10, 30})
  void goesOnAfterAReleaserThatDiedMeanwhile(int calls) throws IOException {
    FailingAfter dying = new FailingAfter(shared.node("a"), Integer.MAX_VALUE);
    SharedLog a = SharedLog.open(dying, PLATFORM, NODE, impatient("a"), seams);
    for (int number = 1; number <= 100; number++) {
      force(a, number);
    }
    dying.failAfter(calls);
    a.release(70);
    if (calls < 10) {
      assertThat(a.warnings()).anyMatch(warning -> warning.contains("could not be released"));
    }

    SharedLog b = open("b");

    assertThat(numbers(entries(b))).endsWith(range(69, 100).toArray(Long[]::new)).isSorted();
    b.release(90);
    b.release(90);
    assertThat(numbers(entries(b))).endsWith(range(89, 100).toArray(Long[]::new));
    assertThat(numbers(all(1))).isEqualTo(numbers(entries(b)));
    assertThat(keys()).hasSizeLessThan(45);
  }

  @Test
  void readsWhatEarlierOwnersWroteFromAnyEntryOn() {
    SharedLog a = open("a");
    for (int number = 1; number <= 300; number++) {
      force(a, number);
      if (number % 50 == 0) {
        a.force(a.append(held(9_000)));
      }
    }
    SharedLog b = open("b");
    long last = b.forced();

    for (long from = 1; from <= last; from += 13) {
      try (LogCursor cursor = b.read(from)) {
        assertThat(cursor.next()).extracting(LogEntry::sequence).isEqualTo(from);
      }
      b.release(from);
      try (LogCursor cursor = b.read(1)) {
        assertThat(Objects.requireNonNull(cursor.next()).sequence()).isBetween(1L, from);
      }
    }
  }

  @Test
  void refusesEveryDamagedByteAndNeverReadsSomethingElse() throws IOException {
    SharedLog a = open("a");
    force(a, 1);
    a.append(mark(2));
    force(a, 3);
    List<LogEntry> before = all(1);
    for (long slot = 1; slot <= 3; slot++) {
      int length = bytes(slot).length;
      for (int at = 0; at < length; at++) {
        int place = at;
        shared.damage(STREAM, slot, bytes -> flipped(bytes, place));
        assertRefused();
        shared.damage(STREAM, slot, bytes -> flipped(bytes, place));
      }
      for (int cut : new int[] {0, 1, 40, length - 1}) {
        byte[] whole = bytes(slot);
        shared.damage(STREAM, slot, bytes -> Arrays.copyOf(bytes, cut));
        assertRefused();
        shared.damage(STREAM, slot, bytes -> whole);
      }
    }
    assertThat(all(1)).isEqualTo(before);
  }

  @Test
  void refusesASlotThatStandsInAnothersPlaceOrIsMissing() throws IOException {
    SharedLog a = open("a");
    force(a, 1);
    force(a, 2);
    force(a, 3);
    byte[] second = bytes(2);
    byte[] third = bytes(3);
    shared.damage(STREAM, 3, bytes -> second);
    assertRefused();
    shared.damage(STREAM, 3, bytes -> third);

    assertThat(shared.node("x").remove(STREAM, 2, 1)).isTrue();

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> all(1))
        .withMessageContaining("slot 2")
        .withMessageContaining("missing");
  }

  @Test
  void refusesADamagedHead() throws IOException {
    open("a").close();
    shared.damage("cafe/logs", NODE, bytes -> flipped(bytes, 20));

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> open("b"))
        .withMessageContaining("head");
  }

  @Test
  void letsOthersFollowAndGoOnWhereTheyWere() throws IOException {
    SharedLogReader early = SharedLogReader.of(shared.node("z"), PLATFORM, NODE, 1);
    assertThat(early.next()).isNull();
    SharedLog a = open("a");
    assertThat(Objects.requireNonNull(early.next()).entries()).hasSize(1);
    assertThat(early.next()).isNull();
    force(a, 1);
    a.append(mark(2));
    force(a, 3);

    assertThat(numbers(Objects.requireNonNull(early.next()).entries())).containsExactly(1L);
    SharedLogReader later = SharedLogReader.of(shared.node("z"), PLATFORM, NODE, early.position());
    Batch batch = Objects.requireNonNull(later.next());
    assertThat(numbers(batch.entries())).containsExactly(2L, 3L);
    assertThat(batch.fence()).isEqualTo(a.fence());
    assertThat(batch.following()).isEqualTo(later.position());
    assertThat(later.next()).isNull();
  }

  @Test
  void tellsWhichNodesHaveAStream() throws IOException {
    SharedLogStorage any = shared.node("any");
    assertThat(SharedLog.known(any, PLATFORM)).isEmpty();
    SharedLogOptions options = SharedLogOptions.of("other");
    SharedLog other = SharedLog.open(any, PLATFORM, Long.MAX_VALUE, options, seams);
    SharedLog a = open("a");
    open("b");
    other.close();
    SharedLog.open(any, "another", 1, options, seams);

    assertThat(SharedLog.known(any, PLATFORM))
        .containsExactly(
            new SharedLog.Known(NODE, a.id(), "b", 2, true),
            new SharedLog.Known(Long.MAX_VALUE, other.id(), "other", 1, false));
  }

  @Test
  void endsAStreamOnceAndSaysWhere() throws IOException {
    SharedLogStorage taker = shared.node("taker");
    assertThat(SharedLog.seal(taker, PLATFORM, NODE, "node 4", seams)).isNull();
    SharedLog a = open("a");
    force(a, 1);

    SharedLog.Sealed sealed =
        Objects.requireNonNull(
            SharedLog.seal(taker, PLATFORM, NODE, "node 4, a was silent", seams));
    assertThat(SharedLog.seal(taker, PLATFORM, NODE, "node 5", seams)).isEqualTo(sealed);

    assertEnds(a, "taken over by node 4, a was silent");
    SharedLogReader reader = SharedLogReader.of(taker, PLATFORM, NODE, 1);
    List<Batch> batches = batches(reader);
    assertThat(batches.get(batches.size() - 1).sealedBy()).isEqualTo("node 4, a was silent");
    assertThat(reader.position()).isEqualTo(sealed.slot());
    assertThat(sealed.sequence()).isEqualTo(3);
    SharedLog again = open("a2");
    force(again, 2);
    assertThat(again.fence()).isGreaterThan(sealed.fence());
    assertThat(numbers(entries(again))).containsExactly(1L, 2L);
  }

  @ParameterizedTest
  @EnumSource(Fate.class)
  void sealsThoughRepliesAreLost(Fate fate) throws IOException {
    SharedLog a = open("a");
    force(a, 1);
    SharedLog.Sealed sealed = null;
    int tries = 0;
    while (sealed == null) {
      if (tries++ < 3) {
        shared.loseReply("taker", fate);
      }
      try {
        sealed = SharedLog.seal(shared.node("taker"), PLATFORM, NODE, "taker", seams);
      } catch (IOException lost) {
        assertThat(tries).isLessThanOrEqualTo(4);
      }
      shared.deliverLate();
    }

    assertThat(tries).isGreaterThan(1);
    assertEnds(a, "taken over by taker");
    assertThat(numbers(all(1))).containsExactly(1L);
  }

  @Test
  void waitsForTheStorageAndGoesOn() {
    SharedLog a = open("a");
    a.append(mark(1));
    shared.unreachable(true);
    int[] waits = {0};
    seams.meanwhile(
        () -> {
          assertThat(a.warnings()).anyMatch(warning -> warning.contains("can't be reached"));
          if (++waits[0] == 8) {
            shared.unreachable(false);
          }
        });

    a.force(2);

    assertThat(waits[0]).isEqualTo(8);
    assertThat(a.warnings()).isEmpty();
    assertThat(numbers(entries(a))).containsExactly(1L);
  }

  @Test
  void endsWhenItsPatienceIsOver() {
    SharedLog a = SharedLog.open(shared.node("a"), PLATFORM, NODE, impatient("a"), seams);
    a.append(mark(1));
    shared.unreachable(true);
    long began = seams.nanoTime();

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> a.force(2))
        .withMessageContaining("could not be reached for PT10S");

    assertThat(Duration.ofNanos(seams.nanoTime() - began))
        .isBetween(Duration.ofSeconds(8), Duration.ofSeconds(12));
    assertThat(a.takesEntries()).isFalse();
    assertThat(a.warnings()).isNotEmpty();
    shared.unreachable(false);
    assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> a.append(mark(2)));
    a.close();
    assertThat(numbers(all(1))).isEmpty();
  }

  @Test
  void closesWithinSecondsThoughTheStorageIsGone() {
    SharedLog a = open("a");
    a.append(mark(1));
    shared.unreachable(true);
    long began = seams.nanoTime();

    a.close();

    assertThat(Duration.ofNanos(seams.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void refusesWhenTooMuchWaitsAndGoesOnOnceItIsWritten() {
    SharedLogOptions tight =
        new SharedLogOptions("a", 1 << 20, 10_000, Duration.ofSeconds(10), true);
    SharedLog a = SharedLog.open(shared.node("a"), PLATFORM, NODE, tight, seams);
    long last = 0;
    while (a.takesEntries() && last < 1_000) {
      try {
        last = a.append(mark(1));
      } catch (LogFullException full) {
        assertThat(full).hasMessageContaining("is behind");
        break;
      }
    }
    assertThat(last).isLessThan(1_000);

    a.force(last);

    assertThat(a.takesEntries()).isTrue();
    a.force(a.append(held(15_000)));
    assertThat(entries(a)).hasSize(Math.toIntExact(last + 1));
  }

  @Test
  void refusesTransactionsBeyondItsLimitButNotWhatLetsItShrink() {
    SharedLogOptions small = new SharedLogOptions("a", 8_000, 1 << 20, Duration.ZERO, true);
    SharedLog a = SharedLog.open(shared.node("a"), PLATFORM, NODE, small, seams);
    for (int i = 0; i < 100; i++) {
      force(a, 1);
    }

    LogRecord accepted =
        new LogRecord.Accepted(TransactionLogContract.transaction(1, "tea"), false);
    assertThatExceptionOfType(LogFullException.class)
        .isThrownBy(() -> a.append(accepted))
        .withMessageContaining("is full");
    assertThat(a.takesEntries()).isFalse();
    force(a, 2);
    a.release(90);

    assertThat(a.takesEntries()).isTrue();
    a.force(a.append(accepted));
    assertThat(open("b").takesEntries()).isTrue();
  }

  private SharedLog open(String process) {
    return SharedLog.open(
        shared.node(process), PLATFORM, NODE, SharedLogOptions.of(process), seams);
  }

  private static SharedLogOptions impatient(String owner) {
    return SharedLogOptions.of(owner).withPatience(Duration.ofSeconds(10));
  }

  private static void force(SharedLog log, long... numbers) {
    long last = 0;
    for (long number : numbers) {
      last = log.append(mark(number));
    }
    log.force(last);
  }

  private static void assertEnds(SharedLog log, String text) {
    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> log.force(log.append(mark(9_999))))
        .withMessageContaining(text);
    assertThat(log.takesEntries()).isFalse();
    assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.append(mark(9_999)));
  }

  private void assertRefused() {
    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> all(1))
        .withMessageContaining("slot");
  }

  private byte[] bytes(long slot) throws IOException {
    return Objects.requireNonNull(shared.node("x").read(STREAM, slot), "slot").bytes();
  }

  private static byte[] flipped(byte[] bytes, int at) {
    bytes[at] ^= 0x10;
    return bytes;
  }

  private List<Long> keys() {
    List<Long> keys = new ArrayList<>();
    try {
      for (long from = 0; ; from = keys.get(keys.size() - 1) + 1) {
        List<SharedLogStorage.Value> page = shared.node("x").list(STREAM, from, 100);
        if (page.isEmpty()) {
          return keys;
        }
        page.forEach(value -> keys.add(value.key()));
      }
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** As another node reads it. */
  private List<LogEntry> all(long fromSlot) {
    try {
      List<LogEntry> entries = new ArrayList<>();
      batches(SharedLogReader.of(shared.node("reader"), PLATFORM, NODE, fromSlot))
          .forEach(batch -> entries.addAll(batch.entries()));
      return entries;
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static List<Batch> batches(SharedLogReader reader) throws IOException {
    List<Batch> batches = new ArrayList<>();
    for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
      batches.add(batch);
    }
    return batches;
  }

  private static List<LogEntry> entries(SharedLog log) {
    return TransactionLogContract.entries(log, 1);
  }

  private static List<Long> numbers(List<LogEntry> entries) {
    return entries.stream()
        .filter(entry -> entry.record() instanceof LogRecord.Mark)
        .map(entry -> ((LogRecord.Mark) entry.record()).id().number())
        .toList();
  }

  private static List<Integer> lengths(List<LogEntry> entries) {
    return entries.stream()
        .filter(entry -> entry.record() instanceof LogRecord.Held)
        .map(entry -> ((LogRecord.Held) entry.record()).reason().length())
        .toList();
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  private static LogRecord mark(long number) {
    TransactionId id = new TransactionId(new UUID(1, 2), number);
    return new LogRecord.Mark(1, id, Outcome.APPLIED, null, null, Instant.EPOCH);
  }

  private static LogRecord held(int length) {
    return new LogRecord.Held("s", true, "b", "x".repeat(length), Instant.EPOCH);
  }
}
