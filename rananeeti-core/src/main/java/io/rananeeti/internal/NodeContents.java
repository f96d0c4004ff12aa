package io.rananeeti.internal;

import io.rananeeti.internal.log.ContentSpool;
import io.rananeeti.internal.log.LostContentException;
import io.rananeeti.internal.shared.LogCopier;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.ContentStorage;
import io.rananeeti.log.ContentStorage.Stored;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.store.Content;
import io.rananeeti.store.Transaction;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what this node's entries name from its spool to where other nodes find it, and removes it
 * again. What the copy waits for is done by its thread; all else by an own one, since a place that
 * hangs must not keep small things from the copy. Thread-safe.
 *
 * <p><b>Who dies when.</b>
 *
 * <ol>
 *   <li>Content is in the spool and forced before its entry is, as without other nodes. Dies the
 *       node before the entry is copied, nobody else knows of it, and the next process of this log
 *       puts the content again.
 *   <li>The entry is copied after all of its content was put. So whoever finds the entry in the
 *       copy finds the content.
 *   <li>The content is removed after the spool has let it go, and then only when the copy has all
 *       that the log had at that moment: the spool lets go once marks are on disk that say that
 *       nobody will ask again, so these marks are in the copy before the removal. Whoever takes
 *       over reads them with the entry. What is put later for another entry has another name.
 *   <li>A process that comes after this one under the same number removes what is there and not in
 *       its spool by the same rule, and brings back what is gone from that. What a node has put
 *       that was taken over is removed by whoever has removed its copy. What nobody has removed (a
 *       removal that failed at the end of a process, an object that arrived after that) costs space
 *       only.
 * </ol>
 *
 * <p>Content that is gone from the spool can't be put; the entry is copied without it, since it is
 * lost for this node, too: whoever applies it makes a dead letter.
 */
final class NodeContents implements LogCopier.Beside {

  private static final Logger LOG = LoggerFactory.getLogger(NodeContents.class);
  private static final Duration LATER = Duration.ofSeconds(10);

  private final String platform;
  private final ContentPlace place;
  private final ContentSpool spool;
  private final TransactionLog log;
  private final Seams seams;

  /** Guards all that follows, but what only the copier's thread has. */
  private final Waiter waiter;

  private long node;
  private boolean listed;
  private long copiedUpTo;
  private boolean asked;
  private boolean stopped;

  /** The names that are under this node's number, by SHA-256. */
  private final Map<String, Set<String>> there = new HashMap<>();

  /** What this process has put, and not begun to remove. */
  private final Set<String> put = new HashSet<>();

  /** Whether it was written which place this is; the copier's. */
  private boolean announced;

  /**
   * Names under which something was begun to be put, by SHA-256: the next try goes on there. The
   * copier's.
   */
  private final Map<String, String> begun = new HashMap<>();

  /** What the spool has let go, and what has to be copied before it is removed. */
  private final Map<String, Long> over = new HashMap<>();

  private final Set<String> removing = new HashSet<>();
  private final Queue<Long> gone = new ConcurrentLinkedQueue<>();
  private volatile @Nullable String trouble;
  private volatile @Nullable String untidy;

  /**
   * Of one node.
   *
   * @param spool what has the content
   * @param log whose entries name it
   */
  NodeContents(
      String platform, ContentPlace place, ContentSpool spool, TransactionLog log, Seams seams) {
    this.platform = platform;
    this.place = place;
    this.spool = spool;
    this.log = log;
    this.seams = seams;
    this.waiter = seams.newWaiter();
  }

  /** Why what is to be copied can't be put; null if all is well. */
  @Nullable String trouble() {
    return trouble;
  }

  /** Why what the copy does not wait for can't be done; null if all is well. */
  @Nullable String untidy() {
    return untidy;
  }

  /** A node's copy is removed: what it has put goes as well, sooner or later. */
  void gone(long other) {
    gone.add(other);
  }

  @Override
  public boolean isNamed(LogEntry entry) {
    return !named(entry).isEmpty();
  }

  private static List<Content> named(LogEntry entry) {
    Transaction transaction = Journal.transactionOf(entry.record());
    return transaction == null ? List.of() : Contents.named(transaction);
  }

  @Override
  public void bring(long as, List<LogEntry> entries, Predicate<LogEntry> isNeeded)
      throws IOException {
    locked(() -> begin(as));
    try {
      for (LogEntry entry : entries) {
        for (Content content : named(entry)) {
          // What the spool has let go nobody asks for, also where its entry is copied.
          BooleanSupplier needed = () -> isNeeded.test(entry) && spool.isHeld(content.sha256());
          if (!isPut(content) && needed.getAsBoolean()) {
            bring(entry, content, needed);
          }
        }
      }
      trouble = null;
    } catch (IOException e) {
      trouble =
          "what is too large for the log's entries can't be put to %s, and the copy waits for that: %s"
              .formatted(place, e.getMessage());
      throw e;
    }
  }

  /** If so, it stays: what was over is named again. */
  private boolean isPut(Content content) {
    return locked(
        () -> {
          there.getOrDefault(content.sha256(), Set.of()).forEach(over::remove);
          return put.contains(content.sha256());
        });
  }

  private void begin(long as) {
    if (node != as) {
      node = as;
      announced = false;
      listed = false;
      copiedUpTo = 0;
      there.clear();
      put.clear();
      begun.clear();
      over.clear();
      removing.clear();
    }
  }

