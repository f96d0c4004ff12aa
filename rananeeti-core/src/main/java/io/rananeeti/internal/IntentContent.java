package io.rananeeti.internal;

import io.rananeeti.internal.codec.ContentDigest;
import io.rananeeti.store.Context;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Store;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a transaction with an intent key is about (S6). */
final class IntentContent {

  private static final String SEARCH_PATH = "search_path";

  private IntentContent() {}

  /**
   * Its intent; null if the application has given none.
   *
   * @throws SQLException 0A000 if it did what can't be kept, so that nobody could ever tell whether
   *     another does the same; 55R17 if content of it can't be read from the spool
   */
  static @Nullable Intent of(Unit unit, Terms terms, Store store, Contents contents)
      throws SQLException {
    String key = terms.intentKey();
    if (key == null) {
      return null;
    }
    String unkept = store.whyNoIntents();
    if (unkept != null) {
      throw Refusals.noIntent(unkept);
    }
    String untold = unit.untold();
    if (untold != null) {
      throw Refusals.noIntent(untold);
    }
    List<Operation> content = unit.content();
    if (content.isEmpty()) {
      return null; // All of it was cut back: a key is for an effect.
    }
    try {
      Context whose = whose(terms.context(), store);
      return new Intent(
          key, ContentDigest.of(content, whose, new ReadSpool(contents.requireSpool())));
    } catch (UncheckedIOException e) {
      throw Refusals.contentLost(Objects.requireNonNull(e.getCause()));
    } catch (IllegalArgumentException e) {
      throw Refusals.noIntent(String.valueOf(e.getMessage()));
    }
  }

  /**
   * What the application has set, and what its sessions begin with because their URL says so. Their
   * search path is known only once one has begun, so it counts where the application has set it.
   */
  private static Context whose(Context made, Store store) {
    Map<String, String> settings = new LinkedHashMap<>(store.complete(made).settings());
    if (!made.settings().containsKey(SEARCH_PATH)) {
      settings.remove(SEARCH_PATH);
    }
    return new Context(made.isolation(), settings, null);
  }
}
