package io.rananeeti.internal;

import io.rananeeti.error.LogFullException;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.TransactionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A log in a list, which can be full, and does something right after a force. */
final class ListLog implements TransactionLog {

  private final List<LogRecord> records = new ArrayList<>();
  private final UUID id = UUID.randomUUID();
  private final UUID incarnation = UUID.randomUUID();
  private Runnable afterForce = () -> {};
  private Consumer<LogRecord> whenAppended = record -> {};
  private boolean full;
  private long releasedBelow;

  /** What happens between the force of the next entry and the return of {@link #force}. */
  void afterForce(Runnable action) {
    afterForce = action;
  }

  /** Sees each record at the moment it is appended. */
  void whenAppended(Consumer<LogRecord> action) {
    whenAppended = action;
  }

  void full(boolean now) {
    full = now;
  }

  /** What the last release has let go of. */
  long releasedBelow() {
    return releasedBelow;
  }

  List<LogRecord> records() {
    return records;
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public UUID incarnation() {
    return incarnation;
  }

  @Override
  public long append(LogRecord record) {
    if (full) {
      throw new LogFullException("full", null);
    }
    whenAppended.accept(record);
    records.add(record);
    return records.size();
  }

  @Override
  public void acknowledge(long sequence) {
    force(sequence);
  }

  @Override
  public void force(long sequence) {
    Runnable action = afterForce;
    afterForce = () -> {};
    action.run();
  }

  @Override
  public long forced() {
    return records.size();
  }

  @Override
  public LogCursor read(long fromSequence) {
    return new LogCursor() {
      private long next = Math.max(1, fromSequence);

      @Override
      public @Nullable LogEntry next() {
        return next <= records.size() ? new LogEntry(next, records.get((int) next++ - 1)) : null;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void release(long belowSequence) {
    releasedBelow = belowSequence;
  }

  @Override
  public boolean takesEntries() {
    return !full;
  }

  @Override
  public List<String> warnings() {
    return List.of();
  }

  @Override
  public void close() {}
}
