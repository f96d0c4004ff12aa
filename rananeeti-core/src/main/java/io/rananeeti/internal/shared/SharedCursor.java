package io.rananeeti.internal.shared;

import io.rananeeti.internal.shared.SharedLogReader.Batch;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the acknowledged entries of a log that this process has open; what a copy says of itself is
 * none of them.
 */
final class SharedCursor implements LogCursor {

  private final SharedLogReader reader;
  private final Persistence persistence;
  private final LongSupplier forced;
  private final Deque<LogEntry> waiting = new ArrayDeque<>();
  private long from;

  /**
   * From an entry on.
   *
   * @param reader at that entry's slot, or before it
   */
  SharedCursor(SharedLogReader reader, Persistence persistence, long from, LongSupplier forced) {
    this.reader = reader;
    this.persistence = persistence;
    this.from = from;
    this.forced = forced;
  }

  @Override
  public @Nullable LogEntry next() {
    long last = forced.getAsLong();
    while (from <= last && fill()) {
      LogEntry entry = waiting.element();
      if (entry.sequence() > last) {
        return null;
      }
      waiting.remove();
      if (entry.sequence() >= from && !(entry.record() instanceof LogRecord.Copied)) {
        from = entry.sequence() + 1;
        return entry;
      }
    }
    return null;
  }

  /** Whether an entry waits. */
  private boolean fill() {
    while (waiting.isEmpty()) {
      Batch batch = persistence.answer(() -> Optional.ofNullable(reader.next())).orElse(null);
      if (batch == null) {
        return false;
      }
      waiting.addAll(batch.entries());
    }
    return true;
  }

  @Override
  public void close() {}
}
