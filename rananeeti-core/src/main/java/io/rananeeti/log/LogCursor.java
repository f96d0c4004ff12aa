package io.rananeeti.log;

import org.jspecify.annotations.Nullable;

/** Reads entries in order. Used by one thread; keeps no entry after it was returned. */
public interface LogCursor extends AutoCloseable {

  /**
   * The next entry that was acknowledged or forced, null if there is none yet; ask again later.
   *
   * @throws io.rananeeti.error.LogFailedException if the log can't be read
   */
  @Nullable LogEntry next();

  @Override
  void close();
}
