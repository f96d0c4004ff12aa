package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerIT {

  private static final int LIMIT_SECONDS = 60;

  @TempDir Path directory;

  @Test
  void keepsCommittedRowsAndLosesOthersWhenKilled() throws SQLException {
    try (PostgresServer server =
        PostgresServer.builder().directory(directory.resolve("pg")).start()) {
      server.execute("create table t (i int)", "insert into t values (1)");
      int port = server.port();

      try (Connection open = server.connect();
          Statement statement = open.createStatement()) {
        open.setAutoCommit(false);
        statement.execute("insert into t values (2)");
        server.kill();

        assertThat(server.isRunning()).isFalse();
        assertThatThrownBy(() -> statement.execute("select 1")).isInstanceOf(SQLException.class);
      }
      assertThatThrownBy(server::connect).isInstanceOf(SQLException.class);
      server.start();

      assertThat(server.port()).isEqualTo(port);
      assertThat(server.isRunning()).isTrue();
      assertThat(query(server, "select string_agg(i::text, ',') from t")).isEqualTo("1");
    }
  }

  @Test
  void leavesNoProcessWhenKilledWithBusyBackends() throws Exception {
    try (PostgresServer server =
            PostgresServer.builder().directory(directory.resolve("pg")).start();
        Busy busy = new Busy(server)) {
      busy.awaitRunning();

      server.kill();

      assertThat(new ServerProcesses(data("pg")).all()).isEmpty();
      server.start();
      assertThat(query(server, "select 1")).isEqualTo("1");
      assertThat(busy.failure().getSQLState()).startsWith("08");
    }
  }

  @Test
  void survivesManyKillsOneAfterAnother() throws SQLException {
    try (PostgresServer server = PostgresServer.builder().start()) {
      server.execute("create table t (i int)");

      for (int round = 0; round < 5; round++) {
        server.execute("insert into t values (" + round + ")");
        server.kill();
        server.start();
      }

      assertThat(query(server, "select count(*) from t")).isEqualTo("5");
    }
  }

  @Test
  void isDurableAndKeepsToItself() throws SQLException {
    try (PostgresServer server = PostgresServer.builder().setting("log_statement", "all").start()) {
      assertThat(query(server, "show fsync")).isEqualTo("on");
      assertThat(query(server, "show synchronous_commit")).isEqualTo("on");
      assertThat(query(server, "show listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(query(server, "show unix_socket_directories")).isEmpty();
      assertThat(query(server, "show log_statement")).isEqualTo("all");
      assertThatThrownBy(() -> DriverManager.getConnection(server.url(), server.user(), "guess"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    }
  }

  @Test
  void adoptsTheServerThatStillRunsOnTheDirectory() throws Exception {
    try (PostgresServer first =
            PostgresServer.builder().directory(directory.resolve("pg")).stopOnClose(false).start();
        PostgresServer second =
            PostgresServer.builder().directory(directory.resolve("pg")).port(1).start()) {
      first.execute("create table t (i int)");

      assertThat(first.adopted()).isFalse();
      assertThat(second.adopted()).isTrue();
      assertThat(second.port()).isEqualTo(first.port());
      assertThat(query(second, "select count(*) from t")).isEqualTo("0");
      second.kill();
      assertThat(first.isRunning()).isFalse();
      second.start();
      assertThat(second.adopted()).isFalse();
      assertThat(first.isRunning()).isTrue();
    }
    assertThat(new ServerProcesses(data("pg")).all()).isEmpty();
  }

  @Test
  void adoptsAServerThatWasLeftPaused() throws SQLException {
    try (PostgresServer first =
        PostgresServer.builder().directory(directory.resolve("pg")).start()) {
      first.pause();

      try (PostgresServer second =
          PostgresServer.builder().directory(directory.resolve("pg")).start()) {
        assertThat(second.adopted()).isTrue();
        assertThat(query(second, "select 1")).isEqualTo("1");
      }
    }
  }

  @Test
  void outlivesTheJvmThatStartedItAndIsAdoptedByTheNext() throws Exception {
    Path pg = directory.resolve("pg");
    Process jvm = startServerInAnotherJvm(pg);
    try {
      String port =
          new String(jvm.getInputStream().readNBytes(5), java.nio.charset.StandardCharsets.UTF_8);
      jvm.destroyForcibly().waitFor();

      try (PostgresServer server = PostgresServer.builder().directory(pg).start()) {
        assertThat(server.adopted()).isTrue();
        assertThat(server.port()).isEqualTo(Integer.parseInt(port));
        server.execute("create table t (i int)");
        server.kill();
        server.start();
        assertThat(query(server, "select count(*) from t")).isEqualTo("0");
      }
    } finally {
      jvm.destroyForcibly();
      new ServerProcesses(data("pg")).kill(Duration.ofSeconds(LIMIT_SECONDS));
    }
  }

  private static Process startServerInAnotherJvm(Path directory) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
            "-cp",
            System.getProperty("java.class.path"),
            ServerInAnotherJvm.class.getName(),
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void isNotFooledByAPostmasterFileWhoseProcessIdBelongsToAnother() throws Exception {
    Path pg = directory.resolve("pg");
    PostgresServer.builder().directory(pg).start().close();
    Process stranger = new ProcessBuilder("sleep", "1000").start();
    try {
      Files.write(
          PostmasterFile.in(data("pg")),
          List.of(
              Long.toString(stranger.pid()),
              data("pg").toString(),
              "1",
              "1",
              "",
              "127.0.0.1",
              "1 1",
              "ready"));

      try (PostgresServer server = PostgresServer.builder().directory(pg).start()) {
        assertThat(server.adopted()).isFalse();
        assertThat(query(server, "select 1")).isEqualTo("1");
      }

      assertThat(stranger.isAlive()).isTrue();
    } finally {
      stranger.destroyForcibly().waitFor();
    }
  }

  @Test
  void hangsWhilePausedAndGoesOnWhenResumed() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (PostgresServer server = PostgresServer.builder().start();
        Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      server.pause();
      Future<Boolean> answer = executor.submit(() -> statement.execute("select 1"));

      assertThatThrownBy(() -> answer.get(300, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      assertThat(server.isRunning()).isTrue();
      server.resume();

      assertThat(answer.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void stopsAndIsKilledWhilePaused() throws SQLException {
    try (PostgresServer server = PostgresServer.builder().start()) {
      server.pause();
      server.stop();
      assertThat(server.isRunning()).isFalse();

      server.start();
      server.pause();
      server.kill();
      server.start();

      assertThat(query(server, "select 1")).isEqualTo("1");
    }
  }

  @Test
  void restartsInOrder() throws SQLException {
    try (PostgresServer server = PostgresServer.builder().start()) {
      server.execute("create table t (i int)");

      server.restart();
      server.start();

      assertThat(query(server, "select count(*) from t")).isEqualTo("0");
    }
  }

  @Test
  void deletesATemporaryDirectoryAtClose() throws SQLException {
    PostgresServer server = PostgresServer.builder().start();
    Path data = Path.of(query(server, "show data_directory"));
    assertThat(Files.isDirectory(data)).isTrue();

    server.close();
    server.close();

    assertThat(data.getParent()).doesNotExist();
    assertThat(new ServerProcesses(data).all()).isEmpty();
  }

  @Test
  void letsNobodyElseIntoItsDirectory() throws Exception {
    Path pg = directory.resolve("pg");

    PostgresServer.builder().directory(pg).start().close();

    assertThat(permissions(pg)).isEqualTo("rwx------");
    assertThat(permissions(pg.resolve("data"))).isEqualTo("rwx------");
    assertThat(permissions(pg.resolve("password"))).isEqualTo("rw-------");
  }

  @Test
  void saysWhatToDoWhenThePortIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(LoopbackPort.address(), 0));
      PostgresServer.Builder builder =
          PostgresServer.builder().directory(directory.resolve("pg")).port(taken.getLocalPort());

      assertThatThrownBy(builder::start)
          .isInstanceOf(TestkitException.class)
          .hasMessageContaining("port " + taken.getLocalPort())
          .hasMessageContaining("The port is in use");
    }
    assertThat(new ServerProcesses(data("pg")).all()).isEmpty();
  }

  @Test
  void unpacksOnceForSeveralThreads() throws Exception {
    Path binaries = directory.resolve("binaries");
    ExecutorService executor = Executors.newFixedThreadPool(3);
    try {
      List<Future<PostgresBinaries>> found =
          executor.invokeAll(java.util.Collections.nCopies(3, () -> PostgresBinaries.in(binaries)));

      for (Future<PostgresBinaries> each : found) {
        assertThat(each.get().program("postgres")).isExecutable();
      }
      try (var entries = Files.list(binaries)) {
        assertThat(entries.filter(Files::isDirectory)).hasSize(1);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private Path data(String name) throws IOException {
    return directory.toRealPath().resolve(name).resolve("data");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static String query(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      assertThat(result.next()).isTrue();
      return String.valueOf(result.getString(1));
    }
  }

  /** A backend in the middle of a query that does not look at its postmaster. */
  private static final class Busy implements AutoCloseable {

    private static final String QUERY = "select sum(i) from generate_series(1, 100000000000) i";

    private final PostgresServer server;
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final Future<SQLException> failure;

    Busy(PostgresServer server) {
      this.server = server;
      this.failure = executor.submit(this::run);
    }

    private SQLException run() {
      return catchThrowableOfType(SQLException.class, () -> server.execute(QUERY));
    }

    void awaitRunning() {
      String running =
          "select count(*) from pg_stat_activity where state = 'active' and query = '"
              + QUERY
              + "'";
      assertThat(Await.until(() -> count(running) == 1, Duration.ofSeconds(LIMIT_SECONDS)))
          .isTrue();
    }

    private int count(String sql) {
      try {
        return Integer.parseInt(query(server, sql));
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    SQLException failure() throws Exception {
      return failure.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
      executor.shutdownNow();
    }
  }
}
