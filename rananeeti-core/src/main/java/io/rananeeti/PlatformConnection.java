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
   * <p>If it is for another store than this connection, the transaction becomes a <em>unit of work
   * across stores</em>: all of it happens, each part once, the other stores' parts before the
   * statements; not at one moment. Once the commit has forced it to the log it survives every
   * crash. While one of its stores is away the commit is accepted ({@link Receipt#stores()} tells
   * how far each is), and what has the same ordering key waits behind it. Stores are applied in a
   * fixed order, S3, DynamoDB, SQL, and the connection must be of the last one.
   *
   * @throws SQLException 0A000 if it is for a store that the platform does not have, that comes
   *     after this one, or that takes no such part; 25P01 if it is for another store and this
   *     connection is in auto-commit mode; 53100 if its content finds no room beside the log; else
   *     as {@link java.sql.PreparedStatement#executeUpdate()}. {@link #commit()} then also throws
   *     55R20, with nothing committed, if the transaction has operations of DynamoDB besides and
   *     could not be applied later, since it has read or may not be deferred, or has an intent key
   */
  void enlist(StoreOperation operation) throws SQLException;
}
