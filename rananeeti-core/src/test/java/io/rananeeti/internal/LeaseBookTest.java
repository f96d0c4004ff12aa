package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Lease;
import io.rananeeti.store.ValueRange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LeaseBookTest {

  private static final String STORE = "orders";
  private static final String SEQUENCE = "public.s";

  private final ListLog log = new ListLog();

  @Test
  void givesOutValuesInTheirOrderThroughRangesOfOtherSteps() {
    LeaseBook book = book();
    book.add(STORE, lease(new ValueRange(1, 2, 1), new ValueRange(50, 2, -3)));

    assertThat(book.draw(STORE, SEQUENCE, 3)).containsExactly(1, 2, 50);
    assertThat(book.draw(STORE, SEQUENCE, 2)).isNull();
    assertThat(book.draw(STORE, SEQUENCE, 1)).containsExactly(47);
    assertThat(book.left(STORE, SEQUENCE)).isZero();
    assertThat(book.left(STORE, "other")).isEqualTo(-1);
  }

  @Test
  void aValueIsGivenOutOnlyBelowAWatermarkThatIsForced() {
    LeaseBook book = book();
    book.add(STORE, lease(new ValueRange(1, 100, 1)));
    List<LogRecord> atForce = new ArrayList<>();
    log.afterForce(() -> atForce.addAll(log.records()));

    assertThat(book.draw(STORE, SEQUENCE, 1)).containsExactly(1);

    assertThat(atForce).hasSize(2);
    assertThat(atForce.get(1))
        .isInstanceOfSatisfying(
            LogRecord.Drawn.class, drawn -> assertThat(drawn.below()).isEqualTo(12));
  }

  @Test
  void aCrashBeforeTheWatermarksForceGivesTheValueToNobodyElse() {
    LeaseBook book = book();
    book.add(STORE, lease(new ValueRange(1, 100, 1)));
    log.afterForce(
        () -> {
          throw new IllegalStateException("dies");
        });

    assertThatThrownBy(() -> book.draw(STORE, SEQUENCE, 1)).hasMessage("dies");

    assertThat(reopened().draw(STORE, SEQUENCE, 1)).containsExactly(13);
    log.records().remove(log.records().size() - 1);
    log.records().remove(log.records().size() - 1);
    assertThat(reopened().draw(STORE, SEQUENCE, 1)).containsExactly(1);
  }

  @Test
  void aCrashBehindTheDrawOfALeaseIsAGap() {
    book().add(STORE, lease(new ValueRange(1, 8, 1)));
    log.records().clear();

    assertThat(reopened().draw(STORE, SEQUENCE, 1)).isNull();
  }

  @Test
  void aFullLogGivesNothingOut() {
    LeaseBook book = book();
    book.add(STORE, lease(new ValueRange(1, 9, 1)));
    log.full(true);

    assertThatThrownBy(() -> book.draw(STORE, SEQUENCE, 1)).isInstanceOf(LogFullException.class);

    log.full(false);
    assertThat(book.draw(STORE, SEQUENCE, 1)).containsExactly(1);
  }

  @Test
  void aLostEntryMayHaveBeenAWatermark() {
    LeaseBook book = book();
    book.add(STORE, lease(new ValueRange(1, 100, 1)));
    book.draw(STORE, SEQUENCE, 20);
    log.records().set(1, new LogRecord.Lost(Instant.EPOCH));

    LeaseBook reopened = reopened();

    assertThat(reopened.draw(STORE, SEQUENCE, 1)).isNull();
    reopened.add(STORE, lease(new ValueRange(200, 8, 1)));
    assertThat(reopened().draw(STORE, SEQUENCE, 1)).containsExactly(200);
  }

  @Test
  void anotherHistoryTakesTheLeasesWithIt() {
    LeaseBook book = book();
    book.add(STORE, lease(new ValueRange(1, 100, 1)));
    log.append(new LogRecord.Adopted(STORE, 0, Instant.EPOCH));
    book.forget(STORE);

    assertThat(book.draw(STORE, SEQUENCE, 1)).isNull();
    assertThat(reopened().draw(STORE, SEQUENCE, 1)).isNull();
    assertThat(book.furthest(STORE)).containsEntry(SEQUENCE, 100L);
    assertThat(reopened().furthest(STORE)).containsEntry(SEQUENCE, 100L);
  }

  @Test
  void aSequenceThatIsGoneTakesItsLeasesWithIt() {
    LeaseBook book = book();
    book.add(STORE, lease(new ValueRange(1, 100, 1)));

    book.drop(STORE, SEQUENCE);

    assertThat(book.draw(STORE, SEQUENCE, 1)).isNull();
    assertThat(reopened().draw(STORE, SEQUENCE, 1)).isNull();
  }

  /** R4: what is written again says how far was leased, also where all of it may be given out. */
  @Test
  void howFarWasLeasedOutlivesThatItIsWrittenAgain() {
    LeaseBook book = book();
    book.add(STORE, lease(new ValueRange(1, 8, 1)));
    book.draw(STORE, SEQUENCE, 1);
    for (int i = 0; i < 1_001; i++) {
      log.append(new LogRecord.Opened(log.incarnation(), Instant.EPOCH));
    }
    long needed = book.needed(store -> true);
    assertThat(needed).isGreaterThan(1_001);
    for (int i = 0; i < needed - 1; i++) {
      log.records().set(i, new LogRecord.Opened(log.id(), Instant.EPOCH));
    }

    assertThat(reopened().furthest(STORE)).containsEntry(SEQUENCE, 8L);
    assertThat(reopened().isOf(STORE, SEQUENCE, "1")).isTrue();
    assertThat(reopened().isOf(STORE, SEQUENCE, "2")).isFalse();
  }

  @Test
  void theLogIsKeptWhileValuesAreLeftOrTransactionsWait() {
    LeaseBook book = book();
    log.append(new LogRecord.Opened(log.incarnation(), Instant.EPOCH));
    assertThat(book.needed(store -> true)).isEqualTo(Long.MAX_VALUE);

    book.add(STORE, lease(new ValueRange(1, 8, 1)));
    assertThat(book.needed(store -> false)).isEqualTo(2);

    book.draw(STORE, SEQUENCE, 8);
    assertThat(book.needed(store -> true)).isEqualTo(2);
    assertThat(book.needed(store -> false)).isEqualTo(Long.MAX_VALUE);
  }

  /** Death at any moment, space given back at any moment: no value comes twice. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void noValueIsGivenOutTwice(long seed) {
    Random random = new Random(seed);
    Set<Long> seen = new HashSet<>();
    long sequence = 0;
    LeaseBook book = book();
    for (int i = 0; i < 3_000; i++) {
      switch (random.nextInt(10)) {
        case 0 -> {
          int count = 1 + random.nextInt(60);
          book.add(STORE, lease(new ValueRange(sequence + 1, count, 1)));
          sequence += count + random.nextInt(3);
        }
        case 1 -> book = reopened();
        case 2 -> {
          long needed = book.needed(store -> false);
          for (long entry = 1; entry < Math.min(needed, log.forced() + 1); entry++) {
            log.records().set((int) entry - 1, new LogRecord.Opened(log.id(), Instant.EPOCH));
          }
        }
        default -> {
          long[] drawn = book.draw(STORE, SEQUENCE, 1 + random.nextInt(3));
          if (drawn != null) {
            LongStream.of(drawn)
                .forEach(value -> assertThat(seen.add(value)).as("%d", value).isTrue());
          }
        }
      }
    }
    assertThat(seen).hasSizeGreaterThan(1_000);
    assertThat(book.furthest(STORE).getOrDefault(SEQUENCE, 0L)).isLessThanOrEqualTo(sequence);
  }

  private LeaseBook book() {
    return new LeaseBook(log, Seams.system());
  }

  private LeaseBook reopened() {
    return new Journal(
            log, Seams.system(), new Ids(log.incarnation()), new DeadLetterBook(), List.of(STORE))
        .leases();
  }

  private static Lease lease(ValueRange... ranges) {
    return new Lease(SEQUENCE, List.of(ranges), "1");
  }
}
