package io.rananeeti.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Arguments of the form {@code name=value,value}, each taken once. Not thread-safe. */
public final class Arguments {

  private final Map<String, String> given = new HashMap<>();

  /** Reads them; what they mean is said by those who take them. */
  public Arguments(String... arguments) {
    for (String argument : arguments) {
      String[] parts = argument.split("=", 2);
      given.put(parts[0], parts.length == 2 ? parts[1] : "");
    }
  }

  /** All names of an enumeration, as a default for a list of them. */
  public static String names(Enum<?>[] values) {
    return String.join(",", Arrays.stream(values).map(Enum::name).toList());
  }

  /** Takes a list. */
  public <T> List<T> list(String name, String otherwise, Function<String, T> reader) {
    return Arrays.stream(take(name, otherwise).split(",", -1)).map(reader).toList();
  }

  /** Takes a whole number. */
  public int number(String name, int otherwise) {
    return Integer.parseInt(take(name, String.valueOf(otherwise)));
  }

  /** Takes a duration in milliseconds. */
  public Duration millis(String name, long otherwise) {
    return Duration.ofMillis(Long.parseLong(take(name, String.valueOf(otherwise))));
  }

  /** Takes a value. */
  public String take(String name, String otherwise) {
    String value = given.remove(name);
    return value == null ? otherwise : value;
  }

  /**
   * Says that all were taken.
   *
   * @throws IllegalArgumentException if there is one that nobody asked for
   */
  public void end() {
    if (!given.isEmpty()) {
      throw new IllegalArgumentException("unknown: " + given.keySet());
    }
  }
}
