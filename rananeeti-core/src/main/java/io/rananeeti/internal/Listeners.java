package io.rananeeti.internal;

import io.rananeeti.Availability;
import io.rananeeti.DeadLetter;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells all listeners; what one of them throws is logged and changes nothing. Thread-safe. */
final class Listeners implements PlatformListener {

  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final String platform;
  private final List<PlatformListener> listeners;

  Listeners(String platform, List<PlatformListener> listeners) {
    this.platform = platform;
    this.listeners = listeners;
  }

  @Override
  public void committed(Receipt receipt) {
    tell(listener -> listener.committed(receipt));
  }

  @Override
  public void applied(Receipt receipt) {
    tell(listener -> listener.applied(receipt));
  }

  @Override
  public void rejected(DeadLetter letter) {
    tell(listener -> listener.rejected(letter));
  }

  @Override
  public void availability(String store, Availability from, Availability to) {
    tell(listener -> listener.availability(store, from, to));
  }

  @Override
  public void alarm(String store, String message) {
    tell(listener -> listener.alarm(store, message));
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
