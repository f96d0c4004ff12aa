package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.Health;
import io.rananeeti.UpdateCounts;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** R8 on a real server: held, stopped, started, released. */
class HoldIT extends DropInFixture {

  HoldIT() {}

  @Test
  void aHeldDatabaseHasNoSessionOfOursAndIsRestartedWithoutAnAlarm() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      insert(connection, 1, "before");
    }

    platform.hold("orders", "ann", "upgrade to 18");
    awaitNoSessions();
    server.kill();
    try (Connection connection = dataSource.getConnection()) {
      insert(connection, 2, "meanwhile");
    }
    server.start();
    try (Connection connection = dataSource.getConnection()) {
      insert(connection, 3, "meanwhile");
    }

    assertThat(sessions()).isEmpty();
    assertThat(items()).containsExactly("1=before");
    assertThat(health().availability()).isEqualTo(Availability.DOWN);
    assertThat(health().alarms()).isEmpty();
    assertThat(Objects.requireNonNull(health().hold()).reason()).isEqualTo("upgrade to 18");

    platform.release("orders", "ann", "upgraded");
    assertThat(platform.drain(STALL)).isTrue();
    awaitUp();
    assertThat(items()).containsExactly("1=before", "2=meanwhile", "3=meanwhile");
  }

  @Test
  void aHoldOutlivesTheProcess() throws Exception {
    platform.hold("orders", "ann", "drill");
    try (Connection connection = dataSource.getConnection()) {
      insert(connection, 1, "accepted");
    }
    disk.kill();
    platform.close();
    awaitNoSessions();

    open(2, UpdateCounts.PROMISE_ONE);
    try (Connection connection = dataSource.getConnection()) {
      insert(connection, 2, "accepted");
    }

    assertThat(Objects.requireNonNull(health().hold()).by()).isEqualTo("ann");
    assertThat(sessions()).isEmpty();
    assertThat(items()).isEmpty();

    platform.release("orders", "bob", "over");
    assertThat(platform.drain(STALL)).isTrue();
    awaitUp();
    assertThat(items()).containsExactly("1=accepted", "2=accepted");
  }

  @Test
  void aTransactionUnderWayGoesOnInTheLog() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      insert(connection, 1, "under way");

      platform.hold("orders", "ann", "drill");
      awaitNoSessions();
      insert(connection, 2, "under way");
      connection.commit();

      assertThat(Objects.requireNonNull(connection.getWarnings()).getSQLState()).isEqualTo("01R01");
    }
    assertThat(items()).isEmpty();

    platform.release("orders", "ann", "over");
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).containsExactly("1=under way", "2=under way");
  }

  private Health.StoreHealth health() {
    return Objects.requireNonNull(platform.health().stores().get("orders"));
  }

  /** The server needs a moment to see that sockets are closed. */
  private static void awaitNoSessions() {
    await("no session is left", HoldIT::noSessions);
  }

  private static boolean noSessions() {
    try {
      return sessions().isEmpty();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> sessions() throws SQLException {
    try (Connection connection = server.connect()) {
      return read(
          connection,
          "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'shop%'");
    }
  }
}
