package io.rananeeti.internal;

import io.rananeeti.Availability;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The availability of one store, and the gate that every commit passes (C5).
 *
 * <p>A commit holds the gate <em>shared</em>: an attached one from the check of its epoch until the
 * reply to COMMIT or until it is named in doubt; a detached one from the look at the state until
 * its entry is forced. A change of state holds it <em>exclusively</em>: it closes the gate, waits
 * for those inside, changes, opens. So no COMMIT is under way while the state changes, and no entry
 * is accepted behind the back of the drain that declares the store up.
 *
 * <p>Whoever closes the gate because the store hangs severs its connections first, so that those
 * inside come out. Each change is an <em>epoch</em>. Thread-safe.
 */
final class Gate {

  /** What a passage found: the state and its epoch. */
  record Passage(Availability availability, long epoch) {

    boolean up() {
      return availability == Availability.UP;
    }
  }

  /**
   * Is told of each change, outside the lock and before the gate opens: changes are told in their
   * order, and whoever passes comes after the one it passes in was told. Must be quick, and must
   * not change the state.
   */
  interface Observer {
    void changed(Availability from, Availability to);
  }

  private final Seams seams;
  private final Waiter waiter;
  private final Observer observer;
  private Availability availability = Availability.DOWN;
  private Instant since;
  private long epoch = 1;
  private boolean known;
  private boolean closed;
  private int inside;
  private boolean stopped;
  private boolean roused;
  private long suspicions = 1;
  private long verdicts;

  Gate(Seams seams, Observer observer) {
    this.seams = seams;
    this.waiter = seams.newWaiter();
    this.observer = observer;
    this.since = seams.now();
  }

  /** The state now. */
  Passage look() {
    return locked(() -> new Passage(availability, epoch));
  }

  Instant since() {
    return locked(() -> since);
  }

  /** Waits while the state changes, and holds the gate shared until {@link #leave()}. */
  Passage enter() {
    return locked(
        () -> {
          awaitForced(() -> !closed);
          inside++;
          return new Passage(availability, epoch);
        });
  }

  /** Holds the gate shared if the epoch is still this one; returns whether it does. */
  boolean enter(long expected) {
    if (enter().epoch() == expected) {
      return true;
    }
    leave();
    return false;
  }

  /**
   * Gives back what {@link #enter()} took. Wakes whoever waits for the last one inside, and nobody
   * else: every commit comes through here, and the probe and the drain wait at this gate.
   */
  void leave() {
    locked(
        () -> {
          inside--;
          if (closed && inside == 0) {
            waiter.signalAll();
          }
          return null;
        });
  }

  /**
   * Closes the gate and waits for those inside; nobody else changes the state until {@link
   * #open()}.
   *
   * @return false, with the gate open, if the state was not among those expected
   */
  boolean close(Availability expected) {
    return close(expected, () -> {});
  }

  /** As {@link #close(Availability)}; the action runs once the gate lets nobody in any more. */
  boolean close(Availability expected, Runnable whenClosed) {
    boolean mine =
        locked(
            () -> {
              awaitForced(() -> !closed);
              closed = availability == expected && !stopped;
              return closed;
            });
    if (!mine) {
      return false;
    }
    boolean ran = false;
    try {
      whenClosed.run();
      ran = true;
    } finally {
      if (!ran) {
        open();
      }
    }
    locked(
        () -> {
          awaitForced(() -> inside == 0);
          return null;
        });
    return true;
  }

  /**
   * Closes the gate in whatever state, waits for those inside, runs the action, and opens the gate:
   * {@code RECOVERING} if it was {@code UP}, else unchanged. For what must not happen beside a
   * commit, and leaves something for the drain.
   */
  void recoverAfter(Runnable action) {
    change(action, from -> from == Availability.UP ? Availability.RECOVERING : from);
  }

  /**
   * Closes the gate in whatever state, waits for those inside, runs the action, and opens the gate
   * with the store down: what is not up on purpose counts as known to be down.
   */
  void downAfter(Runnable action) {
    change(action, from -> Availability.DOWN);
    confirmDown();
  }

  private void change(Runnable action, UnaryOperator<Availability> next) {
    for (Availability from : Availability.values()) {
      if (close(from)) {
        boolean done = false;
        try {
          action.run();
          done = true;
        } finally {
          if (done && next.apply(from) != from) {
            open(next.apply(from));
          } else {
            open();
          }
        }
        return;
      }
    }
    if (stopped()) {
      throw new RananeetiException("the platform is closed; nothing was done");
    }
    change(action, next);
  }

