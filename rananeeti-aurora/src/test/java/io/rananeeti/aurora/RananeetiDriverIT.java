package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformConnection;
import io.rananeeti.RananeetiDriver;
import io.rananeeti.Receipt;
import io.rananeeti.testkit.PostgresServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The door by URL: two lines in a configuration. */
@SuppressWarnings("NullAway") // the server is started before all
class RananeetiDriverIT {

  private static final Duration STALL = Duration.ofMinutes(1);

  private static PostgresServer server;

  /** Where no outage is meant, a slow machine is none. */
  private String outageBudget = "20s";

  @TempDir private Path directory;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.builder().start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void makeTable() throws SQLException {
    server.execute(
        "DROP SCHEMA IF EXISTS rananeeti CASCADE",
        "DROP TABLE IF EXISTS items",
        "CREATE TABLE items (id int PRIMARY KEY)");
  }

  @AfterEach
  void shutDown() {
    RananeetiDriver.shutdown();
    if (!server.isRunning()) {
      server.start();
    }
  }

  private String url(String more) {
    String log = URLEncoder.encode(directory.resolve("log").toString(), StandardCharsets.UTF_8);
    return server.url().replace("jdbc:", "jdbc:rananeeti:")
        + (server.url().contains("?") ? "&" : "?")
        + "rananeeti.log="
        + log
        + "&rananeeti.log-storage=FILE&rananeeti.probe-interval=100ms&rananeeti.outage-budget="
        + outageBudget
        + more;
  }

  private Connection connect(String more) throws SQLException {
    return DriverManager.getConnection(url(more), server.user(), server.password());
  }

  @Test
  void anApplicationThatKnowsOnlyTheUrlSurvivesAnOutage() throws Exception {
    outageBudget = "500ms";
    insert(1);
    server.kill();
    try (Connection connection = connect("")) {
      connection.setAutoCommit(false);
      connection.createStatement().executeUpdate("INSERT INTO items VALUES (2)");
      connection.commit();
      Receipt receipt =
          Objects.requireNonNull(connection.unwrap(PlatformConnection.class).receipt());
      assertThat(receipt.status()).isEqualTo(Receipt.Status.ACCEPTED);
    }
    server.start();
    try (Connection connection = connect("")) {
      assertThat(connection.unwrap(DataPlatform.class).drain(STALL)).isTrue();
    }
    assertThat(items()).isEqualTo("1,2");
  }

  @Test
  void oneDatabaseIsOnePlatformUntilItIsShutDown() throws Exception {
    DataPlatform first;
    try (Connection one = connect("");
        Connection other = connect("")) {
      first = one.unwrap(DataPlatform.class);
      assertThat(first.name()).isEqualTo(server.database());
      assertThat(other.unwrap(DataPlatform.class)).isSameAs(first);
      assertThat(one.isWrapperFor(DataPlatform.class)).isTrue();
    }
    RananeetiDriver.shutdown();
    assertThatThrownBy(() -> first.getConnection(server.database()))
        .isInstanceOf(SQLException.class);
    try (Connection again = connect("")) {
      assertThat(again.unwrap(DataPlatform.class)).isNotSameAs(first);
    }
  }

  @Test
  void aPlatformThatTheApplicationHasClosedIsOpenedAnew() throws Exception {
    DataPlatform closed;
    try (Connection connection = connect("")) {
      closed = connection.unwrap(DataPlatform.class);
    }
    closed.close();
    insert(1);
    try (Connection connection = connect("")) {
      assertThat(connection.unwrap(DataPlatform.class)).isNotSameAs(closed);
    }
    assertThat(items()).isEqualTo("1");
  }

