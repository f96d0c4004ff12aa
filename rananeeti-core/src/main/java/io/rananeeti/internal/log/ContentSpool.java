package io.rananeeti.internal.log;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.store.Content;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Content beside a log: files named by the SHA-256 of what is in them. Thread-safe.
 *
 * <p><b>Before the entry.</b> {@link #take} writes a draft, forces it, gives it its name, and
 * forces the names, before it returns; so all of that is on disk before there is an entry that
 * could name it. A file that this process has forced under its name is shared by all who take the
 * same content. One that an earlier process has left is not: nobody knows whether it is on disk, so
 * the new draft takes its place. At {@link io.rananeeti.Durability#PROCESS} nothing is forced, as
 * in the log.
 *
 * <p><b>Who dies when.</b> Before the draft has its name: it is deleted at the next open. After
 * that and before the entry is on disk: no entry names the file, and it is deleted at the next
 * open. After the entry: whoever reads that finds the file. Where a file is deleted before the
 * machine dies, it may be back: no entry that counts names it, so it is deleted again.
 *
 * <p><b>How long.</b> A file is held by whoever has taken it, until {@link #letGo}, and by each
 * entry that {@link #named} it, until {@link #forget}; with the last of them it goes. An entry
 * holds it before its transaction lets go. What the entries in the log hold is counted anew at each
 * open. Where it is not certain that an entry is over, it counts as not over: that costs space,
 * never data.
 *
 * <p><b>Space</b> is that of the log: its files count with the log's against the same limits, also
 * those that are being written. What is refused leaves nothing behind.
 *
 * <p><b>The end.</b> A force that fails is not repeated, as in the log: the next one would succeed
 * without the pages that the first has lost. So nothing more is taken until a restart. What was
 * taken before goes on being read.
 */
public final class ContentSpool {

  private static final Logger LOG = LoggerFactory.getLogger(ContentSpool.class);

  private static final int CHUNK = 64 << 10;
  private static final int MEASURED = 1 << 20;

  private static final String NO_FILE = "No such file";

  private record Named(String store, List<Content> contents) {}

  private final SpoolFolder folder;
  private final SpaceGuard space;
  private final boolean forces;
  private final int largestEntry;
  private final String name;
  private final Waiter state;
  private final Map<String, Long> kept = new HashMap<>();
  private final Set<String> proven = new HashSet<>();
  private final Map<String, Integer> holds = new HashMap<>();
  private final Map<Long, Named> entries = new HashMap<>();
  private final Map<String, String> lost = new ConcurrentHashMap<>();
  private volatile int howMany;
  private volatile boolean used;
  private volatile boolean closed;
  private volatile @Nullable LogFailedException end;
  private volatile @Nullable String refusal;

  ContentSpool(
      SpoolFolder folder,
      SpaceGuard space,
      boolean forces,
      int largestEntry,
      Seams seams,
      String name) {
    this.folder = folder;
    this.space = space;
    this.forces = forces;
    this.largestEntry = largestEntry;
    this.state = seams.newWaiter();
    this.name = name;
  }

  /** The most bytes of an entry of the log beside which this is. */
  public int largestEntry() {
    return largestEntry;
  }

  /** Takes nothing more, for this reason; what is there goes on being read. */
  public void refuse(String why) {
    refusal = why;
  }

  /** Whether it takes content at all. */
  public boolean takes() {
    return refusal == null;
  }

  /** Why it takes none; null if it does. */
  public @Nullable String whyNothing() {
    return refusal;
  }

  /** Bytes taken on disk. */
  public long bytes() {
    return space.beside();
  }

  /** What a person should know of it; null if all is well. */
  @Nullable String warning() {
    LogFailedException ended = end;
    return ended == null || closed ? null : ended.getMessage();
  }

  /**
   * Looks at what is there, once all entries of the log that count are {@link #named}; what none of
   * them names is deleted.
   *
   * @throws LogFailedException if that can't be done
   */
  public void open() {
    try {
      Map<String, Long> found = folder.open();
      if (!found.isEmpty()) {
        open(found);
      }
    } catch (IOException failure) {
      throw new LogFailedException("the log's spool can't be read: " + Causes.of(failure), failure);
    }
  }

  private void open(Map<String, Long> found) throws IOException {
    used = true;
    state.lock();
    try {
      for (Map.Entry<String, Long> file : found.entrySet()) {
        if (holds.containsKey(file.getKey())) {
          kept.put(file.getKey(), file.getValue());
          space.foundBeside(file.getValue());
        } else {
          folder.delete(file.getKey());
        }
      }
    } finally {
      state.unlock();
    }
  }

  /**
   * Touches no file any more once this returns: the directory may be another process's then. What
   * is still held stays for the next open.
   */
  void close() {
    closed = true;
    end = end == null ? new LogFailedException("the log is closed", null) : end;
    if (used) {
      state.lock(); // Until whoever changes files just now is done.
      state.unlock();
    }
  }

  /**
   * Takes all of a stream, for a caller that has to {@link #letGo} of it.
   *
   * @throws LogFullException if there is no room
   * @throws LogFailedException if a force has failed, now or before
   * @throws IOException if the stream can't be read
   */
  public Content take(InputStream bytes) throws IOException {
    String why = refusal;
    if (why != null) {
      throw new IOException(why);
    }
    return take(bytes, true);
  }

  /**
   * The same of what an entry is applied with that waits elsewhere: beyond the limits, like all
   * that settles what waits, since what waits here may wait for that.
   */
  public Content takeToSettle(InputStream bytes) throws IOException {
    return take(bytes, false);
  }

  private Content take(InputStream bytes, boolean limited) throws IOException {
    refuseIfEnded();
    used = true;
    Reserved reserved = new Reserved(limited);
    try (SpoolFolder.Draft draft = draft()) {
      Content content = copy(bytes, draft, reserved);
      keep(draft, content, reserved);
      return content;
    } finally {
      reserved.giveBack();
    }
  }

  /** The space of a draft, from before it is written until it is the space of a file. */
  private final class Reserved {

    private final boolean limited;
    private long bytes;
    private int unmeasured = MEASURED;

    Reserved(boolean limited) {
      this.limited = limited;
    }

    void more(int count) {
      if (limited) {
        unmeasured += count;
        boolean due = unmeasured >= MEASURED;
        unmeasured = due ? 0 : unmeasured;
        space.admitBeside(count, due);
      } else {
        space.foundBeside(count);
      }
      bytes += count;
    }

    void giveBack() {
      space.foundBeside(-bytes);
      bytes = 0;
    }
  }

  private SpoolFolder.Draft draft() {
    try {
      return folder.draft();
    } catch (IOException failure) {
      throw space.noSpace(failure);
    }
  }

  private Content copy(InputStream from, SpoolFolder.Draft draft, Reserved reserved)
      throws IOException {
    MessageDigest digest = sha256();
    byte[] chunk = new byte[CHUNK];
    long length = 0;
    for (int read = from.readNBytes(chunk, 0, CHUNK); read > 0; ) {
      reserved.more(read);
      write(draft, chunk, read);
      digest.update(chunk, 0, read);
      length += read;
      read = from.readNBytes(chunk, 0, CHUNK);
    }
    return new Content(HexFormat.of().formatHex(digest.digest()), length);
  }

  private void write(SpoolFolder.Draft draft, byte[] chunk, int count) {
    try {
      draft.write(chunk, count);
    } catch (IOException failure) {
      throw space.noSpace(failure);
    }
  }

  /** Shares the file that is there, or makes one of the draft; held by the caller from here on. */
  private void keep(SpoolFolder.Draft draft, Content content, Reserved reserved) {
    if (shares(content)) {
      return;
    }
    force(draft::force);
    publish(draft, content, reserved);
    boolean forced = false;
    try {
      force(folder::forceNames);
      forced = true;
    } finally {
      if (!forced) {
        letGo(content);
      }
    }
    state.lock();
    try {
      proven.add(content.sha256());
    } finally {
      state.unlock();
    }
  }

  private boolean shares(Content content) {
    state.lock();
    try {
      boolean shared = proven.contains(content.sha256());
      if (shared) {
        hold(content);
      }
      return shared;
    } finally {
      state.unlock();
    }
  }

  private void publish(SpoolFolder.Draft draft, Content content, Reserved reserved) {
    state.lock();
    try {
      refuseIfEnded();
      draft.publish(content.sha256());
      lost.remove(content.sha256());
      if (kept.put(content.sha256(), content.length()) == null) {
        space.foundBeside(content.length());
      }
      hold(content);
    } catch (IOException failure) {
      throw space.noSpace(failure);
    } finally {
      state.unlock();
    }
    reserved.giveBack();
  }

  private interface Forcing {
    void run() throws IOException;
  }

  private void force(Forcing forcing) {
    if (!forces) {
      return;
    }
    refuseIfEnded();
    try {
      forcing.run();
    } catch (IOException failure) {
      end =
          new LogFailedException(
              "a force of the log's spool failed; no content is taken until a restart", failure);
      LOG.warn("{}: {}", name, end.getMessage(), failure);
      throw new LogFailedException(String.valueOf(end.getMessage()), failure);
    }
  }

  private void refuseIfEnded() {
    LogFailedException ended = end;
    if (ended != null) {
      throw new LogFailedException(String.valueOf(ended.getMessage()), ended);
    }
  }

  /**
   * Reads content; to be closed.
   *
   * @throws IOException if it is not there, or no longer what was taken
   */
  public InputStream read(Content content) throws IOException {
    try {
      return new ContentStream(folder.read(content.sha256()), content);
    } catch (FileNotFoundException | NoSuchFileException missing) {
      String message =
          lost.getOrDefault(
              content.sha256(),
              "content is missing in the log's spool, or can't be opened: file=%s bytes=%d; bring the file back from a copy"
                  .formatted(content.sha256(), content.length()));
      boolean isGone =
          missing instanceof NoSuchFileException
              || String.valueOf(missing.getMessage()).contains(NO_FILE);
      throw isGone ? new LostContentException(message, missing) : new IOException(message, missing);
    }
  }

  /**
   * Content that somebody is about to ask for is not here, nor where it should have come from.
   *
   * @param why what whoever asks is told
   */
  public void lost(Content content, String why) {
    lost.put(content.sha256(), why);
  }

  /** Whether somebody holds content, whether or not its file is there. */
  public boolean isHeld(String sha256) {
    state.lock();
    try {
      return holds.containsKey(sha256);
    } finally {
      state.unlock();
    }
  }

  /** What entries name whose files were not there at open. */
  public Set<Content> missing() {
    state.lock();
    try {
      Set<Content> missing = new HashSet<>();
      for (Named named : entries.values()) {
        missing.addAll(named.contents());
      }
      missing.removeIf(content -> kept.containsKey(content.sha256()));
      return missing;
    } finally {
      state.unlock();
    }
  }

  /** How many bytes an entry names; 0 if it does not, or is over. */
  public long bytesOf(long sequence) {
    if (howMany == 0) {
      return 0;
    }
    state.lock();
    try {
      Named named = entries.get(sequence);
      return named == null ? 0 : named.contents().stream().mapToLong(Content::length).sum();
    } finally {
      state.unlock();
    }
  }

  /** Holds content once more; false if it is not there. */
  public boolean holdAgain(Content content) {
    state.lock();
    try {
      boolean there = kept.containsKey(content.sha256());
      if (there) {
        hold(content);
      }
      return there;
    } finally {
      state.unlock();
    }
  }

  private void hold(Content content) {
    holds.merge(content.sha256(), 1, Integer::sum);
  }

  /** Whoever has taken it does not need it any more, or an entry names it by now. */
  public void letGo(Content content) {
    state.lock();
    try {
      release(content);
    } finally {
      state.unlock();
    }
  }

  /** An entry of the log names these. */
  public void named(long sequence, String store, Collection<Content> contents) {
    if (contents.isEmpty()) {
      return;
    }
    state.lock();
    try {
      if (entries.putIfAbsent(sequence, new Named(store, List.copyOf(contents))) == null) {
        contents.forEach(this::hold);
        howMany = entries.size();
      }
    } finally {
      state.unlock();
    }
  }

  /** The entries of a store's transactions that hold content. Costs nothing where none does. */
  public List<Long> entriesOf(String store) {
    if (howMany == 0) {
      return List.of();
    }
    state.lock();
    try {
      List<Long> sequences = new ArrayList<>();
      entries.forEach(
          (sequence, named) -> {
            if (named.store().equals(store)) {
              sequences.add(sequence);
            }
          });
      return sequences;
    } finally {
      state.unlock();
    }
  }

  /** Nobody will ask for what these entries name, also after any crash. */
  public void forget(Collection<Long> sequences) {
    state.lock();
    try {
      for (long sequence : sequences) {
        Named named = entries.remove(sequence);
        if (named != null) {
          named.contents().forEach(this::release);
        }
      }
      howMany = entries.size();
    } finally {
      state.unlock();
    }
  }

  private void release(Content content) {
    String file = content.sha256();
    Integer left = holds.merge(file, -1, Integer::sum);
    if (left != null && left > 0) {
      return;
    }
    holds.remove(file);
    proven.remove(file);
    Long length = kept.remove(file);
    if (length != null && !closed) {
      delete(file, length);
    }
  }

  /** What can't be deleted counts, for as long as it is there: until the next open. */
  private void delete(String file, long length) {
    try {
      folder.delete(file);
      space.foundBeside(-length);
    } catch (IOException failure) {
      LOG.warn("{}: a file of the log's spool could not be deleted: {}", name, file, failure);
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has it", e);
    }
  }
}
