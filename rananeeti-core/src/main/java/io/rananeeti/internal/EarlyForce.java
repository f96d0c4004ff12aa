package io.rananeeti.internal;

import io.rananeeti.error.RananeetiException;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.TransactionLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forces entries beside the COMMITs that were sent for them, so that most are on disk when the
 * reply comes. Only saves time: whoever needs an entry on disk asks the log itself. Thread-safe.
 */
final class EarlyForce {

  private static final Logger LOG = LoggerFactory.getLogger(EarlyForce.class);

  private final TransactionLog log;
  private final Waiter waiter;
  private long requested;
  private boolean stopped;

  EarlyForce(TransactionLog log, Seams seams) {
    this.log = log;
    this.waiter = seams.newWaiter();
  }

  /** The entry, and all before it, had better be on disk soon. */
  void request(long sequence) {
    waiter.lock();
    try {
      requested = Math.max(requested, sequence);
      waiter.signalAll();
    } finally {
      waiter.unlock();
    }
  }

  /** The thread. */
  void run() {
    long done = 0;
    while (true) {
      try {
        done = next(done);
        if (done < 0) {
          return;
        }
        log.acknowledge(done);
      } catch (RananeetiException e) {
        LOG.debug("not forced early", e);
      } catch (InterruptedException e) {
        LOG.debug("interrupted", e);
      }
    }
  }

  /** The newest request; -1 at the end. */
  private long next(long done) throws InterruptedException {
    waiter.lock();
    try {
      waiter.await(() -> stopped || requested > done, Deadline.NEVER);
      return stopped ? -1 : requested;
    } finally {
      waiter.unlock();
    }
  }

  void stop() {
    waiter.lock();
    try {
      stopped = true;
      waiter.signalAll();
    } finally {
      waiter.unlock();
    }
  }
}
