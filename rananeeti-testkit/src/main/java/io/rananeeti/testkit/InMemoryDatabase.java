package io.rananeeti.testkit;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.store.Coverage;
import io.rananeeti.store.Writer;
import io.rananeeti.testkit.InMemoryTransaction.Change;
import io.rananeeti.testkit.InMemoryTransaction.Intended;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An SQL-shaped database in memory, with a ledger in it, that outlives the stores which speak to
 * it: several nodes share it, and a re-opened platform finds it as it was. Thread-safe.
 *
 * <p>It has transactions with rollback and savepoints, row locks on primary keys that are waited
 * for, deadlocks, real uniqueness, and settings. Others see what is committed, and nothing else. It
 * has no isolation beyond that: serialization failures come where a test asks for them. {@link
 * InMemoryFaults} makes it fail.
 *
 * <p>Its history can have branches: {@link #promoted} makes a database of what its standby has,
 * beside this one, which may live on and take the writes of whoever reaches it. All branches share
 * one lock, and one network with its faults.
 */
public final class InMemoryDatabase {

  /** A step of the conversation with the database, at which it can fail. */
  public enum Step {
    /** The probe looks for a writer. */
    PROBE,
    /** A new connection. */
    CONNECT,
    /** A statement of an application, or of a recorded transaction. */
    STATEMENT,
    /** COMMIT of an application's transaction. */
    COMMIT,
    /** A statement of the platform itself: claims, registers, prunes. */
    LEDGER,
    /** COMMIT of a transaction in which the platform settles. */
    SETTLE
  }

  /**
   * A committed row.
   *
   * @param values the columns as texts
   * @param settings what was set when it was inserted, by name
   */
  public record Row(List<String> values, Map<String, String> settings) {

    /** Copies both. */
    public Row {
      values = List.copyOf(values);
      settings = Map.copyOf(settings);
    }

    /** The columns with {@code =} between them. */
    @Override
    public String toString() {
      return String.join("=", values);
    }
  }

  /** What the standby has while it takes nothing more. */
  private record Image(
      Map<String, InMemoryTable> tables,
      InMemoryLedger.Image ledger,
      List<String> notifications,
      Map<String, Long> sequences,
      long commits) {}

  /** How many commits there were at a time. */
  private record Commits(long nanos, long count) {}

  /** A COMMIT that is still on its way, and its open transaction. */
  private record Late(
      @Nullable UUID log, InMemoryTransaction transaction, @Nullable TransactionId id) {}

  private static final long SECOND = 1_000_000_000;

  private final Seams seams;
  private final Waiter waiter;
  private final InMemoryFaults faults;
  private final InMemoryLocks locks;
  private final InMemoryLedger ledger;
  private final Map<String, InMemoryTable> tables = new HashMap<>();
  private final Map<String, InMemorySequence> sequences = new TreeMap<>();
  private final Deque<Late> late = new ArrayDeque<>();
  private final List<String> notifications = new ArrayList<>();
  private final Set<InMemorySession> sessions = new LinkedHashSet<>();
  private String writer = "writer-1";
  private @Nullable Image standby;
  private boolean standbyLags;
  private boolean lagsSoon;
  private final AtomicLong newestLineage;
  private long lineage;
  private long commits;
  private long firstCommits;
  private long othersHave = Long.MAX_VALUE;
  private final Deque<Commits> lately = new ArrayDeque<>();
  private boolean gone;
  private BiConsumer<InMemoryDatabase, TransactionId> watcher = (database, id) -> {};
  private Consumer<InMemoryDatabase> changes = database -> {};

  /** An empty database that waits through these seams. */
  public InMemoryDatabase(Seams seams) {
    this.seams = seams;
    this.waiter = seams.newWaiter();
    this.faults = new InMemoryFaults(seams, waiter);
    this.locks = new InMemoryLocks(seams, waiter);
    this.ledger = new InMemoryLedger(locks);
    this.newestLineage = new AtomicLong(1);
    this.lineage = 1;
  }

  /** A branch of another one. */
  private InMemoryDatabase(InMemoryDatabase from, String identity) {
    this.seams = from.seams;
    this.waiter = from.waiter;
    this.faults = from.faults;
    this.locks = new InMemoryLocks(seams, waiter);
    this.ledger = new InMemoryLedger(locks);
    this.newestLineage = from.newestLineage;
    this.lineage = newestLineage.incrementAndGet();
    this.writer = identity;
    this.watcher = from.watcher;
    this.changes = from.changes;
    Image has = from.standby == null ? from.image() : from.standby;
    take(has);
    this.commits = has.commits();
    this.firstCommits = commits;
    this.othersHave = has.commits();
  }

  /** Its switches. */
  public InMemoryFaults faults() {
    return faults;
  }

  /** Makes a table whose first column is its primary key. */
  public void createTable(String name) {
    locked(() -> tables.put(name, new InMemoryTable(true)));
  }

  /** Makes a table without any key: it takes the same row as often as it comes. */
  public void createTableWithoutKey(String name) {
    locked(() -> tables.put(name, new InMemoryTable(false)));
  }

  /**
   * Makes a sequence. What was drawn of it since the last commit, of whomever, is lost when the
   * server crashes, and drawn again.
   */
  public void createSequence(String name) {
    locked(() -> sequences.put(name, new InMemorySequence()));
  }

  /** The last value that was drawn of a sequence. */
  public long lastValue(String name) {
    return locked(
        () -> {
          InMemorySequence sequence = sequences.get(name);
          if (sequence == null) {
            throw new IllegalArgumentException("there is no sequence " + name);
          }
          return sequence.last();
        });
  }

  /** From now on the table is called otherwise, and statements that name it fail with 42P01. */
  public void renameTable(String from, String to) {
    locked(() -> tables.put(to, existing(tables.remove(from), from)));
  }

  /** The committed rows of a table: by key as inserted, else in the order of commit. */
  public List<Row> rows(String table) {
    return locked(() -> existing(tables.get(table), table).rows());
  }

  /** The committed rows of a table as texts, see {@link Row#toString()}. */
  public List<String> texts(String table) {
    return rows(table).stream().map(Row::toString).toList();
  }

  /** The committed rows of the ledger, in the order of commit. */
  public Map<TransactionId, Outcome> ledger() {
    return locked(ledger::outcomes);
  }

  /** Which transaction has which intent key. */
  public Map<String, TransactionId> intents() {
    return locked(ledger::holders);
  }

  /** What was sent by NOTIFY and committed. */
  public List<String> notifications() {
    return locked(() -> List.copyOf(notifications));
  }

  /** Loses the ledger and who is registered in it, as a database that was rebuilt. */
  public void wipeLedger() {
    locked(
        () -> {
          ledger.wipe();
          return null;
        });
  }

  /** From now on new connections speak to a writer of this identity; old ones to the old one. */
  public void failOver(String identity) {
    locked(() -> writer = identity);
  }

  /**
   * From now on the standby takes nothing more, and each COMMIT waits for it, unseen by others and
   * with its locks held; or it has caught up. A COMMIT whose session is ended while it waits is
   * committed and seen, and yet the standby does not have it.
   */
  public void stallStandby(boolean stalls) {
    locked(
        () -> {
          standby = stalls ? image() : null;
          standbyLags = false;
          lagsSoon = false;
          waiter.signalAll();
          return null;
        });
  }

  /**
   * From now on the standby gets nothing more, and no COMMIT waits for it: what is committed is
   * lost if it takes over; or it has caught up.
   */
  public void lagStandby(boolean lags) {
    locked(
        () -> {
          standby = lags ? image() : null;
          standbyLags = lags;
          lagsSoon = false;
          waiter.signalAll();
          return null;
        });
  }

  /** The same from the next COMMIT of a session on, which it still gets. */
  public void lagStandbyAfterNextCommit() {
    locked(() -> lagsSoon = true);
  }

  /** Whether it does. */
  public boolean lags() {
    return locked(() -> standby != null && standbyLags);
  }

  /**
   * From now on new connections speak to a writer of this identity, which has everything but the
   * epoch, and was not promoted: as one that was cut off before the last recovery.
   */
  public void withoutEpoch(String identity) {
    locked(
        () -> {
          writer = identity;
          ledger.forgetEpoch();
          return null;
        });
  }

  /**
   * Its standby is promoted with what it has, to a writer of this identity with a history of its
   * own; this one lives on. What it does from here on is covered no more than what the branch does,
   * until {@link #isTheOnlyBranch} or {@link #endForGood}: each is a region that the other may come
   * back from.
   */
  public InMemoryDatabase promoted(String identity) {
    return locked(
        () -> {
          InMemoryDatabase branch = new InMemoryDatabase(this, identity);
          othersHave = branch.commits;
          return branch;
        });
  }

  /** No other branch will come back: what this one's standby has is covered. */
  public void isTheOnlyBranch() {
    locked(() -> othersHave = Long.MAX_VALUE);
  }

  /** It is gone for good: all sessions end, and nobody reaches it any more. */
  public void endForGood() {
    locked(
        () -> {
          gone = true;
          restart();
          waiter.signalAll();
          return null;
        });
  }

  /** Each COMMIT that writes a row of the ledger, and whose sender is still there, is told here. */
  public void watch(BiConsumer<InMemoryDatabase, TransactionId> replacement) {
    locked(() -> watcher = replacement);
  }

  /** Each change of what is committed is told here, once it can be seen, whoever has made it. */
  public void watchChanges(Consumer<InMemoryDatabase> replacement) {
    locked(() -> changes = replacement);
  }

  /** Whether the ledger has a row of this id, or has forgotten it. */
  public boolean knows(TransactionId id) {
    return locked(() -> ledger.lacking(Set.of(id)).isEmpty());
  }

  /** What recoveries have raised. */
  public long epoch() {
    return locked(ledger::epoch);
  }

  /** Whether there is a table of this name. */
  public boolean hasTable(String name) {
    return locked(() -> tables.containsKey(name));
  }

  void checkThere() throws SQLException {
    if (gone) {
      throw InMemoryFaults.broken();
    }
  }

  /** The commit of this id came from a session that is still there. The lock is held. */
  void committedFromSession(TransactionId id) {
    watcher.accept(this, id);
    if (lagsSoon) {
      lagStandby(true);
    }
  }

  /** What the writer had a second ago, as if it were told once a second; what the standby has. */
  Coverage coverage() {
    long standbyHas = standby == null ? commits : standby.commits();
    return new Coverage(writtenASecondAgo(), Math.min(standbyHas, othersHave));
  }

  private long writtenASecondAgo() {
    long until = seams.nanoTime() - SECOND;
    long written = firstCommits;
    for (Commits each = lately.peek();
        each != null && each.nanos() <= until;
        each = lately.peek()) {
      written = lately.remove().count();
    }
    firstCommits = written;
    return written;
  }

  /** What speaks to new connections now, with the epoch of its ledger. */
  Writer asWriter() {
    return new Writer(writer, ledger.epoch(), lineage);
  }

  private Image image() {
    Map<String, InMemoryTable> copies = new HashMap<>();
    tables.forEach((name, table) -> copies.put(name, table.copy()));
    Map<String, Long> values = new TreeMap<>();
    sequences.forEach((name, sequence) -> values.put(name, sequence.durable()));
    return new Image(copies, ledger.image(), List.copyOf(notifications), values, commits);
  }

  /**
   * The writer is gone for good and its standby takes over, with what it has: all sessions end, and
   * what was committed since {@link #stallStandby} is lost; nobody was told that it is committed.
   */
  public void promoteStandby(String identity) {
    locked(
        () -> {
          List.copyOf(sessions).forEach(InMemorySession::terminate);
          dropLate();
          sequences.values().forEach(InMemorySequence::crashed);
          if (standby != null) {
            take(standby);
            standby = null;
            standbyLags = false;
          }
          writer = identity;
          lineage = newestLineage.incrementAndGet();
          waiter.signalAll();
          return null;
        });
  }

  private void take(Image image) {
    image.sequences().forEach((name, value) -> at(name).restore(value));
    tables.clear();
    image.tables().forEach((name, table) -> tables.put(name, table.copy()));
    ledger.restore(image.ledger());
    notifications.clear();
    notifications.addAll(image.notifications());
  }

  /** The server dies and is back at once: all sessions end, and with them all open transactions. */
  public void restart() {
    locked(
        () -> {
          List.copyOf(sessions).forEach(InMemorySession::terminate);
          dropLate();
          sequences.values().forEach(InMemorySequence::crashed);
          return null;
        });
  }

  private InMemorySequence at(String sequence) {
    return sequences.computeIfAbsent(sequence, any -> new InMemorySequence());
  }

  private void dropLate() {
    late.forEach(each -> rollback(each.transaction()));
    late.clear();
  }

  /** How many COMMITs are on their way, see {@link InMemoryFaults.Fate#LATE}. */
  public int late() {
    return locked(late::size);
  }

  /**
   * Lets all COMMITs arrive that are on their way, one after the other, as the server takes them.
   *
   * @return how many of them committed; the ledger has fenced the others, or they were ended
   */
  public int deliverLate() {
    return deliver(1);
  }

  /** As {@link #deliverLate}, and each of them arrives twice. */
  public int deliverLateTwice() {
    return deliver(2);
  }

  private int deliver(int times) {
    int committed = 0;
    for (Late next = locked(this::nextLate); next != null; next = locked(this::nextLate)) {
      for (int i = 0; i < times; i++) {
        committed += arrive(next) ? 1 : 0;
      }
    }
    return committed;
  }

  /** The first that need not wait for one behind it, as when a claim is late that holds its row. */
  private @Nullable Late nextLate() {
    for (Late each : late) {
      if (isFree(each.transaction(), each.id())) {
        late.remove(each);
        return each;
      }
    }
    return late.poll();
  }

  private boolean isFree(InMemoryTransaction transaction, @Nullable TransactionId id) {
    Intended intended = transaction.intended();
    return (id == null || locks.free(transaction, id))
        && (intended == null || ledger.isFree(transaction, intended.key()));
  }

  private boolean arrive(Late next) {
    waiter.lock();
    try {
      next.transaction().checkRunning();
      pair(next.transaction(), next.id(), () -> true);
      return true;
    } catch (SQLException e) {
      rollback(next.transaction());
      return false;
    } finally {
      waiter.unlock();
    }
  }

  /** Below which number of this id's incarnation the ledger has forgotten; 0 for nothing. */
  public long settledBelow(TransactionId id) {
    return locked(() -> ledger.settledBelow(id.incarnation()));
  }

  /** How many transactions wait for a lock. */
  public int waiting() {
    return locked(locks::waiting);
  }

  /** How many connections are open, those of stores included. */
  public int sessions() {
    return locked(sessions::size);
  }

  /** A connection of somebody else, in auto-commit mode. */
  public Connection connect() throws SQLException {
    InMemorySession session = new InMemorySession(this, null, null);
    session.autoCommit(true);
    return InMemoryConnection.open(session);
  }

  Seams seams() {
    return seams;
  }

  Waiter waiter() {
    return waiter;
  }

  InMemoryLocks locks() {
    return locks;
  }

  InMemoryLedger rowsOfTheLedger() {
    return ledger;
  }

  String writer() {
    return writer;
  }

  void sessionOpened(InMemorySession session) {
    sessions.add(session);
  }

  void sessionClosed(InMemorySession session) {
    sessions.remove(session);
  }

  InMemoryTable table(String name) throws SQLException {
    InMemoryTable table = tables.get(name);
    if (table == null) {
      throw new SQLException("relation \"%s\" does not exist".formatted(name), "42P01");
    }
    return table;
  }

  boolean hasSequence(String name) {
    return sequences.containsKey(name);
  }

  InMemorySequence sequence(String name) throws SQLException {
    InMemorySequence sequence = sequences.get(name);
    if (sequence == null) {
      throw new SQLException("relation \"%s\" does not exist".formatted(name), "42P01");
    }
    return sequence;
  }

  /** The row of the ledger, if there is one to write, and COMMIT. The lock is held. */
  void pair(InMemoryTransaction transaction, @Nullable TransactionId id, BooleanSupplier severed)
      throws SQLException {
    if (id != null) {
      ledger.insert(transaction, id);
    }
    Intended intended = transaction.intended();
    if (intended != null) {
      ledger.insert(transaction, intended.key(), intended.row());
    }
    transaction.checkNotFailed();
    for (Change change : transaction.changes()) {
      if (change.row() != null) {
        faults.checkByCommit(change.row());
      }
    }
    awaitStandby(transaction, severed);
    if (!transaction.over()) {
      commit(transaction);
    }
  }

  /**
   * The commit is on this server's disk; it becomes visible once the standby has it, or once nobody
   * waits for it any more.
   */
  private void awaitStandby(InMemoryTransaction transaction, BooleanSupplier severed)
      throws SQLException {
    if (!standbyStalls() || transaction.isEmpty()) {
      return;
    }
    transaction.waitsForStandby(true);
    Uninterrupted.await(
        waiter,
        () -> !standbyStalls() || transaction.over() || severed.getAsBoolean(),
        Deadline.NEVER);
    transaction.waitsForStandby(false);
    if (!transaction.isCommitted()) {
      transaction.checkRunning();
    }
  }

  /** Whether COMMITs wait for the standby. */
  boolean standbyStalls() {
    return standby != null && !standbyLags;
  }

  /** What the transaction did is visible from here on. */
  void commit(InMemoryTransaction transaction) {
    if (!transaction.isEmpty()) {
      sequences.values().forEach(InMemorySequence::committed);
    }
    commits++;
    lately.add(new Commits(seams.nanoTime(), commits));
    transaction.apply();
    ledger.committed(transaction);
    notifications.addAll(transaction.notifications());
    transaction.committed();
    changes.accept(this);
    end(transaction);
  }

  void rollback(InMemoryTransaction transaction) {
    end(transaction);
  }

  private void end(InMemoryTransaction transaction) {
    transaction.end();
    locks.release(transaction);
  }

  void late(@Nullable UUID log, InMemoryTransaction transaction, @Nullable TransactionId id) {
    late.add(new Late(log, transaction, id));
  }

  /** Whether a COMMIT of this log is on its way: it might still need its row (F1). */
  boolean hasLate(UUID log) {
    return late.stream().anyMatch(each -> log.equals(each.log()));
  }

  /** Ends what a broken connection of this log has left behind on the server (S4). */
  void endLate(UUID log) {
    for (Late each : late) {
      if (log.equals(each.log())) {
        each.transaction()
            .kill(new SQLException("terminating connection due to administrator command", "57P01"));
        rollback(each.transaction());
      }
    }
    late.removeIf(each -> log.equals(each.log()));
  }

  private <T extends @Nullable Object> T locked(Supplier<T> body) {
    waiter.lock();
    try {
      return body.get();
    } finally {
      waiter.unlock();
    }
  }

  private static InMemoryTable existing(@Nullable InMemoryTable table, String name) {
    if (table == null) {
      throw new IllegalArgumentException("there is no table " + name);
    }
    return table;
  }
}
