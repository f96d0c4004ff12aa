package io.rananeeti.log;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the nodes of one platform keep what they share: small values, each under a partition and a
 * key in it, each written by one conditional write. Knows nothing of what is in them. Thread-safe.
 *
 * <p>Linearizable: whatever a call of any node has returned from before this call began, is seen by
 * it. An {@link IOException} says that nobody knows whether a write was done, <em>or will be done
 * yet</em>: a request may be under way for longer than its sender. That is why every write has a
 * condition.
 *
 * <p>Each call returns or fails within a few seconds by itself, and may be interrupted, which is an
 * {@link IOException} too and leaves the thread's interrupt as it was.
 */
public interface SharedLogStorage extends AutoCloseable {

  /**
   * A value as it stands.
   *
   * @param key its key in the partition
   * @param version 1 when it was written first, one more with every write since
   * @param bytes what was written last; nobody changes it
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Value(long key, long version, byte[] bytes) {}

  /** The largest value that it takes, in bytes. */
  int maxBytes();

  /** The value under this key; null if there is none. */
  @Nullable Value read(String partition, long key) throws IOException;

  /**
   * Values of a partition by ascending keys. May return fewer than there are, as many as one
   * request brings, but none only if there are none.
   *
   * @param fromKey the smallest key to be returned
   * @param most no more than these, at least 1
   */
  List<Value> list(String partition, long fromKey, int most) throws IOException;

  /**
   * Writes a value if the one that stands has this version.
   *
   * @param ifVersion 0 if there must be none
   * @param bytes at most {@link #maxBytes}
   * @return false if another version stands, or none does: nothing was written
   */
  boolean write(String partition, long key, long ifVersion, byte[] bytes) throws IOException;

  /**
   * Removes a value if the one that stands has this version.
   *
   * @return false if another version stands, or none does
   */
  boolean remove(String partition, long key, long ifVersion) throws IOException;

  /**
   * Adds to a counter, which is 0 at first, and returns what it is then. Counters are apart from
   * values. After an {@link IOException} it may have been added, once or several times.
   *
   * @param n at least 1
   */
  long add(String counter, long n) throws IOException;

  /** Ends all calls under way and frees what it holds. Removes nothing. */
  @Override
  void close();
}
