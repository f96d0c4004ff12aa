package io.rananeeti.internal.shared;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.codec.CodecException;
import io.rananeeti.internal.codec.RecordCodec;
import io.rananeeti.internal.log.Framing;
import io.rananeeti.internal.log.Framing.Frame;
import io.rananeeti.internal.shared.Stream.Standing;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.SharedLogStorage.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads the stream of any node, the reader's own or another's, living or dead, in order. Used by
 * one thread. After an {@link IOException} the same call may be made again.
 *
 * <p>What it returns is in the stream for good, though not all of it need have been acknowledged by
 * its writer: a write whose reply its writer still waits for is seen here.
 *
 * <p><b>Released slots.</b> A late write of a process that is no more may land in a slot that was
 * released and removed. So after each page the stream's head is read: what lies below the first
 * slot kept by then is passed over, as it would be a moment later, and what does not was read while
 * nobody could have removed it.
 */
public final class SharedLogReader {

  private static final int PAGE = 64;

  private final Stream stream;
  private final Deque<Slot> read = new ArrayDeque<>();
  private final List<Slot> parts = new ArrayList<>();
  private @Nullable UUID log;
  private @Nullable Framing framing;
  private long next;
  private long position;
  private long expected;
  private boolean begun;
  private boolean missed;

  private SharedLogReader(Stream stream, long fromSlot) {
    this.stream = stream;
    this.next = fromSlot;
    this.position = fromSlot;
  }

  /**
   * A reader of a node's stream.
   *
   * @param fromSlot where it begins: 1 or less for the first slot kept, or what {@link #position()}
   *     of an earlier reader of the same stream was
   */
  public static SharedLogReader of(
      SharedLogStorage storage, String platform, long node, long fromSlot) {
    return of(new Stream(storage, platform, node), fromSlot);
  }

  static SharedLogReader of(Stream stream, long fromSlot) {
    return new SharedLogReader(stream, Math.max(1, fromSlot));
  }

  /**
   * What one slot holds, or the several that one large entry takes.
   *
   * @param slot its number, or that of the first one
   * @param following the number of the slot behind it
   * @param owner who wrote it: another one at each open
   * @param fence grows with each owner
   * @param sealedBy who has ended the stream of all owners before, and that is all it says; null
   *     for entries
   * @param entries in order; none in a seal
   */
  public record Batch(
      long slot,
      long following,
      UUID owner,
      long fence,
      @Nullable String sealedBy,
      List<LogEntry> entries) {}

  /**
   * The next one, null if there is none yet, or no such stream; ask again later. Passes over what
   * is released before it was read.
   *
   * @throws LogFailedException if what stands there can't be read, or is missing
   */
  public @Nullable Batch next() throws IOException {
    for (Slot slot = slot(); slot != null; slot = slot()) {
      Batch batch = batch(slot);
      if (batch != null) {
        position = batch.following();
        return batch;
      }
    }
    return null;
  }

  /** The slot behind the last batch: where another reader goes on. */
  public long position() {
    return position;
  }

  /** Whether it has passed over slots behind those that it had read already. */
  boolean hasMissed() {
    return missed;
  }

  private @Nullable Slot slot() throws IOException {
    if (read.isEmpty()) {
      page();
    }
    return read.poll();
  }

  private void page() throws IOException {
    List<Value> values = stream.storage().list(stream.partition(), next, PAGE);
    if (values.isEmpty()) {
      return;
    }
    Standing standing = stream.head();
    if (standing == null) {
      throw Slot.damaged(stream.name(), next, "the head of the stream is missing");
    }
    knowLog(standing.head().id());
    skipTo(standing.head().first());
    for (Value value : values) {
      if (value.key() == next) {
        add(value, standing.head().id());
      }
    }
    if (read.isEmpty()) {
      refuseGap(standing.head());
    }
  }

  private void add(Value value, UUID id) {
    read.add(Slot.decoded(value.bytes(), id, value.key(), stream.name()));
    next++;
    begun = true;
  }

