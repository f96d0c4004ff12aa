package io.rananeeti.internal.shared;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.TransactionLog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies this node's log, entry by entry, to where other nodes find it when this one is gone.
 *
 * <p><b>Who dies when.</b> The log has an entry before the copy does, and says what it has copied
 * in the copy itself, in the same write: a node that dies goes on there. An entry that the copy has
 * is applied by this node, or by whoever takes it over, or tried by both: the ledger lets one of
 * them. What is in the log only dies with this node's disk.
 *
 * <p>A node that was taken over begins a new copy, under its new number, with all that still waits
 * here. Owned by its thread.
 */
public final class LogCopier {

  /** Whether a number is this node's own, as of now. */
  public interface Ownership {
    boolean isOwn(long node) throws IOException;
  }

  /** What entries name that is too large for them, and comes before they do. */
  public interface Beside {

    /** Of entries that name nothing. */
    Beside NOTHING =
        new Beside() {
          @Override
          public boolean isNamed(LogEntry entry) {
            return false;
          }

          @Override
          public void bring(long node, List<LogEntry> entries, Predicate<LogEntry> isNeeded) {}

          @Override
          public void copied(long node, long upTo) {}
        };

    /** Whether an entry names any. */
    boolean isNamed(LogEntry entry);

    /**
     * Returns once whoever reads these entries finds what those name that are needed.
     *
     * @param isNeeded to be asked again now and then: an entry may be settled meanwhile
     */
    void bring(long node, List<LogEntry> entries, Predicate<LogEntry> isNeeded) throws IOException;

    /** Everything up to here is copied, and nothing else waits for that just now. */
    void copied(long node, long upTo);
  }

  private static final Logger LOG = LoggerFactory.getLogger(LogCopier.class);
  private static final int MOST = 256;
  private static final Duration IDLE = Duration.ofMillis(200);
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration AGAIN = Duration.ofMillis(200);

  private final String platform;
  private final SharedLogStorage storage;
  private final LogCopies copies;
  private final TransactionLog log;
  private final LongSupplier written;
  private final Predicate<LogEntry> isNeeded;
  private final Ownership ownership;
  private final Beside beside;
  private final Seams seams;
  private final Waiter waiter;
  private final UUID logId;

  private long node;
  private long copied;
  private long releasedBelow = 1;
  private boolean broken;
  private boolean failing;
  private long failingSince;
  private volatile boolean bringing;
  private long bringingSince;
  private @Nullable LogEntry ahead;
  private boolean stopped;
  private boolean signalled;

  /**
   * @param written the last sequence number that was appended, whether or not it is forced
   * @param isNeeded whether an entry of the log is worth a copy
   * @param ownership whether a number is still this node's
   * @param beside what comes before the entries that name it
   */
  public LogCopier(
      String platform,
      SharedLogStorage storage,
      LogCopies copies,
      TransactionLog log,
      LongSupplier written,
      Predicate<LogEntry> isNeeded,
      Ownership ownership,
      Beside beside,
      Seams seams) {
    this.ownership = ownership;
    this.beside = beside;
    this.platform = platform;
    this.storage = storage;
    this.copies = copies;
    this.log = log;
    this.logId = log.id();
    this.written = written;
    this.isNeeded = isNeeded;
    this.seams = seams;
    this.waiter = seams.newWaiter();
  }

  /** This node has a number now, or another one: its copy begins, or goes on, under that. */
  public void number(long now) {
    locked(
        () -> {
          node = now;
          copied = 0;
          broken = false;
          signalled = true;
          waiter.signalAll();
        });
  }

  /** There is something to copy. */
  public void signal() {
    locked(
        () -> {
          signalled = true;
          waiter.signalAll();
        });
  }

  public void stop() {
    locked(
        () -> {
          stopped = true;
          waiter.signalAll();
        });
  }

  /** All below this one is in the copy, or need not be. */
  public long copiedBelow() {
    waiter.lock();
    try {
      return copied + 1;
    } finally {
      waiter.unlock();
    }
  }

  /** Whether nothing has been copied for a while, though there was something. */
  public boolean isFailing() {
    waiter.lock();
    try {
      return hasFailed();
    } finally {
      waiter.unlock();
    }
  }

  private boolean hasFailed() {
    return broken || node == 0 || (failing && seams.nanoTime() - failingSince > SOON.toNanos());
  }

  /**
   * Whether what an entry names is under way for this long in this try: what comes after it waits
   * for that. Earlier tries may have failed, which {@link #isFailing} tells.
   */
  public boolean isBringing(Duration already) {
    if (!bringing) {
      return false;
    }
    waiter.lock();
    try {
      return bringing && seams.nanoTime() - bringingSince > already.toNanos();
    } finally {
      waiter.unlock();
    }
  }

  /** The same as {@link #awaitCopied}; ends as well when the copy {@link #isFailing}. */
  public boolean awaitCopiedUnlessFailing(long sequence, long deadline)
      throws InterruptedException {
    signal();
    waiter.lock();
    try {
      waiter.await(() -> copied >= sequence || stopped || hasFailed(), deadline);
      return copied >= sequence;
    } finally {
      waiter.unlock();
    }
  }

  /** Waits until an entry is in the copy; false if it is not at the deadline. */
  public boolean awaitCopied(long sequence, long deadline) throws InterruptedException {
    signal();
    waiter.lock();
    try {
      return waiter.await(() -> copied >= sequence || stopped, deadline) && copied >= sequence;
    } finally {
      waiter.unlock();
    }
  }

