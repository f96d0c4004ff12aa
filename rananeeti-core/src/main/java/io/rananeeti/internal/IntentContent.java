package io.rananeeti.internal;

import io.rananeeti.internal.codec.ContentDigest;
import io.rananeeti.store.Intent;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a transaction with an intent key is about (S6). */
final class IntentContent {

  private IntentContent() {}

  /**
   * Its intent; null if the application has given none.
   *
   * @throws SQLException 0A000 if it did what can't be kept, so that nobody could ever tell whether
   *     another does the same
   */
  static @Nullable Intent of(Unit unit, Terms terms) throws SQLException {
    String key = terms.intentKey();
    if (key == null) {
      return null;
    }
    String untold = unit.untold();
    if (untold != null) {
      throw Refusals.noIntent(untold);
    }
    try {
      return new Intent(key, ContentDigest.of(unit.content(), terms.context()));
    } catch (IllegalArgumentException e) {
      throw Refusals.noIntent(String.valueOf(e.getMessage()));
    }
  }
}
