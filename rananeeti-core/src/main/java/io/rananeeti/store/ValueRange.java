package io.rananeeti.store;

/**
 * Values of a sequence that follow each other by the same step.
 *
 * @param first the first of them
 * @param count how many, one at least
 * @param step from one to the next, negative for a sequence that descends
 */
public record ValueRange(long first, long count, long step) {

  /** Refuses what is empty or leaves the range of a long. */
  public ValueRange {
    if (count < 1) {
      throw new IllegalArgumentException("a range holds one value at least, count=" + count);
    }
    Math.addExact(first, Math.multiplyExact(step, count - 1));
  }

  /** The one with this index, from 0. */
  public long value(long index) {
    return first + step * index;
  }

  /** The last of them. */
  public long last() {
    return value(count - 1);
  }

  /** What is left without the first few; fewer than all. */
  public ValueRange without(long few) {
    return new ValueRange(value(few), count - few, step);
  }
}
