package io.rananeeti.benchmarks;

import io.rananeeti.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a run measures.
 *
 * @param levels which durability, default both
 * @param sizes of an entry in bytes, default 512 and 4096
 * @param threads that append, default 1, 8 and 64
 * @param kinds what is compared, default all
 * @param rounds of each cell, default 15
 * @param turn how long one subject is measured in a round, default 500 ms
 * @param directory where it is written, default the working directory
 * @param most how many bytes a run may write at the most, default 200 GiB
 * @param seed of the order within a round
 */
record Plan(
    List<Durability> levels,
    List<Integer> sizes,
    List<Integer> threads,
    List<Kind> kinds,
    int rounds,
    Duration turn,
    Path directory,
    long most,
    long seed) {

  private static final long GIBIBYTE = 1L << 30;

  /**
   * Reads arguments of the form {@code name=value,value}.
   *
   * @throws IllegalArgumentException if there is one that it does not know
   */
  static Plan of(String... arguments) {
    Map<String, String> given = new HashMap<>();
    for (String argument : arguments) {
      String[] parts = argument.split("=", 2);
      given.put(parts[0], parts.length == 2 ? parts[1] : "");
    }
    Plan plan =
        new Plan(
            list(given, "levels", "FORCE,PROCESS", Durability::valueOf),
            list(given, "sizes", "512,4096", Integer::valueOf),
            list(given, "threads", "1,8,64", Integer::valueOf),
            list(given, "kinds", names(), Kind::valueOf),
            Integer.parseInt(take(given, "rounds", "15")),
            Duration.ofMillis(Long.parseLong(take(given, "turn", "500"))),
            Path.of(take(given, "directory", "")).toAbsolutePath(),
            Long.parseLong(take(given, "gibibytes", "200")) * GIBIBYTE,
            Long.parseLong(take(given, "seed", "1")));
    if (!given.isEmpty()) {
      throw new IllegalArgumentException("unknown: " + given.keySet());
    }
    return plan;
  }

  private static String names() {
    return String.join(",", Arrays.stream(Kind.values()).map(Kind::name).toList());
  }

  private static <T> List<T> list(
      Map<String, String> given, String name, String otherwise, Function<String, T> reader) {
    return Arrays.stream(take(given, name, otherwise).split(",", -1)).map(reader).toList();
  }

  private static String take(Map<String, String> given, String name, String otherwise) {
    String value = given.remove(name);
    return value == null ? otherwise : value;
  }
}
