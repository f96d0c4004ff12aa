package io.rananeeti;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Work of one transaction. It may be run more than once, when a failover interrupts it, and must
 * have no side effects outside the connection that it is given.
 *
 * @param <T> what it returns
 */
@FunctionalInterface
public interface TransactionWork<T extends @Nullable Object> {

  /** Does the work; neither commits nor closes the connection. */
  T run(PlatformConnection connection) throws SQLException;
}
