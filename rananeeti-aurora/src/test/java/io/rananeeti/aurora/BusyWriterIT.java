package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Writer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A writer that leaves the probe without an answer, but not the others. */
class BusyWriterIT extends StoreFixture {

  /** Within it the writer answers somebody, slow as the machine may be. */
  private static final Duration LOOK = Duration.ofSeconds(3);

  private static final Duration SHORT = Duration.ofMillis(500);

  private volatile boolean over;

  /** The postmaster stands still, so that nobody new gets in; those who are in are served. */
  @Test
  void aWriterThatAnswersThePoolIsAliveThoughItDoesNotAnswerTheProbe() throws Exception {
    Writer writer = store.probe(LONG);
    try (Connection connection = connect()) {
      long own = Long.parseLong(ask(connection, "SELECT pg_backend_pid()"));
      connection.rollback();
      endAllBut(own);
      long postmaster = ProcessHandle.of(own).flatMap(ProcessHandle::parent).orElseThrow().pid();
      signal("-STOP", postmaster);
      try {
        CompletableFuture<Void> busy = CompletableFuture.runAsync(() -> keepAsking(connection));

        assertThat(store.probe(LOOK)).isEqualTo(writer);
        assertThat(store.probe(LOOK)).isEqualTo(writer);

        over = true;
        busy.get(LONG.toSeconds(), TimeUnit.SECONDS);
        StoreException silence =
            catchThrowableOfType(StoreException.class, () -> store.probe(SHORT));
        assertThat(silence.failure()).isEqualTo(Failure.UNREACHABLE);
      } finally {
        signal("-CONT", postmaster);
      }
    }
    assertThat(store.probe(LONG)).isEqualTo(writer);
  }

  private void keepAsking(Connection connection) {
    try {
      while (!over) {
        assertThat(ask(connection, "SELECT 1")).isEqualTo("1");
      }
      connection.rollback();
    } catch (SQLException e) {
      throw new AssertionError("the server does not answer the pool", e);
    }
  }

  private void endAllBut(long pid) throws SQLException {
    onServer(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = '%s' AND pid <> %d"
            .formatted(applicationName(), pid));
  }

  private static void signal(String name, long pid) throws Exception {
    int result = new ProcessBuilder("kill", name, Long.toString(pid)).start().waitFor();
    assertThat(result).isZero();
  }
}
