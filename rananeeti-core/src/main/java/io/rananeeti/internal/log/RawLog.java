package io.rananeeti.internal.log;

import io.rananeeti.internal.log.Framing.Frame;
import org.jspecify.annotations.Nullable;

/**
 * A log that shows its entries as the bytes that they are: for a copy that is to be the same byte
 * for byte, whatever a release that reads them knows of what is in them. Thread-safe.
 */
public interface RawLog {

  /** As {@link io.rananeeti.log.TransactionLog#read}. */
  RawCursor readRaw(long fromSequence);

  /** As {@link io.rananeeti.log.LogCursor}. */
  interface RawCursor extends AutoCloseable {

    /**
     * The next entry that was acknowledged or forced, null if there is none yet; its payload is
     * valid until the next call.
     *
     * @throws io.rananeeti.error.LogFailedException if the log can't be read
     */
    @Nullable Frame nextRaw();

    @Override
    void close();
  }
}
