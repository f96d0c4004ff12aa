package io.rananeeti.internal.shared;

import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Which slot some entries begin in: of this open's slots every {@value #STEP}th, and what was found
 * of earlier ones. A million slots take about 60,000 places. Thread-safe.
 */
final class SlotIndex {

  static final int STEP = 16;

  private final ConcurrentNavigableMap<Long, Place> places = new ConcurrentSkipListMap<>();
  private volatile long lastNoted = -STEP;

  /**
   * A slot in which an entry begins.
   *
   * @param slot its number
   * @param before bytes of all slots before it
   */
  record Place(long slot, long before) {}

  /** Called by one thread at a time, for each slot that is written, in order. */
  void wrote(Slot slot) {
    if (slot.part() == 0 && slot.number() - lastNoted >= STEP) {
      lastNoted = slot.number();
      note(slot);
    }
  }

  /** A slot of which it is worth to know where it is; no later part of an entry. */
  void note(Slot slot) {
    places.merge(
        slot.first(),
        new Place(slot.number(), slot.before()),
        (known, found) -> known.slot() >= found.slot() ? known : found);
  }

  /** The last place known at or before this entry, null if none is. */
  @Nullable Place atOrBefore(long sequence) {
    Map.Entry<Long, Place> floor = places.floorEntry(sequence);
    return floor == null ? null : floor.getValue();
  }

  /** The first place known behind this entry, null if none is. */
  @Nullable Place behind(long sequence) {
    Map.Entry<Long, Place> higher = places.higherEntry(sequence);
    return higher == null ? null : higher.getValue();
  }

  /** Forgets places before this entry, but for the last one. */
  void release(long belowSequence) {
    Long floor = places.floorKey(belowSequence);
    if (floor != null) {
      places.headMap(floor).clear();
    }
  }
}