  @Test
  void otherSettingsForAnOpenPlatformAreRefusedByName() throws Exception {
    connect("").close();
    assertThatThrownBy(() -> connect("&rananeeti.pool-size=3"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"))
        .hasMessageContaining("rananeeti.pool-size")
        .hasMessageContaining("RananeetiDriver.shutdown()");
    assertThatThrownBy(() -> DriverManager.getConnection(url(""), server.user(), "other"))
        .hasMessageContaining("password")
        .hasMessageNotContaining("other values of other");
    assertThatThrownBy(() -> DriverManager.getConnection(url(""), "somebody", "secret"))
        .hasMessageContaining("rananeeti.name=")
        .hasMessageNotContaining("secret");
  }

  @Test
  void whatIsWrongInTheUrlIsSaidAndNothingIsOpened() {
    assertThatThrownBy(() -> connect("&rananeeti.updatecounts=REFUSE"))
        .hasMessageContaining("rananeeti.update-counts?");
    assertThatThrownBy(() -> connect("&rananeeti.pool-size=0"))
        .hasMessageContaining("poolSize is 1 to 1000");
    assertThatThrownBy(() -> DriverManager.getConnection("jdbc:rananeeti:mysql://db/x"))
        .hasMessageContaining("no store takes");
    assertThat(directory.resolve("log")).doesNotExist();
  }

  @Test
  void aLogThatIsInUseIsAnSqlException() throws Exception {
    connect("").close();
    assertThatThrownBy(
            () -> DriverManager.getConnection(url("&rananeeti.name=other"), "somebody", "x"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("58030"))
        .hasMessageContaining("the log is in use");
  }

  @Test
  void propertiesOfTheDriverReachIt() throws Exception {
    Properties properties = new Properties();
    properties.setProperty("user", server.user());
    properties.setProperty("password", server.password());
    properties.setProperty("currentSchema", "pg_catalog");
    try (Connection connection =
            DriverManager.getConnection(url("&options=-c%20work_mem=7MB"), properties);
        var rows =
            connection
                .createStatement()
                .executeQuery("SELECT current_schema(), current_setting('work_mem')")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1)).isEqualTo("pg_catalog");
      assertThat(rows.getString(2)).isEqualTo("7MB");
    }
  }

  @Test
  void whatIsMeantIsNotWarnedOf() throws Exception {
    for (String how : List.of("warn", "allow")) {
      try (Connection connection = connect("&rananeeti.async-commit=" + how)) {
        connection.setAutoCommit(false);
        connection.createStatement().execute("SET LOCAL synchronous_commit = off");
        connection.createStatement().executeUpdate("INSERT INTO items VALUES (1)");
        connection.commit();
        connection.createStatement().executeUpdate("DELETE FROM items");
        connection.commit();
        assertThat(
                connection
                    .unwrap(DataPlatform.class)
                    .health()
                    .stores()
                    .get(server.database())
                    .alarms())
            .filteredOn(alarm -> alarm.contains("synchronous_commit"))
            .hasSize(how.equals("warn") ? 1 : 0);
      }
      RananeetiDriver.shutdown();
    }
  }

  @Test
  void itIsAnOrdinaryDriver() throws Exception {
    Driver driver =
        ServiceLoader.load(Driver.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(RananeetiDriver.class::isInstance)
            .findFirst()
            .orElseThrow();
    assertThat(driver.acceptsURL("jdbc:rananeeti:postgresql://x/y")).isTrue();
    assertThat(driver.acceptsURL("jdbc:postgresql://x/y")).isFalse();
    assertThat(driver.connect("jdbc:postgresql://x/y", new Properties())).isNull();
    assertThat(driver.jdbcCompliant()).isFalse();
    assertThat(DriverManager.getDriver(url(""))).isInstanceOf(RananeetiDriver.class);
    DriverPropertyInfo[] infos = driver.getPropertyInfo(url(""), new Properties());
    assertThat(Arrays.stream(infos).map(info -> info.name))
        .contains("rananeeti.name", "rananeeti.deferral", "rananeeti.pool-size")
        .doesNotHaveDuplicates();
    assertThat(
            Arrays.stream(infos)
                .filter(info -> info.name.equals("rananeeti.deferral"))
                .findFirst()
                .orElseThrow()
                .choices)
        .containsExactly("ALL", "MARKED", "NONE");
    assertThat(Arrays.stream(infos)).allMatch(info -> !info.description.isBlank());
  }

  @Test
  void theFirstConnectionDoesNotWaitForADatabaseThatIsDown() throws Exception {
    outageBudget = "500ms";
    server.kill();
    try (Connection connection = connect("")) {
      connection.createStatement().executeUpdate("INSERT INTO items VALUES (3)");
      assertThat(connection.unwrap(DataPlatform.class).health().stores().keySet())
          .isEqualTo(Set.of(server.database()));
    }
    server.start();
    try (Connection connection = connect("")) {
      assertThat(connection.unwrap(DataPlatform.class).drain(STALL)).isTrue();
    }
    assertThat(items()).isEqualTo("3");
  }

  private void insert(int id) throws SQLException {
    try (Connection connection = connect("")) {
      connection.createStatement().executeUpdate("INSERT INTO items VALUES (" + id + ")");
    }
  }

  private static String items() throws SQLException {
    try (Connection connection = server.connect();
        var rows =
            connection
                .createStatement()
                .executeQuery("SELECT string_agg(id::text, ',' ORDER BY id) FROM items")) {
      rows.next();
      return rows.getString(1);
    }
  }
}
