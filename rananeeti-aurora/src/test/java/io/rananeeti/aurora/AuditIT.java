package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.rananeeti.DataPlatform;
import io.rananeeti.OutageAudit;
import io.rananeeti.OutageAudit.Finding;
import io.rananeeti.OutageAudit.Kind;
import io.rananeeti.OutageAudit.Where;
import io.rananeeti.UpdateCounts;
import io.rananeeti.testkit.OutageAuditAssert;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/** What the audit finds while all is well is what an outage refuses, word for word. */
@SuppressWarnings("NullAway") // the platform is opened for each test
class AuditIT extends DropInFixture {

  private static final String SECRET = "a secret";

  @TempDir private Path reports;

  AuditIT() {}

  @Override
  void open(int poolSize, UpdateCounts counts) {
    platform =
        DataPlatform.builder("shop")
            .store(
                AuroraStore.builder("orders")
                    .url(url())
                    .user(server.user())
                    .password(server.password())
                    .build())
            .log(directory)
            .logStorage(disk)
            .outageBudget(outageBudget())
            .probeInterval(Duration.ofMillis(200))
            .updateCounts(counts)
            .audit(reports.resolve("shop"))
            .open();
    dataSource = platform.dataSource("orders");
  }

  /** Something that an application does. */
  @FunctionalInterface
  private interface Work {
    void on(Connection connection) throws SQLException;
  }

  private static final List<Work> WORKS =
      List.of(
          connection -> read(connection, "SELECT name FROM items WHERE name = '" + SECRET + "'"),
          connection ->
              run(
                  connection,
                  "INSERT INTO items VALUES (100, 'tea') ON CONFLICT DO NOTHING RETURNING id"),
          connection -> run(connection, "INSERT INTO items VALUES (101, now()::text)"),
          connection -> run(connection, "UPDATE items SET name = 'x' WHERE id > 5 AND id < 9"),
          AuditIT::generatedKey,
          connection -> read(connection, "SELECT set_config('work_mem', '4MB', false)"),
          connection -> run(connection, "TRUNCATE items"),
          connection -> run(connection, "VACUUM items"),
          connection -> run(connection, "DO 'BEGIN PERFORM 1; END'"),
          AuditIT::unkept,
          connection -> connection.getMetaData().getTables(null, null, "items", null),
          connection -> connection.createSQLXML());

