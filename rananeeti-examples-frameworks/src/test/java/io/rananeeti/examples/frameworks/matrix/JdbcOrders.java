package io.rananeeti.examples.frameworks.matrix;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Plain JDBC. */
final class JdbcOrders implements OrderBook {

  private static final String INSERT = "INSERT INTO jdbc_orders (note) VALUES (?)";

  private final DataSource dataSource;
  private @Nullable Loaded loaded;

  JdbcOrders(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  private record Loaded(long id, int quantity, int version) {}

  // tag::jdbc-insert
  @Override
  public long place(String note) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO jdbc_orders (note) VALUES (?)", new String[] {"id"})) {
      insert.setString(1, note);
      insert.executeUpdate();
      try (ResultSet keys = insert.getGeneratedKeys()) {
        keys.next();
        return keys.getLong("id");
      }
    }
  }

  // end::jdbc-insert

  @Override
  public void send(String note) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO jdbc_parcels (id, note) VALUES (?, ?)")) {
      insert.setObject(1, UUID.randomUUID());
      insert.setString(2, note);
      insert.executeUpdate();
    }
  }

  @Override
  public void placeAll(List<String> notes) throws SQLException {
    inTransaction(
        connection -> {
          try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (String note : notes) {
              insert.setString(1, note);
              insert.addBatch();
            }
            insert.executeBatch();
          }
        });
  }

  @Override
  public void reserve(String note) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE jdbc_orders SET quantity = quantity + 1 WHERE note = ?")) {
      update.setString(1, note);
      expectOne(update.executeUpdate());
    }
  }

  @Override
  public void load(String note) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT id, quantity, version FROM jdbc_orders WHERE note = ?")) {
      query.setString(1, note);
      try (ResultSet rows = query.executeQuery()) {
        rows.next();
        loaded = new Loaded(rows.getLong(1), rows.getInt(2), rows.getInt(3));
      }
    }
  }

  // tag::jdbc-versioned
  @Override
  public void amend() throws SQLException {
    Loaded order = Objects.requireNonNull(loaded);
    try (Connection connection = dataSource.getConnection();
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE jdbc_orders SET quantity = ?, version = ? WHERE id = ? AND version = ?")) {
      update.setInt(1, order.quantity() + 1);
      update.setInt(2, order.version() + 1);
      update.setLong(3, order.id());
      update.setInt(4, order.version());
      expectOne(update.executeUpdate());
    }
    loaded = new Loaded(order.id(), order.quantity() + 1, order.version() + 1);
  }

  // end::jdbc-versioned

  @Override
  public void placeBoth(String first, Runnable between, String second) throws SQLException {
    inTransaction(
        connection -> {
          insert(connection, first);
          between.run();
          insert(connection, second);
        });
  }

  @Override
  public void countAndPlace(String note, Runnable between) throws SQLException {
    inTransaction(
        connection -> {
          count(connection, note);
          between.run();
          insert(connection, note);
        });
  }

  @Override
  public long count(String note) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return count(connection, note);
    }
  }

  private static long count(Connection connection, String note) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT count(*) FROM jdbc_orders WHERE note = ?")) {
      query.setString(1, note);
      try (ResultSet rows = query.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  private static void insert(Connection connection, String note) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setString(1, note);
      insert.executeUpdate();
    }
  }

  private static void expectOne(int count) {
    if (count != 1) {
      throw new IllegalStateException("changed by somebody else, rows=" + count);
    }
  }

  private void inTransaction(Work work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try {
        work.on(connection);
        connection.commit();
      } catch (SQLException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
    }
  }

  private static void rollBack(Connection connection, Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private interface Work {
    void on(Connection connection) throws SQLException;
  }
}
