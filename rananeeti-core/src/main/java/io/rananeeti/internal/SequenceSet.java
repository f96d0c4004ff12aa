package io.rananeeti.internal;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/** A set of the log's sequence numbers: one bit each where they lie close. Not thread-safe. */
final class SequenceSet {

  private static final int CHUNK = 1 << 12;

  private final TreeMap<Long, BitSet> chunks = new TreeMap<>();

  /** False if it was there. */
  boolean add(long sequence) {
    BitSet chunk = chunks.computeIfAbsent(sequence / CHUNK, any -> new BitSet());
    int at = (int) (sequence % CHUNK);
    boolean isNew = !chunk.get(at);
    chunk.set(at);
    return isNew;
  }

  /** False if it was not there. */
  boolean remove(long sequence) {
    BitSet chunk = chunks.get(sequence / CHUNK);
    int at = (int) (sequence % CHUNK);
    if (chunk == null || !chunk.get(at)) {
      return false;
    }
    chunk.clear(at);
    if (chunk.isEmpty()) {
      chunks.remove(sequence / CHUNK);
    }
    return true;
  }

  boolean contains(long sequence) {
    BitSet chunk = chunks.get(sequence / CHUNK);
    return chunk != null && chunk.get((int) (sequence % CHUNK));
  }

  /** Each of them, in order. */
  void forEach(LongConsumer action) {
    chunks.forEach((at, chunk) -> chunk.stream().forEach(bit -> action.accept(at * CHUNK + bit)));
  }

  /** Removes those below; of those close to it some may stay. */
  void removeBelow(long sequence) {
    chunks.headMap(sequence / CHUNK).clear();
  }

  /** The lowest; {@link Long#MAX_VALUE} if there is none. */
  long first() {
    Map.Entry<Long, BitSet> lowest = chunks.firstEntry();
    return lowest == null
        ? Long.MAX_VALUE
        : lowest.getKey() * CHUNK + lowest.getValue().nextSetBit(0);
  }
}
