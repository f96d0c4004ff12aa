package io.rananeeti.aurora;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that share a number of pieces of work. */
final class Crowd implements AutoCloseable {

  private final int threads;
  private final ExecutorService executor;

  Crowd(int threads) {
    this.threads = threads;
    this.executor = Executors.newFixedThreadPool(threads, task -> new Thread(task, "crowd"));
  }

  /** Does the work for each number from the one to before the other; the first failure ends it. */
  void share(int from, int to, Work work) throws Exception {
    AtomicInteger next = new AtomicInteger(from);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(
          executor.submit(
              () -> {
                for (int n = next.getAndIncrement(); n < to; n = next.getAndIncrement()) {
                  work.run(n);
                }
                return null;
              }));
    }
    for (Future<?> each : all) {
      try {
        each.get();
      } catch (ExecutionException e) {
        next.set(to);
        throw new AssertionError("a thread of the crowd failed", e.getCause());
      }
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }

  /** One piece. */
  @FunctionalInterface
  interface Work {
    void run(int number) throws Exception;
  }
}
