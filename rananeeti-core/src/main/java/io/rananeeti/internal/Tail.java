package io.rananeeti.internal;

import io.rananeeti.TransactionId;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Coverage;
import io.rananeeti.store.Frontier;
import io.rananeeti.store.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What was acknowledged to a store's application and is not yet known to be in every region that
 * may be promoted (G6): the entries that the log keeps for it, and what proves that a writer has
 * all of them.
 *
 * <p><b>The frontier</b> (R2). A clock that only counts is read before each COMMIT is sent and
 * after each reply. A transaction leaves the frontier once another is acknowledged whose COMMIT was
 * sent after its own reply: that one is behind it in the writer's history, so whoever has that one
 * has both. The newest number alone would prove nothing, since numbers commit in any order. What
 * was settled by somebody else earlier was sent at a time that nobody knows, so it lets none go.
 *
 * <p><b>Cover</b> (R5). Acknowledged entries are kept in spans. A span gets a position of the
 * writer that was asked for after its last reply, and is given up once all regions have come past
 * that. What outlives the longest retention is given up without that, and counted.
 *
 * <p>One entry costs a number of eight bytes. Thread-safe; waits for nobody.
 */
final class Tail {

  private static final int SPAN = 4096;
  private static final int WIDE = 1_000;
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Entries that were acknowledged one after the other, and are given up together. */
  private static final class Span {

    private long[] sequences = new long[8];
    private int count;
    private long leastSequence = Long.MAX_VALUE;
    private long greatestSequence;
    private final Map<UUID, Long> least = new HashMap<>();
    private final Instant begun;
    private Instant newest;
    private @Nullable Long closedIn;
    private @Nullable Long position;

    Span(Instant at) {
      begun = at;
      newest = at;
    }

    void add(long sequence, TransactionId id, Instant at) {
      if (count == sequences.length) {
        sequences = Arrays.copyOf(sequences, 2 * count);
      }
      sequences[count++] = sequence;
      leastSequence = Math.min(leastSequence, sequence);
      greatestSequence = Math.max(greatestSequence, sequence);
      least.merge(id.incarnation(), id.number(), Math::min);
      newest = at.isAfter(newest) ? at : newest;
    }

    void remove(LongPredicate unwanted) {
      int kept = 0;
      for (int i = 0; i < count; i++) {
        if (!unwanted.test(sequences[i])) {
          sequences[kept++] = sequences[i];
        }
      }
      count = kept;
    }

    boolean holds(long sequence) {
      return sequence >= leastSequence
          && sequence <= greatestSequence
          && Arrays.stream(sequences, 0, count).anyMatch(each -> each == sequence);
    }

    long lowest() {
      return Arrays.stream(sequences, 0, count).min().orElse(Long.MAX_VALUE);
    }
  }

  /**
   * An entry whose COMMIT was sent and nobody knows whether it happened.
   *
   * @param again whether it may be run although it never was
   * @param writer to which it was sent; null for one of now
   */
  record Doubt(boolean again, @Nullable String writer) {}

  /** How much is kept, for people. */
  record State(long kept, @Nullable Instant oldest, long givenUp, long appliedAgain) {}

  private final Deque<Span> spans = new ArrayDeque<>();
  private final Map<Long, Doubt> doubts = new HashMap<>();
  private final Set<Long> underWay = new HashSet<>();
  private final List<Long> floors = new ArrayList<>();
  private final Set<UUID> seenIncarnations = new HashSet<>();
  private boolean looking;
  private final Map<TransactionId, Long> frontier = new HashMap<>();
  private final Map<String, Long> greatestSeen = new HashMap<>();
  private final Map<String, Long> leastSeen = new HashMap<>();
  private long tick;
  private long latestSent;
  private long epoch;
  private long lineage;
  private @Nullable String writer;
  private boolean asked;
  private boolean known;
  private boolean excluding;
  private long polls;
  private long givenUp;
  private long appliedAgain;
  private long lastMissing;

