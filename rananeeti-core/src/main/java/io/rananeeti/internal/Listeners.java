package io.rananeeti.internal;

import io.rananeeti.Availability;
import io.rananeeti.DeadLetter;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells all listeners; what one of them throws is logged and changes nothing.
 *
 * <p>{@code committed} is told on the committing thread. All else is told, in order, by a thread of
 * its own: the drain and the probe hold the gate at times, and a listener that commits, retries or
 * discards would wait for the thread that it stops. A listener that is {@value #MOST} events behind
 * loses the newest; they are hints. Thread-safe.
 */
final class Listeners implements PlatformListener {

  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
  private static final int MOST = 100_000;

  private final String platform;
  private final List<PlatformListener> listeners;
  private final Waiter waiter;
  private final Deque<Consumer<PlatformListener>> events = new ArrayDeque<>();
  private boolean losing;
  private boolean stopped;

  Listeners(String platform, List<PlatformListener> listeners, Seams seams) {
    this.platform = platform;
    this.listeners = listeners;
    this.waiter = seams.newWaiter();
  }

  /** The thread that tells; ends once it is stopped and all is told. */
  void run() {
    for (Consumer<PlatformListener> event = next(); event != null; event = next()) {
      tell(event);
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

  @Override
  public void committed(Receipt receipt) {
    tell(listener -> listener.committed(receipt));
  }

  @Override
  public void applied(Receipt receipt) {
    later(listener -> listener.applied(receipt));
  }

  @Override
  public void rejected(DeadLetter letter) {
    later(listener -> listener.rejected(letter));
  }

  @Override
  public void availability(String store, Availability from, Availability to) {
    later(listener -> listener.availability(store, from, to));
  }

  @Override
  public void alarm(String store, String message) {
    later(listener -> listener.alarm(store, message));
  }

  private void later(Consumer<PlatformListener> event) {
    if (listeners.isEmpty()) {
      return;
    }
    waiter.lock();
    try {
      if (events.size() < MOST) {
        events.add(event);
        losing = false;
      } else if (!losing) {
        losing = true;
        LOG.warn("{}: a listener is {} events behind, newer ones are lost to it", platform, MOST);
      }
      waiter.signalAll();
    } finally {
      waiter.unlock();
    }
  }

  private @Nullable Consumer<PlatformListener> next() {
    waiter.lock();
    try {
      waiter.await(() -> stopped || !events.isEmpty(), Deadline.NEVER);
      return events.poll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      waiter.unlock();
    }
  }

  private void tell(Consumer<PlatformListener> event) {
    for (PlatformListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        LOG.warn("{}: a listener failed, nothing else is affected", platform, e);
      }
    }
  }
}
