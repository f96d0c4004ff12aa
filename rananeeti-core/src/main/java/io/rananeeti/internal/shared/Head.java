package io.rananeeti.internal.shared;

import io.rananeeti.error.LogFailedException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a node's stream outside it, and changed by compare-and-set. Numbers are
 * big-endian.
 *
 * <pre>
 * offset  bytes  field
 *      0      4  magic, "RLH1"
 *      4      1  state: 1 open, 2 closed, 3 sealed, 4 taken, by another node and for good
 *      5     16  id of the log: drawn when it is made, the same for ever
 *     21     16  owner
 *     37      8  fence: raised with each owner
 *     45      8  first slot that is kept
 *     53      n  who the owner is, for people, in UTF-8
 * 53 + n      4  CRC32C of all before it
 * </pre>
 */
record Head(State state, UUID id, Slot.Owner owner, long first, String by) {

  private static final int MAGIC = 0x524C4831;
  private static final int OVERHEAD = 57;
  private static final UUID NO_SALT = new UUID(0, 0);

  enum State {
    OPEN(1),
    CLOSED(2),
    SEALED(3),
    TAKEN(4);

    private final int code;

    State(int code) {
      this.code = code;
    }

    private static @Nullable State of(int code) {
      return Arrays.stream(values()).filter(state -> state.code == code).findFirst().orElse(null);
    }
  }

  Head in(State other) {
    return new Head(other, id, owner, first, by);
  }

  Head keepingFrom(long slot) {
    return new Head(state, id, owner, slot, by);
  }

  /** Of the owner that follows. */
  Head takenBy(UUID other, State as, String who) {
    return new Head(as, id, new Slot.Owner(other, owner.fence() + 1), first, who);
  }

  byte[] encoded() {
    byte[] text = Checked.text(by);
    ByteBuffer out = ByteBuffer.allocate(OVERHEAD + text.length);
    out.putInt(MAGIC).put((byte) state.code);
    Checked.put(Checked.put(out, id), owner.id()).putLong(owner.fence()).putLong(first).put(text);
    return Checked.completed(out.array(), NO_SALT);
  }

  static Head decoded(byte[] bytes, String stream) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < OVERHEAD || in.getInt() != MAGIC || !Checked.isWhole(bytes, NO_SALT)) {
      throw damaged(stream);
    }
    State state = State.of(in.get());
    if (state == null) {
      throw damaged(stream);
    }
    UUID id = Checked.uuid(in);
    Slot.Owner owner = new Slot.Owner(Checked.uuid(in), in.getLong());
    long first = in.getLong();
    in.limit(bytes.length - Checked.CHECKSUM_LENGTH);
    return new Head(state, id, owner, first, Checked.text(in));
  }

  private static LogFailedException damaged(String stream) {
    return new LogFailedException(
        "the head of the shared log %s can't be read: its checksum does not hold; bring the table back from a backup"
            .formatted(stream),
        null);
  }
}
