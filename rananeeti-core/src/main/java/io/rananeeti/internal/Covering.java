package io.rananeeti.internal;

import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Coverage;
import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks, while the store is up, how far the other regions have come, and lets go what they have
 * (R5). Owned by the drain's owner thread.
 */
final class Covering {

  private static final Logger LOG = LoggerFactory.getLogger(Covering.class);
  private static final Duration PAUSE = Duration.ofMillis(1100);

  private final Settings settings;
  private final Seams seams;
  private final Desk desk;
  private final Tail tail;
  private long next;

  Covering(Settings settings, Desk desk) {
    this(settings, desk, desk.tail());
  }

  /** Of what another node has left. */
  Covering(Settings settings, Desk desk, Tail tail) {
    this.settings = settings;
    this.seams = settings.seams();
    this.desk = desk;
    this.tail = tail;
  }

  /** The drain's pause, shorter where something is kept. */
  Duration pause(Duration otherwise) {
    return settings.retain() == null || tail.isEmpty() ? otherwise : PAUSE;
  }

  void run() throws StoreException {
    Duration longest = settings.retain();
    if (longest == null || tail.isEmpty() || seams.nanoTime() < next) {
      return;
    }
    next = seams.nanoTime() + PAUSE.toNanos();
    tail.covered(ask(), seams.now(), longest);
  }

  /** One that can't say is as one that does not know. */
  private Coverage ask() throws StoreException {
    try {
      Coverage coverage = desk.holding().work(() -> desk.store().coverage());
      if (coverage.covered() != Coverage.UNKNOWN) {
        desk.alarms().clear("coverage");
        return coverage;
      }
      unknown("the store can't say what they have");
    } catch (StoreException e) {
      if (e.failure() == Failure.UNREACHABLE) {
        throw e;
      }
      LOG.debug("{}: store={} no coverage", settings.name(), desk.store().name(), e);
      unknown("SQLSTATE %s %s".formatted(e.sqlState(), e.getMessage()));
    }
    return Coverage.NONE;
  }

  private void unknown(String why) {
    desk.alarms()
        .raise(
            "coverage",
            "transactions are kept for other regions for %s, whether these have them or not: %s"
                .formatted(settings.retain(), why));
  }
}
