package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each verb does what it says. */
@Tag("emulator")
class AuroraEmulatorIT {

  private static final String HOME = "us-east-1";
  private static final String AWAY = "eu-west-1";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private AuroraEmulator aurora;

  @BeforeEach
  void start() throws SQLException {
    aurora = AuroraEmulator.global().region(HOME, 2).region(AWAY, 1).start();
    run("us1", "create table written (i integer primary key)");
    aurora.awaitReplication();
  }

  @AfterEach
  void close() {
    aurora.close();
  }

  @Test
  void namesAndFunctionsSayWhoIsWhere() throws SQLException {
    assertThat(whoAnswers(aurora.clusterEndpoint(HOME))).isEqualTo("us1");
    assertThat(whoAnswers(aurora.readerEndpoint(HOME))).isEqualTo("us2");
    assertThat(whoAnswers(aurora.globalEndpoint())).isEqualTo("us1");
    assertThat(whoAnswers(aurora.clusterEndpoint(AWAY))).isEqualTo("eu1");
    assertThat(whoAnswers("us1.xyz1.us-east-1.rds.amazonaws.com")).isEqualTo("us1");
    assertThat(whoAnswers("eu1.xyz2.eu-west-1.rds.amazonaws.com")).isEqualTo("eu1");
    saysWhoBelongsToItsRegionAndWhoToTheWorld();
    assertThatThrownBy(() -> AuroraEmulator.cluster(HOME, 1).start())
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining("name(...)");
  }

  private void saysWhoBelongsToItsRegionAndWhoToTheWorld() throws SQLException {
    String inRegion =
        "select server_id || ' ' || (session_id = 'MASTER_SESSION_ID') from aurora_replica_status()";
    String inWorld =
        "select server_id || ' ' || aws_region || ' ' || (session_id = 'MASTER_SESSION_ID') from aurora_global_db_instance_status()";

    assertThat(all("us2", inRegion)).containsExactly("us1 true", "us2 false");
    assertThat(all("eu1", inRegion)).containsExactly("eu1 false");
    assertThat(all("eu1", inWorld))
        .containsExactly("us1 us-east-1 true", "us2 us-east-1 false", "eu1 eu-west-1 false");
    assertThat(all("us1", "select setting from pg_settings where name = 'rds.extensions'"))
        .singleElement()
        .asString()
        .contains("aurora_stat_utils");
    assertThat(all("us1", "select count(*) from (select * from aurora_replica_status()) r"))
        .containsExactly("2");
  }

