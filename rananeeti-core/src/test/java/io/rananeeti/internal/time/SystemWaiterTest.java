package io.rananeeti.internal.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SystemWaiterTest {

  private static final int THREADS = 16;
  private static final int TURNS = 1_000;

  private final Waiter waiter = new SystemWaiter();
  private int turn;

  @Test
  void everySignalWakesAllWhoWait() throws Exception {
    AtomicInteger passed = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(new Thread(() -> await(TURNS, passed)));
    }

    threads.forEach(Thread::start);
    for (int i = 1; i <= TURNS; i++) {
      next(i, 1);
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(passed).hasValue(THREADS);
  }

  @Test
  void twoSignalsUnderOneHoldLoseNobody() throws Exception {
    AtomicInteger passed = new AtomicInteger();
    Thread waits = new Thread(() -> await(1, passed));
    waits.start();

    next(1, 2);
    waits.join();

    assertThat(passed).hasValue(1);
  }

  @Test
  void whoGaveUpHoldsTheLockAsOftenAsBefore() throws Exception {
    waiter.lock();
    waiter.lock();

    boolean held = waiter.await(() -> false, soon());

    assertThat(held).isFalse();
    waiter.signalAll();
    waiter.unlock();
    waiter.unlock();
    assertThatThrownBy(waiter::unlock).isInstanceOf(IllegalMonitorStateException.class);
  }

  @Test
  void anInterruptEndsTheWait() {
    waiter.lock();
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> waiter.await(() -> false, Deadline.NEVER))
        .isInstanceOf(InterruptedException.class);

    waiter.unlock();
    assertThat(Thread.interrupted()).isFalse();
  }

  private void await(int wanted, AtomicInteger passed) {
    waiter.lock();
    try {
      if (waiter.await(() -> turn >= wanted, Deadline.NEVER)) {
        passed.incrementAndGet();
      }
    } catch (InterruptedException impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      waiter.unlock();
    }
  }

  private void next(int value, int signals) {
    waiter.lock();
    turn = value;
    for (int i = 0; i < signals; i++) {
      waiter.signalAll();
    }
    waiter.unlock();
  }

  private static long soon() {
    return Deadline.after(SystemSeams.INSTANCE, Duration.ofMillis(20));
  }
}
