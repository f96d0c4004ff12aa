package io.rananeeti.testkit;

import io.rananeeti.TransactionId;
import io.rananeeti.testkit.InMemoryDatabase.Row;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A transaction as the server sees it: what it has changed and not yet committed, and what it has
 * set for itself. Guarded by the database's waiter.
 */
final class InMemoryTransaction {

  /** A change of a row: a null key appends, a null row deletes. */
  record Change(String table, @Nullable String key, @Nullable Row row) {}

  private record Savepoint(
      int changes,
      int notifications,
      Map<String, String> settings,
      Map<String, InMemoryIntent> intents) {}

  /** The intent key that the pair at COMMIT takes. */
  record Intended(String key, InMemoryIntent row) {}

  private final @Nullable Duration lockTimeout;
  private final List<Change> changes = new ArrayList<>();
  private final List<String> notifications = new ArrayList<>();
  private final Map<TransactionId, InMemoryLedger.Entry> ledger = new LinkedHashMap<>();
  private final Map<String, InMemoryTable> tables = new HashMap<>();
  private final Map<String, Savepoint> savepoints = new LinkedHashMap<>();
  private Map<String, String> settings = new LinkedHashMap<>();
  private Map<String, InMemoryIntent> intents = new LinkedHashMap<>();
  private @Nullable Intended intended;
  private boolean failed;
  private boolean writesAnew;
  private boolean ended;
  private boolean committed;
  private boolean waitsForStandby;
  private @Nullable SQLException killed;

  InMemoryTransaction(@Nullable Duration lockTimeout) {
    this.lockTimeout = lockTimeout;
  }

  @Nullable Duration lockTimeout() {
    return lockTimeout;
  }

  List<Change> changes() {
    return changes;
  }

  List<String> notifications() {
    return notifications;
  }

  /** It changes a row of a table, which may be called otherwise before the commit. */
  void change(InMemoryTable table, Change change) {
    tables.put(change.table(), table);
    changes.add(change);
  }

  /** Does all that it has changed. */
  void apply() {
    changes.forEach(change -> Objects.requireNonNull(tables.get(change.table())).apply(change));
  }

  /** Its rows of the ledger. */
  Map<TransactionId, InMemoryLedger.Entry> ledger() {
    return ledger;
  }

  /** The intent keys that it takes. */
  Map<String, InMemoryIntent> intents() {
    return intents;
  }

  /** What its COMMIT takes; null if nothing. */
  @Nullable Intended intended() {
    return intended;
  }

  /** Its COMMIT takes this key. */
  void intended(@Nullable Intended key) {
    intended = key;
  }

  /** What it has set for itself. */
  Map<String, String> settings() {
    return settings;
  }

  /** Its own last word on a row; null if it has not touched it. */
  @Nullable Change last(String table, String key) {
    Change last = null;
    for (Change change : changes) {
      if (change.table().equals(table) && Objects.equals(change.key(), key)) {
        last = change;
      }
    }
    return last;
  }

  void savepoint(String name) {
    savepoints.put(
        name,
        new Savepoint(
            changes.size(),
            notifications.size(),
            new LinkedHashMap<>(settings),
            new LinkedHashMap<>(intents)));
  }

  void release(String name) throws SQLException {
    if (savepoints.remove(name) == null) {
      throw missing(name);
    }
  }

  void rollbackTo(String name) throws SQLException {
    Savepoint savepoint = savepoints.get(name);
    if (savepoint == null) {
      throw missing(name);
    }
    changes.subList(savepoint.changes(), changes.size()).clear();
    notifications.subList(savepoint.notifications(), notifications.size()).clear();
    settings = new LinkedHashMap<>(savepoint.settings());
    intents = new LinkedHashMap<>(savepoint.intents());
    failed = false;
  }

  private static SQLException missing(String name) {
    return new SQLException("savepoint \"%s\" does not exist".formatted(name), "3B001");
  }

  /** A statement of it failed: it takes nothing but a rollback. */
  void fail() {
    failed = true;
  }

  void checkNotFailed() throws SQLException {
    if (failed) {
      throw new SQLException(
          "current transaction is aborted, commands ignored until end of transaction block",
          "25P02");
    }
  }

  /** It writes a row as it was, so that its commit waits for the standby to have that row too. */
  void writesAnew() {
    writesAnew = true;
  }

  /** As {@link #writesAnew}, of the row of an intent key. */
  void writesAgain() {
    writesAnew = true;
  }

  /** Whether there is nothing to commit. */
  boolean isEmpty() {
    return changes.isEmpty() && ledger.isEmpty() && notifications.isEmpty() && !writesAnew;
  }

  /** It is on the server's disk, and the standby does not have it yet. */
  void waitsForStandby(boolean on) {
    waitsForStandby = on;
  }

  boolean isWaitingForStandby() {
    return waitsForStandby;
  }

  void committed() {
    committed = true;
  }

  boolean isCommitted() {
    return committed;
  }

  /** It was committed or rolled back. */
  void end() {
    ended = true;
  }

  /** Its session was ended from outside: whatever it waits for fails with this. */
  void kill(SQLException reason) {
    killed = killed == null ? reason : killed;
  }

  boolean over() {
    return ended || killed != null;
  }

  void checkRunning() throws SQLException {
    SQLException reason = killed;
    if (reason != null) {
      throw new SQLException(reason.getMessage(), reason.getSQLState());
    }
    if (ended) {
      throw new SQLException("terminating connection due to administrator command", "57P01");
    }
  }
}
