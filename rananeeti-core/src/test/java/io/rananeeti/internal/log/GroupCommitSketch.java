package io.rananeeti.internal.log;

import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The group commit of {@link DurableLog} on one page, sound or with one fault planted in it. */
final class GroupCommitSketch {

  /** What is wrong with it. */
  enum Fault {
    NONE,
    /** Says forced before the force has returned. */
    ACKNOWLEDGES_BEFORE_THE_FORCE,
    /** Counts those in who appended while the force was on its way. */
    KEEPS_WHO_CAME_TOO_LATE,
    /** Takes a force that failed for one that returned. */
    SWALLOWS_A_FAILED_FORCE,
    /** The leader leaves without a word to those who wait for it. */
    WAKES_NOBODY
  }

  private final Fault fault;
  private final MemoryStorage storage;
  private final Waiter writing;
  private final Waiter state;
  private volatile long appended;
  private volatile long durable;
  private boolean forcing;

  GroupCommitSketch(Fault fault, MemoryStorage storage, Seams seams) {
    this.fault = fault;
    this.storage = storage;
    this.writing = seams.newWaiter();
    this.state = seams.newWaiter();
  }

  long append() {
    writing.lock();
    try {
      storage.append(ByteBuffer.allocate(1));
      long sequence = appended + 1;
      appended = sequence;
      return sequence;
    } finally {
      writing.unlock();
    }
  }

  void force(long sequence) {
    while (durable < sequence) {
      if (leads(sequence)) {
        forceGroup();
      }
    }
  }

  long forced() {
    return durable;
  }

  private boolean leads(long sequence) {
    state.lock();
    try {
      state.await(() -> !forcing || durable >= sequence, Deadline.NEVER);
      boolean leads = durable < sequence;
      forcing |= leads;
      return leads;
    } catch (InterruptedException impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      state.unlock();
    }
  }

  private void forceGroup() {
    long group = appended;
    if (fault == Fault.ACKNOWLEDGES_BEFORE_THE_FORCE) {
      durable = group;
    }
    try {
      storage.force();
    } catch (IOException failure) {
      if (fault != Fault.SWALLOWS_A_FAILED_FORCE) {
        throw new UncheckedIOException(failure);
      }
    }
    publish(fault == Fault.KEEPS_WHO_CAME_TOO_LATE ? appended : group);
  }

  private void publish(long group) {
    state.lock();
    try {
      durable = Math.max(durable, group);
      forcing = false;
      if (fault != Fault.WAKES_NOBODY) {
        state.signalAll();
      }
    } finally {
      state.unlock();
    }
  }
}
