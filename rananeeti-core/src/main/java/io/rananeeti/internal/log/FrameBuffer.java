package io.rananeeti.internal.log;

import io.rananeeti.internal.codec.CborWriter;
import io.rananeeti.internal.codec.RecordCodec;
import io.rananeeti.log.LogRecord;
import java.nio.ByteBuffer;

/**
 * The one buffer in which frames are made, used again for each: the record is encoded at its place
 * in the frame, so nothing is copied and no garbage is left. Used by one thread at a time.
 */
public final class FrameBuffer {

  private final Framing framing;
  private final CborWriter out;
  private ByteBuffer view;

  /** For frames of so many bytes at the most. */
  public FrameBuffer(Framing framing, int largest) {
    this.framing = framing;
    this.out = new CborWriter(largest);
    this.view = ByteBuffer.wrap(out.array());
  }

  /**
   * Encodes a record, in place of the one before.
   *
   * @return the bytes of its frame
   * @throws IllegalArgumentException if it holds what the format does not know, or is too large
   */
  public int encode(LogRecord record) {
    out.reset(FrameDescriptor.PAYLOAD_OFFSET);
    RecordCodec.encode(record, out);
    out.reset(out.length() + FrameDescriptor.CHECKSUM_LENGTH);
    return out.length();
  }

  /** The frame of the record that was encoded last; valid until the next one is. */
  public ByteBuffer frame(long sequence, long forced) {
    if (view.array() != out.array()) {
      view = ByteBuffer.wrap(out.array());
    }
    view.clear().limit(out.length());
    framing.complete(view, sequence, forced);
    return view;
  }
}
