package io.rananeeti.aurora;

import com.zaxxer.hikari.pool.HikariPool;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Writer;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * A physical connection with what is kept beside it: the pair, prepared once so that the server
 * keeps its plan. Used by the thread that holds the connection; {@link #abort} by any.
 */
final class Session {

  private final Physical physical;
  private final PgConnection connection;
  private final int pid;
  private volatile @Nullable SessionDefaults defaults;
  private volatile @Nullable Writer writer;
  private @Nullable PreparedStatement pair;
  private @Nullable PreparedStatement pairWithIntent;
  private @Nullable HikariPool lender;

  Session(Physical physical) {
    this.physical = physical;
    this.connection = physical.connection();
    this.pid = connection.getBackendPID();
  }

  /** The pool that has lent it out, to be told once that it does not come back; null if it was. */
  synchronized @Nullable HikariPool giveUp() {
    HikariPool last = lender;
    lender = null;
    return last;
  }

  /** Remembers the pool that lends it out. */
  synchronized void lentBy(HikariPool pool) {
    lender = pool;
  }

  /** Notes with what it has begun, and with whom, before its first use. */
  void began(SessionDefaults found, Writer proven) {
    defaults = found;
    writer = proven;
  }

  /** With what it has begun, null before that is known. */
  @Nullable SessionDefaults defaults() {
    return defaults;
  }

  /** The server's process. */
  int pid() {
    return pid;
  }

  /** Whether the driver still takes it for open. Asks no server. */
  boolean isOpen() {
    return !connection.getQueryExecutor().isClosed();
  }

  /** Sends the pair (C1); whether a row was written. */
  boolean commit(TransactionId id, boolean unproven) throws SQLException {
    PreparedStatement statement = pair;
    if (statement == null) {
      statement = connection.prepareStatement(Ledger.PAIR);
      pair = statement;
    }
    statement.setObject(1, id.incarnation());
    statement.setLong(2, id.number());
    statement.setBoolean(3, unproven);
    statement.execute();
    return statement.getUpdateCount() == 1;
  }

  /** Sends the pair with the row of an intent key (S6); whether a row was written. */
  boolean commit(TransactionId id, boolean unproven, Intent intent, Duration retention)
      throws SQLException {
    PreparedStatement statement = pairWithIntent;
    if (statement == null) {
      statement = connection.prepareStatement(Ledger.PAIR_WITH_INTENT);
      pairWithIntent = statement;
    }
    statement.setObject(1, id.incarnation());
    statement.setLong(2, id.number());
    statement.setBoolean(3, unproven);
    statement.setBytes(4, IntentRow.key(intent.key()));
    statement.setBytes(5, IntentRow.digest(intent));
    statement.setObject(6, id.incarnation());
    statement.setLong(7, id.number());
    statement.setLong(8, retention.toSeconds());
    statement.execute();
    return statement.getUpdateCount() == 1;
  }

  /** Whether this writer, which it has proven to speak to, said something since then. */
  boolean heardSince(long nanoTime, Writer proven) {
    Writer own = writer;
    return own != null && proven.isSame(own) && isOpen() && physical.pulse().heardSince(nanoTime);
  }

  /** Closes the socket, whoever reads from it. */
  void abort() {
    physical.abort();
  }
}
