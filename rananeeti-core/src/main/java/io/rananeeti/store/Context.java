package io.rananeeti.store;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction must find around it when it is applied later.
 *
 * @param isolation of the transaction
 * @param settings session settings that the application made, by name, in the order in which they
 *     were made first ({@code role}, {@code search_path}, {@code timezone}, ...); in an entry of
 *     the log also those with which the accepting session began, before the others
 * @param user as whom the accepting session had logged in, null if the store does not say
 */
public record Context(Isolation isolation, Map<String, String> settings, @Nullable String user) {

  /** Nothing set. */
  public static final Context NONE = new Context(Isolation.DEFAULT, Map.of(), null);

  /** Copies the map and keeps its order. */
  public Context {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }

  /** Shows the names only: a setting may be a tenant, or a secret. */
  @Override
  public String toString() {
    return "Context[isolation=" + isolation + ", settings=" + settings.keySet() + "]";
  }
}
