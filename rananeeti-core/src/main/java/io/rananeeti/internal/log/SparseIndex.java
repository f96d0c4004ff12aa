package io.rananeeti.internal.log;

import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Where some entries lie: the first one, every {@value #STEP}th, and each that lies {@value
 * #DISTANCE} or more behind the one noted before, which includes the first of each file. A million
 * small entries take about 4,000 pairs, 16 GiB of large ones as many as 16,000.
 *
 * <p>{@link #note} is called by one thread at a time; the rest by any.
 */
final class SparseIndex {

  private static final int STEP = 256;
  private static final long DISTANCE = 1 << 20;

  private final ConcurrentNavigableMap<Long, Long> positions = new ConcurrentSkipListMap<>();
  private long lastPosition = -DISTANCE;

  /** Called for every entry, in order. */
  void note(long sequence, long position) {
    if (sequence % STEP == 0 || position - lastPosition >= DISTANCE) {
      positions.put(sequence, position);
      lastPosition = position;
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
