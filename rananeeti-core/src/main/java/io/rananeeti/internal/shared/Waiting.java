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
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private long bytes;

  /**
   * Frames that are written together.
   *
   * @param next sequence behind them
   * @param alone whether nothing else may be in their slots
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Piece(byte[] frames, long next, boolean alone) {

    int length() {
      return frames.length;
    }
  }

  /** For slots whose payload is so many bytes at the most. */
  Waiting(int capacity) {
    this.capacity = capacity;
  }

  /** Bytes of frames that are not written yet. */
  long bytes() {
    return bytes;
  }

  /** A frame that may share its slot with others. */
  void add(byte[] frame, long next) {
    add(new Piece(frame, next, false));
  }

  /** Frames of which a reader sees all or none. */
  void addTogether(byte[] frames, long next) {
    add(new Piece(frames, next, true));
  }

  private void add(Piece piece) {
    pieces.add(piece);
    bytes += piece.length();
  }

  /** What was taken is written. */
  void wrote(long written) {
    bytes -= written;
  }

  /**
   * The slots that come next: one with as many entries as it takes, or those of one large piece.
   * None if nothing waits. Their frames still count as waiting.
   */
  List<Slot> take(Position at, Owner owner) {
    Piece first = pieces.peek();
    if (first == null) {
      return List.of();
    }
    return first.length() > capacity ? parts(pieces.remove(), at, owner) : List.of(full(at, owner));
  }

  private Slot full(Position at, Owner owner) {
    int length = 0;
    int count = 0;
    for (Piece piece : pieces) {
      boolean fits = count == 0 || (!piece.alone() && length + piece.length() <= capacity);
      if (!fits) {
        break;
      }
      length += piece.length();
      count++;
      if (piece.alone()) {
        break;
      }
    }
    ByteBuffer payload = ByteBuffer.allocate(length);
    long next = at.sequence();
    for (int i = 0; i < count; i++) {
      Piece piece = pieces.remove();
      payload.put(piece.frames());
      next = piece.next();
    }
    return Slot.of(Kind.ENTRIES, at, owner, next, 0, 0, payload.array());
  }

  private List<Slot> parts(Piece piece, Position begin, Owner owner) {
    int count = (piece.length() + capacity - 1) / capacity;
    List<Slot> slots = new ArrayList<>();
    Position at = begin;
    for (int part = 0; part < count; part++) {
      int from = part * capacity;
      byte[] bytes = new byte[Math.min(capacity, piece.length() - from)];
      System.arraycopy(piece.frames(), from, bytes, 0, bytes.length);
      long next = part == count - 1 ? piece.next() : begin.sequence();
      Slot slot = Slot.of(Kind.PART, at, owner, next, part, count, bytes);
      slots.add(slot);
      at = slot.end();
    }
    return slots;
  }
}
