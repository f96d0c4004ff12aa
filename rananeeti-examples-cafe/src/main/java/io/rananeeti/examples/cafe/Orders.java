package io.rananeeti.examples.cafe;

import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.s3.PutObject;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * The orders of the cafe, as far as the data platform is concerned: all that it takes.
 *
 * <p>One node writes its orders down in the order in which it took them. Of several nodes each
 * keeps the order under one name only: one order of all that all of them take would let them wait
 * for each other.
 */
final class Orders implements OrderBook {

  private static final String INSERT =
      "INSERT INTO cafe.ordersraw (ordrdgst, ordrname, ordrppl, ordrdttm, ordrtxt)"
          + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (ordrdgst) DO NOTHING";

  private static final String ORDERING_KEY = "rananeeti.ordering-key";

  private final DataPlatform platform;
  private static final String RECEIPT =
      "INSERT INTO cafe.receipts (ordrdgst, objkey) VALUES (?, ?) ON CONFLICT (ordrdgst) DO NOTHING";

  private final boolean orderedByName;
  private final boolean hasReceipts;

  /**
   * Over a platform.
   *
   * @param hasReceipts whether each order has a receipt in another store
   */
  Orders(DataPlatform platform, boolean orderedByName, boolean hasReceipts) {
    this.hasReceipts = hasReceipts;
    this.platform = platform;
    this.orderedByName = orderedByName;
  }

  @Override
  public Receipt place(Order order) throws SQLException {
    return platform.inTransaction(connection -> insert(connection, order)).receipt();
  }

  private int insert(PlatformConnection connection, Order order) throws SQLException {
    if (orderedByName) {
      connection.setClientInfo(ORDERING_KEY, order.name());
    }
    if (hasReceipts) {
      addReceipt(connection, order);
    }
    try (PreparedStatement insert = connection.prepareStatement(INSERT + Emulation.mark(order))) {
      insert.setString(1, order.number());
      insert.setString(2, order.name());
      insert.setInt(3, order.people());
      insert.setObject(4, order.date());
      insert.setString(5, order.message());
      return insert.executeUpdate();
    }
  }

  /** The object, and the row that points to it: one unit of work with the order. */
  private static void addReceipt(PlatformConnection connection, Order order) throws SQLException {
    PutObject receipt = Receipts.of(order);
    connection.enlist(receipt);
    try (PreparedStatement insert = connection.prepareStatement(RECEIPT)) {
      insert.setString(1, order.number());
      insert.setString(2, receipt.key());
      insert.executeUpdate();
    }
  }
}
