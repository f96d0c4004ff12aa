package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rananeeti.Outcome;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.StoreException;
import io.rananeeti.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a ledger comes to be and comes to know a log (I2, I3, C4). */
class RegistrationIT extends StoreFixture {

  @Test
  void theDdlForAPersonIsTheOneThatTheStoreRuns() throws Exception {
    assertThat(Files.readString(Path.of("..", "deployment", "ledger.sql"))).isEqualTo(Ledger.ddl());
  }

  @Test
  void severalNodesMakeTheLedgerAtOnce() throws Exception {
    onServer("CREATE DATABASE shared");
    List<CompletableFuture<Void>> nodes =
        List.of(registerLater("shared"), registerLater("shared"), registerLater("shared"));

    for (CompletableFuture<Void> node : nodes) {
      node.get(60, TimeUnit.SECONDS);
    }

    assertThat(askIn("shared", "SELECT count(*) FROM rananeeti.incarnation")).isEqualTo("3");
  }

  @Test
  void anUnknownLedgerIsAnotherHistory() throws Exception {
    UUID earlier = UUID.randomUUID();

    StoreException failure =
        catchThrowableOfType(StoreException.class, () -> store.register(Set.of(earlier), false));

    assertThat(failure.failure()).isEqualTo(Failure.ENVIRONMENT);
    assertThat(failure.sqlState()).isEqualTo("55R03");
  }

  @Test
  void aRebuiltDatabaseIsAnotherHistoryAndIsLeftUntouched() throws Exception {
    onServer("CREATE DATABASE rebuilt");
    try (AuroraStore node = storeIn("rebuilt", server().user(), server().password())) {
      node.open(host);

      StoreException failure =
          catchThrowableOfType(
              StoreException.class, () -> node.register(Set.of(host.incarnation()), false));

      assertThat(failure.sqlState()).isEqualTo("55R03");
      assertThat(askIn("rebuilt", "SELECT to_regclass('rananeeti.ledger')")).isNull();
      node.register(Set.of(host.incarnation()), true);
      assertThat(askIn("rebuilt", "SELECT count(*) FROM rananeeti.incarnation")).isEqualTo("1");
    }
  }

  @Test
  void anAdoptedLedgerKnowsAllIncarnationsOfTheLog() throws Exception {
    UUID earlier = UUID.randomUUID();

    store.register(Set.of(earlier), true);
    store.register(Set.of(earlier, host.incarnation()), false);

    assertThat(
            ask(
                "SELECT log FROM rananeeti.incarnation WHERE incarnation = '%s'"
                    .formatted(earlier)))
        .isEqualTo(host.logId().toString());
  }

  @Test
  void aRoleThatMayNotMakeTheLedgerIsGivenTheDdl() throws Exception {
    onServer("CREATE ROLE guest LOGIN PASSWORD 'secret'", "CREATE DATABASE strict");
    try (AuroraStore node = storeIn("strict", "guest", "secret")) {
      node.open(host);

      StoreException missing = failureToRegister(node);
      assertThat(missing.failure()).isEqualTo(Failure.ENVIRONMENT);
      assertThat(missing).hasMessageContaining(Ledger.ddl());

      executeIn("strict", Ledger.ddl());
      StoreException unprivileged = failureToRegister(node);
      assertThat(unprivileged.failure()).isEqualTo(Failure.ENVIRONMENT);
      assertThat(unprivileged.getMessage()).contains("DELETE on rananeeti.ledger");

      executeIn(
          "strict",
          "GRANT SELECT, INSERT, UPDATE, DELETE ON rananeeti.ledger TO guest;"
              + " GRANT SELECT, INSERT, UPDATE, DELETE ON rananeeti.intent TO guest;"
              + " GRANT SELECT, INSERT, UPDATE ON rananeeti.incarnation TO guest;"
              + " GRANT SELECT ON rananeeti.version TO guest;"
              + " GRANT SELECT, UPDATE ON rananeeti.epoch TO guest");
      node.register(Set.of(), false);
      try (LedgerTransaction transaction = node.begin(Isolation.DEFAULT)) {
        assertThat(transaction.claim(List.of(nextId()), Outcome.APPLIED).get(0).ours()).isTrue();
        transaction.commit();
      }
      node.prune(host.incarnation(), 2, Set.of());
    }
  }

  @Test
  void aLedgerOfAnotherVersionIsNotTouched() throws Exception {
    onServer("CREATE DATABASE newer");
    executeIn("newer", Ledger.ddl());
    executeIn("newer", "INSERT INTO rananeeti.version VALUES (2)");
    try (AuroraStore node = storeIn("newer", server().user(), server().password())) {
      node.open(host);

      StoreException failure = failureToRegister(node);

      assertThat(failure.sqlState()).isEqualTo("55R05");
    }
  }

  @Test
  void aWrongPasswordIsForAPersonAndIsNotShown() throws Exception {
    onServer("CREATE ROLE forgetful LOGIN PASSWORD 'right'");
    try (AuroraStore node = storeIn("postgres", "forgetful", "wr0ng")) {
      node.open(host);

      StoreException failure = catchThrowableOfType(StoreException.class, () -> node.probe(LONG));

      assertThat(failure.failure()).isEqualTo(Failure.ENVIRONMENT);
      assertThat(failure.getMessage()).doesNotContain("wr0ng");
      assertThat(node.toString()).doesNotContain("wr0ng").doesNotContain("forgetful");
    }
  }

  private CompletableFuture<Void> registerLater(String database) {
    return CompletableFuture.runAsync(
        () -> {
          try (AuroraStore node = storeIn(database, server().user(), server().password())) {
            node.open(new RecordingHost());
            node.register(Set.of(), false);
          } catch (StoreException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static AuroraStore storeIn(String database, String user, String password) {
    PostgresServer server = server();
    return AuroraStore.builder("orders")
        .url(server.url(database))
        .user(user)
        .password(password)
        .build();
  }

  private static StoreException failureToRegister(AuroraStore node) {
    return catchThrowableOfType(StoreException.class, () -> node.register(Set.of(), false));
  }

  private static Connection in(String database) throws SQLException {
    return java.sql.DriverManager.getConnection(
        server().url(database), server().user(), server().password());
  }

  private static void executeIn(String database, String sql) throws SQLException {
    try (Connection connection = in(database)) {
      run(connection, sql);
    }
  }

  private static @Nullable String askIn(String database, String question) throws SQLException {
    try (Connection connection = in(database)) {
      return ask(connection, question);
    }
  }
}
