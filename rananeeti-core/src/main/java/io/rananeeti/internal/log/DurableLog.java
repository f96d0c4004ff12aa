package io.rananeeti.internal.log;

import io.rananeeti.Durability;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.LogStorage;
import io.rananeeti.log.TransactionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log on this machine's disk: frames with a sequence and a checksum over a {@link LogStorage}.
 *
 * <p>Guarantees that an entry for which {@link #force} has returned is read again, at its place,
 * after any crash of the process or the machine, as long as the disk keeps what it said it had.
 * {@link LogScan} holds the argument. It does not guarantee that an entry for which it has not
 * returned is gone. {@link #acknowledge} is the same at {@link Durability#FORCE}; at {@link
 * Durability#PROCESS} it returns once the entry is written, and only a crash of the process is
 * survived.
 *
 * <p><b>Verified before it is acknowledged.</b> A force that returned normally proves that what the
 * file held is on disk, not that the file held the entries: a write through a mapping can be lost
 * without a word. So the leader of a force reads the group back, through the file, and compares
 * frame, sequence and checksum, before it wakes anybody. An entry that is not there ends the log.
 *
 * <p><b>Threads.</b> Callers append under the lock {@code writing}, which is held across encoding
 * and the storage's reserve and append on purpose: one buffer serves all, and sequence and position
 * must grow together. Of those who want a force, the first leads: it forces all that was appended
 * by then as one group, and wakes the others; those who came meanwhile share the next force, which
 * one of them leads. Nobody is handed to another thread, so a lone caller pays for the disk alone.
 * {@code state} guards what is waited for and is never held during a call of the storage.
 * Interrupts are kept for the caller.
 *
 * <p><b>The end.</b> After a force that failed nobody knows what is on disk: the kernel may have
 * dropped the pages, and a second force would succeed without them. So the log ends: all who wait
 * get a {@link LogFailedException}, nothing is appended or acknowledged any more, and only a
 * restart, which reads what is really there, goes on. An append that failed half-way ends it too. A
 * reservation that found no space does not: nothing was written.
 */
public final class DurableLog implements TransactionLog, RawLog {

  private static final Logger LOG = LoggerFactory.getLogger(DurableLog.class);

  private final LogDirectory directory;
  private final LogStorage storage;
  private final Framing framing;
  private final FrameBuffer frames;
  private final SparseIndex index;
  private final SpaceGuard space;
  private final Proof proof;
  private final ContentSpool spool;
  private final LogStorage.Reader written;
  private final boolean forces;
  private final List<String> openingWarnings;
  private final String name;
  private final UUID id;
  private final UUID incarnation;
  private final Seams seams;
  private final Waiter writing;
  private final Waiter state;

  private volatile long appended;
  private volatile long forced;
  private volatile @Nullable LogFailedException end;
  private volatile @Nullable String releaseFailure;
  private volatile @Nullable String proofFailure;
  private volatile long durable;
  private volatile long released;
  private long verified;
  private boolean forcing;
  private int waiting;
  private volatile int expected;
  private boolean closed;

  private DurableLog(Opening opening, Seams seams) throws IOException {
    directory = opening.directory();
    storage = opening.storage();
    index = opening.index();
    name = opening.name();
    id = opening.id();
    framing = new Framing(id);
    frames = new FrameBuffer(framing, storage.maxAppend());
    incarnation = LogDirectory.randomUuid(seams.random());
    space = new SpaceGuard(storage, opening.options().limits(), seams);
    proof = opening.proof();
    forces = opening.options().durability() == Durability.FORCE;
    spool =
        new ContentSpool(
            new DiskSpoolFolder(directory.path(), incarnation),
            space,
            forces,
            storage.maxAppend(),
            seams,
            name);
    openingWarnings = opening.warnings();
    this.seams = seams;
    writing = seams.newWaiter();
    state = seams.newWaiter();
    LogScan.Found found = opening.found();
    appended = found.last();
    forced = found.last();
    durable = found.last();
    verified = found.last();
    written = storage.read(Math.max(0, found.lastPosition()));
    if (found.last() > 0) {
      written.next();
    }
  }

  /**
   * Opens a log, made if there is none, and writes that it did so.
   *
   * @param directory made private to the user, and held until {@link #close()}
   * @param factory of the storage under it
   * @param options how it is kept
   * @param platformName for threads and log lines
   * @throws LogFailedException if it can't be opened, or acknowledged entries are missing in it
   * @throws io.rananeeti.error.LogFullException if there is no space for its first entry
   */
  public static DurableLog open(
      Path directory,
      LogStorage.Factory factory,
      LogOptions options,
      Seams seams,
      String platformName) {
    Opening opening = Opening.open(directory, factory, options, seams, platformName);
    DurableLog log = of(opening, seams);
    try {
      log.force(log.append(new LogRecord.Opened(log.incarnation, seams.now())));
      return log;
    } catch (RuntimeException | Error failure) {
      log.close();
      throw failure;
    }
  }

  /** The log on what was opened, which is its own from now on. */
  static DurableLog of(Opening opening, Seams seams) {
    try {
      return new DurableLog(opening, seams);
    } catch (IOException | RuntimeException | Error failure) {
      opening.closeAfter(failure);
      throw new LogFailedException(
          "the log can't be read behind entry %d; look at the disk"
              .formatted(opening.found().last()),
          failure);
    }
  }

  /** Content beside it; to be opened once it is known what the entries name. */
  public ContentSpool spool() {
    return spool;
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public UUID incarnation() {
    return incarnation;
  }

  @Override
  public long append(LogRecord record) {
    writing.lock();
    try {
      refuseIfEnded();
      int bytes = frames.encode(record);
      if (bytes > storage.maxAppend()) {
        throw new IllegalArgumentException(
            "a record too large for the log, bytes=%d most=%d"
                .formatted(bytes, storage.maxAppend()));
      }
      if (record instanceof LogRecord.Accepted || record instanceof LogRecord.Retained) {
        space.admit(bytes);
      }
      return write(bytes);
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void acknowledge(long sequence) {
    if (forces) {
      force(sequence);
      return;
    }
    refuseUnknown(sequence);
    refuseIfEnded();
    publish(sequence, durable);
  }

  @Override
  public void force(long sequence) {
    refuseUnknown(sequence);
    while (durable < sequence) {
      refuseIfEnded();
      if (leads(sequence)) {
        forceGroup();
      }
    }
  }

  @Override
  public long forced() {
    return forced;
  }

  @Override
  public LogCursor read(long fromSequence) {
    return cursor(fromSequence);
  }

  @Override
  public RawCursor readRaw(long fromSequence) {
    return cursor(fromSequence);
  }

  private DurableCursor cursor(long fromSequence) {
    try {
      long position = index.before(fromSequence);
      return new DurableCursor(
          storage.read(position), framing, fromSequence, this::forced, () -> released);
    } catch (IOException unreadable) {
      throw new LogFailedException("the log can't be read; look at the disk", unreadable);
    }
  }

  @Override
  public void release(long belowSequence) {
    long below = Math.min(belowSequence, forced);
    force(below);
    writing.lock();
    try {
      long position = index.before(below);
      if (end != null || !storage.releases(position)) {
        return;
      }
      proof.released(below);
      released = below;
      storage.release(position);
      index.release(below);
      releaseFailure = null;
    } catch (IOException failure) {
      releaseFailure = "space of the log could not be taken back: " + failure.getMessage();
      LOG.warn("{}: {}", name, releaseFailure, failure);
    } finally {
      writing.unlock();
    }
  }

  @Override
  public boolean takesEntries() {
    return end == null && space.full() == null;
  }

  @Override
  public List<String> warnings() {
    LogFailedException failure = end;
    List<String> warnings = new ArrayList<>(openingWarnings);
    if (failure == null) {
      addIfAny(warnings, space.full());
    } else {
      warnings.add(String.valueOf(failure.getMessage()));
    }
    addIfAny(warnings, spool.warning());
    addIfAny(warnings, releaseFailure);
    addIfAny(warnings, proofFailure);
    return warnings;
  }

  private static void addIfAny(List<String> warnings, @Nullable String warning) {
    if (warning != null) {
      warnings.add(warning);
    }
  }

  @Override
  public void close() {
    if (!beginsToClose()) {
      return;
    }
    try {
      force(appended);
    } catch (LogFailedException ended) {
      LOG.warn("{}: closed without a last force: {}", name, ended.getMessage());
    }
    spool.close();
    writing.lock();
    try {
      end(new LogFailedException("the log is closed", null));
      awaitLastForce();
      closeOne(written);
      closeOne(storage);
      closeOne(proof);
    } finally {
      writing.unlock();
      letGo();
    }
  }

  /** What can't be closed keeps nothing else from being closed. */
  private void closeOne(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception failure) {
      LOG.warn("{}: the log's files could not be closed", name, failure);
    }
  }

  private long write(int bytes) {
    long sequence = appended + 1;
    try {
      storage.reserve(bytes);
    } catch (IOException full) {
      throw space.refusedBy(full);
    } catch (RuntimeException | Error failure) {
      throw endWith("no space could be reserved in the log", failure);
    }
    try {
      index.note(sequence, storage.append(frames.frame(sequence, durable)));
    } catch (IOException | RuntimeException | Error failure) {
      throw endWith("an append to the log failed", failure);
    }
    appended = sequence;
    return sequence;
  }

  private void refuseUnknown(long sequence) {
    if (sequence > appended) {
      throw new IllegalArgumentException(
          "entry %d was never appended, last=%d".formatted(sequence, appended));
    }
  }

  /** Waits until this caller leads the next force, or need not. */
  private boolean leads(long sequence) {
    boolean interrupted = false;
    state.lock();
    waiting++;
    try {
      while (forcing && !awaitTurn(sequence)) {
        interrupted = true;
      }
      boolean leads = durable < sequence && end == null;
      forcing |= leads;
      return leads;
    } finally {
      waiting--;
      state.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean awaitTurn(long sequence) {
    try {
      return state.await(() -> !forcing || durable >= sequence || end != null, Deadline.NEVER);
    } catch (InterruptedException interrupt) {
      return false;
    }
  }

  private void forceGroup() {
    long group;
    try {
      gather();
      group = appended;
      storage.force();
      verify(group);
      prove(group);
    } catch (IOException | RuntimeException | Error failure) {
      LogFailedException ended = endWith("a force of the log failed", failure);
      endForce();
      throw ended;
    }
    publishForced(group);
  }

  private void endForce() {
    state.lock();
    try {
      forcing = false;
      state.signalAll();
    } finally {
      state.unlock();
    }
  }

  /**
   * Lets those who waited for the last force append again before the next one begins: else they
   * would just miss it, and each force would take one half of them. Whoever does not come back at
   * once is not waited for: at most one turn of the processor for each.
   */
  private void gather() {
    long enough = durable + expected;
    for (int turns = expected; turns > 0 && appended < enough; turns--) {
      seams.giveWay();
    }
  }

  private void verify(long group) throws IOException {
    while (verified < group) {
      ByteBuffer bytes = written.next();
      if (bytes == null || !framing.holds(bytes, verified + 1)) {
        throw new IOException(
            "entry %d was forced and is not on disk as it was written".formatted(verified + 1));
      }
      verified++;
    }
  }

  /** Evidence only: without it the log is as durable, and less able to tell damage from a crash. */
  private void prove(long group) {
    if (proofFailure != null) {
      return;
    }
    try {
      proof.forced(group);
    } catch (IOException failure) {
      proofFailure = "the log's proof can't be written: " + failure.getMessage();
      LOG.warn("{}: {}", name, proofFailure, failure);
    }
  }

  private void publishForced(long group) {
    state.lock();
    try {
      publish(group, group);
      forcing = false;
      expected = waiting + 1;
      state.signalAll();
    } finally {
      state.unlock();
    }
  }

  /** First what readers may see, then what those who wait for the disk may go on for. */
  private void publish(long acknowledged, long onDisk) {
    state.lock();
    try {
      forced = Math.max(forced, acknowledged);
      durable = Math.max(durable, onDisk);
    } finally {
      state.unlock();
    }
  }

  private LogFailedException endWith(String what, Throwable failure) {
    LogFailedException ended =
        new LogFailedException(
            what + "; nothing more is accepted until a restart, which reads what is on disk",
            failure);
    LOG.warn("{}: {}", name, ended.getMessage(), failure);
    end(ended);
    return ended;
  }

  private void end(LogFailedException ended) {
    state.lock();
    try {
      end = end == null ? ended : end;
      state.signalAll();
    } finally {
      state.unlock();
    }
  }

  private void refuseIfEnded() {
    LogFailedException ended = end;
    if (ended != null) {
      throw new LogFailedException(String.valueOf(ended.getMessage()), ended);
    }
  }

  /** A force under way in another thread needs what is about to be closed. */
  private void awaitLastForce() {
    boolean interrupted = false;
    state.lock();
    try {
      while (forcing) {
        interrupted |= !awaitEndOfForce();
      }
    } finally {
      state.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean awaitEndOfForce() {
    try {
      return state.await(() -> !forcing, Deadline.NEVER);
    } catch (InterruptedException interrupt) {
      return false;
    }
  }

  private boolean beginsToClose() {
    state.lock();
    try {
      boolean first = !closed;
      closed = true;
      return first;
    } finally {
      state.unlock();
    }
  }

  private void letGo() {
    try {
      directory.close();
    } catch (IOException failure) {
      LOG.warn("{}: the log's directory could not be given free", name, failure);
    }
  }
}
