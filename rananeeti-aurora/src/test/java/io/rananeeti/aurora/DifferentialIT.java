package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.fail;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Random sequences of JDBC calls of all kinds, made on a connection of the plain driver and on one
 * of a healthy platform: the same results, exceptions, warnings and states, and the same rows in
 * the end.
 *
 * <p>{@code verify} runs the same 10,000 sequences each time, {@code -Pfull} others; {@code
 * -Drananeeti.sequences=} says how many, {@code -Drananeeti.seed=} with which to begin. A sequence
 * that differs is cut down and printed, with the command that runs it again.
 */
@SuppressWarnings("NullAway") // the connections are opened for the test
class DifferentialIT extends DropInFixture {

  private static final int SEQUENCES = Boolean.getBoolean("rananeeti.test.full") ? 10_000 : 5_000;
  private static final long FIRST = 20_261_126;
  private static final int FEWEST_CALLS = 6;
  private static final int MOST_CALLS = 14;
  private static final int BETWEEN_VACUUMS = 1_000;

  private Connection watch;
  private BaseConnection plain;

  @Override
  String url() {
    return server.url();
  }

  @Test
  void randomSequencesOfCallsAnswerAsTheDriverDoes() throws Exception {
    long first = firstSeed();
    int sequences = Integer.getInteger("rananeeti.sequences", sequences());
    prepareTables();
    leaseNothingOfNumbered();
    try (Connection watching = server.connect();
        Connection driver = server.connect()) {
      watch = watching;
      plain = driver.unwrap(BaseConnection.class);
      stateThenReset();
      for (long seed = first; seed < first + sequences; seed++) {
        compare(seed);
        if ((seed - first) % BETWEEN_VACUUMS == BETWEEN_VACUUMS - 1) {
          run(watch, "VACUUM items, numbered");
        }
      }
    }
  }

  int sequences() {
    return SEQUENCES;
  }

  private static long firstSeed() {
    Long given = Long.getLong("rananeeti.seed");
    if (given != null) {
      return given;
    }
    return Boolean.getBoolean("rananeeti.test.full")
        ? new SplittableRandom().nextLong(0, 1_000_000_000)
        : FIRST;
  }

  private static void prepareTables() throws SQLException {
    server.execute(
        "CREATE OR REPLACE FUNCTION noisy(n int) RETURNS int LANGUAGE plpgsql AS"
            + " $$ BEGIN RAISE NOTICE 'noise %', n; RETURN n; END $$",
        """
        CREATE OR REPLACE FUNCTION state_then_reset() RETURNS text LANGUAGE plpgsql AS $$
        DECLARE state text;
        BEGIN
          SELECT 'items ' || coalesce((SELECT string_agg(i::text, ' ' ORDER BY id) FROM items i), '')
            || ' numbered '
            || coalesce((SELECT string_agg(n::text, ' ' ORDER BY id) FROM numbered n), '')
            INTO state;
          DELETE FROM items;
          DELETE FROM numbered;
          PERFORM setval('numbered_id_seq', 1, false);
          INSERT INTO items VALUES (1, 'one'), (2, NULL), (5, 'five');
          RETURN state;
        END $$
        """);
  }

  private void compare(long seed) throws SQLException {
    List<JdbcCall> calls = JdbcCall.sequence(seed, FEWEST_CALLS, MOST_CALLS);
    String difference = difference(calls);
    if (difference == null) {
      return;
    }
    List<JdbcCall> fewer = new ArrayList<>(calls);
    for (int i = fewer.size() - 1; i >= 0; i--) {
      JdbcCall cut = fewer.remove(i);
      String left = difference(fewer);
      if (left == null) {
        fewer.add(i, cut);
      } else {
        difference = left;
      }
    }
    fail(
        """
        seed %d, cut down from %d calls to these:
        %s
        again: ./mvnw verify -pl rananeeti-aurora -am -Dit.test=%s -Dtest=none \
        -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
        -Drananeeti.sequences=1 -Drananeeti.seed=%d\
        """,
        seed, calls.size(), difference, getClass().getSimpleName(), seed);
  }

  /** What both answered, where they differ; null if they do not. */
  private @Nullable String difference(List<JdbcCall> calls) throws SQLException {
    List<String> expected = onPlain(calls);
    expected.add(stateThenReset());
    List<String> ours = onOurs(calls);
    ours.add(stateThenReset());
    if (ours.equals(expected)) {
      return null;
    }
    StringBuilder both = new StringBuilder();
    for (int i = 0; i < expected.size(); i++) {
      both.append("driver ").append(expected.get(i)).append('\n');
      if (!ours.get(i).equals(expected.get(i))) {
        both.append("OURS   ").append(ours.get(i)).append('\n');
      }
    }
    return both.toString();
  }

  private List<String> onPlain(List<JdbcCall> calls) throws SQLException {
    JdbcSession session = new JdbcSession(plain);
    List<String> notes = session.run(calls);
    notes.add(state(plain));
    for (Statement statement : session.statements) {
      statement.close();
    }
    if (plain.getTransactionState() != TransactionState.IDLE) {
      run(plain, "ROLLBACK");
    }
    plain.setAutoCommit(true);
    plain.setReadOnly(false);
    plain.setHoldability(ResultSet.CLOSE_CURSORS_AT_COMMIT);
    plain.setNetworkTimeout(null, 0);
    run(plain, "RESET ALL");
    plain.clearWarnings();
    return notes;
  }

  private List<String> onOurs(List<JdbcCall> calls) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      List<String> notes = new JdbcSession(connection).run(calls);
      notes.add(state(connection));
      return notes;
    }
  }

  /** In a transaction, in a failed one, or in none. */
  private static String state(Connection connection) {
    try {
      run(connection, "SAVEPOINT probe");
      return "in a transaction " + connection.isReadOnly();
    } catch (SQLException e) {
      return "state " + e.getSQLState();
    }
  }

  private String stateThenReset() throws SQLException {
    return read(watch, "SELECT state_then_reset()").get(0);
  }
}
