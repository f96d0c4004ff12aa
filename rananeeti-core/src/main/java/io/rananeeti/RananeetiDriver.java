package io.rananeeti;

import io.rananeeti.internal.driver.DriverProperties;
import io.rananeeti.internal.driver.Platforms;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The platform for applications that are configured, not written: {@code
 * jdbc:rananeeti:postgresql://host/database} in the place of {@code jdbc:postgresql://...}.
 *
 * <p>The first connection to a database opens a {@link DataPlatform} for it and its user, which all
 * later ones share; {@code connection.unwrap(DataPlatform.class)} is it. Connections cost nothing,
 * and the platform has its own pool of physical ones; another pool on top does no harm.
 *
 * <p><b>Settings</b> are those of {@link DataPlatform.Builder}: its {@code outageBudget} is {@code
 * rananeeti.outage-budget}. Each is taken from the first of these that has it: the URL's query, the
 * properties given to {@link #connect}, the system properties, the environment ({@code
 * RANANEETI_OUTAGE_BUDGET}), the file {@code rananeeti.properties} in the working directory or else
 * at the root of the class path. {@code rananeeti.name} names the platform, and with it its log's
 * directory; default is the database's name. Store settings are {@code rananeeti.pool-size}, {@code
 * rananeeti.async-commit} and {@code rananeeti.ledger-expiry}. Names that nobody knows are errors.
 * All other properties go to the database's driver.
 *
 * <p>When the JVM ends nothing needs to be called: what was acknowledged is on disk. Thread-safe.
 */
public final class RananeetiDriver implements Driver {

  private static final String PREFIX = "jdbc:rananeeti:";
  private static final Platforms PLATFORMS = new Platforms();

  static {
    try {
      DriverManager.registerDriver(new RananeetiDriver(), RananeetiDriver::shutdown);
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** For {@link java.util.ServiceLoader} and for tools that make drivers by name. */
  public RananeetiDriver() {}

  /**
   * Closes all platforms that URLs have opened; what waits stays in their logs. The next connection
   * opens its platform anew. For tests, and for containers that unload an application while the JVM
   * goes on: they reach it by deregistering the driver, too.
   */
  public static void shutdown() {
    PLATFORMS.close();
  }

  /**
   * A connection; waits for no database.
   *
   * @return null if the URL is not for this driver
   * @throws SQLException 22023 if a setting is unknown or can't have that value, or the database is
   *     open in this JVM with other settings; 58030 if the log can't be opened, with what to do
   */
  @Override
  public @Nullable Connection connect(String url, @Nullable Properties info) throws SQLException {
    return acceptsURL(url) ? PLATFORMS.connect(url, info == null ? new Properties() : info) : null;
  }

  @Override
  public boolean acceptsURL(String url) throws SQLException {
    if (url == null) {
      throw new SQLException("the URL is null", "22004");
    }
    return url.startsWith(PREFIX);
  }

  /** The platform's own settings; the database's driver knows its own. */
  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, @Nullable Properties info)
      throws SQLException {
    try {
      return acceptsURL(url)
          ? DriverProperties.of(url, info == null ? new Properties() : info)
          : new DriverPropertyInfo[0];
    } catch (IllegalArgumentException e) {
      throw new SQLException(e.getMessage(), "22023", e);
    }
  }

  @Override
  public int getMajorVersion() {
    return version(0);
  }

  @Override
  public int getMinorVersion() {
    return version(1);
  }

  private static int version(int which) {
    String version = RananeetiDriver.class.getPackage().getImplementationVersion();
    String[] parts = version == null ? new String[0] : version.split("\\D+", -1);
    return which < parts.length ? Integer.parseInt(parts[which]) : 0;
  }

  /** False, as of the drivers behind it: no test of all of SQL-92 was passed. */
  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("the platform logs through slf4j", "0A000");
  }
}