  /** An entry's COMMIT is about to be sent; returns the time to give to {@link #acknowledged}. */
  synchronized long sending(long sequence) {
    underWay.add(sequence);
    return ++tick;
  }

  /** The time, before something is sent that is not an entry of its own. */
  synchronized long sending() {
    return ++tick;
  }

  /** Nothing of it happened. */
  synchronized void voided(long sequence) {
    underWay.remove(sequence);
    doubts.remove(sequence);
  }

  /**
   * Whether an entry that waits is no part of a tail that was lost: nobody was told of it, and
   * nothing that was acknowledged can stand behind it.
   */
  synchronized boolean mayWait(long sequence) {
    Doubt doubt = doubts.get(sequence);
    return doubt != null && doubt.writer() == null && sequence > lastMissing;
  }

  /** Nobody knows what became of it: it waits to be settled. */
  synchronized void doubted(long sequence, Doubt doubt) {
    underWay.remove(sequence);
    doubts.put(sequence, doubt);
  }

  /** What is to be known of it when it is settled; null if it is not in doubt. */
  synchronized @Nullable Doubt doubt(long sequence) {
    return doubts.get(sequence);
  }

  /**
   * The store has it, and the application is going to hear of it, or has heard.
   *
   * @param sequence of its entry; 0 if it has none
   * @param sent when it was sent at the earliest; 0 if nobody knows
   */
  synchronized void acknowledged(long sequence, TransactionId id, long sent, Instant at) {
    if (sequence > 0) {
      underWay.remove(sequence);
      doubts.remove(sequence);
      keep(sequence, id, at);
    }
    if (sent > latestSent) {
      latestSent = sent;
      frontier.values().removeIf(reply -> reply < latestSent);
    }
    frontier.put(id, ++tick);
  }

  /** Whether the frontier is so large that it is worth a row of its own, which lets all go. */
  synchronized boolean isWide() {
    return frontier.size() > WIDE;
  }

  /** An entry is about to be appended, or looked for: the log keeps all from this one on. */
  synchronized void expect(long from) {
    floors.add(from);
  }

  /** It has its place here now, or none. */
  synchronized void expected(long from) {
    floors.remove(Long.valueOf(from));
  }

  /** A recovery looks for what is missing: nothing is given up meanwhile. */
  synchronized void looking(boolean does) {
    looking = does;
  }

  /** The scan at open has found an entry that was acknowledged. */
  synchronized void found(long sequence, TransactionId id, Instant at) {
    keep(sequence, id, at);
  }

  /** It is not acknowledged any more. */
  synchronized void notKept(long sequence) {
    spans.forEach(span -> span.remove(each -> each == sequence));
    spans.removeIf(span -> span.count == 0);
  }

  private void keep(long sequence, TransactionId id, Instant at) {
    Span last = spans.peekLast();
    if (last == null || last.closedIn != null || last.count >= SPAN) {
      last = new Span(at);
      spans.add(last);
    }
    last.add(sequence, id, at);
  }

  /** The scan at open has found an epoch. */
  synchronized void found(LogRecord.Era era) {
    epoch = era.epoch();
    lineage = era.lineage();
    writer = era.writer();
  }

  /** The application was given these values of sequences, whatever became of its transaction. */
  synchronized void saw(Map<String, Long> values) {
    values.forEach(
        (sequence, value) -> {
          greatestSeen.merge(sequence, value, Math::max);
          leastSeen.merge(sequence, value, Math::min);
        });
  }

  /** The greatest and the least value that it was given of each sequence. */
  synchronized Map<String, long[]> seen() {
    Map<String, long[]> seen = new HashMap<>();
    greatestSeen.forEach(
        (sequence, greatest) ->
            seen.put(sequence, new long[] {leastSeen.getOrDefault(sequence, greatest), greatest}));
    return seen;
  }

