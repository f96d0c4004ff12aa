package io.rananeeti.examples.cafe;

import io.rananeeti.DataPlatform;
import io.rananeeti.Receipt;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The orders of the cafe, as far as the data platform is concerned: all that it takes. */
final class Orders implements OrderBook {

  private static final String INSERT =
      "INSERT INTO cafe.ordersraw (ordrdgst, ordrname, ordrppl, ordrdttm, ordrtxt)"
          + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (ordrdgst) DO NOTHING";

  private final DataPlatform platform;

  Orders(DataPlatform platform) {
    this.platform = platform;
  }

  @Override
  public Receipt place(Order order) throws SQLException {
    return platform.inTransaction(connection -> insert(connection, order)).receipt();
  }

  private static int insert(Connection connection, Order order) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT + Emulation.mark(order))) {
      insert.setString(1, order.number());
      insert.setString(2, order.name());
      insert.setInt(3, order.people());
      insert.setObject(4, order.date());
      insert.setString(5, order.message());
      return insert.executeUpdate();
    }
  }
}
