package io.rananeeti.testkit;

import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.testkit.InMemoryDatabase.Row;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import io.rananeeti.testkit.InMemoryTransaction.Intended;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection to an {@link InMemoryDatabase} and its backend. Used by one thread, but for {@link
 * #sever()}; all of it happens under the database's waiter.
 */
final class InMemorySession {

  /** What is done on the server. */
  @FunctionalInterface
  interface Work<T> {
    T run(InMemoryTransaction transaction) throws SQLException;
  }

  private final InMemoryDatabase database;
  private final Waiter waiter;
  private final @Nullable UUID log;
  private final @Nullable Duration lockTimeout;
  private final String writer;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private @Nullable InMemoryTransaction transaction;
  private boolean autoCommit;
  private boolean readOnly;
  private boolean committing;
  private @Nullable TransactionId carried;
  private boolean severed;

  /** Connects; fails as the database does. */
  InMemorySession(InMemoryDatabase database, @Nullable UUID log, @Nullable Duration lockTimeout)
      throws SQLException {
    this.database = database;
    this.waiter = database.waiter();
    this.log = log;
    this.lockTimeout = lockTimeout;
    waiter.lock();
    try {
      this.writer = database.writer();
      database.sessionOpened(this);
    } finally {
      waiter.unlock();
    }
  }

  /** What it is connected to. */
  InMemoryDatabase database() {
    return database;
  }

  /** The writer's identity when it was connected. */
  String writer() {
    return writer;
  }

  boolean isClosed() {
    return locked(() -> severed);
  }

  boolean isAutoCommit() {
    return autoCommit;
  }

  /** Switches; commits what is open, as JDBC says. */
  void autoCommit(boolean on) throws SQLException {
    if (on != autoCommit && transaction != null) {
      commit();
    }
    autoCommit = on;
  }

  boolean isReadOnly() {
    return readOnly;
  }

  void readOnly(boolean on) {
    readOnly = on;
  }

  Map<String, String> settings() {
    return settings;
  }

  /** Makes session settings. */
  void set(Map<String, String> given) throws SQLException {
    on(
        Step.STATEMENT,
        open -> {
          settings.putAll(given);
          return true;
        });
  }

  /** Runs a statement. */
  InMemoryAnswer execute(InMemorySql sql, List<String> parameters) throws SQLException {
    if (sql.kind() == InMemorySql.Kind.COMMIT_AND_CHAIN) {
      commit();
      return InMemoryAnswer.count(0);
    }
    InMemoryAnswer answer =
        on(
            Step.STATEMENT,
            open -> new InMemoryExecution(database, this, open).run(sql, parameters));
    if (autoCommit) {
      commit();
    }
    return answer;
  }

  /** Does something within the transaction, which it begins. */
  <T> T on(Step step, Work<T> work) throws SQLException {
    waiter.lock();
    try {
      checkAlive();
      InMemoryTransaction open = begun();
      try {
        meet(step);
        checkAlive();
        return work.run(open);
      } catch (SQLException e) {
        failed(open, e);
        throw e;
      }
    } finally {
      waiter.unlock();
    }
  }

  private InMemoryTransaction begun() {
    InMemoryTransaction open = transaction;
    if (open == null) {
      open = new InMemoryTransaction(lockTimeout);
      transaction = open;
    }
    return open;
  }

  private void failed(InMemoryTransaction open, SQLException failure) {
    String state = String.valueOf(failure.getSQLState());
    if (state.startsWith("08") || state.startsWith("57P")) {
      hangUp();
    } else if (autoCommit) {
      database.rollback(open);
      transaction = null;
    } else {
      open.fail();
    }
  }

  /** A plain COMMIT. */
  void commit() throws SQLException {
    if (transaction != null) {
      commit(Step.COMMIT, null);
    }
  }

  /** The pair at COMMIT; whether it wrote the row. */
  boolean pair(TransactionId id, boolean unproven, @Nullable Intended intended)
      throws SQLException {
    waiter.lock();
    try {
      checkAlive();
      InMemoryTransaction open = begun();
      open.checkNotFailed();
      checkWritable();
      boolean writes = unproven || !open.changes().isEmpty();
      open.intended(writes ? intended : null);
      commit(Step.COMMIT, writes ? id : null);
      return writes;
    } finally {
      waiter.unlock();
    }
  }

  /** COMMIT, as the faults let it. */
  void commit(Step step, @Nullable TransactionId id) throws SQLException {
    waiter.lock();
    try {
      checkAlive();
      InMemoryTransaction open = begun();
      Fate fate = reach(step, open, id);
      if (fate == null || fate == Fate.DONE) {
        commitNow(open, id);
      }
      if (fate == Fate.LATE) {
        database.late(log, open, id);
        transaction = null;
      }
      if (fate != null) {
        hangUp();
        throw InMemoryFaults.broken();
      }
      database.faults().travel(step, () -> severed);
      checkAlive();
    } finally {
      waiter.unlock();
    }
  }

  /** The message reaches the server, or is late because it hangs and the caller has gone. */
  private @Nullable Fate reach(Step step, InMemoryTransaction open, @Nullable TransactionId id)
      throws SQLException {
    committing = true;
    carried = id;
    try {
      meet(step);
    } catch (SQLException e) {
      committing = false;
      failed(open, e);
      throw e;
    }
    committing = false;
    checkAlive();
    return log == null ? null : database.faults().fate(step);
  }

  /** Somebody else's sessions meet no faults. */
  private void meet(Step step) throws SQLException {
    if (log != null) {
      database.faults().meet(step, () -> severed);
    }
  }

  private void commitNow(InMemoryTransaction open, @Nullable TransactionId id) throws SQLException {
    try {
      database.pair(open, id, () -> severed);
      transaction = null;
      if (id != null && !severed) {
        database.committedFromSession(id);
      }
      checkAlive();
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      if (state.startsWith("08") || state.startsWith("57P")) {
        hangUp();
      } else {
        database.rollback(open);
        transaction = null;
      }
      throw e;
    }
  }

  void rollback() throws SQLException {
    waiter.lock();
    try {
      checkAlive();
      InMemoryTransaction open = transaction;
      if (open != null) {
        meet(Step.STATEMENT);
        database.rollback(open);
        transaction = null;
      }
      checkAlive();
    } catch (SQLException e) {
      hangUp();
      throw e;
    } finally {
      waiter.unlock();
    }
  }

  /**
   * Ends it from outside: whoever waits in a call gets 08006; what is not committed is undone, but
   * for a COMMIT that a hanging server has not looked at yet.
   */
  void sever() {
    waiter.lock();
    try {
      boolean before = severed;
      gone();
      InMemoryTransaction open = transaction;
      if (open != null && !before) {
        leave(open);
      }
      waiter.signalAll();
    } finally {
      waiter.unlock();
    }
  }

  private void leave(InMemoryTransaction open) {
    if (open.isWaitingForStandby()) {
      database.commit(open);
    } else if (committing && database.faults().arrivesWithoutSender()) {
      transaction = null;
      database.late(log, open, carried);
    } else {
      open.kill(InMemoryFaults.broken());
      database.rollback(open);
    }
  }

  /** The server has ended it, and its open transaction. The lock is held. */
  void terminate() {
    InMemoryTransaction open = transaction;
    gone();
    if (open != null && open.isWaitingForStandby()) {
      database.commit(open);
    } else if (open != null) {
      open.kill(new SQLException("terminating connection due to administrator command", "57P01"));
      database.rollback(open);
    }
    waiter.signalAll();
  }

  /** Ends it from inside. Never fails. */
  void close() {
    waiter.lock();
    try {
      hangUp();
    } finally {
      waiter.unlock();
    }
  }

  private void hangUp() {
    InMemoryTransaction open = transaction;
    transaction = null;
    if (open != null) {
      database.rollback(open);
    }
    gone();
  }

  private void gone() {
    if (!severed) {
      severed = true;
      database.sessionClosed(this);
    }
  }

  private void checkAlive() throws SQLException {
    if (severed) {
      hangUp();
      throw InMemoryFaults.broken();
    }
  }

  /** Fails if nothing may be written now. */
  void checkWritable() throws SQLException {
    if (readOnly || (log != null && database.faults().isReadOnly())) {
      throw new SQLException("cannot execute INSERT in a read-only transaction", "25006");
    }
  }

  /** What is set for the transaction and, beneath it, for the session. */
  Map<String, String> effective(InMemoryTransaction open) {
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.putAll(open.settings());
    return all;
  }

  Row row(InMemoryTransaction open, List<String> values) {
    return new Row(values, effective(open));
  }

  private boolean locked(BooleanSupplier body) {
    waiter.lock();
    try {
      return body.getAsBoolean();
    } finally {
      waiter.unlock();
    }
  }
}
