package io.rananeeti.testkit;

import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.store.Answered;
import io.rananeeti.store.Coverage;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Frontier;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.PartOrder;
import io.rananeeti.store.Sequences;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.TailCheck;
import io.rananeeti.store.Writer;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryTransaction.Intended;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store over an {@link InMemoryDatabase}: one platform's adapter, made anew for each open of a
 * platform. It has no pool; each connection is a new one and proves its writer (R2). Thread-safe.
 */
public final class InMemoryStore implements Store {

  private static final Duration BORROWING = Duration.ofSeconds(2);
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

  private final String name;
  private final Supplier<InMemoryDatabase> reached;
  private final PartOrder partOrder;
  private final Seams seams;
  private final Waiter waiter;
  private final List<InMemorySession> sessions = new ArrayList<>();
  private volatile @Nullable StoreHost host;
  private @Nullable String writer;
  private boolean dead;

  /** A store of this name. */
  public InMemoryStore(String name, InMemoryDatabase database) {
    this(name, () -> database);
  }

  /**
   * A store that may have parts of units of work across stores.
   *
   * @param partOrder when its parts are applied; {@code ROWS} for a store that has none
   */
  public InMemoryStore(String name, InMemoryDatabase database, PartOrder partOrder) {
    this(name, () -> database, partOrder);
  }

  /**
   * A store that may reach another branch each time.
   *
   * @param reached what a new connection reaches; called with the lock of all branches held, or not
   */
  public InMemoryStore(String name, Supplier<InMemoryDatabase> reached) {
    this(name, reached, PartOrder.ROWS);
  }

  private InMemoryStore(String name, Supplier<InMemoryDatabase> reached, PartOrder partOrder) {
    this.name = name;
    this.reached = reached;
    this.partOrder = partOrder;
    this.seams = reached.get().seams();
    this.waiter = reached.get().waiter();
  }

