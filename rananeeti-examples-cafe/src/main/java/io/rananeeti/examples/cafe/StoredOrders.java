package io.rananeeti.examples.cafe;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.Health.StoreHealth;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The orders that the database has. Thread-safe. */
final class StoredOrders {

  private static final Logger log = LoggerFactory.getLogger(StoredOrders.class);
  private static final String FIND = "SELECT 1 FROM cafe.ordersraw WHERE ordrdgst = ?";

  private final DataPlatform platform;

  StoredOrders(DataPlatform platform) {
    this.platform = platform;
  }

  /** Whether the database is known to have this order; false while it can't be asked. */
  boolean holds(String number) {
    StoreHealth health = platform.health().stores().get(CafePlatform.STORE);
    if (health == null || health.availability() != Availability.UP) {
      return false;
    }
    try (Connection connection = platform.getConnection(CafePlatform.STORE);
        PreparedStatement find = connection.prepareStatement(FIND)) {
      find.setString(1, number);
      try (ResultSet rows = find.executeQuery()) {
        return rows.next();
      }
    } catch (SQLException e) {
      log.debug("the database could not be asked for an order: {}", e.getSQLState());
      return false;
    }
  }
}