  /**
   * What a connection has to have now.
   *
   * @param named whether it has to be the writer that the last recovery has found, too
   */
  synchronized Frontier frontier(boolean named) {
    return new Frontier(
        epoch, lineage, asked, asked ? frontier.keySet() : Set.of(), named ? writer : null);
  }

  /** Whether it has what was asked of it, as far as its epoch says. */
  synchronized boolean excludes(Writer shown) {
    return frontier(false).excludes(shown);
  }

  /** Another node has seen this epoch (R3). */
  synchronized void heard(long ofOthers, long theirLineage) {
    if (ofOthers > epoch && theirLineage >= lineage) {
      epoch = ofOthers;
      lineage = theirLineage;
    }
  }

  /** Another writer has these too: no position of an earlier one says anything of it. */
  synchronized void movedTo(LogRecord.Era era) {
    if (era.epoch() != epoch || !era.writer().equals(writer)) {
      found(era);
      resetPositions();
    }
  }

  /** Whether an entry is kept. */
  synchronized boolean keeps(long sequence) {
    return spans.stream()
        .anyMatch(
            span ->
                Arrays.stream(span.sequences, 0, span.count).anyMatch(each -> each == sequence));
  }

  /** The frontier itself, also while nobody has to have it; null if it is not known. */
  synchronized @Nullable Set<TransactionId> knownFrontier() {
    return known ? Set.copyOf(frontier.keySet()) : null;
  }

  /** A recovery begins to find out what is missing: no connection has to have the frontier. */
  synchronized void check() {
    asked = false;
  }

  /**
   * The recovery knows what is missing, and has raised the epoch behind all that is there: what has
   * its row has that as well.
   */
  synchronized void raised(LogRecord.Era era, TransactionId recovery) {
    found(era);
    frontier.clear();
    latestSent = ++tick;
    frontier.put(recovery, ++tick);
    asked = true;
    known = true;
    resetPositions();
  }

  private void resetPositions() {
    spans.forEach(span -> span.position = null);
    spans.forEach(span -> span.closedIn = span.closedIn == null ? null : polls);
  }

  /** A connection has shown an epoch; a greater one than any before is remembered. */
  synchronized void sawEpoch(Writer shown) {
    if (asked && shown.epoch() > epoch) {
      epoch = shown.epoch();
      lineage = Math.max(lineage, shown.lineage());
    }
  }

  /** A person has said that a writer is the only one, whatever its epoch. */
  synchronized void forgetEpoch() {
    epoch = 0;
    lineage = 0;
    known = false;
    excluding = false;
  }

  /** The probe passes over a writer, or no more, because of its epoch. */
  synchronized void excluding(boolean does) {
    excluding = does;
  }

  /** Whether a person may say that it is the only writer. */
  synchronized boolean isExcluding() {
    return excluding;
  }

  /** The writer of the last recovery; null before the first. */
  synchronized @Nullable String writer() {
    return writer;
  }

  synchronized long epoch() {
    return epoch;
  }

  synchronized long lineage() {
    return lineage;
  }

  /** The entries that are kept. */
  synchronized SequenceSet kept() {
    SequenceSet kept = new SequenceSet();
    for (Span span : spans) {
      for (int i = 0; i < span.count; i++) {
        kept.add(span.sequences[i]);
      }
    }
    return kept;
  }

  /** The writer lacks these: they wait to be applied again. */
  synchronized void reopened(SequenceSet missing, long count) {
    missing.forEach(sequence -> lastMissing = Math.max(lastMissing, sequence));
    spans.forEach(span -> span.remove(missing::contains));
    spans.removeIf(span -> span.count == 0);
    appliedAgain += count;
  }

  /** All that is kept waits to be claimed again. */
  synchronized SequenceSet reopenAll() {
    SequenceSet all = kept();
    spans.clear();
    return all;
  }

