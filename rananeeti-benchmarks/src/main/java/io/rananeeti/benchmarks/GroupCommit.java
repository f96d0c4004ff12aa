package io.rananeeti.benchmarks;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Group commit as one writes it by hand: a lock, a condition, and one leader that forces for all
 * who have appended by then.
 */
final class GroupCommit {

  /** What is forced. */
  interface Target {

    /** The last entry that a force begun now covers. */
    long appended();

    /** Forces it. */
    void force() throws IOException;
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Target target;
  private volatile long forced;
  private boolean forcing;

  GroupCommit(Target target) {
    this.target = target;
  }

  void force(long number) throws IOException {
    while (forced < number) {
      if (leads(number)) {
        long group = forced;
        try {
          group = target.appended();
          target.force();
        } finally {
          publish(group);
        }
      }
    }
  }

  private boolean leads(long number) {
    lock.lock();
    try {
      while (forcing && forced < number) {
        changed.awaitUninterruptibly();
      }
      boolean leads = forced < number;
      forcing |= leads;
      return leads;
    } finally {
      lock.unlock();
    }
  }

  private void publish(long group) {
    lock.lock();
    try {
      forced = group;
      forcing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
