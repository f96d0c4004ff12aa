package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.internal.shared.Neighbours;
import io.rananeeti.internal.shared.Tails;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.SharedLogStorage.Value;
import io.rananeeti.testkit.InMemorySharedStorage;
import io.rananeeti.testkit.InMemorySharedStorage.Weather;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes that sleep at a certain step, in virtual time. */
final class NeighboursTest {

  private static final String STORE = "orders";
  private static final Duration LEASE = Duration.ofSeconds(2);
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final Weather DELAYS = new Weather(0, Duration.ofMillis(20), Duration.ZERO);
  private static final int CALLS_OF_A_ROUND = 6;

  private final Simulation simulation = new Simulation(1, false);
  private final InMemorySharedStorage storage = new InMemorySharedStorage(simulation.world());
  private final List<One> nodes = new ArrayList<>();

  NeighboursTest() {}

  @BeforeEach
  void silence() {
    Campaign.silence();
  }

  @Test
  void aNodeThatSleepsInTheMiddleOfARequestDoesNotGoOnByItself() {
    play(
        () -> {
          One node = new One("a");
          node.start();
          for (int call = 1; call <= CALLS_OF_A_ROUND; call++) {
            storage.beforeReply("a", call, () -> node.process.pause(LEASE.multipliedBy(3)));

            assertThat(happens(LEASE.multipliedBy(4), node.neighbours::isAlone)).isFalse();
          }
        });
  }

  @Test
  void aNodeWhoseRequestFailsWhenItWakesDoesNotGoOnByItself() {
    play(
        () -> {
          One node = new One("a");
          node.start();
          for (int call = 1; call <= CALLS_OF_A_ROUND; call++) {
            storage.beforeReply(
                "a",
                call,
                () -> {
                  storage.unreachable("a", true);
                  node.process.pause(LEASE.multipliedBy(3));
                });
            simulation.sleep(LEASE.multipliedBy(3).plus(LEASE.dividedBy(4)));
            assertThat(node.neighbours.isAlone()).isFalse();
            storage.unreachable("a", false);

            assertThat(happens(LEASE, node.neighbours::isAlone)).isFalse();
          }
        });
  }

  @Test
  void aNodeThatIsAwakeAndReachesNothingForALeaseGoesOnByItself() {
    play(
        () -> {
          One node = new One("a");
          node.start();
          storage.unreachable("a", true);

          assertThat(happens(LEASE.dividedBy(10).multipliedBy(9), node.neighbours::isAlone))
              .isFalse();
          assertThat(happens(LEASE, node.neighbours::isAlone)).isTrue();
          storage.unreachable("a", false);
          assertThat(happens(LEASE, () -> !node.neighbours.isAlone())).isTrue();
        });
  }

  @Test
  void whatWasOpenBeforeItsNodeWasTakenForDeadSendsNothingUntilItIsAgreedAnew() {
    play(
        () -> {
          One sleeper = new One("a");
          One other = new One("b");
          up(sleeper, other);
          assertThat(sleeper.neighbours.maySend(STORE)).isTrue();
          storage.beforeReply("a", 2, () -> sleeper.process.pause(LEASE.multipliedBy(4)));
          simulation.sleep(LEASE.dividedBy(2));

          other.isOpen = false;
          other.accept();
          assertThat(happens(LEASE.multipliedBy(2), () -> other.isAccepted)).isTrue();
          assertThat(sleeper.process.pausedUntil()).isGreaterThan(simulation.nanos());
          other.open();

          // Its gate is open still, and that takes long to change.
          assertThat(happens(LEASE.multipliedBy(4), () -> sleeper.neighbours.maySend(STORE)))
              .isFalse();
          assertThat(other.isOpen).isTrue();
          assertThat(sleeper.wasToLeave).isTrue();
          sleeper.isOpen = false;
          sleeper.open();
          assertThat(happens(LEASE, () -> sleeper.neighbours.maySend(STORE))).isTrue();
        });
  }

