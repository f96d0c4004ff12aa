package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.AuditEntry;
import io.rananeeti.Availability;
import io.rananeeti.Health;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Isolation;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** R8: a store that a person holds. */
final class HoldRulesTest extends PlatformRules {

  private static final int PROBES = 200;

  HoldRulesTest() {}

  @Test
  void whatIsCommittedWhileItIsHeldIsAcceptedAndAppliedAfterTheRelease() throws Exception {
    open();
    order("a", "tea");

    hold("upgrade to 18");
    Receipt held = order("b", "tea");
    letTimePass();

    assertThat(held.status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(orders()).containsExactly("a=tea");
    assertThat(database.sessions()).isZero();
    assertThat(manual().health().availability()).isEqualTo(Availability.DOWN);
    assertThat(manual().health().alarms()).isEmpty();
    Health.Hold hold = Objects.requireNonNull(manual().health().hold());
    assertThat(hold.toString()).startsWith("held by ann since 2").endsWith(": upgrade to 18");

    release();
    manual().drain();

    assertThat(orders()).containsExactly("a=tea", "b=tea");
    assertThat(manual().health().hold()).isNull();
    assertThat(order("c", "tea").status()).isEqualTo(Receipt.Status.APPLIED);
  }

  @Test
  void noProbeAndNoSuspicionEndsIt() throws Exception {
    open();
    hold("drill");

    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(this::undeferrable)
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("55R01"))
          .hasMessage(
              "store orders is held by ann (drill), and this can't wait in the log: the transaction may not be deferred; roll back and try again later");
      letTimePass();
    }

    assertThat(manual().health().availability()).isEqualTo(Availability.DOWN);
    assertThat(orders()).isEmpty();
  }

  @Test
  void itOutlivesTheMachine() throws Exception {
    open();
    hold("upgrade to 18");
    order("a", "tea");

    manual().crash(WORST);
    reopen();
    order("b", "tea");
    letTimePass();

    assertThat(orders()).isEmpty();
    assertThat(database.sessions()).isZero();
    assertThat(Objects.requireNonNull(manual().health().hold()).by()).isEqualTo("ann");
    assertThat(manual().health().alarms()).isEmpty();

    release();
    manual().crash(WORST);
    reopen();
    manual().drain();

    assertThat(orders()).containsExactly("a=tea", "b=tea");
    assertThat(manual().health().hold()).isNull();
  }

  @Test
  void aStoreThatIsDownAlreadyIsHeldWithoutAnAlarm() throws Exception {
    open();
    outage();
    awaitAlarm("no writer");

    hold("the disk is replaced");
    assertThat(manual().health().alarms()).isEmpty();
    database.faults().heal();
    letTimePass();
    assertThat(orders()).isEmpty();

    release();
    manual().drain();
    assertThat(orders()).containsExactly("noticed=the outage");
  }

  @Test
  void aReleaseWhileTheDatabaseIsAwayIsAnOutageLikeAnyOther() throws Exception {
    open();
    hold("upgrade to 18");
    order("a", "tea");
    database.faults().unreachable(true);
    letTimePass();
    assertThat(manual().health().alarms()).isEmpty();

    release();
    awaitAlarm("no writer");
    assertThat(manual().health().availability()).isEqualTo(Availability.DOWN);

    database.faults().heal();
    manual().drain();
    assertThat(orders()).containsExactly("a=tea");
    assertThat(manual().health().alarms()).isEmpty();
  }

  @Test
  void onlyOnePersonHoldsItForOneReason() throws Exception {
    open();
    assertThatThrownBy(() -> platform().release(ManualPlatform.STORE, "ann", "done"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("nobody holds store orders");

    hold("upgrade to 18");
    hold("upgrade to 18");

    assertThatThrownBy(() -> platform().hold(ManualPlatform.STORE, "bob", "drill"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is held by ann")
        .hasMessageContaining("upgrade to 18; release it first");
    assertThatThrownBy(() -> platform().hold("stock", "bob", "drill"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> platform().hold(ManualPlatform.STORE, " ", "drill"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("by (who decides this)");
    release();
    manual().awaitState(Availability.UP);
    assertThat(platform().auditTrail())
        .extracting(AuditEntry::action)
        .containsExactly("hold", "release");
  }

  /** The gate is held until the reply, and a hold waits for that. */
  @Test
  void itWaitsForTheCommitsUnderWay() throws Exception {
    open();
    Receipt first = order("a", "tea");
    TransactionId next = new TransactionId(first.id().incarnation(), first.id().number() + 1);
    Seams.Running committing;
    Seams.Running holding;
    try (var ledger = manual().store().begin(Isolation.DEFAULT)) {
      ledger.claim(List.of(next), Outcome.ABORTED);
      committing = seams.start("commits", () -> quietly(() -> order("b", "tea")));
      manual().await("the COMMIT waits", () -> database.waiting() == 1);
      holding = seams.start("holds", () -> platform().hold(ManualPlatform.STORE, "ann", "drill"));
      for (int i = 0; i < 50; i++) {
        manual().ticking(() -> "a moment of real time");
      }

      assertThat(manual().health().hold()).isNull();
    }

    assertThat(manual().ticking(() -> committing.join(Deadline.NEVER))).isTrue();
    assertThat(manual().ticking(() -> holding.join(Deadline.NEVER))).isTrue();
    assertThat(orders()).containsExactly("a=tea", "b=tea");
    assertThat(manual().health().hold()).isNotNull();
    assertThat(seams.failures()).isEmpty();
  }

  @Test
  void aDrainUnderWayStopsAndGoesOnAfterTheRelease() throws Exception {
    open();
    quietOutage();
    for (int i = 0; i < 600; i++) {
      order("order-%03d".formatted(i), "tea");
    }
    database.faults().heal();
    manual().await("the drain has begun", () -> orders().size() > 60);

    hold("drill");
    int applied = orders().size();
    letTimePass();
    assertThat(orders()).hasSize(applied);

    release();
    manual().drain();
    assertThat(orders()).hasSize(600).isSorted();
  }

  private void hold(String reason) throws Exception {
    manual().ticking(run(() -> platform().hold(ManualPlatform.STORE, "ann", reason)));
  }

  private void release() throws Exception {
    manual().ticking(run(() -> platform().release(ManualPlatform.STORE, "ann", "done")));
  }

  private static Callable<Boolean> run(Runnable action) {
    return () -> {
      action.run();
      return true;
    };
  }

  /** Enough for many probes. */
  private void letTimePass() throws Exception {
    for (int i = 0; i < PROBES; i++) {
      manual().ticking(() -> "a moment of real time");
      manual().tick();
    }
  }

  private void undeferrable() throws Exception {
    manual()
        .ticking(
            () ->
                commit(
                    connection -> {
                      connection.setClientInfo("rananeeti.defer", "false");
                      insert(connection, INSERT, "never", "tea");
                    }));
  }

  /** What fails for no reason but the test's. */
  @FunctionalInterface
  private interface Application {
    void run() throws SQLException;
  }

  private static void quietly(Application application) {
    try {
      application.run();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
