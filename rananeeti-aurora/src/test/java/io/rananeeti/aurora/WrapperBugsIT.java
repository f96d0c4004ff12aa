package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.testkit.AuroraCluster;
import io.rananeeti.testkit.AuroraEmulator;
import io.rananeeti.testkit.Message;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the AWS wrapper does when it is used as its documentation says, and the platform does not.
 */
@Tag("emulator")
@AuroraCluster(regions = "us-east-1", readers = 1)
final class WrapperBugsIT {

  private static final int POOLED_CONTEXTS = 5; // the wrapper's efm.contextPool.maxIdleCount
  private static final Duration LONGER_THAN_THE_WRAPPER_LETS_LIVE = Duration.ofSeconds(10);
  private static final Duration ENDLESS = Duration.ofMinutes(2);
  private static final String INSERT = "INSERT INTO orders (name) VALUES (?)";

  WrapperBugsIT() {}

  /**
   * Bug A: a transaction of prepared statements whose reply to COMMIT is lost gets 08S02, by its
   * documentation "outside of a transaction, repeat the query". The row is there, and who does as
   * it says has it twice.
   */
  @Test
  void aLostReplyToACommitIsAnsweredByTheWrapperAsIfNothingHadHappened(AuroraEmulator aurora)
      throws SQLException {
    createTable(aurora, "orders");
    try (Connection connection = wrapped(aurora)) {
      connection.setAutoCommit(false);
      insert(connection, "tea");
      aurora.proxy("us1").on(Message.commit()).loseReply();

      SQLException told = catchThrowableOfType(SQLException.class, connection::commit);

      assertThat(told.getSQLState()).isEqualTo("08S02");
      assertThat(rows(aurora)).isEqualTo(1);
      connection.setAutoCommit(false);
      insert(connection, "tea");
      connection.commit();
    }
    assertThat(rows(aurora)).isEqualTo(2);
  }

  /** The same fault, and the platform finds out. */
  @Test
  void thePlatformFindsOutWhetherTheCommitHappened(AuroraEmulator aurora, @TempDir Path log)
      throws Exception {
    createTable(aurora, "orders");
    try (DataPlatform platform = platform(aurora, log);
        PlatformConnection connection = platform.getConnection("orders")) {
      assertThat(platform.drain(Duration.ofSeconds(60))).isTrue();
      connection.setAutoCommit(false);
      insert(connection, "tea");
      aurora.proxy("us1").on(Message.commit()).loseReply();

      connection.commit();

      Receipt receipt = Objects.requireNonNull(connection.receipt());
      assertThat(platform.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(platform.outcome(receipt.id())).isEqualTo(Outcome.APPLIED);
    }
    assertThat(rows(aurora)).isEqualTo(1);
  }

  /**
   * Bug B: {@code efm2} keeps the contexts of its calls in a pool. The monitor of the dead writer
   * still refers to those of earlier calls, and ends what runs under them now: a healthy call on
   * the new writer. Beside it a call of the platform, as long, on the same server.
   */
  @Test
  void aHealthyCallOnTheNewWriterIsEndedByTheWrapperAndNotByThePlatform(
      AuroraEmulator aurora, @TempDir Path log) throws Exception {
    try (DataPlatform platform = platform(aurora, log);
        Connection wrapped = monitored(aurora)) {
      awaitUp(platform);
      for (int i = 0; i < 3 * POOLED_CONTEXTS; i++) {
        assertThat(instance(wrapped)).isEqualTo("us1");
      }
      aurora.kill("us1");
      aurora.promote("us2");
      assertThat(catchThrowableOfType(SQLException.class, () -> instance(wrapped)).getSQLState())
          .as("the wrapper has failed over")
          .isEqualTo("08S02");

      CompletableFuture<Void> calm = CompletableFuture.runAsync(() -> longCallOf(platform));
      SQLException told =
          catchThrowableOfType(SQLException.class, () -> longCall(wrapped, ENDLESS));

      assertThat(told.getSQLState()).startsWith("08");
      calm.join();
      assertThat(aurora.writer()).isEqualTo("us2");
    }
  }

  private static void longCallOf(DataPlatform platform) {
    awaitUp(platform);
    try (Connection connection = platform.getConnection("orders")) {
      longCall(connection, LONGER_THAN_THE_WRAPPER_LETS_LIVE);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitUp(DataPlatform platform) {
    while (Objects.requireNonNull(platform.health().stores().get("orders")).availability()
        != Availability.UP) {
      Thread.onSpinWait();
    }
  }

  private static void longCall(Connection connection, Duration length) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_sleep(%d)".formatted(length.toSeconds()));
    }
  }

  private static String instance(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT aurora_db_instance_identifier()")) {
      row.next();
      return row.getString(1);
    }
  }

  private static void createTable(AuroraEmulator aurora, String name) throws SQLException {
    try (Connection connection = aurora.connect(aurora.writer());
        Statement statement = connection.createStatement()) {
      statement.execute(
          "DROP TABLE IF EXISTS %s; CREATE TABLE %s (name text)".formatted(name, name));
    }
  }

  private static void insert(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setString(1, name);
      statement.executeUpdate();
    }
  }

  private static long rows(AuroraEmulator aurora) throws SQLException {
    try (Connection connection = aurora.connect(aurora.writer());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM orders")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static Connection wrapped(AuroraEmulator aurora) throws SQLException {
    return wrapped(aurora, new Properties());
  }

  /** A call is watched from its fourth second on, and its server is dead after two failed looks. */
  private static Connection monitored(AuroraEmulator aurora) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("failureDetectionTime", "4000");
    properties.setProperty("failureDetectionInterval", "500");
    properties.setProperty("failureDetectionCount", "2");
    return wrapped(aurora, properties);
  }

  private static Connection wrapped(AuroraEmulator aurora, Properties properties)
      throws SQLException {
    properties.setProperty("user", aurora.user());
    properties.setProperty("password", aurora.password());
    properties.setProperty("sslmode", "disable");
    properties.setProperty("clusterId", "bugs-" + aurora.port());
    properties.setProperty("wrapperPlugins", "initialConnection,failover2,efm2");
    return DriverManager.getConnection(
        aurora.url(aurora.clusterEndpoint("us-east-1")).replace("jdbc:", "jdbc:aws-wrapper:"),
        properties);
  }

  private static DataPlatform platform(AuroraEmulator aurora, Path log) {
    return DataPlatform.builder("bugs")
        .log(log)
        .store(
            AuroraStore.builder("orders")
                .url(aurora.url(aurora.clusterEndpoint("us-east-1")) + "?sslmode=disable")
                .user(aurora.user())
                .password(aurora.password())
                .build())
        .open();
  }
}
