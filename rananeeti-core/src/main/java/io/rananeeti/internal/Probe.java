package io.rananeeti.internal;

import io.rananeeti.Availability;
import io.rananeeti.internal.Gate.Passage;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Frontier;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Writer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a store is up: the only one who does. Looks at its writer from time to time, and
 * at once when somebody suspects it.
 *
 * <p>No writable writer within the outage budget: {@code DOWN}; the connections are severed, so all
 * who wait stop waiting at once. A writer: {@code RECOVERING}; another writer than the last one
 * (R2): its older connections are severed, and {@code RECOVERING} too. A store that a person holds
 * is not looked at (R8). Owned by its thread.
 *
 * <p>A hung database is the same as a dead one: a look has a time-out, and silence is counted from
 * the last answer on, not from the look that noticed it. Whoever called meanwhile waits already,
 * and no longer than the budget. One look without an answer is not enough: it may have been this
 * process that stood still.
 */
final class Probe {

  private static final Logger LOG = LoggerFactory.getLogger(Probe.class);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);
  private static final Duration LEAST_LOOK = Duration.ofMillis(500);
  private static final Duration LEAST_SILENCE = Duration.ofSeconds(1);

  private final Settings settings;
  private final Seams seams;
  private final Store store;
  private final Gate gate;
  private final Drain drain;
  private final Alarms alarms;
  private final Holding holding;
  private final Tail tail;
  private long answered;
  private @Nullable Writer writer;
  private volatile @Nullable Writer reported;
  private volatile boolean lacking;

  Probe(Settings settings, Desk desk, Drain drain) {
    this.settings = settings;
    this.seams = settings.seams();
    this.store = desk.store();
    this.gate = desk.gate();
    this.alarms = desk.alarms();
    this.holding = desk.holding();
    this.drain = drain;
    this.tail = desk.tail();
  }

  /** A new physical connection found another writer than the one before it. */
  void writerChanged(Writer found) {
    reported = found;
    gate.suspect();
  }

  /** A new physical connection found a writer that lacks what was acknowledged. */
  void behind(Writer found) {
    lacking = true;
    writerChanged(found);
  }

  /** The thread. */
  void run() {
    while (!gate.stopped()) {
      long answering = gate.suspicions();
      try {
        if (holding.isHeld()) {
          rest();
        } else {
          look();
        }
      } catch (InterruptedException e) {
        LOG.debug("{}: probe interrupted", settings.name());
      } catch (RuntimeException e) {
        LOG.error("{}: store={} probe failed, goes on", settings.name(), store.name(), e);
      }
      gate.verdict(answering);
      pause(answering);
    }
  }

  /** That it is down is meant: no alarm, and nobody waits for a verdict. */
  private void rest() {
    alarms.clear("probe");
    gate.confirmDown();
  }

  private void look() throws InterruptedException {
    long begun = seams.nanoTime();
    for (int tries = 1; !gate.stopped(); tries++) {
      long asked = seams.nanoTime();
      Duration patience = patience(begun, asked, tries);
      try {
        Writer found = holding.work(() -> store.probe(patience));
        answered = seams.nanoTime();
        found(found);
        return;
      } catch (StoreException e) {
        told(e);
        long now = seams.nanoTime();
        boolean repeated = tries > 1 && now - asked >= patience.toNanos();
        if (isDown() || now - (repeated ? endOfSilence(begun) : endOfBudget(begun)) >= 0) {
          lost(e);
          return;
        }
        long most = Math.min(200, 20L * tries);
        gate.rest(Duration.ofMillis(10 + seams.random().nextLong(most)));
      }
    }
  }

  private long endOfBudget(long begun) {
    return begun + settings.outageBudget().toNanos();
  }

  /** The budget counts from the last answer on, but it is not only this process that is slow. */
  private long endOfSilence(long begun) {
    Duration half = longer(settings.outageBudget().dividedBy(2), LEAST_SILENCE);
    long least = begun + shorter(half, settings.outageBudget()).toNanos();
    long end = endOfBudget(answered);
    return writer != null && end - least > 0 ? end : least;
  }

  /** A look is short enough for several within the budget; the last one ends when that does. */
  private Duration patience(long begun, long now, int tries) {
    Duration quarter = longer(settings.outageBudget().dividedBy(4), LEAST_LOOK);
    Duration whole = shorter(shorter(quarter, LONGEST_LOOK), settings.outageBudget());
    Duration left = Duration.ofNanos(endOfSilence(begun) - now);
    return tries == 1 ? whole : shorter(whole, longer(left, whole.dividedBy(4)));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private boolean isDown() {
    return gate.known() && gate.look().availability() == Availability.DOWN;
  }

  private void found(Writer now) {
    alarms.clear("probe");
    tail.excluding(false);
    Passage passage = gate.look();
    // What a recovery is about to find out by itself need not begin it anew.
    boolean knows = passage.up() || drain.hasRegistered(passage.epoch());
    boolean changed = (lacking && knows) || isOther(writer, now) || isOther(reported, now);
    lacking = false;
    writer = now;
    reported = null;
    switch (passage.availability()) {
      case DOWN -> {
        if (!drain.otherHistory() && gate.close(Availability.DOWN)) {
          back();
        }
      }
      case UP, RECOVERING -> {
        if (changed) {
          changed();
        }
      }
    }
  }

  /** The gate is closed; whoever holds the store has done so before it was, or waits for it. */
  private void back() {
    if (holding.isHeld()) {
      gate.open();
      return;
    }
    LOG.info("{}: store={} a writer is back", settings.name(), store.name());
    gate.open(Availability.RECOVERING);
  }

  /**
   * Severs before it closes the gate as well: whoever has closed it waits for those inside, who may
   * wait for a writer that will never answer.
   */
  private void changed() {
    store.sever();
    if (gate.close(Availability.UP, store::sever)
        || gate.close(Availability.RECOVERING, store::sever)) {
      LOG.info("{}: store={} the writer has changed", settings.name(), store.name());
      gate.open(Availability.RECOVERING);
    }
  }

  private static boolean isOther(@Nullable Writer known, Writer now) {
    return known != null && !known.isSame(now);
  }

  /** What a person must look at is said at once; what may pass, when the budget is over. */
  private void told(StoreException e) {
    boolean stale = Frontier.STALE_BRANCH.equals(e.sqlState());
    tail.excluding(stale);
    if (stale && !holding.isHeld()) {
      alarms.raise(
          "probe",
          "%s; if no other writer will come back, call platform.adopt(\"%s\", ...)"
              .formatted(e.getMessage(), store.name()));
      return;
    }
    if (e.failure() == Failure.ENVIRONMENT && !holding.isHeld()) {
      alarms.raise(
          "probe",
          "no writer, transactions go to the log: SQLSTATE %s %s"
              .formatted(e.sqlState(), e.getMessage()));
    }
  }

  private void lost(StoreException e) {
    boolean said = alarms.isRaised("probe") && !Frontier.STALE_BRANCH.equals(e.sqlState());
    if (holding.isHeld() || (isDown() && said)) {
      return;
    }
    alarms.raise(
        "probe",
        "no writer for %s, transactions go to the log: SQLSTATE %s %s"
            .formatted(settings.outageBudget(), e.sqlState(), e.getMessage()));
    if (gate.look().availability() == Availability.DOWN) {
      gate.confirmDown();
      return;
    }
    store.sever();
    if (gate.close(Availability.UP, store::sever)
        || gate.close(Availability.RECOVERING, store::sever)) {
      gate.open(Availability.DOWN);
    }
  }

  private void pause(long answered) {
    try {
      gate.rest(SHORTEST_PAUSE);
      double share = 0.8 + 0.4 * seams.random().nextDouble();
      long pause = (long) (settings.probeInterval().toNanos() * share);
      gate.awaitSuspicion(answered, seams.nanoTime() + pause);
    } catch (InterruptedException e) {
      LOG.debug("{}: probe interrupted", settings.name());
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
