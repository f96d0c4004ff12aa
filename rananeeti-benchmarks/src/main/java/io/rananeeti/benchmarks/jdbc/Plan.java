package io.rananeeti.benchmarks.jdbc;

import io.rananeeti.benchmarks.Arguments;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a run measures.
 *
 * @param commits whether the server waits for its disk, default both
 * @param networks what a round trip takes besides, in milliseconds, default 0 and 1
 * @param works what callers do, default all
 * @param contenders what is compared, default all
 * @param threads that call, default 8
 * @param rounds of each cell, default 15
 * @param turn how long one contender is measured in a round, default 600 ms
 * @param warmUp how long each does each work before anything is measured, default 4 s
 * @param counted transactions whose round trips are counted, default 200
 * @param directory where server and logs are, default the working directory
 * @param seed of the order within a round
 */
record Plan(
    List<Commits> commits,
    List<Duration> networks,
    List<Work> works,
    List<Contender> contenders,
    int threads,
    int rounds,
    Duration turn,
    Duration warmUp,
    int counted,
    Path directory,
    long seed) {

  /**
   * Reads arguments of the form {@code name=value,value}.
   *
   * @throws IllegalArgumentException if there is one that it does not know
   */
  static Plan of(String... arguments) {
    Arguments given = new Arguments(arguments);
    Plan plan =
        new Plan(
            given.list("commits", Arguments.names(Commits.values()), Commits::valueOf),
            given.list("networks", "0,1", millis -> Duration.ofMillis(Long.parseLong(millis))),
            given.list("works", Arguments.names(Work.values()), Work::valueOf),
            given.list("contenders", Arguments.names(Contender.values()), Contender::valueOf),
            given.number("threads", 8),
            given.number("rounds", 15),
            given.millis("turn", 600),
            given.millis("warmUp", 4_000),
            given.number("counted", 200),
            Path.of(given.take("directory", "")).toAbsolutePath(),
            given.number("seed", 1));
    given.end();
    return plan;
  }
}
