package io.rananeeti.internal;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Sequences;
import io.rananeeti.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Moves sequences past the values that the application has seen of them, before anything is applied
 * to a writer that may lack them (R4). Used once, by one thread.
 */
final class SeenSequences {

  private final Sequences sequences;
  private final List<String> left = new ArrayList<>();

  SeenSequences(Sequences sequences) {
    this.sequences = sequences;
  }

  /**
   * Moves them. One that is gone, whose name means nothing any more, or that the platform may not
   * use is said and stops nobody: what was seen of it stands in what is applied, and a key that is
   * given twice is refused by its table.
   *
   * @param seen values, the least and the greatest among them, by the sequence's name, in full or
   *     as {@link SeenName} has it: which way it goes only the store knows, and it moves none back
   * @return what could not be moved and why, for people
   * @throws StoreException if the store does not answer
   */
  List<String> advance(Map<String, long[]> seen) throws StoreException {
    for (Map.Entry<String, long[]> each : new TreeMap<>(seen).entrySet()) {
      SeenName unknown = SeenName.read(each.getKey());
      try {
        advance(unknown == null ? each.getKey() : unknown.inFull(sequences), each.getValue());
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
    return List.copyOf(left);
  }

  /** No sequence stands behind a column that is an ordinary one. */
  private void advance(@Nullable String sequence, long[] values) throws StoreException {
    if (sequence != null) {
      for (long value : values) {
        sequences.advance(sequence, value);
      }
    }
  }
}
