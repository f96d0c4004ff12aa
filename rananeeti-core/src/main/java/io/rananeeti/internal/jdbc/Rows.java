package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Unit;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a result set does to the transaction under way, or begins one for. It belongs to one
 * physical connection: once that is gone it can be read as far as it was fetched, and no more.
 */
record Rows(ConnectionHandler connection, @Nullable Connection physical) {

  /** A call on the driver's result set. */
  @FunctionalInterface
  interface Change {
    void run() throws SQLException;
  }

  /** A call on the driver's result set that answers. */
  @FunctionalInterface
  interface Move {
    boolean run() throws SQLException;
  }

  boolean move(Move move) throws SQLException {
    try {
      return move.run();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /**
   * Rows could not be fetched, which fails the transaction on the server.
   *
   * @return what to throw
   */
  SQLException failed(SQLException failure) throws SQLException {
    Unit current = connection.unit();
    if (current != null && current.physical() == physical) {
      current.read(true);
      connection.answeredOrBroken(current, failure);
    }
    return failure;
  }

  /** Reads a row again: a query in the transaction that is under way now. */
  void read(Change read) throws SQLException {
    if (connection.autoCommits()) {
      read.run();
      return;
    }
    Unit current = within();
    current.read(false);
    try {
      read.run();
    } catch (SQLException e) {
      connection.answeredOrBroken(current, e);
      throw e;
    }
  }

  /**
   * Writes a row. Nothing of it can be recorded, so the transaction is opaque; in auto-commit mode
   * it is one of its own.
   */
  void change(Change change) throws SQLException {
    Unit current = within();
    current.opaque("rows were changed through a result set");
    try {
      change.run();
    } catch (SQLException e) {
      connection.failed(current, e);
      throw e;
    } catch (RuntimeException | Error e) {
      connection.failed(current);
      throw e;
    }
    connection.done(current);
  }

  /** A large object is written behind the platform's back, in this transaction or a later one. */
  <T> @Nullable T handOut(@Nullable T value) {
    if (value instanceof Blob || value instanceof Clob) {
      connection.lent(physical);
    }
    return value;
  }

  /** The application may do with the driver's result set whatever it likes. */
  void unwrapped() {
    connection.unwrapped(physical, "the driver's result set");
  }

  private Unit within() throws SQLException {
    Unit current = connection.begin(false);
    if (current.physical() != physical) {
      if (connection.autoCommits()) {
        connection.failed(current);
      }
      throw new SQLException(
          "the connection that this result set came from is gone; run the query again", "24000");
    }
    return current;
  }
}
