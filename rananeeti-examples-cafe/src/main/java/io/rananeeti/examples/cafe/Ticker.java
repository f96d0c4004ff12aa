package io.rananeeti.examples.cafe;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that does one thing again and again. What the thing throws is logged. */
final class Ticker implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Ticker.class);

  private final String name;
  private final Runnable work;
  private final ScheduledExecutorService thread;
  private final ScheduledFuture<?> schedule;

  private Ticker(String name, Duration pause, Runnable work) {
    this.name = name;
    this.work = work;
    this.thread = Executors.newSingleThreadScheduledExecutor(this::daemon);
    this.schedule =
        thread.scheduleWithFixedDelay(this::tick, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Does the work now, and again after each pause. */
  static Ticker start(String name, Duration pause, Runnable work) {
    return new Ticker(name, pause, work);
  }

  private Thread daemon(Runnable loop) {
    Thread daemon = new Thread(loop, name);
    daemon.setDaemon(true);
    return daemon;
  }

  private void tick() {
    try {
      work.run();
    } catch (RuntimeException e) {
      log.warn("{} failed once, and goes on", name, e);
    }
  }

  /** Interrupts the work, if it is being done, and ends. */
  @Override
  public void close() {
    schedule.cancel(true);
    thread.shutdownNow();
  }
}
