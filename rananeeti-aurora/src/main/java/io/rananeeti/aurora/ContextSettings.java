package io.rananeeti.aurora;

import io.rananeeti.store.Context;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one entry after another in one database transaction. Each entry finds its own and
 * none of the one before it. Used by one thread.
 *
 * <p>Settings that say how long or how surely the application wanted to wait are not taken over:
 * what is applied later has nobody who waits for it, and is durable always (C8, S4).
 */
final class ContextSettings {

  private static final Set<String> WAITING =
      Set.of(
          "synchronous_commit",
          "lock_timeout",
          "statement_timeout",
          "transaction_timeout",
          "idle_in_transaction_session_timeout",
          "idle_session_timeout");

  private static final String APPLICATION_NAME = "application_name";

  private static final String SET =
      "SELECT s.name, pg_catalog.current_setting(s.name, true),"
          + " pg_catalog.set_config(s.name, s.value, ?)"
          + " FROM unnest(CAST(? AS text[]), CAST(? AS text[])) AS s (name, value)";

  private static final String ROLE = "role";

  private static final Set<String> OF_THE_DRIVER =
      Set.of("extra_float_digits", "session_authorization");

  private final Connection connection;
  private final @Nullable SessionDefaults defaults;
  private Map<String, String> originals = new LinkedHashMap<>();
  private Map<String, String> marked = Map.of();

  /**
   * On a connection in the state of a fresh one.
   *
   * @param defaults with what its session has begun, null if that is not known
   */
  ContextSettings(Connection connection, @Nullable SessionDefaults defaults) {
    this.connection = connection;
    this.defaults = defaults;
  }

  /** Whether {@link #enter} has anything to do. */
  boolean changes(Context context) {
    return !originals.isEmpty() || !meaningful(context).isEmpty();
  }

  /** As whom it was accepted, where this session has logged in as another; null if it has not. */
  @Nullable String otherUser(Context context) {
    String user = context.user();
    return user == null || defaults == null || user.equals(defaults.user()) ? null : user;
  }

  /** Undoes what was entered before, and sets these. */
  void enter(Context context) throws SQLException {
    if (!originals.isEmpty()) {
      set(connection, undoing(), true);
      originals = new LinkedHashMap<>();
    }
    Map<String, String> meaningful = meaningful(context);
    if (!meaningful.isEmpty()) {
      originals = set(connection, meaningful, true);
    }
  }

  /**
   * What a fresh session has not got already. Where it has logged in as somebody else, that role
   * comes first; one that the application has set comes in its own place, as the one more.
   */
  private Map<String, String> meaningful(Context context) {
    Map<String, String> meaningful = new LinkedHashMap<>();
    if (defaults != null && context.user() != null) {
      meaningful.putAll(defaults.unset());
    }
    String other = otherUser(context);
    if (other != null) {
      meaningful.put(ROLE, other);
    }
    meaningful.putAll(context.settings());
    if (other != null) {
      meaningful.replace(ROLE, "none", other);
    }
    meaningful
        .entrySet()
        .removeIf(
            each ->
                WAITING.contains(each.getKey())
                    || (defaults != null && defaults.has(each.getKey(), each.getValue())));
    return meaningful;
  }

  /** The role first: the next settings may need its rights back. */
  private Map<String, String> undoing() {
    Map<String, String> undo = new LinkedHashMap<>();
    String role = originals.get(ROLE);
    if (role != null) {
      undo.put(ROLE, role);
    }
    undo.putAll(originals);
    return undo;
  }

  /** Remembers what is entered now. */
  void mark() {
    marked = Map.copyOf(originals);
  }

  /** Forgets what was entered since the mark: the server has rolled it back. */
  void backToMark() {
    originals = new LinkedHashMap<>(marked);
  }

  /**
   * Makes settings in their order.
   *
   * @param local whether for this transaction only
   * @return what stood there before
   */
  static Map<String, String> set(Connection connection, Map<String, String> settings, boolean local)
      throws SQLException {
    List<String> names = new ArrayList<>(settings.keySet());
    List<String> values = new ArrayList<>(settings.values());
    Map<String, String> before = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(SET)) {
      statement.setBoolean(1, local);
      statement.setArray(2, texts(connection, names));
      statement.setArray(3, texts(connection, values));
      try (ResultSet old = statement.executeQuery()) {
        while (old.next()) {
          String value = Objects.requireNonNullElse(old.getString(2), "");
          before.putIfAbsent(Objects.requireNonNull(old.getString(1)), value);
        }
      }
    }
    return before;
  }

  /**
   * Gives settings of a session the values with which it began, in one round trip.
   *
   * @param applicationName which the driver may set after the session began
   * @return false if the driver may have set one of them after the session began
   */
  static boolean reset(Connection connection, Set<String> names, String applicationName)
      throws SQLException {
    if (names.stream().anyMatch(OF_THE_DRIVER::contains)) {
      return false;
    }
    StringJoiner resets = new StringJoiner("; ");
    if (names.contains(ROLE)) {
      resets.add("RESET role");
    }
    if (names.contains(APPLICATION_NAME)) {
      resets.add("SET application_name = '" + applicationName.replace("'", "''") + "'");
    }
    names.stream()
        .filter(name -> !name.equals(ROLE) && !name.equals(APPLICATION_NAME))
        .forEach(name -> resets.add(reset(name)));
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement()) {
      statement.execute(resets.toString());
    }
    return true;
  }

  private static String reset(String name) {
    return "RESET \"" + name.replace("\"", "\"\"").replace(".", "\".\"") + '"';
  }

  private static Array texts(Connection connection, List<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }
}
