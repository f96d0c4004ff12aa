package io.rananeeti.aurora;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Deletes what nothing can ask for any more. Used by one thread.
 *
 * <p>A row goes only if no transaction that it fences can still commit (F1). Such a transaction got
 * its xid before the one that wrote the row got its own, since it had written before its COMMIT was
 * sent. So if the row's {@code xmin} precedes the oldest xid that still runs, it has ended. {@code
 * xmin} has 32 bits; both sides are compared by their age, their distance from one and the same
 * xid. A row that is younger than 2^31 transactions is always judged right, and an older one can
 * only seem too young, and stays. A transaction with effects but no xid (C2) is not seen that way:
 * as long as a session that this node left behind is in a transaction, nothing is deleted.
 */
final class Pruning {

  private static final String RAISE =
      "UPDATE rananeeti.incarnation SET settled_below = GREATEST(settled_below, ?),"
          + " seen_at = pg_catalog.now() WHERE incarnation = ?";

  /** Of a log with an older incarnation whose dead letters live. */
  private static final String SEEN =
      "UPDATE rananeeti.incarnation SET seen_at = pg_catalog.now() WHERE seen_at <"
          + " pg_catalog.now() - interval '1 hour' AND log ="
          + " (SELECT log FROM rananeeti.incarnation WHERE incarnation = ?)";

  private static final String ENDED =
      " AND pg_catalog.age(l.xmin) > pg_catalog.age(CAST(pg_catalog.pg_snapshot_xmin("
          + "pg_catalog.pg_current_snapshot()) AS pg_catalog.xid))";

  private static final String DELETE =
      "DELETE FROM rananeeti.ledger AS l"
          + " WHERE l.incarnation = ? AND l.number BETWEEN 1 AND ? AND l.number <> ALL (?)"
          + ENDED;

  private static final String EXPIRE =
      "UPDATE rananeeti.incarnation SET settled_below = 9223372036854775807"
          + " WHERE seen_at < pg_catalog.now() - ? * interval '1 second'"
          + " AND log <> (SELECT log FROM rananeeti.incarnation WHERE incarnation = ?)"
          + " RETURNING incarnation";

  private static final String DELETE_EXPIRED =
      "DELETE FROM rananeeti.ledger AS l WHERE l.incarnation = ANY (?)" + ENDED;

  private static final String KEEP_INTENTS =
      "UPDATE rananeeti.intent SET expires_at = pg_catalog.statement_timestamp()"
          + " OPERATOR(pg_catalog.+) (? OPERATOR(pg_catalog.*) interval '1 second')"
          + " WHERE key = ANY (?)";

  /** Rows that others delete, or take, are left to them. */
  private static final String DELETE_INTENTS =
      "DELETE FROM rananeeti.intent WHERE key IN (SELECT key FROM rananeeti.intent"
          + " WHERE expires_at <= pg_catalog.statement_timestamp()"
          + " ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED)";

  /** Intent keys in one database transaction. */
  static final int BATCH = 5_000;

  /** Batches at one time, so that no other work of this thread has to wait long. */
  private static final int BATCHES = 10;

  /**
   * Gives the space of deleted rows to new ones. The server does that by itself, but not more often
   * than once a minute. Giving it back to the disk would stop all commits for a moment. Whoever may
   * not do this gets a warning, and the server's own vacuum has to do; where another does it just
   * now, it is not done twice.
   */
  private static final String VACUUM = "VACUUM (SKIP_LOCKED, TRUNCATE FALSE) rananeeti.ledger";

  private final Connection connection;
  private final Zombies zombies;

  Pruning(Connection connection, Zombies zombies) {
    this.connection = connection;
    this.zombies = zombies;
  }

  /**
   * Deletes rows of an incarnation; see {@link io.rananeeti.store.Store#prune}.
   *
   * @return how many were deleted
   */
  int prune(UUID incarnation, long settledBelow, Set<Long> kept)
      throws SQLException, StoreException {
    limitLocks();
    raise(incarnation, settledBelow);
    commit();
    limitLocks();
    int deleted = zombies.find(connection).isEmpty() ? delete(incarnation, settledBelow, kept) : 0;
    commit();
    return deleted;
  }

  /** Makes room where rows were deleted; no transaction may be under way. */
  void vacuum() throws SQLException {
    connection.setAutoCommit(true);
    try {
      send(VACUUM);
    } finally {
      connection.setAutoCommit(false);
    }
  }

  /** Deletes all rows of other logs' incarnations that nobody has seen for so long (F2). */
  void expire(UUID own, Duration expiry) throws SQLException {
    limitLocks();
    List<UUID> expired = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(EXPIRE)) {
      statement.setLong(1, expiry.toSeconds());
      statement.setObject(2, own);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          expired.add(rows.getObject(1, UUID.class));
        }
      }
    }
    commit();
    if (!expired.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(DELETE_EXPIRED)) {
        statement.setArray(1, connection.createArrayOf("uuid", expired.toArray()));
        statement.executeUpdate();
      }
      commit();
    }
  }

  /**
   * Deletes intent keys whose time is over, of whatever log, up to a bound: the rest comes the next
   * time. A key needs no zombie to end first, as its transaction is fenced by its row of the
   * ledger.
   *
   * @param living keys that are kept as if they were taken now
   */
  void expireIntents(Set<String> living, Duration retention) throws SQLException {
    if (!living.isEmpty()) {
      limitLocks();
      try (PreparedStatement statement = connection.prepareStatement(KEEP_INTENTS)) {
        statement.setLong(1, retention.toSeconds());
        statement.setArray(
            2,
            connection.createArrayOf(
                "bytea", living.stream().map(IntentRow::key).toArray(byte[][]::new)));
        statement.executeUpdate();
      }
      commit();
    }
    int deleted = BATCH;
    for (int i = 0; i < BATCHES && deleted == BATCH; i++) {
      limitLocks();
      try (PreparedStatement statement = connection.prepareStatement(DELETE_INTENTS)) {
        statement.setInt(1, BATCH);
        deleted = statement.executeUpdate();
      }
      commit();
    }
  }

  private void raise(UUID incarnation, long settledBelow) throws SQLException, StoreException {
    try (PreparedStatement statement = connection.prepareStatement(RAISE)) {
      statement.setLong(1, settledBelow);
      statement.setObject(2, incarnation);
      if (statement.executeUpdate() != 1) {
        throw new StoreException(
            Failure.ENVIRONMENT,
            Ledger.ANOTHER_HISTORY,
            "the ledger does not know the incarnation " + incarnation,
            null);
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(SEEN)) {
      statement.setObject(1, incarnation);
      statement.executeUpdate();
    }
  }

  private int delete(UUID incarnation, long settledBelow, Set<Long> kept) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
      statement.setObject(1, incarnation);
      statement.setLong(2, settledBelow - 1);
      statement.setArray(3, connection.createArrayOf("bigint", kept.toArray()));
      return statement.executeUpdate();
    }
  }

  private void limitLocks() throws SQLException {
    send("SET LOCAL lock_timeout = '" + Ledger.LOCK_TIMEOUT + "'");
  }

  private void commit() throws SQLException {
    send(Ledger.COMMIT);
  }

  private void send(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
