package io.rananeeti.internal.log;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * Where a {@link ContentSpool} keeps its files: a folder on the disk, or what a test has in its
 * place. Thread-safe. Like the log's storage it runs in threads that may be interrupted, which must
 * neither stop nor break anything.
 */
interface SpoolFolder {

  /** A file that has no name yet; used by one thread. Closed without a name, nothing is left. */
  interface Draft extends AutoCloseable {

    /** Writes the first so many of these bytes behind all others; does not wait for the disk. */
    void write(byte[] bytes, int count) throws IOException;

    /** Returns once all that was written is on disk. */
    void force() throws IOException;

    /** Gives it its name, in the place of a file that has it; does not wait for the disk. */
    void publish(String name) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Begins a file. */
  Draft draft() throws IOException;

  /** Returns once all names are on disk that were given. */
  void forceNames() throws IOException;

  /** The files that have a name, with their lengths; deletes what an earlier process has left. */
  Map<String, Long> open() throws IOException;

  /** Reads a file from its first byte. */
  InputStream read(String name) throws IOException;

  /** Deletes a file if it is there; a crash may bring it back. */
  void delete(String name) throws IOException;
}
