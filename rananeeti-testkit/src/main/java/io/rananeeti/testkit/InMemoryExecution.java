package io.rananeeti.testkit;

import io.rananeeti.testkit.InMemoryDatabase.Row;
import io.rananeeti.testkit.InMemorySql.Kind;
import io.rananeeti.testkit.InMemoryTransaction.Change;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs one statement within a transaction. The database's lock is held. */
final class InMemoryExecution {

  private record RowKey(String table, String key) {}

  private final InMemoryDatabase database;
  private final InMemorySession session;
  private final InMemoryTransaction transaction;

  InMemoryExecution(
      InMemoryDatabase database, InMemorySession session, InMemoryTransaction transaction) {
    this.database = database;
    this.session = session;
    this.transaction = transaction;
  }

  InMemoryAnswer run(InMemorySql sql, List<String> parameters) throws SQLException {
    if (sql.kind() != Kind.ROLLBACK_TO) {
      transaction.checkNotFailed();
    }
    List<List<String>> values = sql.values(parameters);
    return switch (sql.kind()) {
      case INSERT -> InMemoryAnswer.count(insert(sql, values));
      case UPDATE, ADD, SWAP, DELETE -> InMemoryAnswer.count(change(sql, values.get(0)));
      case SELECT -> InMemoryAnswer.rows(select(sql, values.get(0)));
      case VALUE -> InMemoryAnswer.rows(values);
      case NEXTVAL -> {
        session.checkWritable();
        long drawn = database.sequence(sql.name()).next();
        yield InMemoryAnswer.rows(List.of(List.of(String.valueOf(drawn))));
      }
      case SET, SET_CONFIG -> set(sql, values.get(0).get(0));
      case SAVEPOINT, ROLLBACK_TO, RELEASE -> savepoint(sql);
      case NOTIFY -> {
        transaction.notifications().add(sql.name());
        yield InMemoryAnswer.count(0);
      }
      case VACUUM, COMMIT_AND_CHAIN -> InMemoryAnswer.count(0);
    };
  }

  private long insert(InMemorySql sql, List<List<String>> values) throws SQLException {
    InMemoryTable table = database.table(sql.name());
    session.checkWritable();
    long inserted = 0;
    for (List<String> each : values) {
      Row row = session.row(transaction, each);
      if (table.isKeyed() && taken(sql, each.get(0))) {
        continue;
      }
      database.faults().check(row);
      String key = table.isKeyed() ? each.get(0) : null;
      transaction.change(table, new Change(sql.name(), key, row));
      inserted++;
    }
    return inserted;
  }

  private boolean taken(InMemorySql sql, String key) throws SQLException {
    lock(sql.name(), key);
    if (current(sql.name(), key) == null) {
      return false;
    }
    if (sql.flag()) {
      return true;
    }
    throw new SQLIntegrityConstraintViolationException(
        "duplicate key value violates unique constraint \"%s_pkey\"".formatted(sql.name()),
        "23505");
  }

  private long change(InMemorySql sql, List<String> values) throws SQLException {
    InMemoryTable table = database.table(sql.name());
    session.checkWritable();
    int at = sql.kind() == Kind.SWAP ? 1 : values.size() - 1;
    List<String> keys = sql.keyed() ? List.of(values.get(at)) : table.keys();
    long changed = 0;
    for (String key : keys) {
      lock(sql.name(), key);
      Row before = current(sql.name(), key);
      if (before != null && isMeant(sql, before, values)) {
        Row after = sql.kind() == Kind.DELETE ? null : updated(sql, before, values.get(0));
        if (after != null) {
          database.faults().check(after);
        }
        transaction.change(table, new Change(sql.name(), key, after));
        changed++;
      }
    }
    return changed;
  }

  private static boolean isMeant(InMemorySql sql, Row before, List<String> values) {
    return sql.kind() != Kind.SWAP || last(before).equals(values.get(2));
  }

  private static String last(Row row) {
    return row.values().get(row.values().size() - 1);
  }

  private Row updated(InMemorySql sql, Row before, String value) {
    List<String> values = new ArrayList<>(before.values());
    boolean adds = sql.kind() == Kind.ADD;
    String after =
        adds ? String.valueOf(Long.parseLong(last(before)) + Long.parseLong(value)) : value;
    values.set(values.size() - 1, after);
    return session.row(transaction, values);
  }

  private List<List<String>> select(InMemorySql sql, List<String> values) throws SQLException {
    InMemoryTable table = database.table(sql.name());
    if (!table.isKeyed()) {
      return table.rows().stream().map(Row::values).toList();
    }
    List<String> keys = sql.keyed() ? values : table.keys();
    List<List<String>> rows = new ArrayList<>();
    for (String key : keys) {
      if (sql.flag()) {
        lock(sql.name(), key);
      }
      Row row = current(sql.name(), key);
      if (row != null) {
        rows.add(List.of(row.values().get(row.values().size() - 1)));
      }
    }
    return rows;
  }

  private InMemoryAnswer set(InMemorySql sql, String value) {
    if (sql.flag()) {
      transaction.settings().put(sql.name(), value);
    } else {
      session.settings().put(sql.name(), value);
    }
    return sql.kind() == Kind.SET
        ? InMemoryAnswer.count(0)
        : InMemoryAnswer.rows(List.of(List.of(value)));
  }

  private InMemoryAnswer savepoint(InMemorySql sql) throws SQLException {
    switch (sql.kind()) {
      case SAVEPOINT -> transaction.savepoint(sql.name());
      case ROLLBACK_TO -> transaction.rollbackTo(sql.name());
      default -> transaction.release(sql.name());
    }
    return InMemoryAnswer.count(0);
  }

  private void lock(String table, String key) throws SQLException {
    database.locks().acquire(transaction, new RowKey(table, key));
  }

  /** The row as this transaction sees it. */
  private @Nullable Row current(String table, String key) throws SQLException {
    Change own = transaction.last(table, Objects.requireNonNull(key));
    return own == null ? database.table(table).get(key) : own.row();
  }
}