  @Test
  void nothingIsAcknowledgedBeforeASilentNodeIsTakenOver() {
    play(
        () -> {
          One sleeper = new One("a");
          One other = new One("b");
          up(sleeper, other);
          other.takes = false;
          storage.beforeReply("a", 1, () -> sleeper.process.pause(LEASE.multipliedBy(9)));
          simulation.sleep(LEASE.dividedBy(2));

          other.isOpen = false;
          other.accept();
          assertThat(happens(LEASE.multipliedBy(4), () -> other.isAccepted)).isFalse();
          other.takes = true;
          assertThat(happens(LEASE, () -> other.isAccepted)).isTrue();
        });
  }

  @Test
  void whatIsAcceptedThoughUpIsAcknowledgedOnceOthersHaveReadAndNobodyHasToLeave() {
    play(
        () -> {
          One reader = new One("a");
          One other = new One("b");
          up(reader, other);
          reader.reads = false;

          other.tell();
          assertThat(happens(LEASE.multipliedBy(2), () -> other.isTold)).isFalse();
          assertThat(reader.wasToRead).isTrue();
          assertThat(reader.neighbours.maySend(STORE)).isTrue();
          reader.reads = true;
          assertThat(happens(LEASE, () -> other.isTold)).isTrue();
          assertThat(reader.neighbours.maySend(STORE)).isTrue();
          assertThat(other.neighbours.maySend(STORE)).isTrue();
          assertThat(reader.wasToLeave || other.wasToLeave).isFalse();
        });
  }

  @Test
  void whoGoesOnByItselfAppliesFirstWhatHasWaitedForOthers() {
    play(
        () -> {
          One node = new One("a");
          up(node);
          node.somethingWaits = true;
          storage.unreachable("a", true);

          assertThat(happens(LEASE.multipliedBy(3), node.neighbours::isAlone)).isTrue();
          assertThat(happens(LEASE, () -> node.wasToLeave)).isTrue();
          assertThat(node.neighbours.maySend(STORE)).isFalse();
          node.isOpen = false;
          node.open();
          assertThat(happens(LEASE, () -> node.isOpen)).isTrue();
          assertThat(node.neighbours.maySend(STORE)).isTrue();
        });
  }

  @Test
  void whoWasTakenForDeadBeforeItHasReadHasToLeave() {
    play(
        () -> {
          One sleeper = new One("a");
          One other = new One("b");
          up(sleeper, other);
          storage.beforeReply("a", 2, () -> sleeper.process.pause(LEASE.multipliedBy(4)));
          simulation.sleep(LEASE.dividedBy(2));

          other.tell();
          assertThat(happens(LEASE.multipliedBy(2), () -> other.isTold)).isTrue();
          assertThat(sleeper.process.pausedUntil()).isGreaterThan(simulation.nanos());

          assertThat(happens(LEASE.multipliedBy(4), () -> sleeper.neighbours.maySend(STORE)))
              .isFalse();
          assertThat(sleeper.wasToLeave).isTrue();
        });
  }

  @Test
  void whoSpeaksWhileAnotherListensHasAWholeLeaseFromThenOn() {
    play(
        () -> {
          One sleeper = new One("a");
          One listener = new One("b");
          sleeper.start();
          listener.start();
          listener.listensFor = LEASE.multipliedBy(2).dividedBy(5);
          assertThat(happens(LEASE, () -> listener.isListening)).isTrue();
          simulation.sleep(LEASE.dividedBy(4));
          long before = sleeper.words();
          assertThat(happens(LEASE.dividedBy(8), () -> sleeper.words() > before)).isTrue();
          assertThat(listener.isListening).isTrue();
          long spoke = simulation.nanos();
          sleeper.process.pause(LEASE.multipliedBy(4));
          listener.listensFor = Duration.ZERO;

          assertThat(happens(LEASE.multipliedBy(2), () -> listener.tookOver)).isTrue();
          assertThat(Duration.ofNanos(simulation.nanos() - spoke)).isGreaterThan(LEASE);
        });
  }

