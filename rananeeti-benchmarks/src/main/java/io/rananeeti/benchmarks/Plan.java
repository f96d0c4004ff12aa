package io.rananeeti.benchmarks;

import io.rananeeti.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

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
    Arguments given = new Arguments(arguments);
    Plan plan =
        new Plan(
            given.list("levels", Arguments.names(Durability.values()), Durability::valueOf),
            given.list("sizes", "512,4096", Integer::valueOf),
            given.list("threads", "1,8,64", Integer::valueOf),
            given.list("kinds", Arguments.names(Kind.values()), Kind::valueOf),
            given.number("rounds", 15),
            given.millis("turn", 500),
            Path.of(given.take("directory", "")).toAbsolutePath(),
            given.number("gibibytes", 200) * GIBIBYTE,
            given.number("seed", 1));
    given.end();
    return plan;
  }
}
