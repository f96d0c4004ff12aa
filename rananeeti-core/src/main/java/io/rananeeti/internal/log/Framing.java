package io.rananeeti.internal.log;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads the frames of one log, as {@link FrameDescriptor} draws them. Thread-safe.
 *
 * <p>The log's id is part of each checksum: a frame of another log, or bytes inside a parameter
 * that look like a frame, are none of this one.
 */
public final class Framing {

  private final byte[] salt;

  /** Those of the log with this id. */
  public Framing(UUID logId) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES);
    bytes.putLong(logId.getMostSignificantBits()).putLong(logId.getLeastSignificantBits());
    salt = bytes.array();
  }

  /** A frame as it was read; the payload is a view. */
  public record Frame(long sequence, long forced, ByteBuffer payload) {

    /** All its bytes. */
    public int length() {
      return FrameDescriptor.OVERHEAD + payload.remaining();
    }
  }

  /** Makes a frame of a buffer that holds the payload at its place, with room around it. */
  void complete(ByteBuffer frame, long sequence, long forced) {
    int checked = frame.remaining() - FrameDescriptor.CHECKSUM_LENGTH;
    frame
        .putInt(FrameDescriptor.MAGIC_OFFSET, FrameDescriptor.MAGIC)
        .putInt(FrameDescriptor.LENGTH_OFFSET, frame.remaining() - FrameDescriptor.OVERHEAD)
        .putLong(FrameDescriptor.SEQUENCE_OFFSET, sequence)
        .putLong(FrameDescriptor.FORCED_OFFSET, forced)
        .putInt(checked, checksum(frame, 0, checked));
  }

  /** The frame that these bytes are, whole and nothing else; null if they are none. */
  @Nullable Frame read(ByteBuffer bytes) {
    Frame frame = readAt(bytes, bytes.position());
    return frame == null || frame.length() != bytes.remaining() ? null : frame;
  }

  /** Whether these bytes are the whole frame of this entry and nothing else; makes no objects. */
  boolean holds(ByteBuffer bytes, long sequence) {
    int start = bytes.position();
    int checked = bytes.remaining() - FrameDescriptor.CHECKSUM_LENGTH;
    return bytes.remaining() >= FrameDescriptor.OVERHEAD
        && bytes.getInt(start + FrameDescriptor.MAGIC_OFFSET) == FrameDescriptor.MAGIC
        && bytes.getInt(start + FrameDescriptor.LENGTH_OFFSET)
            == bytes.remaining() - FrameDescriptor.OVERHEAD
        && bytes.getLong(start + FrameDescriptor.SEQUENCE_OFFSET) == sequence
        && bytes.getInt(start + checked) == checksum(bytes, start, checked);
  }

  /** The frame that begins at this index, null if none does. */
  public @Nullable Frame readAt(ByteBuffer bytes, int start) {
    int available = bytes.limit() - start;
    if (available < FrameDescriptor.OVERHEAD
        || bytes.getInt(start + FrameDescriptor.MAGIC_OFFSET) != FrameDescriptor.MAGIC) {
      return null;
    }
    int length = bytes.getInt(start + FrameDescriptor.LENGTH_OFFSET);
    if (length < 0 || length > available - FrameDescriptor.OVERHEAD) {
      return null;
    }
    int checked = FrameDescriptor.PAYLOAD_OFFSET + length;
    if (bytes.getInt(start + checked) != checksum(bytes, start, checked)) {
      return null;
    }
    return new Frame(
        bytes.getLong(start + FrameDescriptor.SEQUENCE_OFFSET),
        bytes.getLong(start + FrameDescriptor.FORCED_OFFSET),
        bytes.slice(start + FrameDescriptor.PAYLOAD_OFFSET, length));
  }

  private int checksum(ByteBuffer bytes, int start, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(salt);
    if (bytes.hasArray()) {
      checksum.update(bytes.array(), bytes.arrayOffset() + start, length);
    } else {
      checksum.update(bytes.slice(start, length));
    }
    return (int) checksum.getValue();
  }
}
