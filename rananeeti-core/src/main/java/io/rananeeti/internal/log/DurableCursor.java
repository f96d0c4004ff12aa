package io.rananeeti.internal.log;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.codec.CodecException;
import io.rananeeti.internal.codec.RecordCodec;
import io.rananeeti.internal.log.Framing.Frame;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads forced entries, and checks each again: frame, checksum and sequence. Passes over those that
 * were released before it came to them.
 */
final class DurableCursor implements LogCursor, RawLog.RawCursor {

  private final LogStorage.Reader reader;
  private final Framing framing;
  private final long from;
  private final LongSupplier forced;
  private final LongSupplier released;

  private long last;

  DurableCursor(
      LogStorage.Reader reader,
      Framing framing,
      long from,
      LongSupplier forced,
      LongSupplier released) {
    this.reader = reader;
    this.framing = framing;
    this.from = from;
    this.forced = forced;
    this.released = released;
  }

  @Override
  public @Nullable LogEntry next() {
    Frame frame = nextRaw();
    return frame == null ? null : new LogEntry(frame.sequence(), decode(frame));
  }

  @Override
  public @Nullable Frame nextRaw() {
    while (Math.max(last + 1, from) <= forced.getAsLong()) {
      Frame frame = nextFrame();
      if (frame.sequence() >= from) {
        return frame;
      }
    }
    return null;
  }

  @Override
  public void close() {
    reader.close();
  }

  private Frame nextFrame() {
    ByteBuffer bytes;
    try {
      bytes = reader.next();
    } catch (IOException failure) {
      throw unreadable(failure);
    }
    Frame frame = bytes == null ? null : framing.read(bytes);
    if (frame == null || !follows(frame.sequence())) {
      throw unreadable(null);
    }
    last = frame.sequence();
    return frame;
  }

  private boolean follows(long sequence) {
    return last == 0
        || sequence == last + 1
        || (sequence > last && sequence <= released.getAsLong());
  }

  private static LogRecord decode(Frame frame) {
    try {
      return RecordCodec.decode(frame.payload());
    } catch (CodecException failure) {
      throw new LogFailedException(
          "entry %d of the log is whole and can't be understood".formatted(frame.sequence()),
          failure);
    }
  }

  private LogFailedException unreadable(@Nullable IOException failure) {
    return new LogFailedException(
        "the log can't be read behind entry %d, though it was on disk; look at the disk, then restart"
            .formatted(Math.max(last, from - 1)),
        failure);
  }
}
