package io.rananeeti.internal.shared;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.SharedLogStorage.Value;
import java.io.IOException;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One node's stream in the storage: its head, and its slots. Every call is one that may be made
 * again after an {@link IOException}. Thread-safe.
 */
final class Stream {

  /** A slot that nobody has touched since it was written; it may be removed. */
  static final long WRITTEN = 1;

  /** A seal: stays for ever, so that whoever was sealed off never finds its slot empty. */
  static final long KEPT = 2;

  private final SharedLogStorage storage;
  private final String heads;
  private final String slots;
  private final long node;

  Stream(SharedLogStorage storage, String platform, long node) {
    this.storage = storage;
    this.heads = heads(platform);
    this.slots = platform + "/log/" + node;
    this.node = node;
  }

  /** Where the heads of all nodes stand. */
  static String heads(String platform) {
    return platform + "/logs";
  }

  /** A head as it stands. */
  record Standing(Head head, long version) {}

  /** For texts. */
  String name() {
    return slots;
  }

  String partition() {
    return slots;
  }

  SharedLogStorage storage() {
    return storage;
  }

  /** The most bytes that a slot's payload takes. */
  int capacity() {
    return storage.maxBytes() - Slot.OVERHEAD;
  }

  @Nullable Standing head() throws IOException {
    Value value = storage.read(heads, node);
    return value == null ? null : new Standing(Head.decoded(value.bytes(), slots), value.version());
  }

  /** False if another version stands. */
  boolean write(Head head, long ifVersion) throws IOException {
    return storage.write(heads, node, ifVersion, head.encoded());
  }

  @Nullable Slot slot(long number, UUID log) throws IOException {
    Value value = storage.read(slots, number);
    return value == null ? null : Slot.decoded(value.bytes(), log, number, slots);
  }

  /**
   * Writes a slot if its place is free.
   *
   * @param sent whether that was tried before, and not answered
   * @return null if it stands there now, written by this call or an earlier one; else what does
   */
  byte @Nullable [] put(long number, byte[] bytes, boolean sent) throws IOException {
    Value value = sent ? storage.read(slots, number) : null;
    if (value == null && storage.write(slots, number, 0, bytes)) {
      return null;
    }
    value = value == null ? storage.read(slots, number) : value;
    if (value == null) {
      throw new IOException("slot %d of %s was taken, and is empty".formatted(number, slots));
    }
    return Arrays.equals(value.bytes(), bytes) ? null : value.bytes();
  }

  /** Keeps a seal from being removed. */
  void keep(Slot seal, UUID log) throws IOException {
    Value value = storage.read(slots, seal.number());
    if (value != null && value.version() == WRITTEN) {
      storage.write(slots, seal.number(), WRITTEN, seal.encoded(log));
    }
  }

  /** Removes a slot, but for a seal. */
  void remove(long number) throws IOException {
    storage.remove(slots, number, WRITTEN);
  }

  /**
   * The last slot, null if there is none. Slots have no gap from the first one kept on, so this
   * takes some twenty reads of a million slots.
   */
  @Nullable Slot last(Head head) throws IOException {
    long there = head.first() - 1;
    Slot last = null;
    long step = 1;
    long absent = head.first();
    for (Slot slot = slot(absent, head.id()); slot != null; slot = slot(absent, head.id())) {
      last = slot;
      there = absent;
      absent += step;
      step *= 2;
    }
    while (absent - there > 1) {
      long middle = there + (absent - there) / 2;
      Slot slot = slot(middle, head.id());
      if (slot == null) {
        absent = middle;
      } else {
        last = slot;
        there = middle;
      }
    }
    return last;
  }

  /** Where the next slot goes, as that head says. */
  Slot.Position end(Head head, @Nullable Slot last) {
    if (last == null && head.first() > 1) {
      throw Slot.damaged(slots, head.first(), "it is missing");
    }
    return last == null ? new Slot.Position(1, 1, 0) : last.end();
  }

  /** The log has another owner now. */
  LogFailedException takenOver(String by, long fence) {
    return new LogFailedException(
        "the shared log %s was taken over by %s (fence %d): this process accepts nothing more into it; see whether two processes run as this node"
            .formatted(slots, by, fence),
        null);
  }

  /** The same, by whoever has written these bytes. */
  LogFailedException takenOver(byte[] bytes, UUID log, long number) {
    Slot slot = Slot.decoded(bytes, log, number, slots);
    String by =
        slot.kind() == Slot.Kind.SEAL ? Checked.text(slot.payload()) : "owner " + slot.owner();
    return takenOver(by, slot.fence());
  }
}
