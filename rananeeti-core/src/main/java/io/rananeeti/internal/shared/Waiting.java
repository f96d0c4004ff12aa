package io.rananeeti.internal.shared;

import io.rananeeti.internal.shared.Slot.Kind;
import io.rananeeti.internal.shared.Slot.Owner;
import io.rananeeti.internal.shared.Slot.Position;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Frames that wait to be written, in the order of their entries. Used under the log's lock. */
final class Waiting {

  private final int capacity;
  private final Deque<byte[]> frames = new ArrayDeque<>();
  private long bytes;

  /** For slots whose payload is so many bytes at the most. */
  Waiting(int capacity) {
    this.capacity = capacity;
  }

  /** Bytes of frames that are not written yet. */
  long bytes() {
    return bytes;
  }

  void add(byte[] frame) {
    frames.add(frame);
    bytes += frame.length;
  }

  /** What was taken is written. */
  void wrote(long written) {
    bytes -= written;
  }

  /**
   * The slots that come next: one with as many entries as it takes, or those of one large entry.
   * None if nothing waits. Their frames still count as waiting.
   */
  List<Slot> take(Position at, Owner owner) {
    byte[] first = frames.peek();
    if (first == null) {
      return List.of();
    }
    return first.length > capacity ? parts(frames.remove(), at, owner) : List.of(full(at, owner));
  }

  private Slot full(Position at, Owner owner) {
    int length = 0;
    int count = 0;
    for (byte[] frame : frames) {
      if (length + frame.length > capacity) {
        break;
      }
      length += frame.length;
      count++;
    }
    ByteBuffer payload = ByteBuffer.allocate(length);
    for (int i = 0; i < count; i++) {
      payload.put(frames.remove());
    }
    return Slot.of(Kind.ENTRIES, at, owner, at.sequence() + count, 0, 0, payload.array());
  }

  private List<Slot> parts(byte[] frame, Position begin, Owner owner) {
    int count = (frame.length + capacity - 1) / capacity;
    List<Slot> slots = new ArrayList<>();
    Position at = begin;
    for (int part = 0; part < count; part++) {
      int from = part * capacity;
      byte[] piece = new byte[Math.min(capacity, frame.length - from)];
      System.arraycopy(frame, from, piece, 0, piece.length);
      long next = begin.sequence() + (part == count - 1 ? 1 : 0);
      Slot slot = Slot.of(Kind.PART, at, owner, next, part, count, piece);
      slots.add(slot);
      at = slot.end();
    }
    return slots;
  }
}