  /** By the world's thread, while nothing else goes wrong. */
  private void play(Runnable play) {
    try {
      simulation.run(
          () -> {
            storage.weather(DELAYS, new SeededRandom(1));
            play.run();
            nodes.forEach(node -> simulation.kill(node.process));
          });
    } catch (Simulation.Stuck e) {
      throw new AssertionError(String.valueOf(simulation.failures()), e);
    }
    assertThat(simulation.failures()).isEmpty();
  }

  /** Starts them, until all commit directly. */
  private void up(One... all) {
    for (One each : all) {
      each.start();
    }
    for (One each : all) {
      each.open();
    }
    assertThat(happens(LEASE, () -> Stream.of(all).allMatch(each -> each.isOpen))).isTrue();
  }

  /** Whether that is so at some moment from now on, for so long at the most. */
  private boolean happens(Duration most, BooleanSupplier condition) {
    long end = simulation.nanos() + most.toNanos();
    while (simulation.nanos() < end) {
      if (condition.getAsBoolean()) {
        return true;
      }
      simulation.sleep(MOMENT);
    }
    return false;
  }

  /** A node that has a gate, and nothing else. */
  private final class One implements Neighbours.Local {

    private final SimulatedProcess process;
    private final Neighbours neighbours;
    private boolean isOpen;
    private boolean isAccepted;
    private boolean isTold;
    private boolean wasToRead;
    private boolean somethingWaits;
    private boolean reads = true;
    private boolean wasToLeave;
    private boolean takes = true;
    private boolean tookOver;
    private boolean isListening;
    private Duration listensFor = Duration.ZERO;

    One(String name) {
      process = simulation.process(name);
      neighbours =
          new Neighbours(
              "cafe",
              listening(storage.node(name)),
              process,
              new UUID(0, name.hashCode()),
              List.of(STORE),
              LEASE,
              this);
      nodes.add(this);
    }

    /** What it asks for takes a while to be looked up. */
    private SharedLogStorage listening(SharedLogStorage all) {
      return (SharedLogStorage)
          Proxy.newProxyInstance(
              SharedLogStorage.class.getClassLoader(),
              new Class<?>[] {SharedLogStorage.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("list") && !listensFor.isZero()) {
                  isListening = true;
                  simulation.sleep(listensFor);
                  isListening = false;
                }
                try {
                  return method.invoke(all, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }

    /** How often it has said that it lives. */
    long words() {
      try {
        Value value = storage.asItIs().read("cafe/nodes", neighbours.number());
        return value == null ? 0 : value.version();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void start() {
      process.start("neighbours", neighbours::run);
      process.start("awake", neighbours::watch);
      assertThat(happens(LEASE, () -> neighbours.number() != 0)).isTrue();
    }

    void open() {
      process.start(
          "drain",
          () -> {
            try {
              while (!isOpen) {
                while (!neighbours.isTimeToClose(STORE)) {
                  simulation.sleep(Duration.ofMillis(20));
                }
                isOpen = neighbours.agreeUp(STORE);
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }

    void accept() {
      process.start(
          "caller",
          () -> {
            try {
              neighbours.awaitLogged(STORE);
              isAccepted = true;
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }

    void tell() {
      process.start(
          "teller",
          () -> {
            try {
              isTold = neighbours.awaitHeard(STORE);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }

    @Override
    public boolean waits(String store) {
      return somethingWaits;
    }

    @Override
    public boolean retains(String store) {
      return false;
    }

    @Override
    public void named(String store, Tails.Found writer) {}

    @Override
    public boolean isUp(String store) {
      return isOpen;
    }

    @Override
    public boolean leaveUp(String store) {
      wasToLeave = true;
      return false;
    }

    @Override
    public void lookAgain(String store, long generation) {
      wasToRead = true;
      if (reads) {
        process.start("looks", () -> neighbours.looked(store, generation));
      }
    }

    @Override
    public void numbered(long node) {}

    @Override
    public void died(long node, UUID log) {
      if (takes) {
        process.start("taker", () -> take(node));
      }
    }

    private void take(long node) {
      try {
        if (neighbours.take(node)) {
          tookOver = true;
          neighbours.forget(node); // It has left nothing.
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void trouble(@Nullable String message) {}
  }
}
