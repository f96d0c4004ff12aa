package io.rananeeti.aurora;

import io.rananeeti.store.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * With what a new session begins, as far as it changes what a statement means: who it is, where it
 * looks for tables, in which time zone it reads and writes. An entry keeps it, because the session
 * that applies it may begin otherwise: after a restart with another user, {@code currentSchema} or
 * time zone, or after an {@code ALTER ROLE ... SET}.
 *
 * @param user as whom it has logged in, null if that is not known
 * @param searchPath null if that is not known
 * @param timeZone of the process, which the driver tells the server
 */
record SessionDefaults(@Nullable String user, @Nullable String searchPath, String timeZone) {

  /** Names of the settings, in lower case as the platform keeps them. */
  static final String SEARCH_PATH = "search_path";

  static final String TIME_ZONE = "timezone";

  /** What a session to this endpoint is going to begin with, where none has begun yet. */
  static SessionDefaults expected(Endpoint endpoint) {
    return new SessionDefaults(
        endpoint.property(PGProperty.USER),
        endpoint.property(PGProperty.CURRENT_SCHEMA),
        ofTheDriver(TimeZone.getDefault().getID()));
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
    Map<String, String> settings = new LinkedHashMap<>();
    if (searchPath != null) {
      settings.put(SEARCH_PATH, searchPath);
    }
    settings.put(TIME_ZONE, timeZone);
    settings.keySet().removeAll(made.settings().keySet());
    settings.putAll(made.settings());
    return new Context(made.isolation(), settings, made.user() == null ? user : made.user());
  }

  /** Whether a session that begins like this has this setting already. */
  boolean has(String setting, String value) {
    return switch (setting) {
      case SEARCH_PATH -> value.equals(searchPath);
      case TIME_ZONE -> value.equals(timeZone);
      default -> false;
    };
  }
}
