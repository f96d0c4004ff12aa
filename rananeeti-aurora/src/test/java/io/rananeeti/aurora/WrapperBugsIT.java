package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the AWS wrapper does when it is used as its documentation says, and the platform does not.
 */
@Tag("emulator")
@AuroraCluster(regions = "us-east-1", readers = 1)
final class WrapperBugsIT {

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
    Properties properties = new Properties();
    properties.setProperty("user", aurora.user());
    properties.setProperty("password", aurora.password());
    properties.setProperty("sslmode", "disable");
    properties.setProperty("clusterId", "bugs");
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
