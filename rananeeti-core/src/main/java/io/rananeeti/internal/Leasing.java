package io.rananeeti.internal;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.Gate.Passage;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Lease;
import io.rananeeti.store.Sequences.InsertTarget;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases values of the sequences that the application uses, while the store is up, and gives them
 * out while it is not. The values themselves are kept by the {@link LeaseBook}.
 *
 * <p>An application's thread only counts; the drain's owner thread asks the store. The stock of a
 * sequence follows its use: as many values as were used in the last few minutes, {@value #LEAST} at
 * least and {@value #MOST} at most, filled up when half of it is gone. What a name means is asked
 * anew with each lease, and what a table takes once a minute while it is in use.
 */
public final class Leasing {

  private static final Logger LOG = LoggerFactory.getLogger(Leasing.class);

  private static final int LEAST = 32;
  private static final int MOST = 10_000;
  private static final int MOST_NAMES = 10_000;
  private static final Duration WINDOW = Duration.ofMinutes(5);
  private static final Duration AGAIN = Duration.ofMinutes(1);
  private static final Duration VERDICT = Duration.ofSeconds(10);

  /** What decides what a name means, besides the name. */
  private static final String[] NAMING = {"search_path", "role"};

  /** A name as the application writes it, under the settings that decide what it means. */
  private record Name(String text, Map<String, String> settings) {

    private String key(String kind) {
      return kind + " " + text + " " + settings;
    }
  }

  /** How much a sequence is used. The drain's owner thread writes all but the counter. */
  private static final class Use {

    private final AtomicLong count = new AtomicLong();
    private volatile @Nullable String refusal;
    private volatile long wanted = LEAST;
    private long before;
    private long windowEnds;
    private long nextTry;
  }

  /** What is known of a table. The drain's owner thread writes it. */
  private static final class Target {

    private volatile @Nullable InsertTarget known;
    private volatile @Nullable String refusal;
    private volatile boolean used = true;
    private long nextTry;
  }

  private final String platform;
  private final Store store;
  private final LeaseBook book;
  private final Gate gate;
  private final Holding holding;
  private final Seams seams;
  private final BooleanSupplier waits;
  private final Hints hints;
  private final UnloggedValues unlogged = new UnloggedValues();
  private final Map<Name, Use> uses = new ConcurrentHashMap<>();
  private final Map<Name, Target> targets = new ConcurrentHashMap<>();
  private long nextCompared;

  /**
   * Of a store.
   *
   * @param waits whether transactions or dead letters wait for it
   */
  Leasing(
      Settings settings,
      Store store,
      LeaseBook book,
      Gate gate,
      Holding holding,
      BooleanSupplier waits) {
    this.waits = waits;
    this.platform = settings.name();
    this.store = store;
    this.book = book;
    this.gate = gate;
    this.holding = holding;
    this.seams = settings.seams();
    Path directory = settings.logDirectory();
    this.hints =
        new Hints(directory.resolve("sequences-" + store.name() + ".properties"), store.naming());
  }

  /**
   * The application has drawn values of a sequence.
   *
   * @param settings of its session and transaction
   */
  public void used(String sequence, Map<String, String> settings, long values) {
    count(name(sequence, settings), values);
  }

  private void count(Name name, long values) {
    Use use = uses.get(name);
    if (use == null) {
      if (uses.size() >= MOST_NAMES) {
        return;
      }
      use = uses.computeIfAbsent(name, any -> new Use());
      use.count.addAndGet(values);
      gate.rouse();
      return;
    }
    long before = use.count.getAndAdd(values);
    long many = 2 * use.wanted;
    if (before < many && before + values >= many) {
      gate.rouse();
    }
  }

  private static Name name(String text, Map<String, String> settings) {
    Map<String, String> naming = new LinkedHashMap<>();
    for (String each : NAMING) {
      String value = settings.get(each);
      if (value != null) {
        naming.put(each, value);
      }
    }
    return new Name(text, naming);
  }

  /**
   * Gives values out of what is leased.
   *
   * @throws SQLException 55R01 if there are none, 53100 if the log is full, 08001 if it has ended
   */
  public long[] draw(String sequence, Map<String, String> settings, int count) throws SQLException {
    Name name = name(sequence, settings);
    String inFull = inFull(name);
    try {
      long[] drawn = book.draw(store.name(), inFull, count);
      if (drawn == null) {
        throw Refusals.detached(store.name(), whyNot(name, inFull));
      }
      count(name, count);
      return drawn;
    } catch (LogFullException e) {
      throw Refusals.logFull(e);
    } catch (LogFailedException e) {
      throw Refusals.nothingTaken(store.name());
    }
  }

  /**
   * What stands in the log for a sequence of which the application has seen a value: its name in
   * full, where that is known, else what it can be found out by.
   */
  public String seenName(String sequence, Map<String, String> settings) {
    Name name = name(sequence, settings);
    String inFull = hints.get(name.key("nextval"));
    return inFull == null ? new SeenName(sequence, null, name.settings()).written() : inFull;
  }

  /**
   * The application has seen a value of a sequence, where the platform retains.
   *
   * @param name as {@link #seenName} has it
   */
  public void saw(String name, long value) {
    unlogged.add(name, value);
  }

  /**
   * What a transaction that is retained has to tell of: what it has seen, and what no other told.
   */
  Map<String, Long> told(Map<String, Long> seen) {
    return unlogged.with(seen);
  }

  /** It is in the log. */
  void logged(Map<String, Long> told) {
    unlogged.logged(told);
  }

  /** The same, of the sequence behind a column of a table of which nothing is known yet. */
  public String seenName(String table, String column, Map<String, String> settings) {
    return new SeenName(table, column, name(table, settings).settings()).written();
  }

  private String inFull(Name name) {
    String inFull = hints.get(name.key("nextval"));
    return inFull == null ? name.text() : inFull;
  }

  private String whyNot(Name name, String inFull) {
    Use use = uses.get(name);
    String refusal = use == null ? null : use.refusal;
    if (refusal != null) {
      return "values of sequence %s can't be leased: %s".formatted(name.text(), refusal);
    }
    return book.left(store.name(), inFull) < 0
        ? "no values of sequence %s are leased: they are once it was used while the store was up"
            .formatted(name.text())
        : "too few leased values of sequence %s are left: more are leased once the store is up"
            .formatted(name.text());
  }

  /** The application has inserted rows and wanted keys of the store's. */
  public void inserted(String table, Map<String, String> settings, long rows) {
    Name name = name(table, settings);
    Target target = targets.get(name);
    if (target == null) {
      if (targets.size() < MOST_NAMES) {
        targets.put(name, new Target());
        gate.rouse();
      }
      return;
    }
    target.used = true;
    InsertTarget known = target.known;
    if (known != null) {
      known.columns().stream()
          .filter(column -> column.sequence() != null)
          .forEach(column -> count(name(String.valueOf(column.sequence()), Map.of()), rows));
    }
  }

  /** What is known of a table; null if nothing is. */
  public @Nullable InsertTarget known(String table, Map<String, String> settings) {
    Name name = name(table, settings);
    Target target = targets.get(name);
    InsertTarget known = target == null ? null : target.known;
    if (known == null) {
      String hint = hints.get(name.key("insert"));
      known = hint == null ? null : InsertTargets.read(hint);
    }
    return known;
  }

  /** Whether nothing is known of a table, and no reason why. */
  public boolean isUnknownYet(String table, Map<String, String> settings) {
    Target target = targets.get(name(table, settings));
    return known(table, settings) == null && (target == null || target.refusal == null);
  }

  /** Why nothing is known of a table. */
  public String whyUnknown(String table, Map<String, String> settings) {
    Target target = targets.get(name(table, settings));
    String refusal = target == null ? null : target.refusal;
    return refusal == null
        ? "where the keys of table %s come from is not known: it is once keys of it were asked for while the store was up"
            .formatted(table)
        : "where the keys of table %s come from can't be known: %s".formatted(table, refusal);
  }

  /**
   * What is known of a table.
   *
   * @throws SQLException 55R01 if nothing is
   */
  public InsertTarget target(String table, Map<String, String> settings) throws SQLException {
    InsertTarget known = known(table, settings);
    if (known == null) {
      throw Refusals.detached(store.name(), whyUnknown(table, settings));
    }
    return known;
  }

  /** The drain's owner thread, while the store is up. Costs nothing while nothing is used. */
  void run() {
    Passage began = gate.look();
    compare(began);
    targets.forEach((name, target) -> look(began, name, target));
    uses.forEach((name, use) -> fill(began, name, use));
    hints.write();
  }

  /** A writer that was not recovered may give what was leased of the one before it (R1, R4). */
  private boolean isOver(Passage began) {
    return gate.stopped() || !began.up() || !gate.look().equals(began);
  }

  /** The same of something that the store has answered: whoever suspects it waits for a verdict. */
  private boolean wasOver(Passage began) {
    try {
      long suspicion = gate.suspicions();
      gate.awaitVerdict(suspicion, began.epoch(), Deadline.after(seams, VERDICT));
      return !gate.isAnswered(suspicion) || isOver(began);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void look(Passage began, Name name, Target target) {
    if (!target.used || isOver(began) || seams.nanoTime() < target.nextTry) {
      return;
    }
    target.used = false;
    target.nextTry = seams.nanoTime() + AGAIN.toNanos();
    try {
      InsertTarget known =
          holding.work(() -> store.sequences().describe(name.text(), name.settings()));
      target.known = known;
      target.refusal = null;
      hints.put(name.key("insert"), InsertTargets.written(known));
      known.columns().stream()
          .filter(column -> column.sequence() != null)
          .forEach(column -> count(name(String.valueOf(column.sequence()), Map.of()), 1));
    } catch (StoreException e) {
      target.refusal = failed(name, e);
      target.nextTry = target.refusal == null ? 0 : target.nextTry;
      target.used = true;
    }
  }

  private void fill(Passage began, Name name, Use use) {
    long now = seams.nanoTime();
    if (now < use.nextTry || isOver(began)) {
      return;
    }
    long count = use.count.get();
    use.wanted = Math.max(LEAST, Math.min(MOST, Math.max(count, use.before)));
    if (now >= use.windowEnds) {
      use.before = use.windowEnds == 0 ? 0 : count;
      use.count.addAndGet(-use.before);
      use.windowEnds = now + WINDOW.toNanos();
    }
    long left = Math.max(0, book.left(store.name(), inFull(name)));
    if (2 * left > use.wanted || !book.takesLeases()) {
      return;
    }
    try {
      int missing = Math.toIntExact(use.wanted - left);
      Lease lease =
          holding.work(() -> store.sequences().lease(name.text(), name.settings(), missing));
      if (wasOver(began)) {
        return;
      }
      compare(lease.sequence(), lease.state());
      if (book.comesAgain(store.name(), lease)) {
        advance(lease);
        gate.rouse();
        return;
      }
      book.add(store.name(), lease);
      hints.put(name.key("nextval"), lease.sequence());
      use.refusal = null;
    } catch (StoreException e) {
      use.refusal = failed(name, e);
      use.nextTry = use.refusal == null ? now : now + AGAIN.toNanos();
    }
  }

  /** Somebody has moved it back: it gives values again that are ours. The next ones are leased. */
  private void advance(Lease lease) throws StoreException {
    String sequence = lease.sequence();
    LOG.warn(
        "{}: store={} sequence {} was moved back, and is moved past what is leased of it",
        platform,
        store.name(),
        sequence);
    book.giveUp(store.name(), sequence, true);
    Long furthest = book.furthest(store.name()).get(sequence);
    if (furthest != null) {
      holding.act(() -> store.sequences().advance(sequence, furthest));
    }
  }

  /** Once a minute: what is held must be of sequences that are still the same. */
  private void compare(Passage began) {
    if (isOver(began) || seams.nanoTime() < nextCompared) {
      return;
    }
    nextCompared = seams.nanoTime() + AGAIN.toNanos();
    Set<String> held = book.held(store.name());
    if (held.isEmpty()) {
      return;
    }
    try {
      Map<String, String> states = holding.work(() -> store.sequences().states(held));
      if (!wasOver(began)) {
        held.forEach(sequence -> compare(sequence, states.get(sequence)));
      }
    } catch (StoreException e) {
      failed(new Name("all sequences", Map.of()), e);
    }
  }

  /**
   * Values of a sequence that is another now are of no use. How far it was leased is of use only
   * while something waits that may hold such values: else who restarts a sequence means it.
   */
  private void compare(String sequence, @Nullable String state) {
    if (!book.isOf(store.name(), sequence, state)) {
      LOG.info(
          "{}: store={} sequence {} is another now, what was leased of it is given up",
          platform,
          store.name(),
          sequence);
      book.giveUp(store.name(), sequence, waits.getAsBoolean());
    }
  }

  /** Why; null if it may well be done the next time. */
  private @Nullable String failed(Name name, StoreException e) {
    if (Holding.HELD.equals(e.sqlState())) {
      return null;
    }
    if (e.failure() == Failure.UNREACHABLE) {
      gate.suspect();
      return null;
    }
    LOG.info(
        "{}: store={} keys and values of {} can't be promised: {}",
        platform,
        store.name(),
        name.text(),
        e.getMessage());
    return e.failure() == Failure.RETRY ? null : e.getMessage();
  }

  /**
   * A recovery begins: no sequence of this writer may give a value that the application was given
   * (R4).
   *
   * @param seen the least and the greatest value by the sequence's name, by the log
   * @return what could not be moved on and why, for people; it stops nobody
   */
  List<String> saw(Map<String, long[]> seen) throws StoreException {
    Map<String, long[]> all = new HashMap<>(unlogged.spans());
    seen.forEach((name, values) -> all.merge(name, values, Leasing::joined));
    return all.isEmpty()
        ? List.of()
        : holding.work(() -> new SeenSequences(store.sequences()).advance(all));
  }

  private static long[] joined(long[] one, long[] other) {
    return LongStream.concat(LongStream.of(one), LongStream.of(other)).toArray();
  }

  /**
   * A recovery begins: no sequence of this writer may give a value that was leased (R4). One that
   * is gone takes its leases with it; whatever else goes wrong stops the recovery, because what
   * waits must not be applied beside a sequence that gives its keys again.
   *
   * @throws StoreException if the writer does not answer, or a sequence can't be moved on
   */
  void recovered() throws StoreException {
    for (Map.Entry<String, Long> each : book.furthest(store.name()).entrySet()) {
      try {
        holding.act(() -> store.sequences().advance(each.getKey(), each.getValue()));
      } catch (StoreException e) {
        if (e.failure() != Failure.REFUSED) {
          throw e;
        }
        LOG.warn(
            "{}: store={} what was leased of sequence {} is given up: {}",
            platform,
            store.name(),
            each.getKey(),
            e.getMessage());
        book.drop(store.name(), each.getKey());
      }
    }
    Set<String> held = book.held(store.name());
    if (!held.isEmpty()) {
      Map<String, String> states = holding.work(() -> store.sequences().states(held));
      for (String sequence : held) {
        if (!book.isOf(store.name(), sequence, states.get(sequence))) {
          book.giveUp(store.name(), sequence, true);
        }
      }
    }
  }
}