  /** What the log must keep, from this entry on; {@link Long#MAX_VALUE} for nothing. */
  synchronized long first() {
    long first = Long.MAX_VALUE;
    for (Span span : spans) {
      first = Math.min(first, span.lowest());
    }
    for (long each : floors) {
      first = Math.min(first, each);
    }
    for (long each : underWay) {
      first = Math.min(first, each);
    }
    for (long each : doubts.keySet()) {
      first = Math.min(first, each);
    }
    return first;
  }

  /** Rows of this incarnation from this number on must stay in the ledger. */
  synchronized long least(UUID incarnation) {
    long least = Long.MAX_VALUE;
    for (Span span : spans) {
      least = Math.min(least, span.least.getOrDefault(incarnation, Long.MAX_VALUE));
    }
    for (TransactionId id : frontier.keySet()) {
      if (id.incarnation().equals(incarnation)) {
        least = Math.min(least, id.number());
      }
    }
    return least;
  }

  /** Those of which rows are kept; the log may have given back that they are registered. */
  synchronized Set<UUID> incarnations() {
    spans.forEach(span -> seenIncarnations.addAll(span.least.keySet()));
    return Set.copyOf(seenIncarnations);
  }

  /** Whether an entry is kept, may be, or is about to get its place here. */
  synchronized boolean needs(long sequence) {
    return looking
        || underWay.contains(sequence)
        || doubts.containsKey(sequence)
        || floors.stream().anyMatch(floor -> floor <= sequence)
        || spans.stream().anyMatch(span -> span.holds(sequence));
  }

  /** Whether nothing is kept, so that nobody need be asked. */
  synchronized boolean isEmpty() {
    return spans.isEmpty();
  }

  /** How far the other regions have come: what they have is given up. */
  synchronized void covered(Coverage coverage, Instant now, Duration longest) {
    polls++;
    boolean answered = coverage.covered() != Coverage.UNKNOWN;
    for (Span span : spans) {
      // What was acknowledged before the last question is at or below this position.
      if (answered && span.position == null && span.closedIn != null && span.closedIn < polls - 1) {
        span.position = coverage.written();
      }
    }
    close(coverage, now);
    giveUp(coverage, now.minus(longest));
  }

  private void close(Coverage coverage, Instant now) {
    Span last = spans.peekLast();
    boolean due =
        coverage.covered() != Coverage.UNKNOWN
            || (last != null && last.begun.plus(LONG).isBefore(now));
    for (Span span : spans) {
      if (span.closedIn == null && (span != last || due)) {
        span.closedIn = polls;
      }
    }
  }

  private void giveUp(Coverage coverage, Instant before) {
    for (Iterator<Span> each = spans.iterator(); each.hasNext(); ) {
      Span span = each.next();
      Long position = span.position;
      boolean covered = position != null && position <= coverage.covered();
      if (!covered && !span.newest.isBefore(before)) {
        return;
      }
      givenUp += covered ? 0 : span.count;
      each.remove();
    }
  }

  /** The log needs the space: half of what is kept is given up; false if that is nothing. */
  synchronized boolean giveUpOldest() {
    if (looking || spans.isEmpty()) {
      return false;
    }
    for (int half = (spans.size() + 1) / 2; half > 0; half--) {
      givenUp += spans.remove().count;
    }
    return true;
  }

  /** A person has decided that the store goes on without it. */
  synchronized void giveUpAll() {
    spans.forEach(span -> givenUp += span.count);
    spans.clear();
  }

  /** The scan at open has found that a person had decided so. */
  synchronized void forgetKept() {
    spans.clear();
  }

  /** An acknowledged transaction could not be kept. */
  synchronized void notKept() {
    givenUp++;
  }

  synchronized State state() {
    long kept = 0;
    Instant oldest = null;
    for (Span span : spans) {
      kept += span.count;
      oldest = oldest == null || span.begun.isBefore(oldest) ? span.begun : oldest;
    }
    return new State(kept, oldest, givenUp, appliedAgain);
  }
}
