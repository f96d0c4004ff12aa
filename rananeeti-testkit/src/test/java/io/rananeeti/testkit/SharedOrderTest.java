package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.shared.LogCopies;
import io.rananeeti.internal.shared.SharedOrder;
import io.rananeeti.internal.shared.SharedOrder.Verdict;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.store.Context;
import io.rananeeti.store.Part;
import io.rananeeti.store.Transaction;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SharedOrderTest {

  private static final long OTHER = 1;
  private static final long OWN = 2;

  private final ListedCopies copies = new ListedCopies();
  private final SharedOrder order = new SharedOrder(copies, Seams.system());

  @Test
  void whatWasAcceptedWhileTheCopiesWereReadIsNotAppliedBeforeWhatWasAcceptedBeforeIt()
      throws IOException {
    copies.afterTheNextRead =
        () -> {
          copies.accept(OTHER, 7, 1);
          copies.accept(OWN, 9, 2);
        };

    look();
    assertThat(verdict(9)).isEqualTo(Verdict.WAITS);
    look();
    assertThat(verdict(9)).isEqualTo(Verdict.WAITS);
    copies.mark(OTHER, 7);
    look();
    assertThat(verdict(9)).isEqualTo(Verdict.MAY);
  }

  @Test
  void aLookThatFailedHalfWayCountsForNothing() throws IOException {
    copies.accept(OTHER, 7, 1);
    copies.accept(OWN, 9, 2);
    copies.unreachable = OTHER;

    assertThatIOException().isThrownBy(this::look);
    assertThat(verdict(9)).isEqualTo(Verdict.WAITS);
    copies.unreachable = 0;
    copies.mark(OTHER, 7);
    look();
    assertThat(verdict(9)).isEqualTo(Verdict.MAY);
  }

  @Test
  void aNodeThatJoinsMeanwhileIsReadAsWell() throws IOException {
    List<Long> nodes = new ArrayList<>(List.of(OWN));
    copies.afterTheNextRead =
        () -> {
          nodes.add(3L);
          copies.accept(3, 7, 1);
          copies.accept(OWN, 9, 2);
        };

    order.look(OWN, () -> nodes);
    order.look(OWN, () -> nodes);

    assertThat(verdict(9)).isEqualTo(Verdict.WAITS);
  }

  @Test
  void whatThisNodeHasCopiedAnewKeepsThePlaceThatItHadInAnEarlierCopy() throws IOException {
    copies.accept(OTHER, 7, 2);
    copies.accept(OWN, 9, 3);
    look();
    assertThat(verdict(9)).isEqualTo(Verdict.WAITS);

    copies.place(OWN, 9, 1);
    look();

    assertThat(verdict(9)).isEqualTo(Verdict.MAY);
    assertThat(order.verdict(OTHER, 7, transaction(7))).isEqualTo(Verdict.WAITS);
    copies.mark(OWN, 9);
    look();
    assertThat(order.verdict(OTHER, 7, transaction(7))).isEqualTo(Verdict.MAY);
  }

  @Test
  void aUnitThatWaitsForAStoreParksItsKeyForOthersAndIsNotWaitedFor() throws IOException {
    copies.acceptUnit(OTHER, 7, 1);
    copies.accept(OWN, 9, 2);
    look();
    assertThat(verdict(9)).isEqualTo(Verdict.MAY);

    copies.delay(OTHER, 7);
    look();
    assertThat(verdict(9)).isEqualTo(Verdict.PARKED);
    assertThat(order.verdict(OTHER, 7, transaction(7))).isEqualTo(Verdict.MAY);
    assertThat(order.parks(OWN, "orders", "a")).isTrue();
    assertThat(free(OWN)).isEmpty();
    assertThat(free(OTHER)).hasSize(1);

    copies.mark(OTHER, 7);
    look();
    assertThat(verdict(9)).isEqualTo(Verdict.MAY);
    assertThat(order.parks(OWN, "orders", "a")).isFalse();
    assertThat(free(OWN)).hasSize(1);
  }

  @Test
  void theKeyOfAUnitThatItsCallerCommitsIsParkedForNobodyAndNobodyWaitsForIt() throws IOException {
    copies.acceptUnit(OTHER, 7, 1);
    copies.accept(OWN, 9, 2);
    look();

    assertThat(verdict(9)).isEqualTo(Verdict.MAY);
    assertThat(free(OWN)).hasSize(1);
    assertThat(order.parks(OWN, "orders", "a")).isFalse();
    assertThat(order.free(OTHER, id(7)::equals)).isEmpty();
  }

  @Test
  void whatWaitsBehindWhatOthersHadParksItsKeyForItsOwnNode() throws IOException {
    copies.accept(OWN, 9, 2);
    look();

    assertThat(order.parks(OWN, "orders", "a")).isFalse();
    assertThat(order.waits(OWN, "orders", "a")).isTrue();
    assertThat(order.waits(OWN, "orders", "b")).isFalse();
  }

  @Test
  void theLetterOfAUnitWithoutAKeyParksNothing() throws IOException {
    copies.letter(OTHER, 7, 1, SharedOrder.UNKEYED_UNITS);
    copies.letter(OTHER, 8, 1, "a");
    look();

    assertThat(order.parks(OWN, "orders", SharedOrder.UNKEYED_UNITS)).isFalse();
    assertThat(order.letters(OTHER, "orders", "a")).containsExactly(id(8));
    assertThat(order.letters(OWN, "orders", "a")).isEmpty();
    assertThat(order.letterParks("orders", "a")).isTrue();
    assertThat(order.isLetter(id(7))).isFalse();
  }

  /** Or two that were asleep in turn wait for each other for ever. */
  @Test
  void whoWasAsleepWhileWhatItHadReadWasSettledAndReleasedWaitsForNoneOfIt() throws IOException {
    SteppingSeams seams = new SteppingSeams(3);
    InMemorySharedStorage shared = new InMemorySharedStorage(seams, 2_000);
    LogCopies real = LogCopies.over(shared.node("any"), "cafe", seams);
    LogCopies.Target other = real.target(OTHER, new UUID(1, 1));
    other.put(7, 1, List.of(new LogEntry(7, new LogRecord.Accepted(transaction(7), false))));
    real.target(OWN, new UUID(2, 2))
        .put(9, 2, List.of(new LogEntry(9, new LogRecord.Accepted(transaction(9), false))));
    SharedOrder asleep = new SharedOrder(real, seams);
    asleep.look(OWN, () -> List.of(OTHER, OWN));
    assertThat(asleep.verdict(OWN, 9, transaction(9))).isEqualTo(Verdict.WAITS);

    other.put(8, 0, List.of(new LogEntry(8, applied(7))));
    for (int i = 9; i <= 100; i++) {
      other.put(i, i, List.of(new LogEntry(i, applied(i))));
    }
    other.release(90);
    asleep.look(OWN, () -> List.of(OTHER, OWN));

    assertThat(asleep.verdict(OWN, 9, transaction(9))).isEqualTo(Verdict.MAY);
    assertThat(asleep.parks(OWN, "orders", "a")).isFalse();
    assertThat(asleep.has(OTHER, id(7))).isFalse();
    assertThat(asleep.has(OWN, id(9))).isTrue();
  }

  /** Its own copy is read first, or what comes before it may be missing. */
  @Test
  void whoHasGotAnotherNumberDuringALookWaitsForTheNext() throws IOException {
    long before = 3;
    List<Long> nodes = List.of(OTHER, OWN, before);
    copies.afterTheNextRead = // of the earlier number
        () ->
            copies.afterTheNextRead = // of the other node
                () -> {
                  copies.accept(OTHER, 7, 1);
                  copies.accept(OWN, 9, 2);
                };

    order.look(before, () -> nodes);
    assertThat(verdict(9)).isEqualTo(Verdict.WAITS);
    order.look(OWN, () -> nodes);
    assertThat(verdict(9)).isEqualTo(Verdict.WAITS);
    copies.mark(OTHER, 7);
    order.look(OWN, () -> nodes);
    assertThat(verdict(9)).isEqualTo(Verdict.MAY);
  }

  /** Whoever finds that a copy was emptied reads on in the one that it was emptied into. */
  @Test
  void whatWasMovedDuringALookIsSeenInOneOfTheTwoCopies() throws IOException {
    long dead = 3;
    SteppingSeams seams = new SteppingSeams(3);
    InMemorySharedStorage shared = new InMemorySharedStorage(seams, 2_000);
    LogCopies real = LogCopies.over(shared.node("any"), "cafe", seams);
    HookedCopies hooked = new HookedCopies(real, OTHER);
    LogCopies.Target taker = real.target(OTHER, new UUID(1, 1));
    taker.put(1, 0, List.of());
    real.target(OWN, new UUID(2, 2)).put(9, 2, List.of(accepted(9, 9)));
    LogCopies.Target left = real.target(dead, new UUID(3, 3));
    left.put(7, 1, List.of(accepted(7, 7)));
    left.put(8, 0, List.of(refused(8, 7)));
    SharedOrder own = new SharedOrder(hooked, seams);
    own.look(OWN, () -> List.of(OTHER, OWN, dead));
    assertThat(own.verdictOfOwn(OWN, 9, transaction(9))).isEqualTo(Verdict.PARKED);

    for (int i = 9; i <= 50; i++) {
      left.put(i, 0, List.of(new LogEntry(i, applied(100 + i))));
    }
    hooked.afterItsNextRead =
        () -> {
          taker.put(
              4,
              7,
              List.of(
                  new LogEntry(2, new LogRecord.Moved(id(7), 1)), accepted(3, 7), refused(4, 7)));
          real.remove(dead);
        };
    own.look(OWN, () -> List.of(OTHER, OWN, dead));

    assertThat(own.verdictOfOwn(OWN, 9, transaction(9))).isEqualTo(Verdict.PARKED);
    assertThat(own.has(OTHER, id(7))).isTrue();
    assertThat(own.has(dead, id(7))).isFalse();
  }

  private static LogEntry accepted(long sequence, long number) {
    return new LogEntry(sequence, new LogRecord.Accepted(transaction(number), false));
  }

  private static LogEntry refused(long sequence, long number) {
    return new LogEntry(
        sequence,
        new LogRecord.Mark(number, id(number), Outcome.REFUSED, null, null, Instant.EPOCH, null));
  }

  /** Something happens once one of the copies was read to its end. */
  private static final class HookedCopies implements LogCopies {

    private interface Hook {
      void run() throws IOException;
    }

    private final LogCopies copies;
    private final long hooked;
    private Hook afterItsNextRead = () -> {};

    HookedCopies(LogCopies copies, long hooked) {
      this.copies = copies;
      this.hooked = hooked;
    }

    @Override
    public Source source(long node) {
      Source source = copies.source(node);
      return new Source() {
        @Override
        public List<LogEntry> next() throws IOException {
          List<LogEntry> next = source.next();
          if (next.isEmpty() && node == hooked) {
            Hook now = afterItsNextRead;
            afterItsNextRead = () -> {};
            now.run();
          }
          return next;
        }

        @Override
        public boolean hasMissed() {
          return source.hasMissed();
        }
      };
    }

    @Override
    public Target target(long node, UUID log) throws IOException {
      return copies.target(node, log);
    }

    @Override
    public TransactionLog takeOver(long node) throws IOException {
      return copies.takeOver(node);
    }

    @Override
    public void remove(long node) throws IOException {
      copies.remove(node);
    }

    @Override
    public void check(LogRecord record) {
      copies.check(record);
    }
  }

  private static LogRecord applied(long number) {
    return new LogRecord.Mark(number, id(number), Outcome.APPLIED, null, null, Instant.EPOCH, null);
  }

  private Set<SharedOrder.Key> free(long node) {
    return order.free(node, any -> false);
  }

  private void look() throws IOException {
    order.look(OWN, () -> List.of(OTHER, OWN));
  }

  private Verdict verdict(long number) {
    return order.verdictOfOwn(OWN, number, transaction(number));
  }

  private static Transaction transaction(long number) {
    return transaction(number, "a");
  }

  private static Transaction transaction(long number, String key) {
    return new Transaction(
        id(number), "orders", List.of(), Context.NONE, key, null, Instant.EPOCH, null, null);
  }

  private static TransactionId id(long number) {
    return new TransactionId(new UUID(1, 1), number);
  }

  /** Copies in memory, with something that happens between two reads. */
  private static final class ListedCopies implements LogCopies {

    private final Map<Long, List<LogEntry>> entries = new HashMap<>();
    private Runnable afterTheNextRead = () -> {};
    private long unreachable;

    private List<LogEntry> of(long node) {
      return entries.computeIfAbsent(node, any -> new ArrayList<>());
    }

    void accept(long node, long number, long ticket) {
      of(node).add(new LogEntry(number, new LogRecord.Copied(number, ticket)));
      of(node).add(new LogEntry(number, new LogRecord.Accepted(transaction(number), false)));
    }

    /** In its caller's hand. */
    void acceptUnit(long node, long number, long ticket) {
      Transaction unit =
          transaction(number).after(List.of(new Part("receipts", List.of(), List.of())));
      of(node).add(new LogEntry(number, new LogRecord.Copied(number, ticket)));
      of(node).add(new LogEntry(number, new LogRecord.Accepted(unit, true)));
    }

    void delay(long node, long number) {
      of(node).add(new LogEntry(number + 1, new LogRecord.Delayed(number, id(number))));
    }

    void letter(long node, long number, long ticket, String key) {
      LogRecord mark =
          new LogRecord.Mark(number, id(number), Outcome.REFUSED, null, null, Instant.EPOCH, null);
      of(node).add(new LogEntry(number, new LogRecord.Copied(number, ticket)));
      of(node).add(new LogEntry(number, new LogRecord.Accepted(transaction(number, key), false)));
      of(node).add(new LogEntry(number + 1, mark));
    }

    void place(long node, long number, long ticket) {
      of(node).add(new LogEntry(number + 1, new LogRecord.Moved(id(number), ticket)));
    }

    void mark(long node, long number) {
      of(node).add(new LogEntry(number + 1, applied(number)));
    }

    @Override
    public Source source(long node) {
      return new Source() {
        private int at;

        @Override
        public List<LogEntry> next() throws IOException {
          if (node == unreachable) {
            throw new IOException("not reached");
          }
          List<LogEntry> more = List.copyOf(of(node).subList(at, of(node).size()));
          at += more.size();
          if (more.isEmpty()) {
            Runnable now = afterTheNextRead;
            afterTheNextRead = () -> {};
            now.run();
          }
          return more;
        }

        @Override
        public boolean hasMissed() {
          return false;
        }
      };
    }

    @Override
    public Target target(long node, UUID log) {
      throw new UnsupportedOperationException();
    }

    @Override
    public TransactionLog takeOver(long node) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void remove(long node) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void check(LogRecord record) {}
  }
}
