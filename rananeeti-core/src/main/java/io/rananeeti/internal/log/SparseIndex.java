package io.rananeeti.internal.log;

import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Where some entries lie: every {@value #STEP}th, and the first one kept. A million entries take
 * about 4,000 pairs. Thread-safe.
 */
final class SparseIndex {

  private static final int STEP = 256;

  private final ConcurrentNavigableMap<Long, Long> positions = new ConcurrentSkipListMap<>();

  /** Called for every entry, in order. */
  void note(long sequence, long position) {
    if (sequence % STEP == 0 || positions.isEmpty()) {
      positions.put(sequence, position);
    }
  }

  /** A position to read from to reach this entry: at it or before it, 0 for the first one kept. */
  long before(long sequence) {
    Map.Entry<Long, Long> floor = positions.floorEntry(sequence);
    return floor == null ? 0 : floor.getValue();
  }

  /** Forgets what lies wholly before this entry. */
  void release(long belowSequence) {
    Long floor = positions.floorKey(belowSequence);
    if (floor != null) {
      positions.headMap(floor).clear();
    }
  }
}
