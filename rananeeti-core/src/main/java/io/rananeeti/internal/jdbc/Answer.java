package io.rananeeti.internal.jdbc;

import java.sql.ResultSet;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/**
 * What a statement has answered, for the getters that come afterwards.
 *
 * @param updateCount -1 if there is none
 * @param rows null if there are none
 * @param warnings of the driver's statement, which may be gone when they are asked for
 * @param driven whether the driver has more to say, if its statement is still there
 */
record Answer(
    long updateCount, @Nullable ResultSet rows, @Nullable SQLWarning warnings, boolean driven) {

  /** Nothing was run, or all is read. */
  static final Answer NONE = new Answer(-1, null, null, false);

  /** A count that no driver has given. */
  static Answer counted(long count) {
    return new Answer(count, null, null, false);
  }

  Answer withoutWarnings() {
    return new Answer(updateCount, rows, null, driven);
  }
}
