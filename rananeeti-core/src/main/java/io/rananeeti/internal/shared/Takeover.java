package io.rananeeti.internal.shared;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.shared.Slot.Kind;
import io.rananeeti.internal.shared.Slot.Position;
import io.rananeeti.internal.shared.Stream.Standing;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes a stream from whoever writes it, for an owner that will write it or for one that only wants
 * it to end. {@link SharedLog} holds the argument. Each method may be called again after an {@link
 * IOException}, and goes on where it was. Used by one thread.
 */
final class Takeover {

  private final Stream stream;
  private final UUID owner;
  private final String by;

  Takeover(Stream stream, UUID owner, String by) {
    this.stream = stream;
    this.owner = owner;
    this.by = by;
  }

  /**
   * Makes itself the owner in the stream's head, which is made if there is none.
   *
   * @param newId of a log that is made
   * @param as open for its own node, or taken by another one
   * @throws LogFailedException if it is open, and may not be taken from its owner
   */
  Standing own(UUID newId, Head.State as, boolean takeOver) throws IOException {
    while (true) {
      Standing standing = stream.head();
      if (standing != null && standing.head().owner().id().equals(owner)) {
        return standing;
      }
      if (standing != null && standing.head().state() == Head.State.OPEN && !takeOver) {
        throw inUse(standing.head());
      }
      if (standing != null
          && standing.head().state() == Head.State.TAKEN
          && as != Head.State.TAKEN) {
        throw stream.takenOver(standing.head().by(), standing.head().owner().fence());
      }
      long version = standing == null ? 0 : standing.version();
      Head head =
          standing == null
              ? new Head(as, newId, new Slot.Owner(owner, 1), 1, by)
              : standing.head().takenBy(owner, as, by);
      if (stream.write(head, version)) {
        return new Standing(head, version + 1);
      }
    }
  }

  /**
   * Says in the stream's head that it ends, unless it says so already.
   *
   * @return null if there is no such stream
   */
  @Nullable Standing end() throws IOException {
    while (true) {
      Standing standing = stream.head();
      if (standing == null || standing.head().state() == Head.State.SEALED) {
        return standing;
      }
      Head head = standing.head().takenBy(owner, Head.State.SEALED, by);
      if (stream.write(head, standing.version())) {
        return new Standing(head, standing.version() + 1);
      }
    }
  }

  /**
   * Seals what earlier owners have written.
   *
   * <p>Whoever sleeps here may look for the end of the stream where everything was released and
   * removed meanwhile, and set a seal there that nobody meets. Slots are removed by the owner in
   * the head only. So the head is read at the end: if that is still this one, all it saw was there.
   *
   * @return where the stream goes on
   * @throws LogFailedException if a later owner is found
   */
  Position seal(Head head) throws IOException {
    Position end = sealed(head);
    Standing now = stream.head();
    if (now == null || !now.head().owner().equals(head.owner())) {
      throw now == null
          ? Slot.damaged(stream.name(), 0, "its head is missing")
          : stream.takenOver(now.head().by(), now.head().owner().fence());
    }
    return end;
  }

  private Position sealed(Head head) throws IOException {
    while (true) {
      Slot last = stream.last(head);
      if (last == null && head.owner().fence() == 1) {
        return stream.end(head, null);
      }
      if (last != null && last.fence() > head.owner().fence()) {
        throw stream.takenOver(last.encoded(head.id()), head.id(), last.number());
      }
      if (last != null && last.kind() == Kind.SEAL) {
        stream.keep(last, head.id());
        if (last.owner().equals(head.owner().id())) {
          return last.end();
        }
      }
      Slot seal = sealBehind(stream.end(head, last), head);
      if (stream.put(seal.number(), seal.encoded(head.id()), false) == null) {
        stream.keep(seal, head.id());
        return seal.end();
      }
    }
  }

  private Slot sealBehind(Position end, Head head) {
    byte[] who = Checked.text(head.by());
    return Slot.of(Kind.SEAL, end, head.owner(), end.sequence(), 0, 0, who);
  }

  private LogFailedException inUse(Head head) {
    return new LogFailedException(
        "the shared log %s is in use by %s (fence %d): if that process is no more, let this one take it over"
            .formatted(stream.name(), head.by(), head.owner().fence()),
        null);
  }
}
