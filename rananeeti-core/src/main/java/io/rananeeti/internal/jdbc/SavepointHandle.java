package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Unit;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;

/** A savepoint that the application set by call. */
final class SavepointHandle implements Savepoint {

  private final int id;
  private final @Nullable String name;
  private final Unit unit;
  private boolean released;

  SavepointHandle(int id, @Nullable String name, Unit unit) {
    this.id = id;
    this.name = name;
    this.unit = unit;
  }

  /**
   * The handle, if it may be used in this transaction.
   *
   * @throws SQLException 25P01 outside of transactions, 3B001 if it is of another one, 3B000 if it
   *     was released
   */
  static SavepointHandle of(@Nullable Savepoint savepoint, @Nullable Unit current)
      throws SQLException {
    if (current == null) {
      throw new SQLException("there is no transaction under way", "25P01");
    }
    if (!(savepoint instanceof SavepointHandle handle) || handle.unit != current) {
      throw new SQLException("the savepoint is not one of this transaction", "3B001");
    }
    if (handle.released) {
      throw new SQLException("the savepoint was released", "3B000");
    }
    return handle;
  }

  /** It can't be used any more. */
  void release() {
    released = true;
  }

  /** As the database knows it. */
  static String name(int id, @Nullable String name) {
    return name == null ? "JDBC_SAVEPOINT_" + id : name;
  }

  /** As it stands in SQL. */
  String quoted() {
    return SqlScanner.quoted(name(id, name));
  }

  @Override
  public int getSavepointId() throws SQLException {
    if (name != null) {
      throw new SQLException("a named savepoint has no id", "42809");
    }
    return id;
  }

  @Override
  public String getSavepointName() throws SQLException {
    if (name == null) {
      throw new SQLException("an unnamed savepoint has no name", "42809");
    }
    return name;
  }
}
