package io.rananeeti.internal.driver;

import io.rananeeti.store.StoreProvider.Setting;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads what people write as the value of a setting. */
final class SettingValue {

  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,18})\\s*([A-Za-z]*)");
  private static final Map<String, Duration> TIMES =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));
  private static final Map<String, Long> SIZES =
      Map.of("", 1L, "b", 1L, "kib", 1L << 10, "mib", 1L << 20, "gib", 1L << 30, "tib", 1L << 40);

  private SettingValue() {}

  /**
   * The value of the setting's type.
   *
   * @throws IllegalArgumentException if it is none; the message says what can stand there
   */
  static Object of(Setting setting, String text) {
    String value = text.strip();
    Class<?> type = setting.type();
    if (type == Duration.class) {
      return duration(setting, value);
    } else if (type == Long.class) {
      return bytes(setting, value);
    } else if (type == Integer.class) {
      return number(setting, value);
    } else if (type == Boolean.class) {
      return truth(setting, value);
    } else if (type == Path.class) {
      return path(setting, value);
    } else if (type.isEnum()) {
      return constant(setting, value);
    }
    return value;
  }

  private static Duration duration(Setting setting, String value) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(value);
    Duration unit = matcher.matches() ? TIMES.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    try {
      return unit == null
          ? Duration.parse(value)
          : unit.multipliedBy(Long.parseLong(matcher.group(1)));
    } catch (DateTimeParseException | ArithmeticException e) {
      throw refused(setting, value, "a time with its unit, such as 500ms, 2s, 5m, 1h, 90d", e);
    }
  }

  private static Long bytes(Setting setting, String value) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(value);
    Long unit = matcher.matches() ? SIZES.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    String wanted = "a number of bytes, such as 1073741824, 512MiB or 16GiB";
    if (unit == null) {
      throw refused(setting, value, wanted, null);
    }
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
    } catch (ArithmeticException e) {
      throw refused(setting, value, wanted, e);
    }
  }

  private static Integer number(Setting setting, String value) {
    try {
      return Integer.valueOf(value);
    } catch (NumberFormatException e) {
      throw refused(setting, value, "a whole number", e);
    }
  }

  private static Boolean truth(Setting setting, String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw refused(setting, value, "true or false", null);
    };
  }

  private static Path path(Setting setting, String value) {
    try {
      if (!value.isEmpty()) {
        return Path.of(value);
      }
    } catch (InvalidPathException e) {
      throw refused(setting, value, "a directory", e);
    }
    throw refused(setting, value, "a directory", null);
  }

  private static Object constant(Setting setting, String value) {
    String spelled = value.toUpperCase(Locale.ROOT).replace('-', '_');
    for (Object constant : setting.type().getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(spelled)) {
        return constant;
      }
    }
    throw refused(setting, value, "one of " + constants(setting.type()), null);
  }

  /** The names of an enum's constants, for people. */
  static String constants(Class<?> type) {
    return Arrays.stream(type.getEnumConstants())
        .map(constant -> ((Enum<?>) constant).name())
        .collect(Collectors.joining(", "));
  }

  private static IllegalArgumentException refused(
      Setting setting, String value, String wanted, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "rananeeti.%s is %s, not \"%s\"".formatted(setting.name(), wanted, value), cause);
  }
}
