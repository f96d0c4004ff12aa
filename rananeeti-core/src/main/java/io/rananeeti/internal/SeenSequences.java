package io.rananeeti.internal;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Sequences;
import io.rananeeti.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far the application has seen the sequences of a store, by what the log says: a recovery moves
 * them past that before it applies anything (R4). Used by one thread.
 *
 * <p>Which direction a sequence has, only the store knows. So the smallest and the largest value
 * are kept of each: the store moves no sequence back, and one of the two is the furthest.
 */
final class SeenSequences {

  private record Span(long least, long most) {

    private Span with(long value) {
      return new Span(Math.min(least, value), Math.max(most, value));
    }
  }

  private final Map<String, Span> seen = new TreeMap<>();

  /** A transaction of the log has seen these values. */
  void add(Map<String, Long> values) {
    values.forEach(
        (name, value) ->
            seen.merge(name, new Span(value, value), (known, one) -> known.with(value)));
  }

  /** Whether there is nothing to be moved. */
  boolean isEmpty() {
    return seen.isEmpty();
  }

  /**
   * Moves all of them past what was seen. One that is gone, whose name means nothing any more, or
   * that the platform may not use is said and stops nobody: what was seen of it stands in what is
   * applied, and a key that is given twice is refused by its table.
   *
   * @return what could not be moved and why, for people
   * @throws StoreException if the store does not answer
   */
  List<String> advance(Sequences sequences) throws StoreException {
    List<String> left = new ArrayList<>();
    for (Map.Entry<String, Span> each : seen.entrySet()) {
      SeenName unknown = SeenName.read(each.getKey());
      try {
        String name = unknown == null ? each.getKey() : unknown.inFull(sequences);
        if (name != null) {
          sequences.advance(name, each.getValue().least());
          sequences.advance(name, each.getValue().most());
        }
      } catch (StoreException e) {
        if (e.failure() == Failure.UNREACHABLE || e.failure() == Failure.RETRY) {
          throw e;
        }
        String what = unknown == null ? "sequence " + each.getKey() : unknown.said();
        left.add(
            "%s can't be moved past the values that were seen of it: %s"
                .formatted(what, e.getMessage()));
      }
    }
    return left;
  }
}