  private void knowLog(UUID id) {
    if (log != null && !log.equals(id)) {
      throw Slot.damaged(stream.name(), next, "the log was made anew under its reader");
    }
    if (log == null) {
      log = id;
      framing = new Framing(id);
    }
  }

  private void skipTo(long first) {
    if (next < first) {
      missed |= begun;
      next = first;
      parts.clear();
      expected = 0;
    }
  }

  /**
   * The page had slots, and not the one that is next: all were released, or it came meanwhile and
   * the page passed by before it did, or it is missing.
   */
  private void refuseGap(Head head) throws IOException {
    boolean behind = !stream.storage().list(stream.partition(), next + 1, 1).isEmpty();
    Value value = stream.storage().read(stream.partition(), next);
    if (value != null) {
      add(value, head.id());
      return;
    }
    Standing now = stream.head();
    if (now != null && now.head().first() > next) {
      skipTo(now.head().first());
      page();
    } else if (behind) {
      throw Slot.damaged(stream.name(), next, "it is missing, while later ones are there");
    }
  }

  /** Null if it is a part, and not the last one. */
  private @Nullable Batch batch(Slot slot) {
    check(slot);
    return switch (slot.kind()) {
      case SEAL -> {
        parts.clear();
        yield batch(slot, slot, Checked.text(slot.payload()), List.of());
      }
      case ENTRIES -> batch(slot, slot, null, entries(slot.payload(), slot));
      case PART -> part(slot);
    };
  }

  private static Batch batch(
      Slot first, Slot last, @Nullable String sealedBy, List<LogEntry> entries) {
    return new Batch(
        first.number(), last.number() + 1, last.owner(), last.fence(), sealedBy, entries);
  }

  private @Nullable Batch part(Slot slot) {
    parts.add(slot);
    if (slot.part() < slot.parts() - 1) {
      return null;
    }
    ByteBuffer whole =
        ByteBuffer.allocate(parts.stream().mapToInt(each -> each.payload().remaining()).sum());
    parts.forEach(each -> whole.put(each.payload().duplicate()));
    Slot first = parts.get(0);
    parts.clear();
    return batch(first, slot, null, entries(whole.flip(), slot));
  }

  /** That it follows what was read before it. */
  private void check(Slot slot) {
    boolean follows = expected == 0 || slot.first() == expected;
    boolean whole = slot.kind() == Slot.Kind.SEAL || (follows && isNextPart(slot));
    if (!follows || !whole) {
      throw Slot.damaged(stream.name(), slot.number(), "it does not follow the one before it");
    }
    expected = slot.next();
  }

  private boolean isNextPart(Slot slot) {
    if (parts.isEmpty()) {
      return slot.part() == 0;
    }
    Slot before = parts.get(parts.size() - 1);
    return slot.kind() == Slot.Kind.PART
        && slot.part() == before.part() + 1
        && slot.parts() == before.parts()
        && slot.owner().equals(before.owner());
  }

  private List<LogEntry> entries(ByteBuffer payload, Slot slot) {
    Framing frames = framing;
    if (frames == null) {
      throw new IllegalStateException("no slot was read yet");
    }
    List<LogEntry> entries = new ArrayList<>();
    long least = slot.first();
    for (int at = 0; at < payload.limit(); ) {
      Frame frame = frames.readAt(payload, at);
      if (frame == null || frame.sequence() < least || frame.sequence() >= slot.next()) {
        throw Slot.damaged(stream.name(), slot.number(), "it holds no entry at byte " + at);
      }
      entries.add(decoded(frame));
      at += frame.length();
      least = frame.sequence();
    }
    return entries;
  }

  private LogEntry decoded(Frame frame) {
    try {
      return new LogEntry(frame.sequence(), RecordCodec.decode(frame.payload()));
    } catch (CodecException failure) {
      throw new LogFailedException(
          "entry %d of the shared log %s is whole and can't be understood"
              .formatted(frame.sequence(), stream.name()),
          failure);
    }
  }
}
