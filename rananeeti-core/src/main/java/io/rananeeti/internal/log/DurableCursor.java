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

/** Reads forced entries, and checks each again: frame, checksum and sequence. */
final class DurableCursor implements LogCursor {

  private final LogStorage.Reader reader;
  private final Framing framing;
  private final long from;
  private final LongSupplier forced;

  private long last;

  DurableCursor(LogStorage.Reader reader, Framing framing, long from, LongSupplier forced) {
    this.reader = reader;
    this.framing = framing;
    this.from = from;
    this.forced = forced;
  }

  @Override
  public @Nullable LogEntry next() {
    while (Math.max(last + 1, from) <= forced.getAsLong()) {
      Frame frame = nextFrame();
      if (frame.sequence() >= from) {
        return new LogEntry(frame.sequence(), decode(frame));
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
    if (frame == null || (last != 0 && frame.sequence() != last + 1)) {
      throw unreadable(null);
    }
    last = frame.sequence();
    return frame;
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
