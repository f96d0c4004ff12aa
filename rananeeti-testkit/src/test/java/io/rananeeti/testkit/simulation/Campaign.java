package io.rananeeti.testkit.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;

/** Many seeds, on as many threads as there are processors; ends at the first few that fail. */
final class Campaign {

  private final long first;
  private final long last;
  private final long until;
  private final int enough;
  private final AtomicLong next;
  private final Counters counters = new Counters();
  private final List<Long> failed = new ArrayList<>();
  private long runs;
  private long steps;
  private long switches;
  private long virtualMillis;

  /**
   * Seeds from the first to the last.
   *
   * @param nanos ends before the last one once this much real time has passed
   * @param enough ends before the last one once so many have failed
   */
  Campaign(long first, long last, long nanos, int enough) {
    this.first = first;
    this.last = last;
    this.enough = enough;
    this.until = System.nanoTime() + nanos;
    this.next = new AtomicLong(first);
  }

  /** The platform warns of much in these runs. */
  static void silence() {
    if (LoggerFactory.getLogger("io.rananeeti") instanceof Logger logger) {
      logger.setLevel(Level.OFF);
    }
  }

  void run() throws InterruptedException {
    silence();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      Thread thread = new Thread(this::work, "campaign-" + i);
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void work() {
    try (Directories directories = new Directories()) {
      for (long seed = draw(); seed <= last; seed = draw()) {
        SimulatedRun run = new SimulatedRun(seed, false, directories);
        run.run();
        take(run);
      }
    }
  }

  private synchronized long draw() {
    boolean over = failed.size() >= enough || System.nanoTime() > until;
    return over ? last + 1 : next.getAndIncrement();
  }

  private synchronized void take(SimulatedRun run) {
    runs++;
    steps += run.simulation().steps();
    switches += run.simulation().switches();
    virtualMillis += run.simulation().elapsed().toMillis();
    counters.add(run.counters());
    if (!run.complaints().isEmpty()) {
      failed.add(run.seed());
    }
  }

  Counters counters() {
    return counters;
  }

  /** The seeds that failed, the first few. */
  List<Long> failed() {
    return failed;
  }

  @Override
  public String toString() {
    return "%d seeds from %d, %d h of virtual time, %d steps and %d switches each%n%s"
        .formatted(
            runs,
            first,
            virtualMillis / 3_600_000,
            steps / Math.max(1, runs),
            switches / Math.max(1, runs),
            counters);
  }
}
