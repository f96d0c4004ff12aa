package io.rananeeti.aurora.scenarios;

import io.rananeeti.aurora.scenarios.Contestant.Entrant;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/**
 * One contestant under a fixed load: eight threads, each a transaction of two inserts with ids of
 * its own so often. An application that gets an exception counts a failed call and tries the same
 * work again after a pause, unless nobody can know whether it happened.
 */
final class Race {

  private static final int THREADS = 8;
  private static final long RETRY_NANOS = Duration.ofMillis(100).toNanos();

  private final Entrant entrant;
  private final long paceNanos;
  private final Queue<Done> done = new ConcurrentLinkedQueue<>();
  private final Queue<String> states = new ConcurrentLinkedQueue<>();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger unknown = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  /** An acknowledged piece of work, with all its attempts, in {@link System#nanoTime()}. */
  private record Done(String token, long begun, long lastTry, long ended) {}

  private Race(Entrant entrant, Duration pace) {
    this.entrant = entrant;
    this.paceNanos = pace.toNanos();
  }

  static Race start(Entrant entrant, Duration pace) {
    Race race = new Race(entrant, pace);
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      Thread thread = new Thread(() -> race.work(number), entrant.contestant() + "-" + i);
      thread.setDaemon(true);
      race.threads.add(thread);
    }
    race.threads.forEach(Thread::start);
    return race;
  }

  private void work(int thread) {
    long next = System.nanoTime() + paceNanos * thread / THREADS;
    for (int n = 0; !over; n++) {
      Moments.until(next);
      next = Math.max(next + paceNanos, System.nanoTime());
      untilDone(thread + "." + n);
    }
  }

  private void untilDone(String token) {
    long begun = System.nanoTime();
    while (true) {
      long tried = System.nanoTime();
      boolean[] committing = {false};
      try {
        attempt(token, committing);
        done.add(new Done(token, begun, tried, System.nanoTime()));
        return;
      } catch (SQLException e) {
        failed.incrementAndGet();
        states.add(String.valueOf(e.getSQLState()));
        if (entrant.contestant().isUnknown(e, committing[0])) {
          unknown.incrementAndGet();
          return;
        }
      }
      if (over) {
        return;
      }
      Moments.until(System.nanoTime() + RETRY_NANOS);
    }
  }

  private void attempt(String token, boolean[] committing) throws SQLException {
    try (Connection connection = entrant.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO " + entrant.contestant().table() + " (token, part) VALUES (?, ?)")) {
        for (int part = 0; part < 2; part++) {
          insert.setString(1, token);
          insert.setInt(2, part);
          insert.executeUpdate();
        }
      }
      committing[0] = true;
      connection.commit();
    }
  }

  /** Whether a transaction that began after that time has succeeded. */
  boolean succeededSince(long time) {
    return done.stream().anyMatch(each -> each.lastTry() > time);
  }

  void stop() {
    over = true;
  }

  /** Waits for the last calls, and is false if one is parked still. */
  boolean ended(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (threads.stream().anyMatch(Thread::isAlive) && System.nanoTime() < end) {
      Moments.until(System.nanoTime() + 10_000_000);
    }
    return threads.stream().noneMatch(Thread::isAlive);
  }

  /** What came of it, by its table. */
  Score score(Connection database, long struck) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = database.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT token || '/' || part FROM " + entrant.contestant().table())) {
      while (found.next()) {
        rows.add(found.getString(1));
      }
    }
    Set<String> there = new HashSet<>(rows);
    long lost =
        done.stream()
            .filter(
                each ->
                    !there.contains(each.token() + "/0") || !there.contains(each.token() + "/1"))
            .count();
    long doubled = (long) rows.size() - there.size();
    return new Score(
        done.size(),
        failed.get(),
        unknown.get(),
        millis(longestStall(struck)),
        millis(longestSilence(struck)),
        lost,
        doubled / 2 + doubled % 2);
  }

  private long longestStall(long struck) {
    return done.stream()
        .filter(each -> each.ended() > struck)
        .mapToLong(each -> each.ended() - each.begun())
        .max()
        .orElse(0);
  }

  private long longestSilence(long struck) {
    long[] ends =
        LongStream.concat(LongStream.of(struck), done.stream().mapToLong(Done::ended))
            .filter(time -> time >= struck)
            .sorted()
            .toArray();
    long longest = 0;
    for (int i = 1; i < ends.length; i++) {
      longest = Math.max(longest, ends[i] - ends[i - 1]);
    }
    return longest;
  }

  /** How long transactions took that were begun and over in these times, in milliseconds. */
  List<Double> within(long begin, long end) {
    return done.stream()
        .filter(each -> each.begun() > begin && each.ended() < end)
        .map(each -> (each.ended() - each.begun()) / 1e6)
        .toList();
  }

  /** The SQLSTATEs that the application met. */
  List<String> states() {
    return List.copyOf(states);
  }

  private static long millis(long nanos) {
    return nanos / 1_000_000;
  }

  /**
   * What came of one run.
   *
   * @param acknowledged transactions that ended well
   * @param failed calls that threw
   * @param unknown of these, which nobody can tell about, so that they were given up
   * @param stall the longest that a piece of work took, with all its attempts, in ms
   * @param silence the longest time from the fault on in which no work of any thread ended well
   * @param lost acknowledged, and not there
   * @param doubled there twice
   */
  record Score(
      long acknowledged,
      long failed,
      long unknown,
      long stall,
      long silence,
      long lost,
      long doubled) {}
}