  /** Its process dies: nothing of it reaches the database any more. */
  public void die() {
    waiter.lock();
    try {
      dead = true;
      sever();
    } finally {
      waiter.unlock();
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public PartOrder partOrder() {
    return partOrder;
  }

  @Override
  public @Nullable String refusalOfPart(List<Operation> part) {
    return partOrder == PartOrder.ROWS ? Store.super.refusalOfPart(part) : null;
  }

  @Override
  public void open(StoreHost opener) {
    host = opener;
  }

  private StoreHost host() {
    return Objects.requireNonNull(host, "the store is not open");
  }

  @Override
  public Writer probe(Duration timeout) throws StoreException {
    waiter.lock();
    try {
      InMemoryDatabase database = reach(Step.PROBE, timeout);
      if (database.faults().isReadOnly()) {
        throw new SQLException("no writer answers", "25006");
      }
      Writer found = database.asWriter();
      if (host().frontier().excludes(found)) {
        throw new SQLException("the writer is on a stale branch", Frontier.STALE_BRANCH);
      }
      if (lacksFrontier(database, found)) {
        host().behind(found);
      }
      return found;
    } catch (SQLException e) {
      throw InMemoryErrors.exception(e, InMemoryErrors.classifyOwn(e));
    } finally {
      waiter.unlock();
    }
  }

  /** Waits while the database hangs, no longer than this; the lock is held. */
  private InMemoryDatabase reach(Step step, Duration timeout) throws SQLException {
    return reach(reached, step, timeout);
  }

  private InMemoryDatabase reach(Supplier<InMemoryDatabase> on, Step step, Duration timeout)
      throws SQLException {
    InMemoryDatabase database = on.get();
    boolean answers =
        Uninterrupted.await(
            waiter, () -> dead || !database.faults().isHanging(), Deadline.after(seams, timeout));
    database.faults().travel(step, () -> dead);
    if (dead || !answers) {
      throw new SQLException("the connection attempt failed", "08001");
    }
    database.faults().meetNow(step);
    database.checkThere();
    return database;
  }

  @Override
  public Connection connect(Duration timeout) throws SQLException {
    return InMemoryConnection.open(session(timeout, null));
  }

  private InMemorySession session(Duration timeout, @Nullable Duration lockTimeout)
      throws SQLException {
    waiter.lock();
    try {
      InMemorySession session = open(timeout, lockTimeout);
      proveWriter(session.writer());
      proveFrontier(session);
      return session;
    } finally {
      waiter.unlock();
    }
  }

  private InMemorySession open(Duration timeout, @Nullable Duration lockTimeout)
      throws SQLException {
    InMemoryDatabase database = reach(Step.CONNECT, timeout);
    InMemorySession session = new InMemorySession(database, host().logId(), lockTimeout);
    sessions.removeIf(InMemorySession::isClosed);
    sessions.add(session);
    return session;
  }

  private void proveFrontier(InMemorySession session) throws SQLException {
    try {
      proveFrontier(session.database());
    } catch (SQLException e) {
      session.close();
      throw e;
    }
  }

  private void proveFrontier(InMemoryDatabase database) throws SQLException {
    Writer found = database.asWriter();
    if (host().frontier().excludes(found) || lacksFrontier(database, found)) {
      host().behind(found);
      throw new SQLException("the writer lacks what was acknowledged", "08001");
    }
    host().proven(found);
  }

  private boolean lacksFrontier(InMemoryDatabase database, Writer found) {
    Frontier frontier = host().frontier();
    return frontier.asked()
        && (!frontier.admits(found)
            || !database.rowsOfTheLedger().lacking(frontier.ids()).isEmpty());
  }

  @Override
  public boolean canRetain() {
    return partOrder == PartOrder.ROWS;
  }

  @Override
  public TailCheck inspect() throws StoreException {
    waiter.lock();
    try {
      InMemorySession session = open(BORROWING, LOCK_TIMEOUT);
      InMemoryDatabase database = session.database();
      return new InMemoryTailCheck(
          database, session, body -> ledger(any -> body.run(), () -> database, false));
    } catch (SQLException e) {
      throw InMemoryErrors.exception(e, InMemoryErrors.classifyOwn(e));
    } finally {
      waiter.unlock();
    }
  }

  @Override
  public Coverage coverage() throws StoreException {
    List<Coverage> answers = new ArrayList<>();
    ledger(database -> answers.add(database.coverage()));
    return answers.get(0);
  }

  private void proveWriter(String identity) {
    String before = writer;
    writer = identity;
    if (before != null && !before.equals(identity)) {
      host().writerChanged(new Writer(identity));
    }
  }

  @Override
  public void register(Set<UUID> known, boolean adopt) throws StoreException {
    ledger(
        database -> {
          database.rowsOfTheLedger().register(known, adopt, host().incarnation());
        });
  }

  @Override
  public void prune(UUID incarnation, long settledBelow, Set<Long> kept) throws StoreException {
    ledger(
        database -> {
          boolean delete = !database.hasLate(host().logId());
          database.rowsOfTheLedger().prune(incarnation, settledBelow, kept, delete);
        });
  }

  @Override
  public void expireIntents(Set<String> living) throws StoreException {
    ledger(
        database -> {
          Instant now = seams.now();
          database.rowsOfTheLedger().expireIntents(now, living, now.plus(host().intentRetention()));
        });
  }

  /** What is done on a server. */
  @FunctionalInterface
  private interface Work {
    void run(InMemoryDatabase database) throws SQLException, StoreException;
  }

  private void ledger(Work work) throws StoreException {
    ledger(work, reached, true);
  }

  private void ledger(Work work, Supplier<InMemoryDatabase> on, boolean proven)
      throws StoreException {
    waiter.lock();
    try {
      InMemoryDatabase database = reach(on, Step.LEDGER, BORROWING);
      if (database.faults().isReadOnly()) {
        throw new SQLException("cannot execute INSERT in a read-only transaction", "25006");
      }
      if (proven) {
        proveFrontier(database);
      }
      awaitStandby(database);
      work.run(database);
    } catch (SQLException e) {
      throw InMemoryErrors.exception(e, InMemoryErrors.classifyOwn(e));
    } finally {
      waiter.unlock();
    }
  }

  private void awaitStandby(InMemoryDatabase database) throws SQLException {
    boolean takes =
        Uninterrupted.await(
            waiter, () -> dead || !database.standbyStalls(), Deadline.after(seams, BORROWING));
    if (dead || !takes) {
      throw new SQLException("canceling statement due to statement timeout", "08006");
    }
  }

  @Override
  public void enter(Connection connection, Map<String, String> settings) throws SQLException {
    InMemoryConnection.session(connection).set(settings);
  }

  @Override
  public void execute(Connection connection, List<Operation> operations) throws StoreException {
    InMemoryOperations.run(InMemoryConnection.session(connection), operations, host());
  }

  @Override
  public Answered answered(ResultSet answer, int mostRows, int mostBytes) {
    Answered answered = InMemoryResult.answered(answer);
    return answered.rows().size() > mostRows
        ? Answered.unkept("a statement has answered more rows than are kept")
        : answered;
  }

  @Override
  public Sequences sequences() {
    InMemoryDatabase database = reached.get();
    return new InMemorySequences(database, body -> ledger(any -> body.run(), () -> database, true));
  }

  @Override
  public void evict(Connection connection) {
    InMemoryConnection.session(connection).close();
  }

  @Override
  public boolean commit(
      Connection connection, TransactionId id, boolean unproven, @Nullable Intent intent)
      throws SQLException {
    InMemorySession session = InMemoryConnection.session(connection);
    try {
      return session.pair(id, unproven, intent == null ? null : intended(id, intent));
    } catch (SQLException e) {
      if (classify(e) == Failure.UNREACHABLE) {
        session.close();
      } else {
        rollback(session, e);
      }
      throw e;
    }
  }

  private Intended intended(TransactionId id, Intent intent) {
    Instant expiresAt = seams.now().plus(host().intentRetention());
    return new Intended(intent.key(), InMemoryIntent.of(id, intent, expiresAt));
  }

  private static void rollback(InMemorySession session, SQLException failure) {
    try {
      session.rollback();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public boolean settledOtherwise(SQLException failure) {
    return failure instanceof InMemoryLedger.Conflict;
  }

  @Override
  public boolean intentTaken(SQLException failure) {
    return failure instanceof InMemoryLedger.IntentTaken;
  }

  @Override
  public LedgerTransaction begin(Isolation isolation) throws StoreException {
    try {
      InMemorySession session = session(BORROWING, LOCK_TIMEOUT);
      return new InMemoryLedgerTransaction(session.database(), session, host());
    } catch (SQLException e) {
      throw InMemoryErrors.exception(e, InMemoryErrors.classifyOwn(e));
    }
  }

  @Override
  public Failure classify(SQLException failure) {
    return InMemoryErrors.classify(failure);
  }

  @Override
  public void sever() {
    waiter.lock();
    try {
      sessions.forEach(InMemorySession::sever);
      sessions.clear();
    } finally {
      waiter.unlock();
    }
  }

  @Override
  public List<String> warnings() {
    return List.of();
  }

  @Override
  public void close() {
    sever();
  }

  @Override
  public String toString() {
    return "InMemoryStore[name=" + name + "]";
  }
}
