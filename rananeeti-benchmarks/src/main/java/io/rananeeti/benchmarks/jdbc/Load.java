package io.rananeeti.benchmarks.jdbc;

import com.sun.management.ThreadMXBean;
import io.rananeeti.benchmarks.Window;
import io.rananeeti.benchmarks.jdbc.Contender.Subject;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.HdrHistogram.Histogram;

/** The callers, who do one work with one subject until their time is over. Owned by one thread. */
final class Load implements AutoCloseable {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long LONGEST = TimeUnit.MINUTES.toNanos(10);
  private static final int DIGITS = 3;

  private final int threads;
  private final ExecutorService executor;

  /** Each caller takes ids from a range of its own, as if they came from so many nodes. */
  private final List<AtomicLong> ids = new ArrayList<>();

  Load(int threads) {
    this.threads = threads;
    this.executor =
        Executors.newFixedThreadPool(threads, task -> new Thread(task, "benchmark-caller"));
    for (long caller = 1; caller <= threads; caller++) {
      ids.add(new AtomicLong(caller << 40));
    }
  }

  /**
   * One turn.
   *
   * @throws SQLException the first failure of a caller, each of which ends the run
   */
  Result run(Subject subject, String table, Work work, Duration turn)
      throws SQLException, InterruptedException {
    Window window = new Window();
    window.clear();
    CountDownLatch ready = new CountDownLatch(threads);
    List<Future<Histogram>> callers = new ArrayList<>();
    for (AtomicLong id : ids) {
      Caller caller = new Caller(subject.dataSource(), table, work, id, window);
      callers.add(
          executor.submit(
              () -> {
                ready.countDown();
                ready.await();
                return caller.run(turn);
              }));
    }
    Histogram all = histogram();
    for (Future<Histogram> caller : callers) {
      all.add(result(caller));
    }
    return new Result(window.callsPerSecond(), window.bytesPerCall(), all);
  }

  private static Histogram result(Future<Histogram> caller)
      throws SQLException, InterruptedException {
    try {
      return caller.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SQLException failure
          ? failure
          : new SQLException("a caller failed", e);
    }
  }

  private static Histogram histogram() {
    return new Histogram(LONGEST, DIGITS);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }

  /**
   * What one turn has given.
   *
   * @param perSecond transactions of all callers together
   * @param bytesPerCall that callers allocate
   * @param latencies in nanoseconds, from the connection's loan to its return
   */
  record Result(double perSecond, double bytesPerCall, Histogram latencies) {}

  /** One thread of a turn. */
  private record Caller(
      DataSource dataSource, String table, Work work, AtomicLong ids, Window window) {

    Histogram run(Duration turn) throws SQLException {
      Histogram latencies = histogram();
      long thread = Thread.currentThread().getId();
      long allocatedBefore = THREADS.getThreadAllocatedBytes(thread);
      long begun = System.nanoTime();
      long end = begun + turn.toNanos();
      long before = begun;
      while (before < end) {
        work.run(dataSource, table, ids.getAndAdd(work.rows()));
        long now = System.nanoTime();
        latencies.recordValue(now - before);
        before = now;
      }
      long allocated = THREADS.getThreadAllocatedBytes(thread) - allocatedBefore;
      window.add(latencies.getTotalCount(), allocated, begun, before);
      return latencies;
    }
  }
}
