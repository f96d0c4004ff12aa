package io.rananeeti.s3;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import org.jspecify.annotations.Nullable;

/** What the handlers of JDBC's interfaces have in common. */
final class Proxies {

  private Proxies() {}

  static Object given(@Nullable Object[] args) throws SQLException {
    Object first = args.length == 0 ? null : args[0];
    if (first == null) {
      throw new SQLException("an argument is null", "22004");
    }
    return first;
  }

  static Object unwrap(Object self, Class<?> type) throws SQLException {
    if (!type.isInstance(self)) {
      throw new SQLException("not a wrapper for " + type.getName(), "0A000");
    }
    return self;
  }

  static SQLException unsupported(String what) {
    return new SQLFeatureNotSupportedException(
        "the store on S3 does not have this: " + what, "0A000");
  }
}
