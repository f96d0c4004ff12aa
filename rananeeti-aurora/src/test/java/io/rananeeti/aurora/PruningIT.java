package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Forgetting (F1, F2). */
class PruningIT extends StoreFixture {

  @Test
  void rowsBelowGoAndThoseKeptStay() throws Exception {
    for (int number = 1; number <= 5; number++) {
      settle(nextId(), Outcome.APPLIED);
    }

    store.prune(host.incarnation(), 4, Set.of(2L));

    assertThat(numbers()).isEqualTo("2,4,5");
    assertThat(settledBelow(host.incarnation())).isEqualTo("4");
  }

  @Test
  void intentKeysExpireUnlessALetterLives() throws Exception {
    try (Connection connection = server().connect()) {
      run(
          connection,
          "INSERT INTO rananeeti.intent (key, digest, incarnation, number, expires_at)"
              + " SELECT CAST(k AS bytea), '\\x00', gen_random_uuid(), 1, now() + CAST(t AS interval)"
              + " FROM (VALUES ('over', '-1 s'), ('letter', '-1 s'), ('young', '1 h')) AS v (k, t)");
    }

    store.expireIntents(Set.of("letter", "unknown"));

    assertThat(
            ask(
                "SELECT string_agg(convert_from(key, 'UTF8'), ' ' ORDER BY key) FROM rananeeti.intent"))
        .isEqualTo("letter young");
    assertThat(ask("SELECT expires_at > now() + '23 h' FROM rananeeti.intent WHERE key = 'letter'"))
        .isEqualTo("t");
    store.expireIntents(Set.of());
    assertThat(ask("SELECT count(*) FROM rananeeti.intent")).isEqualTo("2");
  }

  @Test
  void settledBelowNeverFalls() throws Exception {
    store.prune(host.incarnation(), 7, Set.of());

    store.prune(host.incarnation(), 3, Set.of());

    assertThat(settledBelow(host.incarnation())).isEqualTo("7");
  }

  @Test
  void pruningSparesRowsWhoseZombieMayRun() throws Exception {
    TransactionId id = nextId();
    try (Connection zombie = strange("a zombie that the network hides")) {
      run(zombie, "INSERT INTO orders VALUES (401, 'tea')");
      settle(id, Outcome.ABORTED);

      store.prune(host.incarnation(), 2, Set.of());

      assertThat(outcome(id)).isEqualTo("ABORTED");
      assertThat(lateCommitOf(zombie, id).getSQLState()).isEqualTo("23505");
      zombie.rollback();
    }
    store.prune(host.incarnation(), 2, Set.of());
    assertThat(outcome(id)).isNull();
  }

  @Test
  void pruningSparesRowsWhoseZombieHasNoTransactionId() throws Exception {
    TransactionId id = nextId();
    try (Connection zombie = strange(applicationName())) {
      run(zombie, "NOTIFY kitchen");
      settle(id, Outcome.ABORTED);

      store.prune(host.incarnation(), 2, Set.of());

      assertThat(outcome(id)).isEqualTo("ABORTED");
      zombie.rollback();
    }
    store.prune(host.incarnation(), 2, Set.of());
    assertThat(outcome(id)).isNull();
  }

  @Test
  void anOldRowIsPrunedAfterItWasFrozen() throws Exception {
    TransactionId id = nextId();
    settle(id, Outcome.APPLIED);
    onServer("VACUUM (FREEZE) rananeeti.ledger");

    store.prune(host.incarnation(), 2, Set.of());

    assertThat(outcome(id)).isNull();
  }

  @Test
  void theSpaceOfPrunedRowsIsUsedAgain() throws Exception {
    long once = 0;
    for (int round = 1; round <= 5; round++) {
      long last = 20_000L * round;
      onServer(
          "INSERT INTO rananeeti.ledger (incarnation, number, claim, outcome)"
              + " SELECT '%s', i, 0, 'APPLIED' FROM generate_series(%d, %d) i"
                  .formatted(host.incarnation(), last - 19_999, last));
      once = round == 1 ? bytesOfTheLedger() : once;

      store.prune(host.incarnation(), last + 1, Set.of());
    }

    assertThat(numbers()).isEqualTo("null");
    assertThat(bytesOfTheLedger()).isLessThan(2 * once);
  }

  private static long bytesOfTheLedger() throws SQLException {
    return Long.parseLong(String.valueOf(ask("SELECT pg_total_relation_size('rananeeti.ledger')")));
  }

  @Test
  void anUnknownIncarnationCannotBePruned() {
    StoreException failure =
        catchThrowableOfType(
            StoreException.class, () -> store.prune(UUID.randomUUID(), 2, Set.of()));

    assertThat(failure.sqlState()).isEqualTo("55R03");
  }

  @Test
  void rowsOfALogUnseenForLongExpire() throws Exception {
    TransactionId old = new TransactionId(UUID.randomUUID(), 1);
    TransactionId young = new TransactionId(UUID.randomUUID(), 1);
    foreign(old, "now() - interval '91 days'");
    foreign(young, "now() - interval '89 days'");

    store.prune(host.incarnation(), 1, Set.of());

    assertThat(outcome(old)).isNull();
    assertThat(outcome(young)).isEqualTo("APPLIED");
    StoreException failure =
        catchThrowableOfType(StoreException.class, () -> settle(old, Outcome.APPLIED));
    assertThat(failure.sqlState()).isEqualTo("55R04");
  }

  @Test
  void olderIncarnationsOfThisLogDoNotExpire() throws Exception {
    TransactionId old = new TransactionId(UUID.randomUUID(), 1);
    foreign(old, "now() - interval '91 days'");
    onServer(
        "UPDATE rananeeti.incarnation SET log = '%s' WHERE incarnation = '%s'"
            .formatted(host.logId(), old.incarnation()));

    store.prune(host.incarnation(), 1, Set.of());

    assertThat(outcome(old)).isEqualTo("APPLIED");
  }

  private static void foreign(TransactionId id, String seenAt) throws SQLException {
    onServer(
        "INSERT INTO rananeeti.incarnation (incarnation, platform, log, seen_at) VALUES ('%s', 'cafe', '%s', %s)"
            .formatted(id.incarnation(), UUID.randomUUID(), seenAt),
        "INSERT INTO rananeeti.ledger VALUES ('%s', 1, 0, 'APPLIED')".formatted(id.incarnation()));
  }

  private static SQLException lateCommitOf(Connection zombie, TransactionId id) {
    return catchThrowableOfType(
        SQLException.class,
        () ->
            run(
                zombie,
                "INSERT INTO rananeeti.ledger VALUES ('%s', %d, 0, 'APPLIED'); COMMIT"
                    .formatted(id.incarnation(), id.number())));
  }

  private String numbers() throws SQLException {
    return String.valueOf(
        ask(
            "SELECT string_agg(number::text, ',' ORDER BY number) FROM rananeeti.ledger WHERE incarnation = '%s'"
                .formatted(host.incarnation())));
  }

  private static String settledBelow(UUID incarnation) throws SQLException {
    return String.valueOf(
        ask(
            "SELECT settled_below FROM rananeeti.incarnation WHERE incarnation = '%s'"
                .formatted(incarnation)));
  }
}