  private static void generatedKey(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO numbered (name) SELECT 'tea'", Statement.RETURN_GENERATED_KEYS)) {
      statement.executeUpdate();
    }
  }

  private static void unkept(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO items (id, name) VALUES (110, ?)")) {
      statement.setObject(1, new StringReader("x"), Types.LONGVARCHAR);
      statement.executeUpdate();
    }
  }

  @Test
  @Tag(OUTAGE)
  void whatIsFoundIsWhatAnOutageRefusesWordForWord() throws Exception {
    alone(connection -> run(connection, "INSERT INTO items VALUES (6, 'a'), (7, 'b')"));
    audit().clear();
    List<String> found = new ArrayList<>();
    for (Work work : WORKS) {
      alone(work);
      found.add(reasonOfTheOnlyFinding());
      audit().clear();
    }
    outage();
    audit().clear();

    for (int i = 0; i < WORKS.size(); i++) {
      Work work = WORKS.get(i);
      String reason = found.get(i);
      assertThatThrownBy(() -> alone(work))
          .as("work %d", i)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55R01"))
          .hasMessageContaining("this can't wait in the log: " + reason + "; roll back");
    }
    assertThat(audit().findings()).isEmpty();
    recover();
  }

  private void alone(Work work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      work.on(connection);
    }
  }

  private String reasonOfTheOnlyFinding() {
    List<Finding> refused =
        audit().findings().stream()
            .filter(finding -> finding.kind() != Kind.NOT_REPLAYABLE)
            .toList();
    assertThat(refused).as(audit().text()).hasSize(1);
    return refused.get(0).reason();
  }

  @Test
  void aTransactionThatReadsBeforeItWritesIsFoundWithItsPlace() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      read(connection, "SELECT name FROM items WHERE name = '" + SECRET + "'");
      insert(connection, 1, SECRET);
      connection.commit();
      read(connection, "SELECT count(*) FROM items");
      connection.commit();
    }

    assertThat(audit().findings())
        .extracting(Finding::kind, Finding::where, Finding::statement)
        .containsExactlyInAnyOrder(
            tuple(Kind.DETACHED_REFUSED, Where.WRITING, "SELECT name FROM items WHERE name = ?"),
            tuple(Kind.NOT_REPLAYABLE, Where.WRITING, "SELECT name FROM items WHERE name = ?"),
            tuple(Kind.DETACHED_REFUSED, Where.READING, "SELECT count(*) FROM items"),
            tuple(Kind.NOT_REPLAYABLE, Where.READING, "SELECT count(*) FROM items"));
    assertThat(audit().findings())
        .allSatisfy(
            finding ->
                assertThat(String.join(" ", finding.place()))
                    .contains("AuditIT.aTransactionThatReadsBeforeItWritesIsFoundWithItsPlace"));
    assertThat(audit().text() + audit().json()).doesNotContain(SECRET);
    assertThat(audit().statements()).isEqualTo(3);
  }

  @Test
  void whatGoesOnInAnOutageIsNoFinding() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      assertThat(connection.isValid(1)).isTrue();
      read(connection, "SELECT 1");
      connection.getMetaData().getDatabaseProductVersion();
      connection.getTransactionIsolation();
      connection.getSchema();
      connection.setAutoCommit(false);
      run(connection, "SET LOCAL work_mem = '4MB'");
      insert(connection, 1, "tea");
      connection.setSavepoint("s");
      run(connection, "UPDATE items SET name = 'cake' WHERE id = 1");
      connection.commit();
    }

    OutageAuditAssert.assertThat(platform).hasNoFindings();
  }

  @Test
  void aPromiseThatBreaksIsFoundWhereItBreaks() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      insert(connection, 1, "tea");
      insert(connection, 2, "tea");
      run(connection, "UPDATE items SET name = 'cake' WHERE name = 'tea'");
      run(connection, "UPDATE items SET name = 'cake' WHERE name = 'tea'");
    }

    assertThat(audit().findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.kind()).isEqualTo(Kind.PROMISE_BREAKS);
              assertThat(finding.where()).isEqualTo(Where.ALONE);
              assertThat(finding.statement()).isEqualTo("UPDATE items SET name = ? WHERE name = ?");
              assertThat(finding.reason()).contains("another update count than 1");
              assertThat(finding.count()).isEqualTo(2);
            });
  }

  @Test
  void aVetoAndTheDriversObjectsAreFound() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.defer", "false");
      insert(connection, 1, "tea");
      connection.commit();
      connection.unwrap(PGConnection.class).getBackendPID();
      insert(connection, 2, "tea");
      connection.commit();
    }

    assertThat(audit().findings())
        .extracting(Finding::kind)
        .containsOnly(Kind.NOT_DEFERRED, Kind.CALL_REFUSED, Kind.NOT_REPLAYABLE);
    assertThat(audit().findings())
        .filteredOn(finding -> finding.kind() == Kind.NOT_REPLAYABLE)
        .extracting(Finding::reason)
        .containsOnly("the application has the driver's objects in its hands");
  }

  @Test
  void theReportIsWrittenWhenThePlatformIsClosed() throws Exception {
    alone(connection -> read(connection, "SELECT name FROM items"));

    platform.close();

    assertThat(Files.readString(reports.resolve("shop.txt")))
        .startsWith("Outage audit of platform shop: 1 statements run, 1 findings")
        .contains("1 x  SELECT name FROM items")
        .contains("why:   a query needs the store; alone")
        .contains("AuditIT");
    assertThat(Files.readString(reports.resolve("shop.json")))
        .startsWith("{\"platform\":\"shop\",\"statements\":1,\"leftOut\":0,\"findings\":[")
        .contains("\"kind\":\"DETACHED_REFUSED\",\"where\":\"ALONE\"");
  }

  private OutageAudit audit() {
    return platform.outageAudit().orElseThrow();
  }
}
