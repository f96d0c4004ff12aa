package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Types;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Under which settings something runs: those of the application, and of nobody else. */
@SuppressWarnings("NullAway") // a setting may be null
class ContextIT extends DropInFixture {

  private static final String TENANT = "SELECT coalesce(current_setting('app.tenant', true), '')";

  private Connection transaction() throws SQLException {
    Connection connection = dataSource.getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  private static void makeTenants() throws SQLException {
    server.execute(
        "CREATE TABLE other.owned (id int, tenant text DEFAULT current_setting('app.tenant'))");
  }

  @Test
  void aRollbackToASavepointOfABrokenConnectionLeftTheSettingsToTheNextOne() throws Exception {
    try (Connection connection = transaction()) {
      run(connection, "SET app.tenant = 'a'");
      connection.commit();
      Savepoint savepoint = connection.setSavepoint();
      proxy.reset();
      insert(connection, 1, "a");
      connection.rollback(savepoint);
      try (Connection other = dataSource.getConnection()) {
        assertThat(read(other, TENANT)).containsExactly("");
      }
      connection.commit();
    }
    try (Connection one = transaction();
        Connection two = transaction()) {
      assertThat(read(one, TENANT)).containsExactly("");
      assertThat(read(two, TENANT)).containsExactly("");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SET LOCAL app.tenant = '%s'", "SET app.tenant = '%s'"})
  void allWritesWereRunAgainUnderTheLastSetting(String set) throws Exception {
    makeTenants();
    try (Connection connection = transaction()) {
      run(connection, set.formatted("a"));
      run(connection, "INSERT INTO other.owned (id) VALUES (1)");
      run(connection, set.formatted("b"));
      run(connection, "INSERT INTO other.owned (id) VALUES (2)");
      proxy.reset();
      assertState("40001", () -> run(connection, "INSERT INTO other.owned (id) VALUES (3)"));
      connection.rollback();

      run(connection, set.formatted("a"));
      run(connection, "INSERT INTO other.owned (id) VALUES (4)");
      run(connection, set.formatted("a"));
      proxy.reset();
      run(connection, "INSERT INTO other.owned (id) VALUES (5)");
      connection.commit();
    }
    assertThat(owned()).containsExactly("4a", "5a");
  }

  @ParameterizedTest
  @Tag(OUTAGE)
  @ValueSource(strings = {"SET LOCAL app.tenant = '%s'", "SET app.tenant = '%s'"})
  void allWritesInAnOutageWereAppliedUnderTheLastSetting(String set) throws Exception {
    makeTenants();
    outage();
    try (Connection connection = transaction()) {
      run(connection, set.formatted("a"));
      run(connection, "INSERT INTO other.owned (id) VALUES (6)");
      assertState("55R01", () -> run(connection, set.formatted("b")));
      connection.rollback();
      run(connection, set.formatted("c"));
      run(connection, "INSERT INTO other.owned (id) VALUES (7)");
      connection.commit();
    }
    recover();
    assertThat(owned()).containsExactly("7c");
  }

  private static List<String> owned() throws SQLException {
    try (Connection connection = server.connect()) {
      return read(connection, "SELECT id || tenant FROM other.owned ORDER BY id");
    }
  }

  @Test
  @Tag(OUTAGE)
  void whatRanAttachedButMayNotWaitWasAcceptedForLater() throws Exception {
    try (Connection connection = transaction()) {
      run(connection, "INSERT INTO items VALUES (1, now()::text)");
      outage();
      assertThatThrownBy(connection::commit)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isIn("40001", "55R01"));
    }
    recover();
    assertThat(items()).isEmpty();
  }

  @Test
  void whatRanAttachedButMayNotWaitIsStillRunAgainAtOnce() throws Exception {
    try (Connection connection = transaction()) {
      run(connection, "INSERT INTO items VALUES (1, now()::text)");
      proxy.reset();
      insert(connection, 2, "b");
      connection.commit();
    }
    assertThat(items()).hasSize(2);
  }

  @Test
  void aNullGivenToSetConfigBecameATenantOfThatName() throws Exception {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement set =
            connection.prepareStatement("SELECT set_config('app.tenant', ?, false)")) {
      set.setString(1, "a");
      set.executeQuery().close();
      set.setNull(1, Types.VARCHAR);
      try (ResultSet rows = set.executeQuery()) {
        assertThat(rows.next()).isTrue();
      }
      proxy.reset();
      assertThat(read(connection, TENANT)).containsExactly("");
    }
  }

  @Test
  void aTransactionThatMadeItselfReadOnlyBySetConfigWasToldThatItsWriteIsApplied()
      throws Exception {
    server.execute(
        "CREATE OR REPLACE FUNCTION note(i int) RETURNS int LANGUAGE sql"
            + " AS 'INSERT INTO items VALUES (i, ''f'') RETURNING id'");
    try (Connection connection = transaction()) {
      read(connection, "SELECT note(1)");
      read(connection, "SELECT set_config('transaction_read_only', 'on', false)");
      assertState("25006", connection::commit);
    }
    assertThat(items()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatOnlyTheSessionHeldIsNotMissedInSilence(boolean autoCommit) throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      run(connection, "CREATE TEMPORARY TABLE mine (id int)");
      connection.setAutoCommit(autoCommit);
      proxy.reset();
      assertState("08006", () -> insert(connection, 1, "a"));
      assertThat(connection.isClosed()).isTrue();
      assertThat(connection.isValid(1)).isFalse();
      assertState("08003", () -> insert(connection, 1, "a"));
    }
    assertThat(items()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET SCHEMA 'other'; SHOW search_path; other",
        "SET extra_float_digits = -5; SHOW extra_float_digits; -5",
        "SET TIME ZONE -3; SHOW timezone; <-03>+03"
      })
  void settingsInAllTheirFormsFollow(String texts) throws Exception {
    String[] parts = texts.split("; ", -1);
    try (Connection connection = dataSource.getConnection()) {
      run(connection, parts[0]);
      proxy.reset();
      assertThat(read(connection, parts[1])).containsExactly(parts[2]);
    }
  }

  @Test
  void whatATransactionHadMadeForItselfIsMadeAgainByItsRetry() throws Exception {
    int[] runs = {0};
    platform.inTransaction(
        connection -> {
          run(connection, "CREATE TEMPORARY TABLE mine (id int) ON COMMIT DROP");
          run(connection, "INSERT INTO mine VALUES (1)");
          if (runs[0]++ == 0) {
            proxy.reset();
          }
          return run(connection, "INSERT INTO items SELECT id, 'm' FROM mine");
        });
    assertThat(runs[0]).isEqualTo(2);
    assertThat(items()).containsExactly("1=m");
  }

  @Test
  void aDiscardedSessionIsAsANewOne() throws Exception {
    server.execute("DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk", "GRANT clerk TO CURRENT_USER");
    try (Connection connection = dataSource.getConnection()) {
      run(connection, "SET app.tenant = 'a'");
      run(connection, "SET ROLE clerk");
      run(connection, "DISCARD ALL");
      assertThat(read(connection, TENANT)).containsExactly("");
      assertThat(read(connection, "SELECT current_user = session_user")).containsExactly("t");
    } finally {
      server.execute("DROP ROLE clerk");
    }
  }

  @Test
  void theRoleIsKeptWhenAllElseIsReset() throws Exception {
    server.execute("DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk", "GRANT clerk TO CURRENT_USER");
    try (Connection connection = dataSource.getConnection()) {
      run(connection, "SET ROLE clerk");
      run(connection, "SET app.tenant = 'a'");
      run(connection, "RESET ALL");
      proxy.reset();
      assertThat(read(connection, "SELECT current_user")).containsExactly("clerk");
      assertThat(read(connection, TENANT)).containsExactly("");
    } finally {
      server.execute("DROP ROLE clerk");
    }
  }
}
