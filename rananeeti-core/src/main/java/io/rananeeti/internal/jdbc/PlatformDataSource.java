package io.rananeeti.internal.jdbc;

import io.rananeeti.DataPlatform;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The platform behind the interface that frameworks know.
 *
 * @param platform the platform
 * @param store the store it connects to
 */
public record PlatformDataSource(DataPlatform platform, String store) implements DataSource {

  @Override
  public Connection getConnection() throws SQLException {
    return platform.getConnection(store);
  }

  @Override
  public Connection getConnection(@Nullable String user, @Nullable String password)
      throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "the store has its own user; call getConnection() without one", "0A000");
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
    throw new SQLFeatureNotSupportedException("the platform logs through slf4j", "0A000");
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "getConnection() never waits; see the platform's outageBudget", "0A000");
  }

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("the platform logs through slf4j", "0A000");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (type.isInstance(this)) {
      return type.cast(this);
    }
    if (type.isInstance(platform)) {
      return type.cast(platform);
    }
    throw new SQLException("not a wrapper for " + type.getName(), "0A000");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this) || type.isInstance(platform);
  }

  @Override
  public String toString() {
    return "PlatformDataSource[platform=" + platform.name() + ", store=" + store + "]";
  }
}