  private void bring(LogEntry entry, Content content, BooleanSupplier isNeeded) throws IOException {
    if (!announced) {
      place.announce(node);
      announced = true;
    }
    String sha256 = content.sha256();
    String name =
        begun.computeIfAbsent(
            sha256, any -> place.newName(node, content, seams.random().nextLong()));
    Reading reading = new Reading(content, isNeeded);
    try {
      place.put(name, content, reading);
    } catch (IOException e) {
      if (reading.lost == null) {
        if (isNeeded.getAsBoolean()) {
          throw e;
        }
      } else if (spool.bytesOf(entry.sequence()) > 0) {
        LOG.warn(
            "{}: entry {} is copied without its content: {}",
            platform,
            entry.sequence(),
            reading.lost.getMessage());
      } // Or else it is over, and the spool may have let it go.
      return;
    }
    begun.remove(sha256);
    locked(
        () -> {
          put.add(sha256);
          isThere(name);
        });
  }

  /**
   * Reads from the spool for as long as the entry is needed; knows whether it was the spool that
   * failed for good, whatever the storage says of that.
   */
  private final class Reading implements ContentStorage.Source {

    private final Content content;
    private final BooleanSupplier isNeeded;
    private @Nullable LostContentException lost;

    Reading(Content content, BooleanSupplier isNeeded) {
      this.content = content;
      this.isNeeded = isNeeded;
    }

    @Override
    public InputStream open() throws IOException {
      try {
        return new Watched(spool.read(content));
      } catch (LostContentException e) {
        lost = e;
        throw e;
      }
    }

    private final class Watched extends FilterInputStream {

      Watched(InputStream in) {
        super(in);
      }

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        if (!isNeeded.getAsBoolean()) {
          throw new IOException("its entry is settled meanwhile");
        }
        try {
          return in.read(into, offset, length);
        } catch (LostContentException e) {
          lost = e;
          throw e;
        }
      }
    }
  }

  @Override
  public void copied(long as, long upTo) {
    locked(
        () -> {
          begin(as);
          copiedUpTo = upTo;
          if (!listed || !there.isEmpty() || !removing.isEmpty() || !gone.isEmpty()) {
            asked = true;
            waiter.signalAll();
          }
        });
  }

  /** The thread of all that the copy does not wait for. */
  void run() {
    while (awaitAsked()) {
      try {
        tidy();
        untidy = null;
      } catch (IOException | RuntimeException e) {
        LOG.debug("{}: content that nobody needs can't be removed now", platform, e);
        untidy =
            "what is in %s can't be looked through, so that what nobody needs any more is not removed, and what is gone here is not brought back: %s"
                .formatted(place, e.getMessage());
        rest();
      }
    }
  }

  void stop() {
    locked(
        () -> {
          stopped = true;
          waiter.signalAll();
        });
  }

  private boolean awaitAsked() {
    waiter.lock();
    try {
      waiter.await(() -> stopped || asked, Deadline.NEVER);
      asked = false;
      return !stopped;
    } catch (InterruptedException e) {
      return !stopped; // Looks once more than it was asked to.
    } finally {
      waiter.unlock();
    }
  }

  private void rest() {
    waiter.lock();
    try {
      waiter.await(() -> stopped, Deadline.after(seams, LATER));
      asked = true;
    } catch (InterruptedException e) {
      LOG.debug("{}: interrupted while it rests", platform);
    } finally {
      waiter.unlock();
    }
  }

  private void tidy() throws IOException {
    long as = locked(() -> listed ? 0L : node);
    if (as != 0) {
      list(as);
      bringBack();
      locked(() -> listed = node == as);
    }
    locked(this::choose);
    remove();
    for (Long other = gone.peek(); other != null; other = gone.peek()) {
      place.removeAll(other);
      gone.remove(other);
    }
  }

  /** What an earlier process has put under this number. */
  private void list(long as) throws IOException {
    List<Stored> all = place.all(as);
    locked(
        () -> {
          if (node == as) {
            all.forEach(stored -> isThere(stored.name()));
          }
        });
  }

  private void isThere(String name) {
    there.computeIfAbsent(ContentPlace.sha256Of(name), any -> new HashSet<>()).add(name);
  }

  private List<String> namesOf(Content content) {
    return locked(() -> List.copyOf(there.getOrDefault(content.sha256(), Set.of())));
  }

  /** What is gone from the spool may be there. */
  private void bringBack() throws IOException {
    for (Content content : spool.missing()) {
      for (String name : namesOf(content)) {
        Content taken;
        try (InputStream in = place.open(name)) {
          taken = spool.take(in);
        }
        spool.letGo(taken);
        if (taken.equals(content)) {
          LOG.warn("{}: content was gone from the spool, and is back: {}", platform, name);
          break;
        }
      }
    }
  }

  private void choose() {
    for (Map.Entry<String, Set<String>> each : there.entrySet()) {
      if (spool.isHeld(each.getKey())) {
        each.getValue().forEach(over::remove);
      } else {
        each.getValue().forEach(name -> over.putIfAbsent(name, log.forced()));
      }
    }
    for (String name : List.copyOf(over.keySet())) {
      if (over.getOrDefault(name, Long.MAX_VALUE) <= copiedUpTo) {
        over.remove(name);
        forget(name);
        removing.add(name);
      }
    }
  }

  /** From here on it counts as not there, whatever becomes of its removal. */
  private void forget(String name) {
    String sha256 = ContentPlace.sha256Of(name);
    put.remove(sha256);
    Set<String> names = there.get(sha256);
    if (names != null && names.remove(name) && names.isEmpty()) {
      there.remove(sha256);
    }
  }

  private void remove() throws IOException {
    for (String name : locked(() -> List.copyOf(removing))) {
      place.remove(name);
      locked(() -> removing.remove(name));
    }
  }

  private void locked(Runnable body) {
    locked(
        () -> {
          body.run();
          return true;
        });
  }

  private <T> T locked(Supplier<T> body) {
    waiter.lock();
    try {
      return body.get();
    } finally {
      waiter.unlock();
    }
  }
}
