package io.rananeeti.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the log keeps its bytes. Knows nothing of frames, sequences or checksums: what is read back
 * is checked above. Of {@link #reserve}, {@link #append}, {@link #releases} and {@link #release}
 * one runs at a time; {@link #force} runs beside them, one call at a time; readers run beside all
 * of them. All of it runs in whatever thread has work for the log, which may be interrupted before
 * or meanwhile: that must neither stop nor break anything, and the thread's interrupt must stay.
 */
public interface LogStorage extends AutoCloseable {

  /** Opens a storage in a directory that the log has made and locked. */
  @FunctionalInterface
  interface Factory {

    /**
     * Opens, or creates if empty. What is there is not changed before something other than a reader
     * is asked for: the log may yet refuse to start, and has then touched nothing.
     *
     * @param directory exists, is private to the user, and is locked by the caller
     */
    LogStorage open(Path directory) throws IOException;
  }

  /** The largest number of bytes that one append takes. */
  int maxAppend();

  /**
   * Makes sure that an append of this many bytes finds its space.
   *
   * @throws IOException if the disk is full; everything written before is still readable, and the
   *     storage goes on once there is space
   */
  void reserve(int bytes) throws IOException;

  /**
   * Writes these bytes behind all others, in the space reserved; does not wait for the disk.
   *
   * @return their position, above zero: grows from append to append, by the bytes appended at
   *     least; otherwise opaque
   */
  long append(ByteBuffer bytes) throws IOException;

  /**
   * Returns once all that was appended before the call is on disk, the names of new files included.
   *
   * @throws IOException if that is not certain; the storage is then not to be used any more
   */
  void force() throws IOException;

  /** Reads from this position on; from the first byte kept if it is below. */
  Reader read(long fromPosition) throws IOException;

  /**
   * Removes everything behind this position, for repair at open; what was removed is kept aside in
   * the directory for a person to look at.
   *
   * @param position of the last append to keep, -1 to keep none
   */
  void truncate(long position) throws IOException;

  /**
   * Writes what lies at and behind this position again, in place, so that the next force covers it;
   * for the open. After a force that failed, the operating system may show bytes that it will never
   * write: a process that reads them must not take them for what is on disk.
   */
  void refresh(long fromPosition) throws IOException;

  /** Whether {@link #release} would delete anything; cheap to ask. */
  boolean releases(long belowPosition);

  /**
   * Deletes whole files that hold nothing at or above this position, the oldest first: a crash or a
   * failure meanwhile leaves no gap between those that are left. A reader that has not come to them
   * goes on behind them.
   */
  void release(long belowPosition) throws IOException;

  /** Bytes taken on disk. */
  long size() throws IOException;

  /** Bytes that are still free where the storage writes; cheap to ask. */
  long free() throws IOException;

  /** Gives the files free, in a state that the next open needs not mend. */
  @Override
  void close() throws IOException;

  /** Reads what was appended, in order. Used by one thread. */
  interface Reader extends AutoCloseable {

    /**
     * The bytes of the next append, null at the end; valid until the next call. At the end ask
     * again for what has been appended since.
     *
     * <p>After a crash there may be places that were never written, or in part. What lies behind
     * one is returned as well, in pieces of any size and with anything before and after what was
     * appended: the log looks for its frames in them.
     *
     * @throws IOException if something that is not at the end can't be read
     */
    @Nullable ByteBuffer next() throws IOException;

    /** The position of the append that {@link #next()} returned last. */
    long position();

    /**
     * What {@link #next()} returned last is nothing that was appended: a storage that knows the
     * lengths of appends from what it reads must not trust that one any more, and goes back to
     * where it began, to return it and all behind it in pieces. So an append that such a length
     * cuts in two is found as a whole.
     *
     * @return false if it goes on as it is, which is the default
     */
    default boolean distrust() {
      return false;
    }

    @Override
    void close();
  }
}
