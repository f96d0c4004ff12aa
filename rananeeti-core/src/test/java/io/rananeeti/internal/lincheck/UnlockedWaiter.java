package io.rananeeti.internal.lincheck;

import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.util.function.BooleanSupplier;

/** Broken on purpose: keeps nobody out. Whoever waits is woken as by the real one. */
final class UnlockedWaiter implements Waiter {

  private final Waiter sound = Seams.system().newWaiter();

  @Override
  public void lock() {}

  @Override
  public void unlock() {}

  @Override
  public boolean await(BooleanSupplier condition, long deadline) throws InterruptedException {
    sound.lock();
    try {
      return sound.await(condition, deadline);
    } finally {
      sound.unlock();
    }
  }

  @Override
  public void signalAll() {
    sound.lock();
    sound.signalAll();
    sound.unlock();
  }
}
