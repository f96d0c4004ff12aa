package io.rananeeti.internal.jdbc;

import java.sql.SQLException;

/** An argument of a setter that is made anew for each driver's statement. */
@FunctionalInterface
interface Remade {

  /**
   * What to pass to this driver's statement.
   *
   * @throws SQLException if it can't be made for it
   */
  Object forStatement(Object driver) throws SQLException;

  /** Whether this driver's statement has it already, and it must not be set again. */
  default boolean isSetOn(Object driver) {
    return false;
  }
}
