package io.rananeeti.aurora.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Threads that write through a {@link DataSource} until it is closed, at a steady pace, and note
 * what they were told. A failed transaction is rolled back and not tried again, so that it must be
 * absent.
 */
final class Load implements AutoCloseable {

  static final int THREADS = 8;

  private static final Duration STALL = Duration.ofMinutes(3);

  private final DataSource dataSource;
  private final long paceNanos;
  private final Queue<Note> notes = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  private Load(DataSource dataSource, Duration pace) {
    this.dataSource = dataSource;
    this.paceNanos = pace.toNanos();
  }

  /** Starts; each thread begins a transaction so often, or as soon as the last one is over. */
  static Load start(DataSource dataSource, Duration pace, long seed) {
    Load load = new Load(dataSource, pace);
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      SplittableRandom random = new SplittableRandom(seed * THREADS + i);
      Thread thread = new Thread(() -> load.work(number, random), "load-" + i);
      thread.setDaemon(true);
      load.threads.add(thread);
    }
    load.threads.forEach(Thread::start);
    return load;
  }

  private void work(int thread, SplittableRandom random) {
    try {
      for (int n = 0; !over; n++) {
        long begun = System.nanoTime();
        Work work = Work.draw(random);
        notes.add(attempt(work, thread + "." + n, work.trail(thread, random)));
        Moments.until(begun + random.nextLong(paceNanos / 2, paceNanos * 3 / 2));
      }
    } catch (RuntimeException | Error e) {
      broken.add(e);
    }
  }

  private Note attempt(Work work, String token, @Nullable String trail) {
    long begun = System.nanoTime();
    long[] committing = {begun};
    Receipt receipt = null;
    SQLException failure = null;
    try (Connection connection = dataSource.getConnection()) {
      receipt = run(connection, work, token, trail, committing);
    } catch (SQLException e) {
      failure = e;
    }
    return new Note(work, token, trail, begun, committing[0], System.nanoTime(), receipt, failure);
  }

  private static @Nullable Receipt run(
      Connection connection, Work work, String token, @Nullable String trail, long[] committing)
      throws SQLException {
    if (work.autoCommits()) {
      work.run(connection, token, trail);
      return receipt(connection);
    }
    connection.setAutoCommit(false);
    try {
      work.run(connection, token, trail);
      committing[0] = System.nanoTime();
      connection.commit();
      return receipt(connection);
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    }
  }

  private static @Nullable Receipt receipt(Connection connection) throws SQLException {
    return connection instanceof PlatformConnection ours ? ours.receipt() : null;
  }

  /** What was noted so far. */
  List<Note> notes() {
    return List.copyOf(notes);
  }

  /** Ends; no call may be parked for ever. */
  @Override
  public void close() {
    over = true;
    long end = System.nanoTime() + STALL.toNanos();
    while (threads.stream().anyMatch(Thread::isAlive) && System.nanoTime() < end) {
      Moments.until(System.nanoTime() + 5_000_000);
    }
    assertThat(threads.stream().filter(Thread::isAlive).map(Load::place)).as("parked").isEmpty();
    assertThat(broken).isEmpty();
  }

  private static String place(Thread thread) {
    return thread.getName() + " in " + Arrays.toString(thread.getStackTrace());
  }
}