  /** Opens the gate in the state in which it was closed. */
  void open() {
    locked(
        () -> {
          closed = false;
          waiter.signalAll();
          return null;
        });
  }

  /** Changes the state, in a new epoch, and opens the gate. Called by whoever closed it. */
  void open(Availability next) {
    Availability before =
        locked(
            () -> {
              Availability last = availability;
              availability = next;
              known |= next != Availability.RECOVERING;
              since = seams.now();
              epoch++;
              waiter.signalAll();
              return last;
            });
    try {
      observer.changed(before, next);
    } finally {
      open();
    }
  }

  /** The first verdict on a store that nobody has reached yet: it is down. */
  void confirmDown() {
    locked(
        () -> {
          known = true;
          waiter.signalAll();
          return null;
        });
  }

  /** Whether the store was up, or declared down, at least once since the start. */
  boolean known() {
    return locked(() -> known);
  }

  /** Asks the probe to look now. Returns what to wait for with {@link #awaitVerdict}. */
  long suspect() {
    return locked(
        () -> {
          suspicions++;
          waiter.signalAll();
          return suspicions;
        });
  }

  /** The suspicions that a probe which starts now will answer. */
  long suspicions() {
    return locked(() -> suspicions);
  }

  /** The probe has looked: all suspicions up to this one are answered. */
  void verdict(long answered) {
    locked(
        () -> {
          verdicts = Math.max(verdicts, answered);
          waiter.signalAll();
          return null;
        });
  }

  /** Whether the probe has answered this suspicion. */
  boolean isAnswered(long suspicion) {
    return locked(() -> verdicts >= suspicion);
  }

  /** Waits until the probe has answered this suspicion, or the epoch changed. */
  void awaitVerdict(long suspicion, long inEpoch, long deadline) throws InterruptedException {
    await(() -> verdicts >= suspicion || epoch != inEpoch, deadline);
  }

  /** Waits until somebody suspects the store anew; the probe's pause. */
  void awaitSuspicion(long answered, long deadline) throws InterruptedException {
    await(() -> suspicions > answered, deadline);
  }

  /** Waits, whatever happens. */
  void rest(Duration pause) throws InterruptedException {
    await(() -> false, Deadline.after(seams, pause));
  }

  /** Waits until the store is up. */
  boolean awaitUp(long deadline) throws InterruptedException {
    return await(() -> availability == Availability.UP, deadline);
  }

  /** Waits until the store is up or was declared down at least once. */
  void awaitKnown(long deadline) throws InterruptedException {
    await(() -> known, deadline);
  }

  /** Waits until the store is in this state, or the pause is over. */
  void awaitState(Availability wanted, Duration pause) throws InterruptedException {
    await(() -> availability == wanted, Deadline.after(seams, pause));
  }

  /** Waits for a pause, or until the state is no longer this one. */
  void pause(Availability during, Duration pause) throws InterruptedException {
    await(() -> availability != during, Deadline.after(seams, pause));
  }

  /** The drain's pause while the store is up, unless it is {@link #rouse() roused}. */
  void pauseWhileUp(Duration pause) throws InterruptedException {
    long end = Deadline.after(seams, pause);
    waiter.lock();
    try {
      waiter.await(() -> stopped || roused || availability != Availability.UP, end);
      roused = false;
    } finally {
      waiter.unlock();
    }
  }

  /** Ends the drain's pause: there is housekeeping to do. */
  void rouse() {
    locked(
        () -> {
          roused = true;
          waiter.signalAll();
          return null;
        });
  }

  /** Ends all waiting, for good. */
  void stop() {
    locked(
        () -> {
          stopped = true;
          waiter.signalAll();
          return null;
        });
  }

  boolean stopped() {
    return locked(() -> stopped);
  }

  /** Lets those who wait look again. */
  void signal() {
    locked(
        () -> {
          waiter.signalAll();
          return null;
        });
  }

  private boolean await(BooleanSupplier condition, long deadline) throws InterruptedException {
    waiter.lock();
    try {
      waiter.await(() -> stopped || condition.getAsBoolean(), deadline);
      return condition.getAsBoolean();
    } finally {
      waiter.unlock();
    }
  }

  /** Waits however long it takes; an interrupt is kept for later. The lock is held. */
  private void awaitForced(BooleanSupplier condition) {
    boolean interrupted = false;
    while (true) {
      try {
        if (waiter.await(condition, Deadline.NEVER)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private <T> T locked(Supplier<T> body) {
    waiter.lock();
    try {
      return body.get();
    } finally {
      waiter.unlock();
    }
  }
}
