package io.rananeeti.benchmarks.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;

/**
 * What each caller does over and over, as applications do: a connection from the pool, a statement
 * prepared anew (which the driver keeps), and all of it closed.
 */
enum Work {
  /** A transaction that inserts one row. */
  INSERT(false, false, 1),
  /** One row, in auto-commit mode. */
  AUTO_COMMIT(true, false, 1),
  /** A read-only transaction that reads one row by its key. */
  READ(false, true, 0),
  /** A transaction that inserts a hundred rows by a batch. */
  BATCH(false, false, 100);

  private static final int STOCK = 10_000;

  private final boolean autoCommit;
  private final boolean readOnly;
  private final int rows;

  Work(boolean autoCommit, boolean readOnly, int rows) {
    this.autoCommit = autoCommit;
    this.readOnly = readOnly;
    this.rows = rows;
  }

  /** What the server needs before anything is measured. */
  static List<String> schema() {
    return List.of(
        "CREATE TABLE stock (id bigint PRIMARY KEY, name text NOT NULL, amount int NOT NULL)",
        "INSERT INTO stock SELECT i, 'article ' || i, i FROM generate_series(1, %d) i"
            .formatted(STOCK));
  }

  /** Makes an empty table for one contender. */
  static List<String> emptyTable(String table) {
    return List.of(
        "DROP TABLE IF EXISTS " + table,
        "CREATE TABLE %s (id bigint PRIMARY KEY, name text NOT NULL, amount int NOT NULL)"
            .formatted(table));
  }

  /**
   * Does it once.
   *
   * @param id of the first row to insert; {@link #rows} are taken from there on
   */
  void run(DataSource dataSource, String table, long id) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(autoCommit);
      if (readOnly) {
        connection.setReadOnly(true);
        read(connection);
      } else {
        insert(connection, table, id);
      }
      if (!autoCommit) {
        connection.commit();
      }
    }
  }

  /** How many rows one run inserts. */
  int rows() {
    return rows;
  }

  private static void read(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT name, amount FROM stock WHERE id = ?")) {
      long id = 1 + ThreadLocalRandom.current().nextLong(STOCK);
      statement.setLong(1, id);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next() || row.getInt(2) != id) {
          throw new SQLException("article " + id + " is missing");
        }
      }
    }
  }

  private void insert(Connection connection, String table, long id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO " + table + " (id, name, amount) VALUES (?, ?, ?)")) {
      for (int row = 0; row < rows; row++) {
        statement.setLong(1, id + row);
        statement.setString(2, "a row that was written");
        statement.setInt(3, row);
        if (rows > 1) {
          statement.addBatch();
        }
      }
      if (rows > 1) {
        statement.executeBatch();
      } else {
        statement.executeUpdate();
      }
    }
  }
}
