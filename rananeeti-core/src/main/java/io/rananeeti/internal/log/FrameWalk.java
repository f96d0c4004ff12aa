package io.rananeeti.internal.log;

import io.rananeeti.internal.log.Framing.Frame;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * All frames that can be read from a storage, each once and in the order in which they lie there,
 * also those in the pieces that a damaged place is read as. Used by one thread.
 */
final class FrameWalk implements AutoCloseable {

  private final LogStorage.Reader reader;
  private final Framing framing;
  private @Nullable ByteBuffer piece;
  private int at;
  private long position;
  private long reached = -1;
  private boolean intact = true;

  FrameWalk(LogStorage storage, Framing framing) throws IOException {
    reader = storage.read(0);
    this.framing = framing;
  }

  /** The next frame, null at the end; valid until the next call. */
  @Nullable Frame next() throws IOException {
    Frame frame = nextInPiece();
    while (frame == null) {
      ByteBuffer bytes = reader.next();
      if (bytes == null) {
        return null;
      }
      position = reader.position();
      frame = framing.read(bytes);
      if (frame == null) {
        intact = false;
        if (!reader.distrust()) {
          piece = bytes;
          at = bytes.position();
          frame = nextInPiece();
        }
      }
    }
    return frame;
  }

  /** The position of the append that the frame was read from. */
  long position() {
    return position;
  }

  /** Whether all that was read so far were whole frames and nothing else. */
  boolean intact() {
    return intact;
  }

  @Override
  public void close() {
    reader.close();
  }

  private @Nullable Frame nextInPiece() {
    ByteBuffer bytes = piece;
    if (bytes == null) {
      return null;
    }
    while (at <= bytes.limit() - FrameDescriptor.OVERHEAD) {
      Frame frame = framing.readAt(bytes, at);
      long place = position + at - bytes.position();
      at += frame == null ? 1 : frame.length();
      if (frame != null && place > reached) {
        reached = place;
        return frame;
      }
    }
    piece = null;
    return null;
  }
}
