package io.rananeeti.examples.cafe;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pages that change while somebody looks at them: one thread asks every {@link #INTERVAL} what is
 * new for each of at most {@value #LIMIT} clients, and sends it without waiting for any of them.
 */
final class LivePages implements AutoCloseable {

  static final int LIMIT = 200;
  static final Duration INTERVAL = Duration.ofMillis(400);
  private static final int BEAT_EVERY = 25;
  private static final Logger log = LoggerFactory.getLogger(LivePages.class);

  /** Knows what one client has been sent, and sends what is new. */
  @FunctionalInterface
  interface Source {
    void sendNews(EventStream stream);
  }

  private record Viewer(EventStream stream, Source source) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Viewer> viewers = new ArrayList<>();
  private final Ticker ticker;
  private int tick;

  /** Starts the thread. */
  LivePages(String name) {
    ticker = Ticker.start(name, INTERVAL, this::tick);
  }

  /** Answers a request with a page's news, or with 503 if too many look already. */
  void show(HttpServletRequest request, HttpServletResponse response, Source source)
      throws IOException {
    lock.lock();
    try {
      viewers.removeIf(viewer -> viewer.stream().isClosed());
      if (viewers.size() >= LIMIT) {
        response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        return;
      }
      viewers.add(new Viewer(EventStream.begin(request, response), source));
    } finally {
      lock.unlock();
    }
  }

  private void tick() {
    tick = (tick + 1) % BEAT_EVERY;
    forEach(
        viewer -> {
          viewer.source().sendNews(viewer.stream());
          if (tick == 0) {
            viewer.stream().beat();
          }
        });
  }

  private void forEach(Consumer<Viewer> action) {
    for (Viewer viewer : open()) {
      try {
        action.accept(viewer);
      } catch (RuntimeException e) {
        log.warn("a live page was dropped", e);
        viewer.stream().close();
      }
    }
  }

  private List<Viewer> open() {
    lock.lock();
    try {
      viewers.removeIf(viewer -> viewer.stream().isClosed());
      return List.copyOf(viewers);
    } finally {
      lock.unlock();
    }
  }

  /** How many clients look. */
  int viewers() {
    return open().size();
  }

  /** Ends all streams. */
  @Override
  public void close() {
    ticker.close();
    forEach(viewer -> viewer.stream().close());
  }
}
