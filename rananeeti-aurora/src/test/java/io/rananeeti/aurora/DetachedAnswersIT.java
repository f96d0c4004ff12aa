package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.UpdateCounts;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is answered while no writer can be reached, as the database has answered it before. */
class DetachedAnswersIT extends DropInFixture {

  private static final String LITERALS =
      "SELECT 1, -2, 2147483648 AS big, 1.50, 'x' AS \"The Name\", TRUE, false, NULL, 9999999999999999999999";

  @Test
  @Tag(OUTAGE)
  void queriesOfLiteralsAnswerAsTheDatabaseDoes() throws Exception {
    List<String> attached = literals();
    outage();
    assertThat(literals()).isEqualTo(attached);
    recover();
  }

  private List<String> literals() throws SQLException {
    List<String> answers = new ArrayList<>();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        PreparedStatement prepared = connection.prepareStatement(LITERALS)) {
      try (ResultSet rows = statement.executeQuery(LITERALS)) {
        describe(rows, answers);
      }
      assertThat(prepared.execute()).isTrue();
      answers.add("count " + prepared.getUpdateCount());
      try (ResultSet rows = prepared.getResultSet()) {
        describe(rows, answers);
      }
      answers.add("more " + prepared.getMoreResults() + " " + prepared.getUpdateCount());
    }
    return answers;
  }

  private static void describe(ResultSet rows, List<String> answers) throws SQLException {
    ResultSetMetaData columns = rows.getMetaData();
    answers.add("before " + rows.isBeforeFirst() + " " + rows.getRow());
    while (rows.next()) {
      answers.add("row " + rows.getRow() + " " + rows.isFirst() + " " + rows.getType());
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        Object value = rows.getObject(i);
        answers.add(
            "%s %s %s %d %s %s %s %s"
                .formatted(
                    columns.getColumnLabel(i),
                    columns.getColumnName(i),
                    columns.getColumnTypeName(i),
                    columns.getColumnType(i),
                    value == null ? null : value.getClass().getSimpleName(),
                    value,
                    rows.getString(i),
                    rows.wasNull()));
        answers.add(converted(rows, i));
      }
      answers.add(
          rows.findColumn("big") + " " + rows.getLong("BIG") + " " + rows.getInt("?column?"));
    }
    answers.add("after " + rows.isAfterLast() + " " + rows.next());
  }

  private static String converted(ResultSet rows, int column) {
    StringBuilder all = new StringBuilder();
    for (Getter getter :
        List.<Getter>of(
            ResultSet::getInt,
            ResultSet::getLong,
            ResultSet::getDouble,
            ResultSet::getBigDecimal,
            ResultSet::getBoolean)) {
      try {
        all.append(getter.of(rows, column)).append(' ');
      } catch (SQLException e) {
        all.append("refused ");
      }
    }
    return all.toString();
  }

  @FunctionalInterface
  private interface Getter {
    Object of(ResultSet rows, int column) throws SQLException;
  }

  @Test
  @Tag(OUTAGE)
  void whatTheDatabaseSaidOfItselfIsKnownInAnOutageAndAfterARestart() throws Exception {
    List<Object> attached = metaData();
    outage();
    assertThat(metaData()).isEqualTo(attached);

    platform.close();
    open(2, UpdateCounts.PROMISE_ONE);
    await("the store is down", () -> availability() == Availability.DOWN);
    assertThat(metaData()).isEqualTo(attached);
    try (Connection connection = dataSource.getConnection()) {
      assertState("55R01", () -> connection.getMetaData().getTables(null, null, "items", null));
    }
    recover();
  }

  private List<Object> metaData() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      DatabaseMetaData asked = connection.getMetaData();
      return List.of(
          asked.getDatabaseProductName(),
          asked.getDatabaseMajorVersion(),
          asked.getDatabaseProductVersion(),
          asked.getDriverName(),
          asked.getMaxColumnNameLength(),
          asked.supportsSavepoints(),
          asked.getUserName(),
          asked.getURL(),
          asked.getMaxLogicalLobSize(),
          connection.getCatalog(),
          connection.getSchema());
    }
  }

  @Test
  @Tag(OUTAGE)
  void aSchemaThatWasChosenIsNotTheOneLastKnown() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      assertThat(connection.getSchema()).isEqualTo("public");
    }
    outage();
    try (Connection connection = dataSource.getConnection()) {
      connection.setSchema("other");
      assertState("55R01", connection::getSchema);
    }
    recover();
  }

  @Test
  @Tag(OUTAGE)
  void aLogThatTakesNothingIsToldToWhomeverAsks() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.getMetaData().getDatabaseProductName();
    }
    outage();
    disk.failForces(true);
    try (Connection connection = dataSource.getConnection()) {
      assertState("08007", () -> insert(connection, 1, "one"));
    }
    try (Connection connection = dataSource.getConnection()) {
      assertThat(connection.isValid(1)).isFalse();
      assertState("08001", () -> read(connection, "SELECT 1"));
    }
  }

  @Test
  void whatIsKnownIsPrivateToTheUser() throws Exception {
    metaData();
    try (var files = Files.list(directory)) {
      assertThat(files.filter(file -> file.toString().endsWith("metadata-orders.properties")))
          .singleElement()
          .satisfies(
              file ->
                  assertThat(Files.getPosixFilePermissions(file))
                      .isEqualTo(PosixFilePermissions.fromString("rw-------")));
    }
  }
}
