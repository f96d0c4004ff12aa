package io.rananeeti.internal.jdbc;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A stream that is too long to be kept, or of no certain meaning: given to one driver's statement,
 * which may be run as often as the driver lets it, and to no other, since it can be read once only.
 */
final class PassedOn implements Remade {

  private final Object stream;
  private @Nullable Object owner;

  /** With nothing read, or with what was read put in front again. */
  PassedOn(Object stream) {
    this.stream = stream;
  }

  @Override
  public Object forStatement(Object driver) throws SQLException {
    if (owner != null) {
      throw new SQLException(
          "a stream that is too long to be kept has been read before; set the parameter again",
          "55000");
    }
    owner = driver;
    return stream;
  }

  @Override
  public boolean isSetOn(Object driver) {
    return owner == driver;
  }
}
