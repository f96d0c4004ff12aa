package io.rananeeti.internal.driver;

import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformConnection;
import io.rananeeti.error.RananeetiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The platforms that URLs have opened: one a database and user, opened by the first connection to
 * it and open until {@link #close}. Thread-safe.
 *
 * <p>Nothing is closed when the JVM ends: what was acknowledged is on disk, the threads are
 * daemons, and an application that finishes its last requests meanwhile must not find its
 * connections closed.
 */
public final class Platforms {

  private final Object lock = new Object();
  private final Map<String, Opened> opened = new HashMap<>();
  private @Nullable Surroundings surroundings;

  /**
   * A connection of the platform that stands for the URL's database.
   *
   * @throws SQLException 22023 if a setting is wrong, or not as the platform was opened with; 58030
   *     if the log can't be opened
   */
  public PlatformConnection connect(String url, Properties info) throws SQLException {
    try {
      Target target = Target.of(url, info, surroundings());
      Opened found = find(target);
      try {
        return found.platform().getConnection(found.target().store());
      } catch (SQLException closedByTheApplication) {
        forget(found);
        return find(target).platform().getConnection(target.store());
      }
    } catch (IllegalArgumentException e) {
      throw new SQLException(e.getMessage(), "22023", e);
    } catch (RananeetiException e) {
      throw new SQLNonTransientConnectionException(e.getMessage(), "58030", e);
    }
  }

  private Surroundings surroundings() {
    synchronized (lock) {
      Surroundings known = surroundings;
      if (known == null) {
        try {
          known = Surroundings.ofProcess();
        } catch (IOException | UncheckedIOException e) {
          throw new IllegalArgumentException(
              "%s can't be read: %s".formatted(Surroundings.FILE, e.getMessage()), e);
        }
        surroundings = known;
      }
      return known;
    }
  }

  private Opened find(Target target) {
    synchronized (lock) {
      Opened known = opened.get(target.identity());
      if (known == null) {
        refuseNameInUse(target);
        known = new Opened(target, target.open());
        opened.put(target.identity(), known);
      }
      Set<String> differences = target.differences(known.target());
      if (!differences.isEmpty()) {
        throw new IllegalArgumentException(
            "platform %s is open in this JVM with other values of %s: connect with the same ones everywhere, or call RananeetiDriver.shutdown() first"
                .formatted(known.platform().name(), String.join(", ", differences)));
      }
      return known;
    }
  }

  private void forget(Opened closed) {
    synchronized (lock) {
      opened.remove(closed.target().identity(), closed);
    }
  }

  private void refuseNameInUse(Target target) {
    for (Opened other : opened.values()) {
      if (other.platform().name().equals(target.platform())) {
        throw new IllegalArgumentException(
            "another database or user of this JVM has the platform %s: give one of them a name of its own, as in ?rananeeti.name=%s2"
                .formatted(target.platform(), target.platform()));
      }
    }
  }

  /** Closes all; the next connection opens its platform anew, and reads all settings again. */
  public void close() {
    List<Opened> all;
    synchronized (lock) {
      all = new ArrayList<>(opened.values());
      opened.clear();
      surroundings = null;
      closeAll(all);
    }
  }

  private static void closeAll(List<Opened> all) {
    RuntimeException failure = null;
    for (Opened one : all) {
      try {
        one.platform().close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private record Opened(Target target, DataPlatform platform) {}
}
