package io.rananeeti.log;

import io.rananeeti.store.Content;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Where the nodes that share a log keep what is too large for it: objects under names, each put
 * once, never changed, and removed in the end. Knows nothing of what is in them. Thread-safe.
 *
 * <p>What a call of any node has put before this call began is seen by it. Names are texts of up to
 * 200 letters, digits, {@code -}, {@code _}, {@code .} and {@code /}, compared character by
 * character; one that was removed is not used again, so it does no harm if a removal whose reply
 * was lost is done later. A call may take long, fails by itself where the storage does not answer,
 * and may be interrupted, which is an {@link IOException} and leaves the thread's interrupt as it
 * was.
 *
 * <p>Its {@code toString} says where it is, in the same words on all nodes, without credentials.
 */
public interface ContentStorage extends AutoCloseable {

  /**
   * An object as it is listed.
   *
   * @param name its name
   * @param bytes its length
   */
  record Stored(String name, long bytes) {}

  /** Content that can be read from its first byte on, as often as it is asked for. */
  @FunctionalInterface
  interface Source {

    /** Reads it; to be closed. */
    InputStream open() throws IOException;
  }

  /**
   * Puts an object. Once this returns, the whole of it survives what the storage survives, and
   * {@link #list} and {@link #open} of any node find it; before that, all of it or nothing.
   *
   * @param content what its bytes are; the storage compares what has arrived with that
   * @param source has them; nobody changes them meanwhile
   * @throws IOException if nobody knows whether it is there, or its source can't be read; it may be
   *     put again under the same name
   */
  void put(String name, Content content, Source source) throws IOException;

  /**
   * Objects whose names begin with this and come behind another one, by ascending names. May return
   * fewer than there are, but none only if there are none.
   *
   * @param prefix what the names begin with
   * @param after a name, or empty for the first ones
   * @param most no more than these, at least 1
   */
  List<Stored> list(String prefix, String after, int most) throws IOException;

  /**
   * Reads an object; to be closed. A connection that breaks may look like its end: whoever reads
   * compares.
   *
   * @throws IOException if there is no such object, or it can't be read now
   */
  InputStream open(String name) throws IOException;

  /**
   * Removes an object if it is there.
   *
   * @throws IOException if nobody knows whether it is gone, or will be
   */
  void remove(String name) throws IOException;

  /** Ends the calls that are under way, and gives free what it holds. Removes nothing. */
  @Override
  void close();
}
