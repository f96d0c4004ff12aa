package io.rananeeti.internal.jdbc;

import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;

/** A savepoint that the application set by call. */
final class SavepointHandle implements Savepoint {

  private final int id;
  private final @Nullable String name;
  private boolean released;

  SavepointHandle(int id, @Nullable String name) {
    this.id = id;
    this.name = name;
  }

  /**
   * The handle, if it was not released; whether the transaction has it, the store says.
   *
   * @throws SQLException 3B001 if it is none of the platform's, 3B000 if it was released
   */
  static SavepointHandle of(@Nullable Savepoint savepoint) throws SQLException {
    if (!(savepoint instanceof SavepointHandle handle)) {
      throw new SQLException("not a savepoint that setSavepoint() gave", "3B001");
    }
    if (handle.released) {
      throw new SQLException("the savepoint has been released", "3B000");
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
