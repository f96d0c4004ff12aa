package io.rananeeti.internal.jdbc;

import io.rananeeti.UpdateCounts;
import java.nio.charset.StandardCharsets;
import java.sql.ClientInfoStatus;
import java.sql.SQLClientInfoException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What the application says of one transaction, as client info; gone when the transaction is over.
 */
final class ClientInfo {

  private static final String ORDERING_KEY = "rananeeti.ordering-key";
  private static final String DEFER = "rananeeti.defer";
  private static final String UPDATE_COUNTS = "rananeeti.update-counts";
  private static final String TRACE_PARENT = "rananeeti.trace-parent";
  private static final String INTENT_KEY = "rananeeti.intent-key";
  private static final List<String> KEYS =
      List.of(ORDERING_KEY, DEFER, UPDATE_COUNTS, TRACE_PARENT, INTENT_KEY);
  private static final int LONGEST = 255;

  private final Properties values = new Properties();

  /** Whether it is a name of the platform's, known or not. */
  static boolean isOurs(String name) {
    return name.startsWith("rananeeti.");
  }

  /** {@code setClientInfo} of properties: what is ours of them, in the place of what was set. */
  void setAll(Properties all) throws SQLClientInfoException {
    values.clear();
    for (String name : all.stringPropertyNames()) {
      if (isOurs(name)) {
        set(name, all.getProperty(name));
      }
    }
  }

  @Nullable String get(String name) {
    return values.getProperty(name);
  }

  Properties all() {
    Properties copy = new Properties();
    copy.putAll(values);
    return copy;
  }

  @Nullable String orderingKey() {
    return get(ORDERING_KEY);
  }

  @Nullable String intentKey() {
    return get(INTENT_KEY);
  }

  @Nullable String traceParent() {
    return get(TRACE_PARENT);
  }

  @Nullable Boolean defer() {
    String value = get(DEFER);
    return value == null ? null : Boolean.valueOf(value);
  }

  @Nullable UpdateCounts updateCounts() {
    String value = get(UPDATE_COUNTS);
    return value == null ? null : UpdateCounts.valueOf(value);
  }

  void transactionIsOver() {
    values.clear();
  }

  void set(String name, @Nullable String value) throws SQLClientInfoException {
    if (!KEYS.contains(name)) {
      throw refused(
          name,
          ClientInfoStatus.REASON_UNKNOWN_PROPERTY,
          "client info %s is not known; known are %s".formatted(name, String.join(", ", KEYS)));
    }
    if (value == null) {
      values.remove(name);
    } else {
      values.setProperty(name, checked(name, value));
    }
  }

  private static String checked(String name, String value) throws SQLClientInfoException {
    return switch (name) {
      case DEFER -> {
        if (!value.equals("true") && !value.equals("false")) {
          throw refused(name, ClientInfoStatus.REASON_VALUE_INVALID, name + " is true or false");
        }
        yield value;
      }
      case UPDATE_COUNTS -> {
        String spelled = value.toUpperCase(Locale.ROOT).replace('-', '_');
        if (Arrays.stream(UpdateCounts.values()).noneMatch(one -> one.name().equals(spelled))) {
          throw refused(
              name,
              ClientInfoStatus.REASON_VALUE_INVALID,
              name + " is one of " + Arrays.toString(UpdateCounts.values()));
        }
        yield spelled;
      }
      default -> {
        if (value.length() > LONGEST) {
          throw refused(
              name,
              ClientInfoStatus.REASON_VALUE_TRUNCATED,
              "%s has at most %d characters".formatted(name, LONGEST));
        }
        if (name.equals(INTENT_KEY)) {
          checkIntentKey(value);
        }
        yield value;
      }
    };
  }

  /** All nodes must read the same key, and one that nobody has meant is none. */
  private static void checkIntentKey(String value) throws SQLClientInfoException {
    if (value.isBlank() || !StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      throw refused(
          INTENT_KEY,
          ClientInfoStatus.REASON_VALUE_INVALID,
          INTENT_KEY + " is blank, or has half of a surrogate pair");
    }
  }

  private static SQLClientInfoException refused(
      String name, ClientInfoStatus status, String message) {
    return new SQLClientInfoException(message, "22023", Map.of(name, status));
  }
}
