package io.rananeeti.internal.shared;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.log.FrameBuffer;
import io.rananeeti.internal.log.Framing;
import io.rananeeti.internal.log.LogDirectory;
import io.rananeeti.internal.shared.Slot.Kind;
import io.rananeeti.internal.shared.Slot.Owner;
import io.rananeeti.internal.shared.Slot.Position;
import io.rananeeti.internal.shared.SlotIndex.Place;
import io.rananeeti.internal.shared.Stream.Standing;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.SharedLogStorage.Value;
import io.rananeeti.log.TransactionLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one node in a storage that the nodes share: a stream that this process alone adds to,
 * that others read, and that they may end.
 *
 * <p>Slots stand under the numbers 1, 2, 3 and so on, each written by one conditional write, one
 * after the other, with as many entries as have come together. Guarantees that an entry for which
 * {@link #force} has returned is in the stream before every seal that is set later: whoever seals
 * the stream and reads it up to the seal has it. It is as durable as the storage.
 *
 * <p><b>Who dies when.</b>
 *
 * <ol>
 *   <li><i>A write whose reply is lost.</i> Its slot is read back: the same bytes are its own (each
 *       owner's bytes differ by a nonce), other bytes are somebody else's, none mean that it may
 *       yet land: the same bytes are sent again until one or the other is so. The next slot is not
 *       sent before. So slots have no gap, and a late copy of a write meets its own first.
 *   <li><i>The writer dies between two writes.</i> What it had acknowledged is in the stream; a
 *       slot more may be, which was not acknowledged and is read all the same; of an entry that
 *       takes several slots some may be missing: it was not acknowledged, is passed over, and its
 *       sequence is used again.
 *   <li><i>Another owner comes, or somebody ends the stream.</i> It raises the fence in the head by
 *       compare-and-set, looks for the end, and writes a seal there under the same condition as any
 *       other slot. If the earlier owner is faster, the seal goes behind what it has written. Where
 *       the seal stands, the earlier owner's next slot would be: it is refused, finds the seal, and
 *       ends. Two who seal at once find each other's: the lower fence gives way, the higher one
 *       seals behind it. One that has slept between head and seal, while others took over and
 *       released what it looks at, finds another owner in the head after its seal, and gives up.
 *   <li><i>A zombie that has slept through all of that.</i> A seal is never removed, whatever is
 *       released, so its next slot is taken for ever. If it did not learn of the last slot that it
 *       wrote, that slot may have been released and removed, and it writes it a second time: it
 *       then acknowledges entries that were in the stream before the seal, and were read by whom
 *       the stream was taken over. The slot lies below the first one kept, which readers pass over.
 *   <li><i>A seal's writer dies between the seal and the mark that keeps it.</i> Nobody adds a slot
 *       behind a seal that is not marked, without marking it first; and the last slot is never
 *       released.
 *   <li><i>The releaser dies.</i> The first slot kept is raised in the head before any is removed;
 *       left-overs below it are passed over, and removed by a later open or never.
 * </ol>
 *
 * <p><b>Threads.</b> As in {@link io.rananeeti.internal.log.DurableLog}: callers append to memory
 * under the lock {@code writing}; of those who want a force, the first leads, writes one slot with
 * what has come together, and wakes the others. {@code releasing} is held across calls of the
 * storage on purpose: releases are few, and one after the other. It has no thread of its own.
 * Interrupts are kept for the caller.
 *
 * <p><b>The end.</b> When the storage can't be reached for longer than the patience, or another
 * owner has come, the log ends: all who wait get a {@link LogFailedException}, and nothing is
 * appended or acknowledged any more. The storage is its caller's, and stays open.
 */
public final class SharedLog implements TransactionLog {

  private static final Logger LOG = LoggerFactory.getLogger(SharedLog.class);

  /** As much as the log on disk takes in one entry. */
  private static final int LARGEST = 1 << 24;

  private static final int PAGE = 100;

  /** Slots that one release removes at the most: the next one goes on. */
  private static final int REMOVED_AT_ONCE = 256;

  private final Stream stream;
  private final SharedLogOptions options;
  private final Seams seams;
  private final Persistence persistence;
  private final UUID id;
  private final Owner owner;
  private final UUID incarnation;
  private final FrameBuffer frames;
  private final SlotIndex index = new SlotIndex();
  private final Waiting pending;
  private final Waiter writing;
  private final Waiter state;
  private final Waiter releasing;

  private volatile long appended;
  private volatile long durable;
  private volatile Position end;
  private volatile long released;
  private volatile long releasedBytes;
  private volatile long maxBytes;
  private volatile @Nullable LogFailedException failure;
  private volatile @Nullable String releaseFailure;
  private long firstKept;
  private long removedBelow;
  private boolean leading;
  private int waiters;
  private volatile int expected;
  private boolean closed;

  private SharedLog(
      Stream stream,
      SharedLogOptions options,
      Seams seams,
      Persistence persistence,
      Head head,
      Position begin) {
    this.stream = stream;
    this.options = options;
    this.seams = seams;
    this.persistence = persistence;
    id = head.id();
    owner = head.owner();
    incarnation = LogDirectory.randomUuid(seams.random());
    frames = new FrameBuffer(new Framing(id), LARGEST);
    pending = new Waiting(stream.capacity());
    writing = seams.newWaiter();
    state = seams.newWaiter();
    releasing = seams.newWaiter();
    end = begin;
    appended = begin.sequence() - 1;
    durable = appended;
    maxBytes = options.maxBytes();
    firstKept = head.first();
    removedBelow = Math.max(1, firstKept - REMOVED_AT_ONCE);
  }

  /**
   * Opens the stream of a node, made if there is none: takes it from its earlier owner, seals what
   * that has written, and writes that it is open.
   *
   * @param storage used until the log is closed, and not closed by it
   * @param platform whose nodes share the storage
   * @param node its number among them
   * @throws LogFailedException if the storage can't be reached for the patience given, if the
   *     stream is in use and may not be taken over, or if it is damaged
   */
  public static SharedLog open(
      SharedLogStorage storage, String platform, long node, SharedLogOptions options, Seams seams) {
    SharedLog log =
        open(
            new Stream(storage, platform, node),
            LogDirectory.randomUuid(seams.random()),
            Head.State.OPEN,
            options,
            seams);
    log.force(log.append(new LogRecord.Opened(log.incarnation, seams.now())));
    return log;
  }

  /**
   * The same, without the record of its opening.
   *
   * @param newId of a log that is made
   * @param as open for its own node, or taken by another one
   */
  static SharedLog open(
      Stream stream, UUID newId, Head.State as, SharedLogOptions options, Seams seams) {
    Persistence persistence = new Persistence(seams, stream.name(), options.patience());
    Takeover takeover =
        new Takeover(stream, LogDirectory.randomUuid(seams.random()), options.owner());
    Standing standing = persistence.answer(() -> takeover.own(newId, as, options.takeOver()));
    Position begin = persistence.answer(() -> takeover.seal(standing.head()));
    SharedLog log = new SharedLog(stream, options, seams, persistence, standing.head(), begin);
    log.knowTheFirst();
    return log;
  }

  /**
   * Where a stream was ended.
   *
   * @param slot the one behind the seal: a reader that has come to it has read all
   * @param sequence that an entry behind it would have
   * @param fence of the seal
   */
  public record Sealed(long slot, long sequence, long fence) {}

  /**
   * Ends a node's stream for whoever writes it now: its next force fails, for ever. Nothing is
   * sealed twice: after an {@link IOException} call it again. The node itself opens it again with a
   * higher fence.
   *
   * @param by who ends it and why, for people
   * @return null if the node never had one
   * @throws LogFailedException if somebody has opened it meanwhile, or it is damaged
   */
  public static @Nullable Sealed seal(
      SharedLogStorage storage, String platform, long node, String by, Seams seams)
      throws IOException {
    Stream stream = new Stream(storage, platform, node);
    Takeover takeover = new Takeover(stream, LogDirectory.randomUuid(seams.random()), by);
    Standing standing = takeover.end();
    if (standing == null) {
      return null;
    }
    Position end = takeover.seal(standing.head());
    return new Sealed(end.number(), end.sequence(), standing.head().owner().fence());
  }

  /**
   * A node that has a stream.
   *
   * @param node its number
   * @param log the id of its log
   * @param owner who has written the stream last, or ended it
   * @param fence grows with each owner
   * @param open whether an owner has opened it and not said that it is closed; nothing about
   *     whether that lives
   */
  public record Known(long node, UUID log, String owner, long fence, boolean open) {}

  /** All nodes that have a stream, by their numbers. */
  public static List<Known> known(SharedLogStorage storage, String platform) throws IOException {
    String heads = Stream.heads(platform);
    List<Known> known = new ArrayList<>();
    for (long from = Long.MIN_VALUE; ; ) {
      List<Value> page = storage.list(heads, from, PAGE);
      for (Value value : page) {
        Head head = Head.decoded(value.bytes(), heads + " " + value.key());
        boolean open = head.state() == Head.State.OPEN;
        known.add(new Known(value.key(), head.id(), head.by(), head.owner().fence(), open));
      }
      if (page.isEmpty() || page.get(page.size() - 1).key() == Long.MAX_VALUE) {
        return known;
      }
      from = page.get(page.size() - 1).key() + 1;
    }
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public UUID incarnation() {
    return incarnation;
  }

  /** Grows with each owner of the stream. */
  public long fence() {
    return owner.fence();
  }

  /** From now on this much of it may be kept, in place of what it was opened with. */
  public void limitTo(long bytes) {
    maxBytes = bytes;
  }

  @Override
  public long append(LogRecord record) {
    writing.lock();
    try {
      refuseIfEnded();
      int bytes = frames.encode(record);
      if (bytes > LARGEST) {
        throw new IllegalArgumentException(
            "a record too large for the shared log, bytes=%d most=%d".formatted(bytes, LARGEST));
      }
      refuseIfFull(record, bytes);
      long sequence = appended + 1;
      pending.add(copied(sequence), sequence + 1);
      appended = sequence;
      return sequence;
    } finally {
      writing.unlock();
    }
  }

  /**
   * Adds entries that keep the numbers they have in another log; a reader sees all or none.
   *
   * @param upTo the last number that counts as used behind them
   * @param entries with numbers behind all that were used, in order
   */
  void append(long upTo, List<LogEntry> entries) {
    writing.lock();
    try {
      refuseIfEnded();
      ByteArrayOutputStream together = new ByteArrayOutputStream();
      for (LogEntry entry : entries) {
        frames.encode(entry.record());
        together.writeBytes(copied(entry.sequence()));
      }
      pending.addTogether(together.toByteArray(), upTo + 1);
      appended = upTo;
    } finally {
      writing.unlock();
    }
  }

  /** The frame of the record that was encoded last. */
  private byte[] copied(long sequence) {
    ByteBuffer frame = frames.frame(sequence, durable);
    byte[] copy = new byte[frame.remaining()];
    frame.get(copy);
    return copy;
  }

  @Override
  public void acknowledge(long sequence) {
    force(sequence);
  }

  @Override
  public void force(long sequence) {
    if (sequence > appended) {
      throw new IllegalArgumentException(
          "entry %d was never appended, last=%d".formatted(sequence, appended));
    }
    while (durable < sequence) {
      refuseIfEnded();
      if (leads(sequence)) {
        lead();
      }
    }
  }

  @Override
  public long forced() {
    return durable;
  }

  @Override
  public LogCursor read(long fromSequence) {
    long slot = persistence.answer(() -> locate(fromSequence).slot());
    return new SharedCursor(
        SharedLogReader.of(stream, slot), persistence, fromSequence, this::forced);
  }

  @Override
  public void release(long belowSequence) {
    long below = Math.min(belowSequence, durable);
    releasing.lock();
    try {
      if (failure == null && below > released) {
        raise(locate(below), below);
        released = below;
      }
      removeReleased();
      releaseFailure = null;
    } catch (IOException | LogFailedException unreachable) {
      releaseFailure =
          "slots of the shared log %s could not be released: %s"
              .formatted(stream.name(), unreachable.getMessage());
      LOG.warn("{}", releaseFailure);
    } finally {
      releasing.unlock();
    }
  }

  @Override
  public boolean takesEntries() {
    return failure == null && full() == null;
  }

  @Override
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    LogFailedException ended = failure;
    if (ended == null) {
      addIfAny(warnings, full());
      addIfAny(warnings, persistence.trouble());
      addIfAny(warnings, releaseFailure);
    } else {
      warnings.add(String.valueOf(ended.getMessage()));
    }
    return warnings;
  }

  private static void addIfAny(List<String> warnings, @Nullable String warning) {
    if (warning != null) {
      warnings.add(warning);
    }
  }

  /** Forces what was appended, for some seconds at the most, and says that the stream is closed. */
  @Override
  public void close() {
    if (!beginsToClose()) {
      return;
    }
    persistence.close();
    boolean orderly = forceTheRest();
    end(new LogFailedException("the shared log " + stream.name() + " is closed", null));
    awaitLeader();
    if (orderly) {
      sayClosed();
    }
  }

  private boolean forceTheRest() {
    try {
      force(appended);
      return true;
    } catch (LogFailedException ended) {
      LOG.warn("closed without a last force: {}", ended.getMessage());
      return false;
    }
  }

  /** Only a courtesy: who opens it next without it must be allowed to take it over. */
  private void sayClosed() {
    try {
      persistence.answer(() -> changeHead(SharedLog::closed));
    } catch (LogFailedException unreachable) {
      LOG.warn("the next open finds the log in use: {}", unreachable.getMessage());
    }
  }

  private static Head closed(Head head) {
    return head.state() == Head.State.OPEN ? head.in(Head.State.CLOSED) : head;
  }

  /** So that {@link #size()} is known from the beginning. */
  private void knowTheFirst() {
    releasedBytes =
        persistence.answer(
            () -> Optional.ofNullable(stream.slot(firstKept, id)).map(Slot::before).orElse(0L));
  }

  private long size() {
    return end.bytes() - releasedBytes;
  }

  private @Nullable String full() {
    if (pendingBytes() >= options.maxPending()) {
      return "the shared log %s is behind: waiting=%d maxPending=%d; it goes on once its storage takes more"
          .formatted(stream.name(), pendingBytes(), options.maxPending());
    }
    return size() < maxBytes ? null : tooMuchKept();
  }

  private String tooMuchKept() {
    return "the shared log %s is full: bytes=%d maxBytes=%d; it shrinks as soon as its stores are back"
        .formatted(stream.name(), size(), maxBytes);
  }

  private long pendingBytes() {
    writing.lock();
    try {
      return pending.bytes();
    } finally {
      writing.unlock();
    }
  }

  private void refuseIfFull(LogRecord record, int bytes) {
    if (pending.bytes() > 0 && pending.bytes() + bytes > options.maxPending()) {
      throw new LogFullException(
          "the shared log %s is behind: waiting=%d maxPending=%d"
              .formatted(stream.name(), pending.bytes(), options.maxPending()),
          null);
    }
    boolean grows = record instanceof LogRecord.Accepted || record instanceof LogRecord.Retained;
    if (grows && size() + pending.bytes() >= maxBytes) {
      throw new LogFullException(tooMuchKept(), null);
    }
  }

  /** Waits until this caller leads, or need not. */
  private boolean leads(long sequence) {
    boolean interrupted = false;
    state.lock();
    waiters++;
    try {
      while (leading && !await(sequence)) {
        interrupted = true;
      }
      boolean leads = durable < sequence && failure == null;
      leading |= leads;
      return leads;
    } finally {
      waiters--;
      state.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean await(long sequence) {
    try {
      return state.await(() -> !leading || durable >= sequence || failure != null, Deadline.NEVER);
    } catch (InterruptedException interrupt) {
      return false;
    }
  }

  private void lead() {
    try {
      gather();
      for (Slot slot : take()) {
        write(slot);
      }
    } catch (RuntimeException | Error broken) {
      LogFailedException ended =
          broken instanceof LogFailedException known
              ? known
              : new LogFailedException("the shared log " + stream.name() + " has failed", broken);
      LOG.warn("{}", ended.getMessage());
      end(ended);
      throw ended;
    } finally {
      endLead();
    }
  }

  /** As in the log on disk: lets those who waited for the last slot append again first. */
  private void gather() {
    long enough = durable + expected;
    for (int turns = expected; turns > 0 && appended < enough; turns--) {
      seams.giveWay();
    }
  }

  private List<Slot> take() {
    writing.lock();
    try {
      return pending.take(end, owner);
    } finally {
      writing.unlock();
    }
  }

  private void write(Slot slot) {
    byte[] bytes = slot.encoded(id);
    boolean[] sent = new boolean[1];
    byte[] other =
        persistence
            .answer(() -> Optional.ofNullable(settled(slot.number(), bytes, sent)))
            .orElse(null);
    if (other != null) {
      throw stream.takenOver(other, id, slot.number());
    }
    index.wrote(slot);
    writing.lock();
    try {
      end = slot.end();
      pending.wrote(slot.payload().remaining());
    } finally {
      writing.unlock();
    }
    publish(slot.next() - 1);
  }

  /** Null once the slot holds these bytes; else those that it holds. */
  private byte @Nullable [] settled(long number, byte[] bytes, boolean[] sent) throws IOException {
    boolean again = sent[0];
    sent[0] = true;
    return stream.put(number, bytes, again);
  }

  private void publish(long sequence) {
    state.lock();
    try {
      durable = Math.max(durable, sequence);
      state.signalAll();
    } finally {
      state.unlock();
    }
  }

  private void endLead() {
    state.lock();
    try {
      leading = false;
      expected = waiters + 1;
      state.signalAll();
    } finally {
      state.unlock();
    }
  }

  private void end(LogFailedException ended) {
    state.lock();
    try {
      failure = failure == null ? ended : failure;
      state.signalAll();
    } finally {
      state.unlock();
    }
  }

  private void refuseIfEnded() {
    LogFailedException ended = failure;
    if (ended != null) {
      throw new LogFailedException(String.valueOf(ended.getMessage()), ended);
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

  private void awaitLeader() {
    boolean interrupted = false;
    state.lock();
    try {
      while (leading) {
        try {
          state.await(() -> !leading, Deadline.NEVER);
        } catch (InterruptedException interrupt) {
          interrupted = true;
        }
      }
    } finally {
      state.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * A slot at or before the one with this entry, and not far before it. Places of this open's slots
   * are known; among those of earlier ones it looks.
   */
  private Place locate(long sequence) throws IOException {
    Place known = index.atOrBefore(sequence);
    Place behind = index.behind(sequence);
    long low = known == null ? firstKept : known.slot();
    long high = behind == null ? end.number() : behind.slot();
    Place place = known == null ? new Place(firstKept, releasedBytes) : known;
    while (high - low > SlotIndex.STEP) {
      Slot slot = beginning(low + (high - low) / 2, low);
      if (slot == null) {
        return place;
      }
      if (slot.first() > sequence) {
        high = slot.number();
      } else {
        low = slot.number();
        place = new Place(slot.number(), slot.before());
      }
      index.note(slot);
    }
    return place;
  }

  /**
   * The slot, or the first one of the entry that it is a part of; null if that is not in between.
   */
  private @Nullable Slot beginning(long number, long low) throws IOException {
    Slot slot = stream.slot(number, id);
    if (slot == null || slot.kind() != Kind.PART || slot.part() == 0) {
      return slot;
    }
    long first = number - slot.part();
    return first > low ? stream.slot(first, id) : null;
  }

  private void raise(Place place, long below) throws IOException {
    if (place.slot() > firstKept && place.slot() < end.number()) {
      changeHead(head -> head.keepingFrom(Math.max(head.first(), place.slot())));
      firstKept = place.slot();
      releasedBytes = place.before();
      index.release(below);
    }
  }

  private void removeReleased() throws IOException {
    long to = Math.min(firstKept, removedBelow + REMOVED_AT_ONCE);
    for (; failure == null && removedBelow < to; removedBelow++) {
      stream.remove(removedBelow);
    }
  }

  private interface Change {
    Head of(Head head);
  }

  /** Changes the head, as long as this is its owner. */
  private Head changeHead(Change change) throws IOException {
    while (true) {
      Standing standing = stream.head();
      if (standing == null || !standing.head().owner().equals(owner)) {
        LogFailedException ended =
            standing == null
                ? Slot.damaged(stream.name(), 0, "its head is missing")
                : stream.takenOver(standing.head().by(), standing.head().owner().fence());
        end(ended);
        throw ended;
      }
      Head changed = change.of(standing.head());
      if (changed.equals(standing.head()) || stream.write(changed, standing.version())) {
        return changed;
      }
    }
  }
}
