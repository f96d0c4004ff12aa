package io.rananeeti.internal.jdbc;

import io.rananeeti.store.Isolation;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A physical connection while it is bound, and why it stays bound when a transaction is over: the
 * application may still read from it, or has left something in its session that nobody could make
 * again elsewhere (temporary tables, LISTEN, advisory locks). Owned by the connection's thread.
 */
final class Binding {

  private final Connection physical;
  private final long epoch;
  private final List<ResultSet> results = new ArrayList<>();
  private final List<Statement> statements = new ArrayList<>();
  private final Set<String> settings = new LinkedHashSet<>();
  private Map<String, String> session = Map.of();
  private Map<String, String> sessionBefore = Map.of();
  private Isolation isolation = Isolation.DEFAULT;
  private boolean readOnly;
  private boolean pinned;
  private boolean unwrapped;
  private boolean soiled;
  private boolean heldBefore;

  Binding(Connection physical, long epoch) {
    this.physical = physical;
    this.epoch = epoch;
  }

  Connection physical() {
    return physical;
  }

  /** The epoch in which it was bound. */
  long epoch() {
    return epoch;
  }

  /** Makes it ready for a transaction, or for a question outside of any. */
  void prepare(Isolation wanted, boolean wantedReadOnly, boolean autoCommit) throws SQLException {
    if (physical.getAutoCommit() != autoCommit) {
      physical.setAutoCommit(autoCommit);
    }
    if (wanted != isolation && wanted != Isolation.DEFAULT) {
      physical.setTransactionIsolation(wanted.level());
      isolation = wanted;
    }
    if (wantedReadOnly != readOnly) {
      physical.setReadOnly(wantedReadOnly);
      readOnly = wantedReadOnly;
    }
  }

  /** The application may read from this result set until it closes it. */
  void hold(ResultSet result) {
    results.removeIf(Binding::closed);
    results.add(result);
  }

  /** The application may ask this statement until it closes it. */
  void hold(Statement statement) {
    statements.removeIf(Binding::closed);
    if (!statements.contains(statement)) {
      statements.add(statement);
    }
  }

  /** The session holds what can't be made again: it stays until the application closes. */
  void pin() {
    pinned = true;
    soiled = true;
  }

  /**
   * Whether its session holds what would be missed without it: what an earlier transaction has left
   * there. What the one under way has made is made again when that is run again.
   */
  boolean holdsState() {
    return heldBefore;
  }

  /** Whether the transaction under way, or an earlier one, has left something there. */
  boolean holdsStateNow() {
    return pinned && soiled;
  }

  /** The application has the driver's connection in its hands. */
  void unwrap() {
    pin();
    unwrapped = true;
  }

  /**
   * The application has an object of the driver's that writes by itself, such as a large object,
   * for as long as it has our connection.
   */
  void lend() {
    pinned = true;
    unwrapped = true;
  }

  /** Whether the application may use the driver's connection besides ours. */
  boolean isUnwrapped() {
    return unwrapped;
  }

  /** The session has these settings now. */
  void entered(Map<String, String> now) {
    settings.addAll(now.keySet());
    session = now;
  }

  /** The session has these settings now, whatever becomes of the transaction. */
  void enteredForGood(Map<String, String> now) {
    entered(now);
    sessionBefore = now;
  }

  /** The settings that the session has now. */
  Map<String, String> session() {
    return session;
  }

  /** The transaction is over: what it set stays, or is undone. */
  void over(boolean committed) {
    heldBefore = holdsStateNow();
    if (committed) {
      sessionBefore = session;
    } else {
      session = sessionBefore;
    }
  }

  /** The names of all settings that were made. */
  Set<String> settings() {
    return settings;
  }

  /** Settings were made for the session that the application had made for its transaction only. */
  void soil() {
    soiled = true;
  }

  /** Whether the session holds what the next user of the connection must not find. */
  boolean isSoiled() {
    return soiled;
  }

  /** Whether it has to stay when the transaction is over. */
  boolean isNeeded() {
    results.removeIf(Binding::closed);
    statements.removeIf(Binding::closed);
    return pinned || !results.isEmpty() || !statements.isEmpty();
  }

  private static boolean closed(ResultSet result) {
    try {
      return result.isClosed();
    } catch (SQLException e) {
      return true;
    }
  }

  private static boolean closed(Statement statement) {
    try {
      return statement.isClosed();
    } catch (SQLException e) {
      return true;
    }
  }
}
