package io.rananeeti.internal.log;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.log.Framing.Frame;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the log at open, which finds its end and decides whether it can be trusted. Used by
 * one thread, once.
 *
 * <p><b>The crash argument.</b> Call an entry forced once a force that began after its append has
 * returned; only such entries are ever acknowledged. A crash of the process loses nothing, since
 * what was written is in the page cache. A crash of the machine keeps every forced entry, and of
 * the others any part, in any order: the kernel writes pages back as it likes. So after a crash the
 * log is
 *
 * <ol>
 *   <li>a run of valid frames, without a gap, that contains every forced entry;
 *   <li>then, perhaps, remains of entries that were never forced: torn frames, holes, and behind
 *       those even whole frames.
 * </ol>
 *
 * <p>The log therefore ends at the first place where the next frame is not valid, and what lies
 * behind that is cut off, kept aside and never acknowledged: its senders were never told that it
 * was accepted. The same shape also comes from something that is no crash: a damaged disk, a hand
 * in the files. The two are told apart by {@code forced}, which each frame carries: a force that
 * had returned before that frame was written covered everything up to it. If any valid frame,
 * before or behind the gap, says that more was forced than can be read one after the other, the log
 * is {@link Damage damaged}, and nothing is cut off: {@link LogSalvage} writes it anew if every
 * forced entry can still be read somewhere, and otherwise refuses to start rather than to go on as
 * if the missing ones had never been, unless a person has named them. {@link Proof} says the same
 * for the very last force, and for files that were taken away whole at either end.
 *
 * <p>What this can't see: damage to entries of the last force before a crash of the machine, when
 * the proof had not been written back yet. They look like a tail that was never forced; what is cut
 * off is named and kept aside.
 */
final class LogScan {

  private final LogStorage storage;
  private final Framing framing;
  private final SparseIndex index;
  private final Gaps gaps = new Gaps();

  private long last;
  private long lastPosition = -1;
  private long proven;
  private final long released;

  private long first;
  private boolean broken;
  private long leastBehind = Long.MAX_VALUE;
  private long mostBehind;

  private LogScan(
      LogStorage storage, Framing framing, SparseIndex index, Proof.@Nullable Read proof) {
    this.storage = storage;
    this.framing = framing;
    this.index = index;
    this.proven = proof == null ? 0 : proof.forced();
    this.released = proof == null ? Long.MAX_VALUE : proof.released();
  }

  /**
   * What a scan found.
   *
   * @param first the first valid entry, 0 if there is none
   * @param last the last valid entry, 0 if there is none
   * @param lastPosition where it lies, -1 if there is none
   * @param torn whether anything lies behind it
   * @param behind names the entries that can be read there, empty if there are none
   * @param damage null if all that was on disk can be read one after the other
   */
  record Found(
      long first,
      long last,
      long lastPosition,
      boolean torn,
      String behind,
      @Nullable Damage damage) {}

  /**
   * A log that has to be written anew, or can't be used.
   *
   * @param from the first entry that must be in it
   * @param to the last one
   * @param missing those of them that can't be read, as in {@code 3-7,11}; empty if all can, though
   *     something else lies between them
   */
  record Damage(long from, long to, String missing) {}

  /**
   * Reads all of it, and fills the index.
   *
   * @param proof what must be readable, null if nothing says so
   * @throws LogFailedException if it is no log, not even with gaps
   */
  static Found scan(
      LogStorage storage, Framing framing, SparseIndex index, Proof.@Nullable Read proof) {
    LogScan scan = new LogScan(storage, framing, index, proof);
    scan.readAll();
    scan.refuseDisorder();
    return new Found(
        scan.first, scan.last, scan.lastPosition, scan.broken, scan.behind(), scan.damage());
  }

  private void readAll() {
    try (FrameWalk walk = new FrameWalk(storage, framing)) {
      for (Frame frame = walk.next(); frame != null; frame = walk.next()) {
        gaps.readable(frame.sequence());
        proven = Math.max(proven, frame.forced());
        broken |= !walk.intact() || !follows(frame);
        if (broken) {
          noteBehind(frame);
        } else {
          accept(frame, walk.position());
        }
      }
      broken |= !walk.intact();
    } catch (IOException unreadable) {
      throw new LogFailedException(
          "the log can't be read behind entry %d; look at the disk, the log starts once its files can be read"
              .formatted(last),
          unreadable);
    }
  }

  private boolean follows(Frame frame) {
    return last == 0 ? frame.sequence() > 0 : frame.sequence() == last + 1;
  }

  private void accept(Frame frame, long position) {
    first = first == 0 ? frame.sequence() : first;
    last = frame.sequence();
    lastPosition = position;
    index.note(last, position);
  }

  private void noteBehind(Frame frame) {
    leastBehind = Math.min(leastBehind, frame.sequence());
    mostBehind = Math.max(mostBehind, frame.sequence());
  }

  private boolean damaged() {
    return proven > last || first > released;
  }

  private @Nullable Damage damage() {
    if (!damaged()) {
      return null;
    }
    long from = first == 0 ? 1 : first;
    from = released == Long.MAX_VALUE ? from : Math.min(from, released);
    return new Damage(from, proven, gaps.between(from, proven));
  }

  private void refuseDisorder() {
    if (damaged() && !gaps.ordered()) {
      throw new LogFailedException(
          "the log refuses to start: entries that were on disk can't be read any more, missing=%d-%d%s; what is left is not in order, so only its files from a copy will help"
              .formatted(first > released ? released : last + 1, proven, behind()),
          null);
    }
    if (leastBehind <= last) {
      throw new LogFailedException(
          "the log refuses to start: it holds entry %d again behind entry %d, so its files are not of one history, and entries from %d on may be missing; put the right files back"
              .formatted(leastBehind, last, last + 1),
          null);
    }
  }

  private String behind() {
    return mostBehind == 0
        ? ""
        : " (entries from %d to %d are behind them)".formatted(leastBehind, mostBehind);
  }
}
