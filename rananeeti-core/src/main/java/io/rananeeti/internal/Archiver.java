package io.rananeeti.internal;

import io.rananeeti.Health;
import io.rananeeti.internal.archive.ArchiveDraft;
import io.rananeeti.internal.archive.ArchiveSize;
import io.rananeeti.internal.archive.ArchiveUpload;
import io.rananeeti.internal.codec.ArchiveName;
import io.rananeeti.internal.codec.RecordCodec;
import io.rananeeti.internal.log.Framing.Frame;
import io.rananeeti.internal.log.RawLog;
import io.rananeeti.internal.log.RawLog.RawCursor;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.LogRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what is settled from the log into the archive, in a thread of its own, before the log may
 * give it back.
 *
 * <p><b>Where an object ends</b> is decided by what is in the log: with the entry that makes it
 * large enough, before the one that begins another open of the log, before the first one of another
 * day. So after a crash the same entries make the same object, whatever was or was not put before
 * it: what stands there already is not put again. Nothing is kept beside the log to know how far
 * the archive is; the archive itself is asked, once at each open.
 *
 * <p><b>Who dies when.</b> Entries are put first, then their index, and only then the log may give
 * the entries back. A crash before the index leaves entries that nobody finds, and that are put
 * again under the same name; one after it leaves the log with what is archived already.
 *
 * <p><b>Room.</b> While the archive can't be written the log keeps all that is settled. Whoever
 * finds it full gives up the oldest part of that: what the application commits goes before what is
 * done. An archive that gets on is given {@value #GRACE_SECONDS} seconds first, in which a
 * transaction may be refused.
 *
 * <p>{@code state} guards what is asked by other threads, and is never held during a call of the
 * log or the storage. The rest is owned by the archiver's thread.
 */
final class Archiver implements Archiving {

  private static final Logger LOG = LoggerFactory.getLogger(Archiver.class);

  private static final Duration SHORTEST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);
  private static final int GRACE_SECONDS = 10;
  private static final int PARTS = 32;

  private final Source source;
  private final Target target;
  private final Seams seams;
  private final Waiter state;

  private long archivedBelow;
  private long releasedBelow;
  private long settledBelow;
  private boolean wanted;
  private boolean sawWanted;
  private long wantedSince;
  private long archived;
  private long givenUp;
  private @Nullable Instant failingSince;
  private String failure = "";
  private boolean stopped;
  private long looked;

  private boolean learned;
  private UUID lastIncarnation = ArchiveName.UNKNOWN;
  private long behindLast;
  private long readsFrom;
  private @Nullable RawCursor cursor;
  private @Nullable Frame ahead;
  private @Nullable ArchiveDraft draft;
  private ArchiveDraft.@Nullable Finished finished;
  private Duration retry = SHORTEST_RETRY;

  /**
   * What is archived.
   *
   * @param platform its name
   * @param id the log's
   * @param incarnation of this open
   * @param opened the entry with which this open begins, or a later one
   */
  record Source(RawLog log, String platform, UUID id, UUID incarnation, long opened) {}

  /**
   * Where it goes.
   *
   * @param upload to the storage
   * @param draft the file that an object is written into
   */
  record Target(ArchiveUpload upload, Path draft, ArchiveSize size) {}

  Archiver(Source source, Target target, Seams seams) {
    this.source = source;
    this.target = target;
    this.seams = seams;
    this.state = seams.newWaiter();
    this.archivedBelow = firstKept(source);
    this.releasedBelow = archivedBelow;
  }

  private static long firstKept(Source source) {
    try (RawCursor cursor = source.log().readRaw(1)) {
      Frame first = cursor.nextRaw();
      return first == null ? 1 : first.sequence();
    }
  }

  // What other threads ask.

  @Override
  public long archivedBelow(long settled) {
    state.lock();
    try {
      if (settled > settledBelow) {
        settledBelow = settled;
        state.signalAll();
      }
      releasedBelow = archivedBelow;
      return archivedBelow;
    } finally {
      state.unlock();
    }
  }

  @Override
  public boolean makeRoom() {
    state.lock();
    try {
      if (archivedBelow > releasedBelow) {
        return true;
      }
      if (settledBelow <= archivedBelow) {
        return false;
      }
      want();
      return isBehind() && giveUp();
    } finally {
      state.unlock();
    }
  }

  private void want() {
    if (!wanted) {
      wanted = true;
      sawWanted = false;
      wantedSince = seams.nanoTime();
      state.signalAll();
    }
  }

  private boolean isBehind() {
    return failingSince != null
        || seams.nanoTime() - wantedSince >= Duration.ofSeconds(GRACE_SECONDS).toNanos();
  }

  private boolean giveUp() {
    long held = settledBelow - archivedBelow;
    long part = Math.max(1, held / PARTS);
    archivedBelow += part;
    if (givenUp == 0) {
      LOG.warn(
          "{}: the log has no room: what is settled is given back without being archived, from entry {}",
          source.platform(),
          archivedBelow - part);
    }
    givenUp += part;
    wanted = false;
    return true;
  }

  @Override
  public boolean holdsBack() {
    state.lock();
    try {
      return settledBelow > archivedBelow;
    } finally {
      state.unlock();
    }
  }

  @Override
  public List<String> warnings() {
    state.lock();
    try {
      List<String> warnings = new ArrayList<>();
      if (failingSince != null) {
        warnings.add(
            "the archive of the log can't be written since %s (%s); what is settled is kept in the log as long as there is room: entries=%d"
                .formatted(failingSince, failure, Math.max(0, settledBelow - archivedBelow)));
      }
      if (givenUp > 0) {
        warnings.add(
            "the log had no room, and settled entries were given back without being archived: entries=%d"
                .formatted(givenUp));
      }
      return warnings;
    } finally {
      state.unlock();
    }
  }

  Health.Archive health() {
    state.lock();
    try {
      return new Health.Archive(
          archived, Math.max(0, settledBelow - archivedBelow), givenUp, failingSince);
    } finally {
      state.unlock();
    }
  }

  /** It ends soon, in the middle of what it does; {@link #run} returns. */
  void stop() {
    state.lock();
    try {
      stopped = true;
      state.signalAll();
    } finally {
      state.unlock();
    }
  }

  // The archiver's thread.

  void run() {
    try {
      boolean again = true;
      while (again || rest()) {
        again = attempt();
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } finally {
      discard();
      target.upload().deleteDrafts(target.draft());
    }
  }

  /** Whether to look again at once. */
  boolean attempt() {
    try {
      boolean any = archiveNext();
      succeeded();
      return any;
    } catch (IOException | RuntimeException | OutOfMemoryError problem) {
      if (!isStopped()) {
        failed(problem);
      }
      return false;
    }
  }

  /** Waits for more to do; false once it is stopped. */
  private boolean rest() throws InterruptedException {
    state.lock();
    try {
      if (failingSince == null) {
        state.await(
            () -> stopped || settledBelow > looked || (wanted && !sawWanted), Deadline.NEVER);
      } else {
        state.await(() -> stopped, Deadline.after(seams, retry));
      }
      return !stopped;
    } finally {
      state.unlock();
    }
  }

  /** Whether an object was put. */
  private boolean archiveNext() throws IOException {
    long settled = look();
    if (!learned) {
      learn();
    } else if (isFailing()) {
      target.upload().reach();
    }
    dropGivenUp();
    if (finished == null && fill(settled)) {
      finished = finish();
    }
    ArchiveDraft.Finished whole = finished;
    if (whole == null || isStopped()) {
      return false;
    }
    target.upload().put(whole);
    acknowledged(whole.index().name());
    finished = null;
    return true;
  }

  private long look() {
    state.lock();
    try {
      looked = settledBelow;
      sawWanted = wanted;
      return settledBelow;
    } finally {
      state.unlock();
    }
  }

  private boolean isFailing() {
    state.lock();
    try {
      return failingSince != null;
    } finally {
      state.unlock();
    }
  }

  private void learn() throws IOException {
    ArchiveName last = target.upload().last(source.platform(), source.id(), source.opened());
    if (last != null) {
      lastIncarnation = last.incarnation();
      behindLast = last.last() + 1;
      advance(behindLast);
    }
    learned = true;
  }

  private void acknowledged(ArchiveName name) {
    lastIncarnation = name.incarnation();
    behindLast = name.last() + 1;
    readsFrom = behindLast;
    state.lock();
    try {
      archived += name.last() - name.first() + 1;
      wanted = false;
    } finally {
      state.unlock();
    }
    advance(behindLast);
  }

  private void advance(long below) {
    state.lock();
    try {
      archivedBelow = Math.max(archivedBelow, below);
    } finally {
      state.unlock();
    }
  }

  /** Begins anew behind what was given up meanwhile. */
  private void dropGivenUp() {
    if (cursor != null && next() > readsFrom) {
      discard();
    }
  }

  private long next() {
    state.lock();
    try {
      return archivedBelow;
    } finally {
      state.unlock();
    }
  }

  /** Adds what is settled; true once the object is whole, or its entries are to leave the log. */
  private boolean fill(long settled) throws IOException {
    for (Frame frame = peek(); frame != null && !isStopped(); frame = peek()) {
      LogRecord record = RecordCodec.decode(frame.payload());
      ArchiveDraft begun = draft;
      if (begun != null && begun.endsBefore(record)) {
        return true;
      }
      if (frame.sequence() >= settled) {
        return isWanted();
      }
      if (begun == null) {
        begun = new ArchiveDraft(target.draft(), begin(frame, record), target.size());
        draft = begun;
      } else if (begun.next() != frame.sequence()) {
        discard(); // The log has given back what comes next, unarchived.
        return false;
      }
      begun.add(frame, record);
      ahead = null;
      if (begun.isFull()) {
        return true;
      }
    }
    return isWanted();
  }

  /** Whether a full log waits for what is begun. */
  private boolean isWanted() {
    state.lock();
    try {
      return wanted && !stopped && draft != null;
    } finally {
      state.unlock();
    }
  }

  private ArchiveName begin(Frame frame, LogRecord record) {
    long first = frame.sequence();
    UUID incarnation = ArchiveName.UNKNOWN;
    if (record instanceof LogRecord.Opened opened) {
      incarnation = opened.incarnation();
    } else if (first > source.opened()) {
      incarnation = source.incarnation();
    } else if (first == behindLast) {
      incarnation = lastIncarnation;
    }
    return new ArchiveName(source.platform(), source.id(), first, first, incarnation);
  }

  private @Nullable Frame peek() {
    if (ahead == null) {
      RawCursor open = cursor;
      if (open == null) {
        readsFrom = next();
        open = source.log().readRaw(readsFrom);
        cursor = open;
      }
      ahead = open.nextRaw();
    }
    return ahead;
  }

  private ArchiveDraft.Finished finish() throws IOException {
    ArchiveDraft whole = draft;
    if (whole == null) {
      throw new IllegalStateException("no draft to finish");
    }
    draft = null;
    return whole.finish();
  }

  /** What was begun is begun anew, from the log. */
  private void discard() {
    ArchiveDraft begun = draft;
    RawCursor open = cursor;
    draft = null;
    finished = null;
    cursor = null;
    ahead = null;
    try {
      if (begun != null) {
        begun.close();
      }
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      LOG.warn("{}: a draft for the archive could not be closed", source.platform(), e);
    }
  }

  private void succeeded() {
    boolean failed;
    state.lock();
    try {
      failed = failingSince != null;
      failingSince = null;
    } finally {
      state.unlock();
    }
    retry = SHORTEST_RETRY;
    if (failed) {
      LOG.info("{}: the archive of the log is written again", source.platform());
    }
  }

  private void failed(Throwable problem) {
    boolean first;
    state.lock();
    try {
      first = failingSince == null;
      failingSince = first ? seams.now() : failingSince;
      failure = String.valueOf(problem);
    } finally {
      state.unlock();
    }
    if (first) {
      LOG.warn("{}: the archive of the log can't be written", source.platform(), problem);
    } else {
      Duration longer = retry.multipliedBy(2);
      retry = longer.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : longer;
    }
    if (finished == null) {
      discard();
    }
  }

  private boolean isStopped() {
    state.lock();
    try {
      return stopped;
    } finally {
      state.unlock();
    }
  }
}
