package io.rananeeti.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a person must look at, by its cause: raised once, shown in health until it is cleared.
 * Thread-safe.
 */
final class Alarms {

  private static final Logger LOG = LoggerFactory.getLogger(Alarms.class);

  private final String platform;
  private final String store;
  private final Listeners listeners;
  private final Map<String, String> raised = new ConcurrentSkipListMap<>();

  Alarms(String platform, String store, Listeners listeners) {
    this.platform = platform;
    this.store = store;
    this.listeners = listeners;
  }

  /** Raises it, or changes its text; says so once a text. */
  void raise(String cause, String message) {
    if (!message.equals(raised.put(cause, message))) {
      LOG.warn("{}: store={} {}", platform, store, message);
      listeners.alarm(store, message);
    }
  }

  void clear(String cause) {
    if (raised.remove(cause) != null) {
      LOG.info("{}: store={} alarm cleared: {}", platform, store, cause);
    }
  }

  boolean isRaised(String cause) {
    return raised.containsKey(cause);
  }

  List<String> list() {
    return new ArrayList<>(raised.values());
  }
}
