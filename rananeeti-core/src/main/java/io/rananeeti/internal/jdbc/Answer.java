package io.rananeeti.internal.jdbc;

import java.sql.SQLWarning;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * What a statement has answered, for the getters that come afterwards.
 *
 * @param updateCount -1 if there is none
 * @param rows null if there are none
 * @param warnings of the driver's statement, which may be gone when they are asked for
 * @param by the driver's statement, which may have more to say; null if none has answered
 */
record Answer(
    long updateCount,
    @Nullable PlatformResultSet rows,
    @Nullable SQLWarning warnings,
    @Nullable Statement by) {

  /** Nothing was run, or all is read. */
  static final Answer NONE = new Answer(-1, null, null, null);

  /** A count that no driver has given. */
  static Answer counted(long count) {
    return new Answer(count, null, null, null);
  }

  Answer withoutWarnings() {
    return new Answer(updateCount, rows, null, by);
  }
}