  /** The log needs nothing below this one any more; told to the copy with the next batch. */
  public void release(long below) {
    locked(() -> releasedBelow = Math.max(releasedBelow, below));
  }

  /** The thread. */
  public void run() {
    while (!isStopped()) {
      long now = number();
      if (now == 0) {
        pause(IDLE);
        continue;
      }
      try {
        copy(now, target(now));
      } catch (IOException e) {
        failed(now, e, false);
      } catch (LogFailedException e) {
        failed(now, e, true);
      } catch (RuntimeException e) {
        LOG.error("{}: the copy of the log failed, goes on", platform, e);
        failed(now, e, false);
      }
    }
  }

  /**
   * Whoever takes over writes that into the presence first, and ends the copy then. So where the
   * number is ours after we have ended what was written to the copy before, nobody has it.
   */
  private LogCopies.Target target(long as) throws IOException {
    LogCopies.Target target = copies.target(as, logId);
    if (!ownership.isOwn(as)) {
      throw new LogFailedException("node %d was taken over".formatted(as), null);
    }
    return target;
  }

  private void failed(long as, Exception e, boolean forGood) {
    note(as, e, forGood);
    pause(AGAIN);
  }

  private void note(long as, Exception e, boolean forGood) {
    LOG.debug("{}: node {} can't copy its log", platform, as, e);
    locked(
        () -> {
          failingSince = failing ? failingSince : seams.nanoTime();
          failing = true;
          if (forGood && node == as) {
            node = 0; // Taken over: waits for another number.
            broken = true;
          }
          waiter.signalAll();
        });
  }

  private void copy(long as, LogCopies.Target target) throws IOException {
    long released = 1;
    ahead = null;
    advance(as, target.upTo());
    try (LogCursor cursor = log.read(target.upTo() + 1)) {
      while (!isStopped() && number() == as) {
        forceWritten();
        List<LogEntry> entries = new ArrayList<>();
        long upTo = read(cursor, entries);
        if (upTo > 0) {
          if (!bring(as, entries)) {
            return;
          }
          target.put(
              upTo, entries.stream().anyMatch(LogCopier::isAccepted) ? ticket() : 0, entries);
          advance(as, upTo);
        } else {
          long below = releasedNow();
          if (below > released) {
            target.release(below);
            released = below;
          }
          reached();
          beside.copied(as, target.upTo());
          pause(IDLE);
        }
      }
    }
  }

  /**
   * Tries until it is done. What is settled meanwhile needs nothing any more, so that a log whose
   * stores are back does not wait for what else is away.
   *
   * @return false if there is nothing to be copied any more under this number
   */
  private boolean bring(long as, List<LogEntry> entries) {
    if (entries.stream().noneMatch(beside::isNamed)) {
      return true;
    }
    while (!isStopped() && number() == as) {
      bringing(true);
      try {
        beside.bring(as, entries, isNeeded);
        return true;
      } catch (IOException e) {
        note(as, e, false);
      } finally {
        bringing(false);
      }
      rest();
    }
    return false;
  }

  private void bringing(boolean now) {
    locked(
        () -> {
          bringing = now;
          bringingSince = seams.nanoTime();
        });
  }

  /** Marks are not forced by who writes them, and a cursor shows what is forced. */
  private void forceWritten() {
    long last = written.getAsLong();
    if (log.forced() < last) {
      log.force(last);
    }
  }

  private long read(LogCursor cursor, List<LogEntry> entries) {
    long upTo = 0;
    for (int i = 0; i < MOST; i++) {
      LogEntry entry = ahead == null ? cursor.next() : ahead;
      ahead = null;
      if (entry == null) {
        break;
      }
      if (i > 0 && beside.isNamed(entry)) {
        ahead = entry; // What comes before it does not wait for what it names.
        break;
      }
      upTo = entry.sequence();
      if (isNeeded.test(entry)) {
        entries.add(entry);
      }
    }
    return upTo;
  }

  private static boolean isAccepted(LogEntry entry) {
    return entry.record() instanceof LogRecord.Accepted
        || entry.record() instanceof LogRecord.Deferred;
  }

  private long ticket() throws IOException {
    return storage.add(platform + "/tickets", 1);
  }

  private void advance(long as, long upTo) {
    locked(
        () -> {
          failing = false;
          if (node == as) {
            copied = Math.max(copied, upTo);
            waiter.signalAll();
          }
        });
  }

  private void reached() {
    locked(() -> failing = false);
  }

  private long releasedNow() {
    waiter.lock();
    try {
      return releasedBelow;
    } finally {
      waiter.unlock();
    }
  }

  private long number() {
    waiter.lock();
    try {
      return node;
    } finally {
      waiter.unlock();
    }
  }

  private boolean isStopped() {
    waiter.lock();
    try {
      return stopped;
    } finally {
      waiter.unlock();
    }
  }

  private void pause(Duration pause) {
    waiter.lock();
    try {
      waiter.await(() -> stopped || signalled, Deadline.after(seams, pause));
      signalled = false;
    } catch (InterruptedException e) {
      LOG.debug("{}: interrupted while copying", platform);
    } finally {
      waiter.unlock();
    }
  }

  /** Whatever is to be copied meanwhile. */
  private void rest() {
    waiter.lock();
    try {
      waiter.await(() -> stopped, Deadline.after(seams, SOON));
    } catch (InterruptedException e) {
      LOG.debug("{}: interrupted while copying", platform);
    } finally {
      waiter.unlock();
    }
  }

  private void locked(Runnable body) {
    waiter.lock();
    try {
      body.run();
    } finally {
      waiter.unlock();
    }
  }
}
