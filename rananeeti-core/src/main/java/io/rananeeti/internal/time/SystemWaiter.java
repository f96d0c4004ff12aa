package io.rananeeti.internal.time;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The waiter in production: a lock, and a list of those who wait.
 *
 * <p>All who are signalled are woken at once, by the thread that gives the lock back and after it
 * has. A condition of the lock would pass them on one by one, each woken by the one before it: for
 * a group of 64 that waits for one force, that takes longer than the force.
 *
 * <p>The lists are touched under the lock only. A node is in one of them at most, and leaves it
 * before its thread goes on.
 */
final class SystemWaiter implements Waiter {

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Waiting waiting;
  private @Nullable Waiting signalled;

  /** One thread that waits. */
  private static final class Waiting {

    private final Thread thread = Thread.currentThread();
    private @Nullable Waiting next;
    private volatile boolean woken;
  }

  @Override
  public void lock() {
    lock.lock();
  }

  @Override
  public void unlock() {
    Waiting woken = null;
    if (lock.getHoldCount() == 1) {
      woken = signalled;
      signalled = null;
    }
    lock.unlock();
    while (woken != null) {
      Waiting next = woken.next;
      woken.woken = true;
      LockSupport.unpark(woken.thread);
      woken = next;
    }
  }

  @Override
  public boolean await(BooleanSupplier condition, long deadline) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      if (left(deadline) <= 0) {
        return false;
      }
      if (!awaitSignal(deadline)) {
        return condition.getAsBoolean();
      }
    }
    return true;
  }

  /** Those who wait are woken when the lock is given back. */
  @Override
  public void signalAll() {
    while (waiting != null) {
      Waiting first = waiting;
      waiting = first.next;
      first.next = signalled;
      signalled = first;
    }
  }

  private boolean awaitSignal(long deadline) throws InterruptedException {
    Waiting own = new Waiting();
    own.next = waiting;
    waiting = own;
    int holds = lock.getHoldCount();
    for (int i = 0; i < holds; i++) {
      unlock();
    }
    try {
      return park(own, deadline);
    } finally {
      for (int i = 0; i < holds; i++) {
        lock.lock();
      }
      remove(own);
    }
  }

  private boolean park(Waiting own, long deadline) throws InterruptedException {
    while (!own.woken) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      long left = left(deadline);
      if (left <= 0) {
        return false;
      }
      LockSupport.parkNanos(this, left);
    }
    return true;
  }

  /** After a time-out or an interrupt it may still be in the list of those who wait. */
  private void remove(Waiting gone) {
    if (gone.woken) {
      return;
    }
    Waiting before = null;
    for (Waiting each = waiting; each != null; each = each.next) {
      if (each == gone && before == null) {
        waiting = each.next;
      } else if (each == gone && before != null) {
        before.next = each.next;
      }
      before = each;
    }
  }

  private static long left(long deadline) {
    return Deadline.left(SystemSeams.INSTANCE, deadline).toNanos();
  }
}
