package io.rananeeti.aurora;

import io.rananeeti.store.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * With what a new session begins, as far as it changes what a statement means: who it is, where it
 * looks for tables, in which time zone it reads and writes, and what the URL's {@code options} set.
 * An entry keeps it, because the session that applies it may begin otherwise: after a restart with
 * another user, {@code currentSchema}, time zone or tenant, or after an {@code ALTER ROLE ... SET}.
 *
 * @param user as whom it has logged in, null if that is not known
 * @param settings by name in lower case, as the platform keeps those of the application
 */
record SessionDefaults(@Nullable String user, Map<String, String> settings) {

  private static final String SEARCH_PATH = "search_path";
  private static final String TIME_ZONE = "timezone";

  /**
   * What a session to this endpoint is going to begin with, where none has begun yet. What the
   * driver sends as a parameter of its own comes after the options, and stands.
   */
  static SessionDefaults expected(Endpoint endpoint) {
    Map<String, String> settings = new LinkedHashMap<>(endpoint.options());
    String schema = endpoint.property(PGProperty.CURRENT_SCHEMA);
    if (schema != null) {
      settings.put(SEARCH_PATH, schema);
    }
    settings.put(TIME_ZONE, ofTheDriver(TimeZone.getDefault().getID()));
    return new SessionDefaults(endpoint.property(PGProperty.USER), settings);
  }

  /** What one has begun with. */
  static SessionDefaults found(Endpoint endpoint, String user, String searchPath, String timeZone) {
    Map<String, String> settings = new LinkedHashMap<>(endpoint.options());
    settings.put(SEARCH_PATH, searchPath);
    settings.put(TIME_ZONE, timeZone);
    return new SessionDefaults(user, settings);
  }

  /** The driver turns the sign of {@code GMT+2}, which PostgreSQL reads the other way round. */
  private static String ofTheDriver(String zone) {
    if (zone.length() <= 3 || !zone.startsWith("GMT")) {
      return zone;
    }
    return switch (zone.charAt(3)) {
      case '+' -> "GMT-" + zone.substring(4);
      case '-' -> "GMT+" + zone.substring(4);
      default -> zone;
    };
  }

  /** The same context with what it leaves to the session; what it says stands. */
  Context complete(Context made) {
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.keySet().removeAll(made.settings().keySet());
    all.putAll(made.settings());
    return new Context(made.isolation(), all, made.user() == null ? user : made.user());
  }

  /**
   * What undoes those that decide whose work it is, for an entry that was accepted without them.
   */
  Map<String, String> unset() {
    Map<String, String> unset = new LinkedHashMap<>();
    for (String name : settings.keySet()) {
      if (name.equals("role")) {
        unset.put(name, "none");
      } else if (name.contains(".")) {
        unset.put(name, "");
      }
    }
    return unset;
  }

  /** Whether a session that begins like this has this setting already. */
  boolean has(String setting, String value) {
    return value.equals(settings.get(setting));
  }
}
