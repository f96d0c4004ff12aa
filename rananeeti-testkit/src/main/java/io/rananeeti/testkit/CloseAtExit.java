package io.rananeeti.testkit;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Servers that end with an orderly end of this JVM, even if nobody closed them. */
final class CloseAtExit {

  private static final Logger log = LoggerFactory.getLogger(CloseAtExit.class);
  private static final Set<AutoCloseable> OPEN = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(CloseAtExit::closeAll, "rananeeti-testkit-at-exit"));
  }

  private CloseAtExit() {}

  static void add(AutoCloseable server) {
    OPEN.add(server);
  }

  static void remove(AutoCloseable server) {
    OPEN.remove(server);
  }

  private static void closeAll() {
    for (AutoCloseable server : OPEN) {
      try {
        server.close();
      } catch (Exception e) {
        log.warn("a test server could not be closed at exit: end it by hand", e);
      }
    }
  }
}