  @Test
  void certificateIsOfTheNamesAndHangsPassThroughTls() throws Exception {
    Properties strict = properties();
    strict.setProperty("sslmode", "verify-full");
    strict.setProperty("sslrootcert", aurora.rootCertificate().toString());
    assertThatThrownBy(() -> DriverManager.getConnection(aurora.url("127.0.0.11"), strict))
        .isInstanceOf(SQLException.class);

    try (Connection connection =
        DriverManager.getConnection(aurora.url(aurora.clusterEndpoint(HOME)), strict)) {
      assertThat(all(connection, "select ssl from pg_stat_ssl where pid = pg_backend_pid()"))
          .containsExactly("t");
      aurora.partition("us1");
      Future<?> answer = inAnotherThread(() -> execute(connection, "select 1"));
      aurora.heal("us1");
      answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);

      aurora.proxy("us1").reset();
      assertThatThrownBy(() -> execute(connection, "select 1")).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void readerOfTheRegionThatIsPromotedHasAllThatWasAcknowledged() throws Exception {
    try (Load load = new Load("us1")) {
      load.awaitWritten(50);

      aurora.kill("us1");
      aurora.promote("us2");

      assertThat(rows("us2")).containsAll(load.acknowledged());
    }
    assertThat(aurora.writer()).isEqualTo("us2");
    assertThat(
            all(
                "eu1",
                "select server_id from aurora_global_db_instance_status() where session_id = 'MASTER_SESSION_ID'"))
        .containsExactly("us2");
    awaitAnswer(aurora.globalEndpoint(), "us2");

    aurora.start("us1");

    run("us2", "insert into written values (-1)");
    assertThat(rows("us1")).contains(-1);
    aurora.awaitReplication();
    assertThat(rows("eu1")).contains(-1);
  }

  @Test
  void readerThatDiesHangsOrIsCutOffHoldsUpNoCommit() throws SQLException {
    aurora.kill("us2");
    run("us1", "insert into written values (1)");
    aurora.start("us2");
    assertThat(rows("us2")).contains(1);

    aurora.hang("us2");
    run("us1", "insert into written values (2)");
    aurora.restart("us1");
    aurora.resume("us2");
    run("us1", "insert into written values (3)");
    assertThat(rows("us2")).contains(2, 3);

    aurora.partition("us2");
    run("us1", "insert into written values (4)");
    assertThatThrownBy(() -> aurora.promote("us2")).isInstanceOf(IllegalStateException.class);
    aurora.heal("us2");
    run("us1", "insert into written values (5)");
    assertThat(rows("us2")).contains(4, 5);
  }

  @Test
  void failoverAfterAPauseLosesTheTailAndTheOldRegionComesBackStale() throws SQLException {
    run("us1", "insert into written values (1)");
    aurora.awaitReplication();
    assertThat(lag("us1")).isZero();

    aurora.pauseReplication(AWAY);
    run("us1", "insert into written values (2)");
    assertThat(lag("us1")).isPositive();
    aurora.resumeReplication(AWAY);
    aurora.awaitReplication();
    assertThat(lag("us1")).isZero();

    aurora.pauseReplication(AWAY);
    run("us1", "insert into written values (3)");
    aurora.kill(HOME);
    aurora.failover(AWAY);

    assertThat(aurora.writer()).isEqualTo("eu1");
    assertThat(rows("eu1")).containsExactly(1, 2);
    run("eu1", "insert into written values (4)");

    aurora.start(HOME);

    run("us1", "insert into written values (5)");
    assertThat(rows("us2")).containsExactly(1, 2, 3, 5);
    assertThat(
            all(
                "us1",
                "select server_id from aurora_replica_status() where session_id = 'MASTER_SESSION_ID'"))
        .containsExactly("us1");

    aurora.rejoin(HOME);

    assertThat(rows("us1")).containsExactly(1, 2, 4);
    assertThatThrownBy(() -> run("us1", "insert into written values (6)"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("read-only");
    aurora.awaitReplication();
    assertThat(lag("eu1")).isZero();
  }

  @Test
  void switchoverAndBackLoseNothing() throws Exception {
    List<Integer> acknowledged = new ArrayList<>();
    for (String[] way : new String[][] {{"us1", AWAY, "eu1"}, {"eu1", HOME, null}}) {
      try (Load load = new Load(way[0])) {
        load.awaitWritten(50);
        aurora.switchover(way[1]);
        acknowledged.addAll(load.acknowledged());
      }
      assertThat(way[2] == null ? "us" : way[2]).isSubstringOf(aurora.writer());
      assertThat(rows(aurora.writer())).containsAll(acknowledged);
    }

    run(aurora.writer(), "insert into written values (-1)");
    aurora.awaitReplication();
    for (String instance : aurora.instances()) {
      assertThat(rows(instance)).contains(-1);
    }
  }

  @Test
  void hungWriterAnswersNothingAndIsAReaderAfterItsSuccession() throws Exception {
    try (Connection connection = connect(aurora.host("us1"))) {
      connection.setAutoCommit(false);
      execute(connection, "insert into written values (1)");

      aurora.hang("us1");
      Future<?> answer = inAnotherThread(() -> execute(connection, "select 1"));
      aurora.promote("us2");
      assertThat(answer).isNotDone();
      run("us2", "insert into written values (2)");

      aurora.resume("us1");
      assertThatThrownBy(() -> answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(IOException.class);
    }
    assertThat(rows("us1")).containsExactly(2);
  }

  @Test
  void whatIsSentIntoAPartitionArrivesAfterIt() throws Exception {
    try (Connection connection = connect(aurora.host("us1"))) {
      aurora.partition("us1");
      Future<?> answer =
          inAnotherThread(() -> execute(connection, "insert into written values (1)"));
      assertThatThrownBy(() -> connect(aurora.host("us1"), Duration.ofSeconds(5)))
          .isInstanceOf(SQLException.class);
      assertThat(answer).isNotDone();

      aurora.heal("us1");

      answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(rows("us2")).containsExactly(1);
    }
  }

  @Test
  void writerThatIsCutOffCanAcknowledgeNothingAndIsAReaderAfterItsSuccession() throws Exception {
    aurora.partition("us1");
    Future<?> answer = inAnotherThread(() -> run("us1", "insert into written values (1)"));
    awaitTrue(
        () ->
            all("us1", "select 1 from pg_stat_activity where wait_event = 'SyncRep'").size() == 1);
    aurora.promote("us2");
    run("us2", "insert into written values (2)");
    assertThat(answer).isNotDone();

    aurora.heal("us1");

    assertThatThrownBy(() -> answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
    assertThat(rows("us1")).containsExactly(2);
  }

  @Test
  void regionThatIsCutOffReplicatesNothingAndComesBackStale() throws Exception {
    aurora.partition(HOME);
    run("us1", "insert into written values (1)");
    assertThat(rows("us2")).containsExactly(1);
    assertThat(lag("us1")).isPositive();

    aurora.failover(AWAY);
    aurora.heal(HOME);

    assertThat(rows("eu1")).isEmpty();
    assertThat(whoAnswers(aurora.host("us1"))).isEqualTo("us1");
    run("us1", "insert into written values (2)");
    assertThat(rows("us2")).containsExactly(1, 2);
    assertThat(rows("eu1")).isEmpty();
  }

  @Test
  void topologyAndNamesCanBeLateOrWrong() throws Exception {
    String writers =
        "select server_id from aurora_replica_status() where session_id = 'MASTER_SESSION_ID'";
    aurora.freezeTopology();
    aurora.freezeDns();
    aurora.kill("us1");
    aurora.promote("us2");
    assertThat(all("us2", writers)).containsExactly("us1");
    assertThatThrownBy(() -> connect(aurora.clusterEndpoint(HOME)))
        .isInstanceOf(SQLException.class);

    aurora.truthfulTopology();
    aurora.truthfulDns();
    assertThat(all("us2", writers)).containsExactly("us2");
    awaitAnswer(aurora.clusterEndpoint(HOME), "us2");

    aurora.hideFromTopology("us2");
    assertThat(all("us2", "select server_id from aurora_replica_status()")).isEmpty();
    aurora.flipDns(aurora.clusterEndpoint(HOME), "eu1");
    awaitAnswer(aurora.clusterEndpoint(HOME), "eu1");
  }

  @Test
  void everythingComesBackAfterEverythingWasDown() throws SQLException {
    run("us1", "insert into written values (1)");
    aurora.killAll();
    assertThatThrownBy(() -> connect(aurora.globalEndpoint())).isInstanceOf(SQLException.class);
    aurora.startAll();

    run("us1", "insert into written values (2)");
    assertThat(rows("us2")).containsExactly(1, 2);
    aurora.restart("us1");
    run("us1", "insert into written values (3)");
    assertThat(rows("us2")).containsExactly(1, 2, 3);
  }

  @Test
  void endsWhatAKilledJvmLeft(@TempDir Path directory) throws Exception {
    Process jvm = emulatorInAnotherJvm(directory.resolve("hosts"));
    Path data;
    try (Scanner output = new Scanner(jvm.getInputStream(), StandardCharsets.UTF_8)) {
      data =
          Path.of(
              String.valueOf(output.findWithinHorizon("data directory: (.*)", 0)).substring(16));
    } finally {
      jvm.destroyForcibly().waitFor();
    }
    assertThat(new ServerProcesses(data).all()).isNotEmpty();

    AuroraEmulator.cluster(HOME, 1).name("next").start().close();

    assertThat(new ServerProcesses(data).all()).isEmpty();
    assertThat(data).doesNotExist();
    assertThat(rows("us1")).isEmpty();
  }

  private static Process emulatorInAnotherJvm(Path hosts) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djdk.net.hosts.file=" + hosts,
            "-Dsun.net.inetaddr.ttl=1",
            "-Dsun.net.inetaddr.negative.ttl=0",
            "-cp",
            System.getProperty("java.class.path"),
            EmulatorInAnotherJvm.class.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private void run(String instance, String sql) throws SQLException {
    try (Connection connection = aurora.connect(instance)) {
      execute(connection, sql);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> all(String instance, String sql) throws SQLException {
    try (Connection connection = aurora.connect(instance)) {
      return all(connection, sql);
    }
  }

  private static List<String> all(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (row.next()) {
        values.add(row.getString(1));
      }
      return values;
    }
  }

  private List<Integer> rows(String instance) throws SQLException {
    return all(instance, "select i from written order by i").stream()
        .map(Integer::valueOf)
        .toList();
  }

  /** How many bytes of WAL the region without the writer lacks, as the instance says. */
  private long lag(String instance) throws SQLException {
    return Long.parseLong(
        all(
                instance,
                """
                select max(highest_lsn_written) filter (where durability_lag_in_msec = -1)
                  - min(highest_lsn_written) filter (where durability_lag_in_msec >= 0)
                from aurora_global_db_status()""")
            .get(0));
  }

  private Connection connect(String host) throws SQLException {
    return connect(host, Duration.ofSeconds(30));
  }

  private Connection connect(String host, Duration patience) throws SQLException {
    Properties properties = properties();
    properties.setProperty("loginTimeout", Long.toString(patience.toSeconds()));
    return DriverManager.getConnection(aurora.url(host) + "?sslmode=disable", properties);
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("user", aurora.user());
    properties.setProperty("password", aurora.password());
    properties.setProperty("loginTimeout", "30");
    return properties;
  }

  private String whoAnswers(String host) throws SQLException {
    try (Connection connection = connect(host)) {
      return all(connection, "select aurora_db_instance_identifier()").get(0);
    }
  }

  private void awaitAnswer(String host, String instance) {
    awaitTrue(() -> whoAnswers(host).equals(instance));
  }

  private static void awaitTrue(Condition condition) {
    boolean[] held = new boolean[1];
    SQLException[] last = new SQLException[1];
    Await.until(
        () -> {
          try {
            held[0] = condition.holds();
          } catch (SQLException e) {
            last[0] = e;
          }
          return held[0];
        },
        LIMIT);
    assertThat(held[0]).as("last failure: %s", last[0]).isTrue();
  }

  private interface Condition {
    boolean holds() throws SQLException;
  }

  private interface Action {
    void run() throws SQLException;
  }

  private static Future<?> inAnotherThread(Action action) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                action.run();
                done.complete(null);
              } catch (SQLException e) {
                done.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  /** Inserts rows through the name of an instance until that fails. */
  private final class Load implements AutoCloseable {

    private final List<Integer> acknowledged = new ArrayList<>();
    private final AtomicInteger written = new AtomicInteger();
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final Future<?> end;

    Load(String instance) {
      int first = aurora.instances().indexOf(instance) * 1_000_000;
      end = executor.submit(() -> write(instance, first));
    }

    private void write(String instance, int first) {
      try (Connection connection = connect(aurora.host(instance))) {
        for (int row = first; ; row++) {
          execute(connection, "insert into written values (" + row + ")");
          acknowledged.add(row);
          written.incrementAndGet();
        }
      } catch (SQLException e) {
        assertThat(e.getSQLState()).matches("57P0[123]|08...|25006");
      }
    }

    void awaitWritten(int rows) {
      assertThat(Await.until(() -> written.get() >= rows, LIMIT)).isTrue();
    }

    /** Returns what was acknowledged, once the fault has ended the writing. */
    List<Integer> acknowledged() throws Exception {
      end.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      return acknowledged;
    }

    @Override
    public void close() {
      executor.shutdownNow();
    }
  }
}
