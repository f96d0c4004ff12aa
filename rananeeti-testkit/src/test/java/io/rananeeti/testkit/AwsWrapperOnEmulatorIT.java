package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.jdbc.PluginService;
import software.amazon.jdbc.dialect.AuroraPgDialect;
import software.amazon.jdbc.dialect.GlobalAuroraPgDialect;

/** The AWS JDBC wrapper, which knows Aurora by its answers, believes in the emulator. */
@Tag("emulator")
class AwsWrapperOnEmulatorIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Test
  void takesItForAnAuroraClusterAndFailsOver() throws SQLException {
    try (AuroraEmulator aurora = AuroraEmulator.cluster("us-east-1", 2).name("shop").start();
        Connection connection = connect(aurora, aurora.clusterEndpoint("us-east-1"), "failover2")) {
      assertThat(dialect(connection)).isEqualTo(AuroraPgDialect.class);
      assertThat(instance(connection)).isEqualTo("us1");

      aurora.kill("us1");
      aurora.promote("us2");

      assertFailsOver(connection, "us2");
    }
  }

  @Test
  void takesItForAGlobalDatabaseAndFollowsItToTheOtherRegion() throws SQLException {
    try (AuroraEmulator aurora =
            AuroraEmulator.global().region("us-east-1", 2).region("eu-west-1", 1).start();
        Connection connection = connect(aurora, aurora.globalEndpoint(), "gdbFailover")) {
      assertThat(dialect(connection)).isEqualTo(GlobalAuroraPgDialect.class);
      assertThat(instance(connection)).isEqualTo("us1");

      aurora.kill("us-east-1");
      aurora.failover("eu-west-1");

      assertFailsOver(connection, "eu1");
    }
  }

  private static Class<?> dialect(Connection connection) throws SQLException {
    PluginService service = connection.unwrap(PluginService.class);
    return service.getDialect().getClass();
  }

  /** The wrapper says so once, on the connection that now leads to the new writer. */
  private static void assertFailsOver(Connection connection, String writer) throws SQLException {
    long begin = System.nanoTime();
    assertThatThrownBy(() -> instance(connection))
        .isInstanceOf(SQLException.class)
        .extracting(e -> ((SQLException) e).getSQLState())
        .isEqualTo("08S02");
    try (Statement statement = connection.createStatement()) {
      statement.execute("create table written (i int)");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LIMIT);
    assertThat(instance(connection)).isEqualTo(writer);
  }

  private static String instance(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select aurora_db_instance_identifier()")) {
      row.next();
      return row.getString(1);
    }
  }

  private static Connection connect(AuroraEmulator aurora, String host, String failover)
      throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", aurora.user());
    properties.setProperty("password", aurora.password());
    properties.setProperty("sslmode", "disable");
    properties.setProperty(
        "wrapperPlugins", "initialConnection,auroraConnectionTracker," + failover + ",efm2");
    properties.setProperty("clusterId", failover);
    properties.setProperty("globalClusterInstanceHostPatterns", aurora.hostPatterns());
    properties.setProperty("failoverHomeRegion", "us-east-1");
    properties.setProperty("activeHomeFailoverMode", "strict-writer");
    properties.setProperty("inactiveHomeFailoverMode", "strict-writer");
    properties.setProperty("failoverTimeoutMs", "90000");
    properties.setProperty("connectTimeout", "2000");
    properties.setProperty("efm.contextPool.enabled", "false");
    return DriverManager.getConnection(
        aurora.url(host).replace("jdbc:", "jdbc:aws-wrapper:"), properties);
  }
}
