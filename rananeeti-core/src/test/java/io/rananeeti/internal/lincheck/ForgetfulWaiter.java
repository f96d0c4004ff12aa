package io.rananeeti.internal.lincheck;

import io.rananeeti.internal.time.Waiter;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Broken on purpose: joins those who wait only after it has given the lock back, so a signal in
 * between is lost. Knows no deadlines.
 */
final class ForgetfulWaiter implements Waiter {

  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();

  /** One thread that waits. */
  private static final class Waiting {
    private final Thread thread = Thread.currentThread();
    private volatile boolean woken;
  }

  @Override
  public void lock() {
    lock.lock();
  }

  @Override
  public void unlock() {
    lock.unlock();
  }

  @Override
  public boolean await(BooleanSupplier condition, long deadline) {
    while (!condition.getAsBoolean()) {
      lock.unlock();
      Waiting own = new Waiting();
      waiting.add(own);
      while (!own.woken) {
        LockSupport.park(this);
      }
      lock.lock();
    }
    return true;
  }

  @Override
  public void signalAll() {
    for (Waiting each = waiting.poll(); each != null; each = waiting.poll()) {
      each.woken = true;
      LockSupport.unpark(each.thread);
    }
  }
}
