package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rananeeti.Outcome;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Writer;
import io.rananeeti.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.jdbc.PgConnection;

/** Servers that are dead, hang, read only, or are another one by now. */
class OutageIT extends StoreFixture {

  private static final Duration SHORT = Duration.ofMillis(500);

  /**
   * Whoever waits for the server waits for longer: it does not go on before the end of the test.
   */
  private static final Duration IN_TIME = Duration.ofSeconds(25);

  @AfterEach
  void letTheServerRun() {
    server().resume();
    server().start();
  }

  @Test
  void probeReturnsInTimeWhenTheServerIsStopped() throws Exception {
    Writer writer = store.probe(LONG);
    server().pause();

    for (int kept = 0; kept < 2; kept++) {
      long start = System.nanoTime();
      StoreException failure = catchThrowableOfType(StoreException.class, () -> store.probe(SHORT));

      assertThat(failure.failure()).isEqualTo(Failure.UNREACHABLE);
      assertThat(since(start)).isLessThan(IN_TIME);
    }
    server().resume();
    assertThat(store.probe(LONG)).isEqualTo(writer);
  }

  @Test
  void connectReturnsInTimeWhenTheServerIsStopped() {
    store.sever();
    server().pause();
    long start = System.nanoTime();

    SQLException failure = catchThrowableOfType(SQLException.class, () -> store.connect(SHORT));

    assertThat(failure.getSQLState()).isEqualTo("08001");
    assertThat(store.classify(failure)).isEqualTo(Failure.UNREACHABLE);
    assertThat(since(start)).isLessThan(IN_TIME);
  }

  @Test
  void aDeadServerIsUnreachableForEveryStep() throws Exception {
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      server().kill();

      StoreException failure =
          catchThrowableOfType(
              StoreException.class,
              () -> transaction.claim(java.util.List.of(nextId()), Outcome.APPLIED));

      assertThat(failure.failure()).isEqualTo(Failure.UNREACHABLE);
    }
    assertThat(failureOf(() -> store.begin(Isolation.DEFAULT))).isEqualTo(Failure.UNREACHABLE);
    assertThat(failureOf(() -> store.probe(SHORT))).isEqualTo(Failure.UNREACHABLE);
    assertThat(failureOf(() -> store.register(Set.of(), false))).isEqualTo(Failure.UNREACHABLE);
    assertThat(failureOf(() -> store.prune(host.incarnation(), 1, Set.of())))
        .isEqualTo(Failure.UNREACHABLE);
  }

  @Test
  void aLostReplyOfThePairIsUnreachableAndNotSettledOtherwise() throws Exception {
    try (Connection connection = connect()) {
      run(connection, "INSERT INTO orders VALUES (501, 'tea')");
      server().kill();

      SQLException failure =
          catchThrowableOfType(SQLException.class, () -> store.commit(connection, nextId(), false));

      assertThat(store.classify(failure)).isEqualTo(Failure.UNREACHABLE);
      assertThat(store.settledOtherwise(failure)).isFalse();
    }
  }

  @Test
  void severEndsACallThatHangs() throws Exception {
    Connection connection = connect();
    CompletableFuture<SQLException> call =
        CompletableFuture.supplyAsync(
            () ->
                catchThrowableOfType(
                    SQLException.class, () -> run(connection, "SELECT pg_sleep(3600)")));
    awaitAnswer("1", "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    server().pause();
    assertThat(call).isNotDone();

    PgConnection physical = connection.unwrap(PgConnection.class);
    long start = System.nanoTime();
    store.sever();

    assertThat(physical.isClosed()).isTrue();
    SQLException failure = call.get(30, TimeUnit.SECONDS);
    assertThat(store.classify(failure)).isEqualTo(Failure.UNREACHABLE);
    assertThat(since(start)).isLessThan(IN_TIME);
    connection.close();
    server().resume();
    try (Connection fresh = connect()) {
      assertThat(ask(fresh, "SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void connectionsFromBeforeASeverAreNeverGivenOutAgain() throws Exception {
    try (Connection old = connect()) {
      String before = ask(old, "SELECT pg_backend_pid()");

      store.sever();

      try (Connection fresh = connect()) {
        assertThat(ask(fresh, "SELECT pg_backend_pid()")).isNotEqualTo(before);
      }
      assertThatThrownBy(() -> run(old, "SELECT 1")).isInstanceOf(SQLException.class);
    }
    for (int turn = 0; turn < 8; turn++) {
      try (Connection next = connect()) {
        assertThat(ask(next, "SELECT 1")).isEqualTo("1");
      }
    }
  }

  @Test
  void theFirstConnectionAfterALongOutageComesAtOnce() throws Exception {
    store.sever();
    server().kill();
    long outage = System.nanoTime();
    while (since(outage).compareTo(Duration.ofSeconds(4)) < 0) {
      assertThatThrownBy(() -> store.connect(SHORT)).isInstanceOf(SQLException.class);
    }
    store.sever();
    server().start();

    long start = System.nanoTime();
    store.connect(LONG).close();

    assertThat(since(start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void anEvictedConnectionIsNotGivenOutAgain() throws Exception {
    Connection connection = connect();
    store.enter(connection, Map.of("app.tenant", "seven"));
    String pid = ask(connection, "SELECT pg_backend_pid()");
    assertThat(ask(connection, "SELECT current_setting('app.tenant')")).isEqualTo("seven");
    connection.rollback();

    store.evict(connection);

    try (Connection next = connect()) {
      assertThat(ask(next, "SELECT pg_backend_pid()")).isNotEqualTo(pid);
    }
  }

  @Test
  void anUnusedEvictedConnectionIsNotGivenOutAgain() throws Exception {
    store.evict(connect());

    try (Connection next = connect()) {
      assertThat(ask(next, "SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void aReadOnlyServerIsNoWriter() throws Exception {
    onServer(
        "CREATE DATABASE frozen", "ALTER DATABASE frozen SET default_transaction_read_only = on");
    try (AuroraStore node =
        AuroraStore.builder("orders")
            .url(server().url("frozen"))
            .user(server().user())
            .password(server().password())
            .build()) {
      node.open(host);

      StoreException failure = catchThrowableOfType(StoreException.class, () -> node.probe(LONG));

      assertThat(failure.failure()).isEqualTo(Failure.UNREACHABLE);
      assertThat(failure.sqlState()).isEqualTo("25006");
      assertThatThrownBy(() -> node.connect(SHORT))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("read-only");
    }
  }

  @Test
  void aRestartIsTheSameWriter() throws Exception {
    Writer writer = store.probe(LONG);
    server().restart();

    store.connect(LONG).close();

    assertThat(store.probe(LONG)).isEqualTo(writer);
    assertThat(host.changes()).isEmpty();
  }

  @Test
  void aPromotedServerIsAnotherWriter(@TempDir Path directory) throws Exception {
    RecordingHost watching = new RecordingHost();
    try (PostgresServer promoted =
            PostgresServer.builder()
                .directory(directory.resolve("server"))
                .setting("restore_command", "false")
                .start();
        AuroraStore node = store("orders", promoted)) {
      node.open(watching);
      Writer before = node.probe(LONG);
      node.connect(LONG).close();
      promoted.stop();
      Files.createFile(directory.resolve("server/data/recovery.signal"));
      promoted.start();
      node.sever();

      node.connect(LONG).close();

      Writer after = node.probe(LONG);
      assertThat(after).isNotEqualTo(before);
      assertThat(watching.changes()).containsExactly(after);
    }
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static Failure failureOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(StoreException.class, call).failure();
  }
}
