package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Unit;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A savepoint: the driver's, where there is a driver, and the length of the recording. */
final class SavepointHandle implements Savepoint {

  private static final AtomicInteger LAST = new AtomicInteger();

  private final int id = LAST.incrementAndGet();
  private final @Nullable String name;
  private final Unit unit;
  private final int length;
  private final @Nullable Connection physical;
  private final @Nullable Savepoint driver;

  private SavepointHandle(@Nullable String name, Unit unit) throws SQLException {
    this.name = name;
    this.unit = unit;
    this.length = unit.length();
    this.physical = unit.physical();
    this.driver =
        physical == null
            ? null
            : name == null ? physical.setSavepoint() : physical.setSavepoint(name);
  }

  static SavepointHandle set(Unit unit, @Nullable String name) throws SQLException {
    return new SavepointHandle(name, unit);
  }

  static SavepointHandle of(Savepoint savepoint) throws SQLException {
    if (savepoint instanceof SavepointHandle handle) {
      return handle;
    }
    throw new SQLException("a savepoint of another connection", "3B001");
  }

  boolean isOf(Unit other) {
    return unit == other;
  }

  int length() {
    return length;
  }

  /** Rolls the physical connection back to it; false if it is not known there. */
  boolean rollback(Connection on) throws SQLException {
    if (on != physical || driver == null) {
      return false;
    }
    on.rollback(driver);
    return true;
  }

  void release(Connection on) throws SQLException {
    if (on == physical && driver != null) {
      on.releaseSavepoint(driver);
    }
  }

  @Override
  public int getSavepointId() throws SQLException {
    if (name != null) {
      throw new SQLException("a named savepoint has no id", "3B000");
    }
    return id;
  }

  @Override
  public String getSavepointName() throws SQLException {
    if (name == null) {
      throw new SQLException("an unnamed savepoint has no name", "3B000");
    }
    return name;
  }
}
