package io.rananeeti.log;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the archive of a log is kept: objects under names, each put once and never changed. Knows
 * nothing of what is in them. Thread-safe.
 *
 * <p>Names are texts of up to 200 letters, digits, {@code -}, {@code _}, {@code .} and {@code /},
 * compared character by character. A call may take long, and may be interrupted, which is an {@link
 * IOException} and leaves the thread's interrupt as it was.
 */
public interface ArchiveStorage extends AutoCloseable {

  /**
   * An object as it is listed.
   *
   * @param name its name
   * @param bytes its length
   */
  record Stored(String name, long bytes) {}

  /**
   * Puts an object, unless there is one of this name. Once this returns, what stands there survives
   * the end of this machine as far as the storage goes, and {@link #list} and {@link #open} of any
   * process find it: the whole of it, or before that nothing.
   *
   * @param file what is put; nobody changes it meanwhile
   * @param bytes its length
   * @param sha256 the SHA-256 of its bytes, as 64 lower case hexadecimal digits, with which the
   *     storage compares what has arrived
   * @return false if other bytes stand under the name already: nothing has changed. True if these
   *     do, whoever has put them
   * @throws IOException if nobody knows whether it is there; it may be put again
   */
  boolean put(String name, Path file, long bytes, String sha256) throws IOException;

  /**
   * Objects whose names begin with this and come behind another one, by ascending names. May return
   * fewer than there are, but none only if there are none.
   *
   * @param prefix what the names begin with; may be empty
   * @param after a name, or empty for the first ones
   * @param most no more than these, at least 1
   */
  List<Stored> list(String prefix, String after, int most) throws IOException;

  /**
   * Reads an object from this byte on; to be closed.
   *
   * @param from at most its length
   * @throws IOException if there is no such object, or it can't be read
   */
  InputStream open(String name, long from) throws IOException;

  /** Ends the calls that are under way, and gives free what it holds. */
  @Override
  void close();
}
