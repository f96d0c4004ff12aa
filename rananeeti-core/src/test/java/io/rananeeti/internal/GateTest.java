package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.internal.Gate.Passage;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class GateTest {

  private static final Duration STALL = Duration.ofMinutes(1);

  private final Seams seams = Seams.system();
  private final List<String> changes = new CopyOnWriteArrayList<>();
  private final Gate gate = new Gate(seams, (from, to) -> changes.add(from + "-" + to));

  @Test
  void beginsDownAndUnknown() {
    assertThat(gate.look().availability()).isEqualTo(Availability.DOWN);
    assertThat(gate.known()).isFalse();

    gate.confirmDown();

    assertThat(gate.known()).isTrue();
  }

  @Test
  void eachChangeIsAnEpochAndIsTold() {
    long before = gate.look().epoch();

    up();

    assertThat(gate.look().epoch()).isEqualTo(before + 2);
    assertThat(gate.look().up()).isTrue();
    assertThat(changes).containsExactly("DOWN-RECOVERING", "RECOVERING-UP");
  }

  @Test
  void closingInAStateThatIsNotThereLeavesTheGateOpen() {
    assertThat(gate.close(Availability.UP)).isFalse();

    Passage passage = gate.enter();

    assertThat(passage.up()).isFalse();
    gate.leave();
  }

  @Test
  void nobodyEntersWithAnOldEpoch() {
    long old = gate.look().epoch();
    up();

    assertThat(gate.enter(old)).isFalse();
    assertThat(gate.close(Availability.UP)).isTrue();
    gate.open();
    assertThat(gate.enter(gate.look().epoch())).isTrue();
    gate.leave();
  }

  @Test
  void aFlipWaitsForThoseInside() throws Exception {
    up();
    gate.enter();
    CountDownLatch closed = new CountDownLatch(1);
    AtomicBoolean flipped = new AtomicBoolean();
    Seams.Running flip =
        seams.start(
            "flip",
            () -> {
              gate.close(Availability.UP, closed::countDown);
              flipped.set(true);
              gate.open(Availability.DOWN);
            });
    assertThat(closed.await(STALL.toSeconds(), TimeUnit.SECONDS)).isTrue();

    assertThat(flipped).isFalse();
    assertThat(gate.look().up()).isTrue();
    gate.leave();

    assertThat(flip.join(Deadline.after(seams, STALL))).isTrue();
    assertThat(gate.look().availability()).isEqualTo(Availability.DOWN);
  }

  @Test
  void whoComesWhileItIsClosedFindsTheNewState() throws Exception {
    up();
    gate.close(Availability.UP);
    AtomicReference<@Nullable Availability> found = new AtomicReference<>();
    CountDownLatch begun = new CountDownLatch(1);
    Seams.Running comer =
        seams.start(
            "comer",
            () -> {
              begun.countDown();
              found.set(gate.enter().availability());
              gate.leave();
            });
    assertThat(begun.await(STALL.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(found).hasNullValue();

    gate.open(Availability.DOWN);

    assertThat(comer.join(Deadline.after(seams, STALL))).isTrue();
    assertThat(found).hasValue(Availability.DOWN);
  }

  @Test
  void nobodyIsInsideWhileTheStateChanges() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicBoolean met = new AtomicBoolean();
    List<Seams.Running> running = new ArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    for (int i = 0; i < 4; i++) {
      running.add(
          seams.start(
              "commit-" + i,
              () -> {
                while (!over.get()) {
                  gate.enter();
                  inside.incrementAndGet();
                  inside.decrementAndGet();
                  gate.leave();
                }
              }));
    }

    for (int i = 0; i < 2_000; i++) {
      gate.recoverAfter(() -> met.compareAndSet(false, inside.get() != 0));
    }
    over.set(true);

    for (Seams.Running each : running) {
      assertThat(each.join(Deadline.after(seams, STALL))).isTrue();
    }
    assertThat(met).isFalse();
  }

  @Test
  void recoverAfterLeavesAnUpStoreRecovering() {
    up();

    gate.recoverAfter(() -> {});

    assertThat(gate.look().availability()).isEqualTo(Availability.RECOVERING);
  }

  @Test
  void recoverAfterAFailureLeavesEverythingAsItWas() {
    up();
    long epoch = gate.look().epoch();

    assertThatThrownBy(
            () ->
                gate.recoverAfter(
                    () -> {
                      throw new IllegalStateException("full");
                    }))
        .isInstanceOf(IllegalStateException.class);

    assertThat(gate.enter(epoch)).isTrue();
    gate.leave();
  }

  @Test
  void aSuspicionIsAnsweredByAVerdictThatCameAfterIt() throws Exception {
    long suspicion = gate.suspect();
    long epoch = gate.look().epoch();
    gate.verdict(suspicion - 1);
    AtomicBoolean answered = new AtomicBoolean();
    Seams.Running caller =
        seams.start(
            "caller",
            () -> {
              try {
                gate.awaitVerdict(suspicion, epoch, Deadline.after(seams, STALL));
                answered.set(true);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });

    gate.verdict(suspicion);

    assertThat(caller.join(Deadline.after(seams, STALL))).isTrue();
    assertThat(answered).isTrue();
  }

  @Test
  void stoppingEndsAllWaitingAndAllChanges() throws Exception {
    Seams.Running waiting =
        seams.start(
            "waiting",
            () -> {
              try {
                gate.awaitUp(Deadline.NEVER);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });

    gate.stop();

    assertThat(waiting.join(Deadline.after(seams, STALL))).isTrue();
    assertThat(gate.close(Availability.DOWN)).isFalse();
    assertThatThrownBy(() -> gate.recoverAfter(() -> changes.add("never")))
        .isInstanceOf(RananeetiException.class);
    assertThat(changes).isEmpty();
  }

  @Test
  void anInterruptDoesNotBreakTheGateAndIsKept() throws Exception {
    up();
    gate.close(Availability.UP);
    AtomicBoolean kept = new AtomicBoolean();
    Seams.Running comer =
        seams.start(
            "comer",
            () -> {
              gate.enter();
              kept.set(Thread.currentThread().isInterrupted());
              gate.leave();
            });
    comer.interrupt();

    gate.open();

    assertThat(comer.join(Deadline.after(seams, STALL))).isTrue();
    assertThat(kept).isTrue();
  }

  private void up() {
    assertThat(gate.close(Availability.DOWN)).isTrue();
    gate.open(Availability.RECOVERING);
    assertThat(gate.close(Availability.RECOVERING)).isTrue();
    gate.open(Availability.UP);
  }

  @Test
  void whoeverLeftAnOpenGateWokeTheProbeAndTheDrain() {
    Signals signals = new Signals(seams.newWaiter());
    Gate watched = new Gate(new SeamsOf(signals), (from, to) -> {});
    long before = signals.sent.get();

    watched.enter();
    watched.leave();

    assertThat(signals.sent.get()).isEqualTo(before);
  }

  @Test
  void theDrainsPauseEndsWhenItIsRoused() throws Exception {
    up();
    gate.rouse();

    long begun = System.nanoTime();
    gate.pauseWhileUp(STALL);

    assertThat(System.nanoTime() - begun).isLessThan(STALL.toNanos());
  }

  /** Counts the signals of a waiter. */
  private static final class Signals implements Waiter {

    final AtomicInteger sent = new AtomicInteger();
    private final Waiter waiter;

    Signals(Waiter waiter) {
      this.waiter = waiter;
    }

    @Override
    public void lock() {
      waiter.lock();
    }

    @Override
    public void unlock() {
      waiter.unlock();
    }

    @Override
    public boolean await(BooleanSupplier condition, long deadline) throws InterruptedException {
      return waiter.await(condition, deadline);
    }

    @Override
    public void signalAll() {
      sent.incrementAndGet();
      waiter.signalAll();
    }
  }

  /** The machine's, but for the only waiter. */
  private record SeamsOf(Waiter newWaiter) implements Seams {

    @Override
    public Instant now() {
      return Seams.system().now();
    }

    @Override
    public long nanoTime() {
      return Seams.system().nanoTime();
    }

    @Override
    public Running start(String name, Runnable body) {
      return Seams.system().start(name, body);
    }

    @Override
    public RandomGenerator random() {
      return Seams.system().random();
    }
  }
}
