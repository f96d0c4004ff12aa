package io.rananeeti.internal.log;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.log.Framing.Frame;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
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
 * before or behind the gap, says that more was forced than can be read, acknowledged entries are
 * gone, and the log refuses to start rather than to go on as if they had never been. {@link Proof}
 * says the same for the very last force, and for files that were taken away whole at either end.
 *
 * <p>What this can't see: damage to entries of the last force before a crash of the machine, when
 * the proof had not been written back yet. They look like a tail that was never forced; what is cut
 * off is named and kept aside.
 */
final class LogScan {

  private final LogStorage storage;
  private final Framing framing;
  private final SparseIndex index;

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
   */
  record Found(long first, long last, long lastPosition, boolean torn, String behind) {}

  /**
   * Reads all of it, and fills the index.
   *
   * @param proof what must be readable, null if nothing says so
   * @throws LogFailedException if entries that were acknowledged can't be read
   */
  static Found scan(
      LogStorage storage, Framing framing, SparseIndex index, Proof.@Nullable Read proof) {
    LogScan scan = new LogScan(storage, framing, index, proof);
    scan.readAll();
    scan.refuseLoss();
    return new Found(scan.first, scan.last, scan.lastPosition, scan.broken, scan.behind());
  }

  private void readAll() {
    try (LogStorage.Reader reader = storage.read(0)) {
      for (ByteBuffer bytes = reader.next(); bytes != null; bytes = reader.next()) {
        Frame frame = framing.read(bytes);
        if (!broken && frame != null && follows(frame)) {
          accept(frame, reader.position());
        } else {
          broken = true;
          searchBehind(bytes, frame);
        }
      }
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
    proven = Math.max(proven, frame.forced());
    index.note(last, position);
  }

  private void searchBehind(ByteBuffer bytes, @Nullable Frame whole) {
    if (whole != null) {
      noteBehind(whole);
      return;
    }
    int at = bytes.position();
    while (at <= bytes.limit() - FrameDescriptor.OVERHEAD) {
      Frame frame = framing.readAt(bytes, at);
      if (frame != null) {
        noteBehind(frame);
      }
      at += frame == null ? 1 : frame.length();
    }
  }

  private void noteBehind(Frame frame) {
    proven = Math.max(proven, frame.forced());
    leastBehind = Math.min(leastBehind, frame.sequence());
    mostBehind = Math.max(mostBehind, frame.sequence());
  }

  private void refuseLoss() {
    if (first > released) {
      throw refusal(released, first - 1);
    }
    if (proven > last) {
      long begin = last == 0 && released != Long.MAX_VALUE ? released : last + 1;
      throw refusal(begin, proven);
    }
    if (leastBehind <= last) {
      throw new LogFailedException(
          "the log refuses to start: it holds entry %d again behind entry %d, so its files are not of one history, and entries from %d on may be missing; put the right files back"
              .formatted(leastBehind, last, last + 1),
          null);
    }
  }

  private LogFailedException refusal(long from, long to) {
    return new LogFailedException(
        "the log refuses to start: entries %d to %d were on disk and can't be read any more%s; bring the log's files back from a copy, or ask the stores for what became of them"
            .formatted(from, to, behind()),
        null);
  }

  private String behind() {
    return mostBehind == 0
        ? ""
        : " (entries from %d to %d are behind them)".formatted(leastBehind, mostBehind);
  }
}
