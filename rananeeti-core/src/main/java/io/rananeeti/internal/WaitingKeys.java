package io.rananeeti.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Where in the log entries with a given hash of their intent key are: 16 bytes an entry in an open
 * addressing table (linear probing), no object an entry, so that a million of them cost 32 MB.
 *
 * <p>An entry is not taken out when it is settled: whoever asks looks whether it still waits, and
 * the table forgets those that don't when it would have to grow. Beyond {@link #MOST} waiting ones
 * it takes no more. Not thread-safe.
 */
final class WaitingKeys {

  /** The most entries that it knows. */
  static final int MOST = 1 << 20;

  private static final int SMALLEST = 64;

  private final int most;
  private final LongPredicate waits;
  private long[] hashes = new long[SMALLEST];
  private long[] sequences = new long[SMALLEST];
  private int size;
  private long refused;

  /** Knows at the most so many; an entry that no longer waits may be forgotten. */
  WaitingKeys(int most, LongPredicate waits) {
    this.most = most;
    this.waits = waits;
  }

  /**
   * Adds the entry with this sequence number, which is positive.
   *
   * @return false if there are too many
   */
  boolean add(long hash, long sequence) {
    if (2 * (size + 1) > hashes.length && !makeRoom()) {
      return false;
    }
    put(hash, sequence);
    return true;
  }

  /** The sequence numbers that were added with this hash, in their order. */
  List<Long> find(long hash) {
    List<Long> found = new ArrayList<>();
    for (int at = slot(hash); sequences[at] != 0; at = next(at)) {
      if (hashes[at] == hash) {
        found.add(sequences[at]);
      }
    }
    found.sort(null);
    return found;
  }

  int size() {
    return size;
  }

  private int slot(long hash) {
    long mixed = hash * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> (Long.numberOfLeadingZeros(hashes.length) + 1)) & (hashes.length - 1);
  }

  private int next(int at) {
    return (at + 1) & (hashes.length - 1);
  }

  private void put(long hash, long sequence) {
    int at = slot(hash);
    while (sequences[at] != 0) {
      at = next(at);
    }
    hashes[at] = hash;
    sequences[at] = sequence;
    size++;
  }

  /** A full table looks only now and then for what it could forget. */
  private boolean makeRoom() {
    boolean full = size >= most;
    if (full && refused++ % Math.max(1, most / 8) != 0) {
      return false;
    }
    long[] oldHashes = hashes;
    long[] oldSequences = sequences;
    int waiting = (int) Arrays.stream(oldSequences).filter(this::isWaiting).count();
    int capacity = SMALLEST;
    while (capacity < 4 * (waiting + 1) && capacity < 2 * most) {
      capacity *= 2;
    }
    hashes = new long[capacity];
    sequences = new long[capacity];
    size = 0;
    for (int i = 0; i < oldSequences.length; i++) {
      if (isWaiting(oldSequences[i])) {
        put(oldHashes[i], oldSequences[i]);
      }
    }
    return size < most;
  }

  private boolean isWaiting(long sequence) {
    return sequence != 0 && waits.test(sequence);
  }
}
