package io.rananeeti.examples.frameworks.matrix;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.Health;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A way to a database of its own on the one server.
 *
 * @param title its name, and the database's
 * @param platform what stands behind it; null for the plain driver
 */
record Door(String title, DataSource dataSource, @Nullable DataPlatform platform) {

  boolean isOurs() {
    return platform != null;
  }

  boolean is(Availability availability) {
    return platform == null || health(platform).availability() == availability;
  }

  /** How many transactions the log has accepted; none for the plain driver. */
  long accepted() {
    return platform == null ? 0 : health(platform).accepted();
  }

  private static Health.StoreHealth health(DataPlatform platform) {
    return platform.health().stores().values().iterator().next();
  }
}
