package io.rananeeti.internal.shared;

import io.rananeeti.error.LogFailedException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What stands under one key of a node's stream. Numbers are big-endian.
 *
 * <pre>
 * offset  bytes  field
 *      0      4  magic, "RLS1"
 *      4      1  kind: 1 entries, 2 a part of one entry, 3 seal
 *      5      8  number of the slot: its key
 *     13     16  owner: drawn at each open, so that what two owners write is never the same
 *     29      8  fence: grows with each owner
 *     37      8  first: sequence of the first entry in it, or of the one that it is a part of
 *     45      8  next: sequence that follows behind it
 *     53      8  before: bytes of all slots before it, since the stream began
 *     61      4  part: which one, from 0; 0 where there are none
 *     65      4  parts: how many; 0 where there are none
 *     69      n  payload: whole frames one behind the other; a piece of a frame; of a seal, who
 *                set it and why, for people
 * 69 + n      4  CRC32C of the log's id and of all before it
 * </pre>
 *
 * <p>Frames are those of the log on disk. An entry that is larger than a slot has slots of its own.
 *
 * @param size all its bytes
 */
@SuppressWarnings("ByteBufferBackingArray")
record Slot(
    Kind kind,
    long number,
    UUID owner,
    long fence,
    long first,
    long next,
    long before,
    int part,
    int parts,
    ByteBuffer payload,
    int size) {

  /** What adds itself to a payload. */
  static final int OVERHEAD = 73;

  private static final int MAGIC = 0x524C5331;
  private static final int HEADER_LENGTH = OVERHEAD - Checked.CHECKSUM_LENGTH;

  enum Kind {
    ENTRIES(1),
    PART(2),
    SEAL(3);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    private static @Nullable Kind of(int code) {
      return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst().orElse(null);
    }
  }

  /** A slot that is to be written; all in it was copied. */
  static Slot of(
      Kind kind, Position at, Owner owner, long next, int part, int parts, byte[] payload) {
    return new Slot(
        kind,
        at.number(),
        owner.id(),
        owner.fence(),
        at.sequence(),
        next,
        at.bytes(),
        part,
        parts,
        ByteBuffer.wrap(payload),
        payload.length + OVERHEAD);
  }

  /** The end of the stream behind it. */
  Position end() {
    return new Position(number + 1, next, before + size);
  }

  byte[] encoded(UUID log) {
    ByteBuffer out = ByteBuffer.allocate(size);
    out.putInt(MAGIC).put((byte) kind.code).putLong(number);
    Checked.put(out, owner).putLong(fence).putLong(first).putLong(next).putLong(before);
    out.putInt(part).putInt(parts).put(payload.duplicate());
    return Checked.completed(out.array(), log);
  }

  /**
   * The slot in a value.
   *
   * @throws LogFailedException if the bytes are none, or those of another log or another key
   */
  static Slot decoded(byte[] bytes, UUID log, long number, String stream) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < OVERHEAD || in.getInt() != MAGIC || !Checked.isWhole(bytes, log)) {
      throw damaged(stream, number, "its checksum does not hold");
    }
    Kind kind = Kind.of(in.get());
    if (kind == null || in.getLong() != number) {
      throw damaged(stream, number, "it is of a kind or a place that it can't be of");
    }
    return new Slot(
        kind,
        number,
        Checked.uuid(in),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getInt(),
        in.getInt(),
        ByteBuffer.wrap(bytes, HEADER_LENGTH, bytes.length - OVERHEAD).slice(),
        bytes.length);
  }

  static LogFailedException damaged(String stream, long number, String what) {
    return new LogFailedException(
        "slot %d of the shared log %s can't be read: %s; bring the table back from a backup, or give up what this node had not applied"
            .formatted(number, stream, what),
        null);
  }

  /** Where the next slot of a stream goes. */
  record Position(long number, long sequence, long bytes) {}

  /** Who writes. */
  record Owner(UUID id, long fence) {}
}
