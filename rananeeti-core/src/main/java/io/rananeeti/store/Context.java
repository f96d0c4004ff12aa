package io.rananeeti.store;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a transaction must find around it when it is applied later.
 *
 * @param isolation of the transaction
 * @param settings session settings that the application made, by name, in the order in which they
 *     were made first ({@code role}, {@code search_path}, {@code timezone}, ...)
 */
public record Context(Isolation isolation, Map<String, String> settings) {

  /** Nothing set. */
  public static final Context NONE = new Context(Isolation.DEFAULT, Map.of());

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
