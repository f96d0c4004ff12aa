package io.rananeeti.aurora;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.Deferral;
import io.rananeeti.PlatformListener;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.PostgresServer;
import io.rananeeti.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A platform behind a proxy of its own, for the interruptions of one thread. */
final class Site implements AutoCloseable {

  /** How a platform is set up. */
  enum Kind {
    STEADY,
    AUTOSAVE,
    STRICT,
    BRIEF,
    BRIEF_STRICT;

    static Kind of(long seed) {
      return values()[Math.floorMod(seed, values().length)];
    }

    /** Whether a second without an answer is an outage; else no slow machine makes one. */
    boolean brief() {
      return this == BRIEF || this == BRIEF_STRICT;
    }

    Deferral deferral() {
      return this == STRICT || this == BRIEF_STRICT ? Deferral.NONE : Deferral.ALL;
    }
  }

  private static final Duration STALL = Duration.ofSeconds(30);

  final Kind kind;
  final FaultProxy proxy;
  final DataPlatform platform;
  private final Semaphore changes = new Semaphore(0);

  Site(Kind kind, PostgresServer server, Path directory) {
    this.kind = kind;
    this.proxy = FaultProxy.inFrontOf(server);
    String name = kind.name().toLowerCase(Locale.ROOT);
    this.platform =
        DataPlatform.builder(name)
            .store(
                AuroraStore.builder("orders")
                    .url(proxy.url() + (kind == Kind.AUTOSAVE ? "?autosave=always" : ""))
                    .user(server.user())
                    .password(server.password())
                    .poolSize(3)
                    .build())
            .log(directory.resolve(name))
            .logStorage(new SimulatedDisk())
            .outageBudget(kind.brief() ? Duration.ofMillis(600) : Duration.ofSeconds(20))
            .probeInterval(Duration.ofMillis(200))
            .deferral(kind.deferral())
            .listener(
                new PlatformListener() {
                  @Override
                  public void availability(String store, Availability from, Availability to) {
                    changes.release();
                  }
                })
            .open();
  }

  private Availability availability() {
    return Objects.requireNonNull(platform.health().stores().get("orders")).availability();
  }

  void awaitUp() {
    while (availability() != Availability.UP) {
      try {
        if (!changes.tryAcquire(STALL.toSeconds(), TimeUnit.SECONDS)) {
          throw new AssertionError(kind + " does not come up");
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    platform.close();
    proxy.close();
  }
}
