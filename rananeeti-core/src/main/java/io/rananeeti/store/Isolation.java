package io.rananeeti.store;

import java.sql.Connection;

/** Isolation of a transaction; {@link #DEFAULT} is the database's own. */
public enum Isolation {
  /** Whatever the database is set to. */
  DEFAULT(Connection.TRANSACTION_NONE),
  /** As in SQL. */
  READ_UNCOMMITTED(Connection.TRANSACTION_READ_UNCOMMITTED),
  /** As in SQL. */
  READ_COMMITTED(Connection.TRANSACTION_READ_COMMITTED),
  /** As in SQL. */
  REPEATABLE_READ(Connection.TRANSACTION_REPEATABLE_READ),
  /** As in SQL. */
  SERIALIZABLE(Connection.TRANSACTION_SERIALIZABLE);

  private final int level;

  Isolation(int level) {
    this.level = level;
  }

  /** The level as {@link Connection#setTransactionIsolation} takes it. */
  public int level() {
    return level;
  }

  /**
   * The isolation with this level.
   *
   * @throws IllegalArgumentException if JDBC knows no such level
   */
  public static Isolation of(int level) {
    for (Isolation isolation : values()) {
      if (isolation.level == level) {
        return isolation;
      }
    }
    throw new IllegalArgumentException("not a JDBC isolation level: " + level);
  }
}
