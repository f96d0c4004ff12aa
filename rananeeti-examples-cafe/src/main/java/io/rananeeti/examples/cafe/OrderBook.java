package io.rananeeti.examples.cafe;

import io.rananeeti.Receipt;
import java.sql.SQLException;

/** Where orders are written down. */
@FunctionalInterface
interface OrderBook {

  /**
   * Writes an order down, once, however often it is placed.
   *
   * @return whether the database has it, or the log
   * @throws SQLException if it is in neither; placing it again is safe
   */
  Receipt place(Order order) throws SQLException;
}
