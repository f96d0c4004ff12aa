package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.Receipt.Status;
import io.rananeeti.StoreOperation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.PartOrder;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Units of work of nodes that share a log: what keeps its place while all are up. */
final class SharedUnitsRulesTest extends PlatformRules {

  private static final String OBJECTS = "receipts";
  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final Duration LONG_TICK = Duration.ofMillis(50);
  private static final int MANY = 100_000;
  private static final String UPDATE = "UPDATE orders SET v = ? WHERE k = ?";

  private final InMemoryDatabase objects = new InMemoryDatabase(seams);
  private final InMemorySharedStorage shared = new InMemorySharedStorage(seams);
  private final CountDownLatch letGo = new CountDownLatch(1);
  private @Nullable ManualPlatform second;

  @TempDir private Path elsewhere;

  SharedUnitsRulesTest() {}

  @AfterEach
  void closeTheSecond() {
    letGo.countDown();
    if (second != null) {
      second.close();
    }
  }

  /** A put of one object. */
  private record Put(String id) implements StoreOperation {
    @Override
    public String store() {
      return OBJECTS;
    }

    @Override
    public Operation operation() {
      return new Operation(
          "INSERT INTO things VALUES (?, ?) ON CONFLICT DO NOTHING",
          true,
          List.of(
              List.of(
                  Parameter.of(Parameter.Kind.STRING, id),
                  Parameter.of(Parameter.Kind.STRING, "object"))),
          List.of(Operation.ANY));
    }
  }

  private DataPlatform.Builder node(DataPlatform.Builder builder, String name) {
    return builder
        .sharedLog(shared.node(name))
        .nodeLease(LEASE)
        .store(new InMemoryStore(OBJECTS, objects, PartOrder.OBJECTS));
  }

  private ManualPlatform openBoth() throws Exception {
    objects.createTable("things");
    open(builder -> node(builder, "one"));
    ManualPlatform two =
        ManualPlatform.open(database, seams, elsewhere, builder -> node(builder, "two"));
    second = two;
    two.await("both are up", () -> isUp(two) && isUp(manual()));
    return two;
  }

  private static boolean isUp(ManualPlatform node) {
    var health = node.platform().health();
    return health.shared() != null
        && health.shared().nodes().size() == 2
        && health.stores().values().stream()
            .allMatch(store -> store.availability() == Availability.UP);
  }

  private void lock(String id) {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      insert(connection, UPDATE, "locked", id);
      database.faults().heal();
      letGo.await();
      connection.rollback();
    } catch (SQLException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Receipt unitWhoseCommitIsLostToALock(String key, String id) throws SQLException {
    return commit(
        connection -> {
          connection.setClientInfo("rananeeti.ordering-key", key);
          connection.enlist(new Put(id));
          insert(connection, UPDATE, "unit", id);
          seams.start("locker", () -> lock(id));
          awaitWhoWaitsForALock();
          database.faults().loseReply(Step.COMMIT, Fate.LOST);
          database.faults().fail(Step.STATEMENT, "55P03", MANY); // Until the other has the lock.
        });
  }

  /** D3, N6 */
  @Test
  void aUnitThatWasLeftToTheDrainAndMeetsALockParksItsKeyOnAllNodes() throws Exception {
    ManualPlatform two = openBoth();
    slowOrder("x", "old");

    Receipt unit = manual().ticking(() -> unitWhoseCommitIsLostToALock("k", "x"));
    assertThat(unit.status()).isEqualTo(Status.ACCEPTED);
    manual().await("it is blocked", this::isBlockedAfterALongTick);
    two.await("both are up again", () -> isUp(two) && isUp(manual()));

    Receipt later = two.ticking(() -> keyedOn(two, "k", "y"));
    Receipt other = two.ticking(() -> keyedOn(two, "l", "z"));
    assertThat(later.status()).isEqualTo(Status.ACCEPTED);
    assertThat(other.status()).isEqualTo(Status.APPLIED);
    letGo.countDown();
    manual().await("it is not blocked any more", () -> !isBlockedAfterALongTick());
    manual().drain();
    two.drain();
    assertThat(orders()).containsExactlyInAnyOrder("x=unit", "y=later", "z=later");
  }

  private boolean isBlockedAfterALongTick() {
    seams.tick(LONG_TICK);
    return manual().health().alarms().stream().anyMatch(a -> a.contains("stays detached"));
  }

  private static Receipt keyedOn(ManualPlatform node, String key, String id) throws SQLException {
    try (PlatformConnection connection = node.connect()) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.ordering-key", key);
      insert(connection, INSERT, id, "later");
      connection.commit();
      return Objects.requireNonNull(connection.receipt());
    }
  }
}
