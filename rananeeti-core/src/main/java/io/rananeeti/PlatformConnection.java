package io.rananeeti;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A JDBC connection to one store of the platform that outlives the database behind it.
 *
 * <p>A physical connection is bound at the first statement of a transaction and given back at its
 * end. Without a reachable writer the connection is <em>detached</em>: statements that may be
 * deferred are recorded, and {@link #commit()} returns once they are forced to the log. Like every
 * JDBC connection it is meant for one thread at a time.
 */
public interface PlatformConnection extends Connection {

  /**
   * The receipt of the last transaction that this connection committed, null before the first; of
   * one that repeated another under its intent key, that one's.
   *
   * @throws SQLException if the connection is closed (08003)
   */
  @Nullable Receipt receipt() throws SQLException;

  /**
   * Makes an operation part of the transaction, as a statement that changes one row; in auto-commit
   * mode it is a transaction of its own. Its answer comes with the commit.
   *
   * @throws SQLException 0A000 if it is for another store than this connection; else as {@link
   *     java.sql.PreparedStatement#executeUpdate()}
   */
  void enlist(StoreOperation operation) throws SQLException;
}
