package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.rowset.serial.SerialBlob;
import javax.sql.rowset.serial.SerialClob;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGStatement;
import org.postgresql.geometric.PGpoint;
import org.postgresql.util.PGTime;
import org.postgresql.util.PGTimestamp;
import org.postgresql.util.PGmoney;
import org.postgresql.util.PGobject;

/**
 * The driver's own types, LOBs, and dates of any zone and age: the same value arrives whether it is
 * set on the driver, on an attached connection, on one that breaks before COMMIT, or in an outage.
 */
@SuppressWarnings({"NullAway", "JavaUtilDate"}) // values are looked at; JDBC takes it
final class DriverTypesIT extends DropInFixture {

  private static final int LONG = (8 << 20) + 12_345;

  private PgArraySource arrays;

  private interface Setter {
    void set(PreparedStatement statement) throws SQLException;
  }

  private enum Mood {
    GOOD,
    BAD
  }

  /**
   * @param type of the column
   * @param value what is read of the column
   */
  private record Case(String type, String value, Setter setter) {}

  /** An array that the driver has read. */
  private record PgArraySource(Connection connection) {
    Array array(String literal) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT " + literal)) {
        rows.next();
        return rows.getArray(1);
      }
    }
  }

  @BeforeEach
  void types() throws Exception {
    server.execute(
        "CREATE EXTENSION IF NOT EXISTS hstore",
        "DROP TYPE IF EXISTS mood CASCADE",
        "CREATE TYPE mood AS ENUM ('GOOD', 'BAD')",
        "DROP TABLE IF EXISTS typed");
    arrays = new PgArraySource(server.connect());
  }

  @AfterEach
  void closeArrays() throws SQLException {
    arrays.connection().close();
  }

  @Test
  @Tag(OUTAGE)
  void arriveTheSameWhicheverWayTheyGo() throws Exception {
    List<Case> cases = cases();
    createTable(cases);
    try (Connection connection = server.connect()) {
      connection.setAutoCommit(false);
      insertAll(connection, 0, cases);
      connection.commit();
    }
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      insertAll(connection, 1, cases);
      connection.commit();
      insertAll(connection, 2, cases);
      proxy.reset();
      connection.commit();
    }
    Array read = arrays.array("ARRAY['a b', NULL, '\"']");
    Array ofEnums = arrays.array("ARRAY['BAD', 'GOOD']::mood[]");

    outage();
    List<Case> detached = cases(read, ofEnums);
    try (Connection connection = dataSource.getConnection()) {
      insertAll(connection, 3, detached);
    }
    recover();

    assertThat(platform.deadLetters().list()).isEmpty();
    List<String> direct = values(0, cases);
    assertThat(values(1, cases)).as("attached").isEqualTo(direct);
    assertThat(values(2, cases)).as("run again after a break").isEqualTo(direct);
    assertThat(values(3, cases)).as("deferred").isEqualTo(direct);
  }

  @Test
  void anObjectMayBeUsedForOneRowOfABatchAfterTheOther() throws Exception {
    server.execute("CREATE TABLE typed (v jsonb)");
    PGobject reused = object("jsonb", null);
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("INSERT INTO typed (v) VALUES (?)")) {
      for (int i = 0; i < 3; i++) {
        reused.setValue("{\"i\": " + i + "}");
        statement.setObject(1, reused);
        statement.addBatch();
      }
      reused.setValue("null");
      statement.executeBatch();

      assertThat(read(connection, "SELECT v->>'i' FROM typed ORDER BY 1"))
          .containsExactly("0", "1", "2");
    }
  }

  @Test
  void aLongStreamReachesTheDriverWholeAndItsTransactionIsNotRunAgain() throws Exception {
    server.execute("CREATE TABLE typed (b bytea, t text)");
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      insertLong(connection);
      connection.commit();
      assertThat(read(connection, "SELECT length(b) || ' ' || length(t) FROM typed"))
          .containsExactly(LONG + " " + LONG);
      assertThat(read(connection, "SELECT md5(b) FROM typed"))
          .isEqualTo(read(connection, "SELECT md5(decode(repeat('07', " + LONG + "), 'hex'))"));
      connection.rollback();

      insertLong(connection);
      proxy.reset();
      assertState("40001", () -> insert(connection, 1, "a"));
      connection.rollback();
      assertThat(read(connection, "SELECT count(*) FROM typed")).containsExactly("1");
    }
  }

  @Test
  @Tag(OUTAGE)
  void aLongStreamWaitsBesideTheLogInAnOutage() throws Exception {
    server.execute("CREATE TABLE typed (b bytea, t text)");
    outage();
    try (Connection connection = dataSource.getConnection()) {
      insertLong(connection);
      assertThat(insert(connection, 1, "a")).isEqualTo(1);
    }
    recover();
    assertThat(items()).containsExactly("1=a");
    try (Connection connection = dataSource.getConnection()) {
      assertThat(read(connection, "SELECT length(b) || ' ' || length(t) FROM typed"))
          .containsExactly(LONG + " " + LONG);
    }
  }

  private static void insertLong(Connection connection) throws SQLException {
    byte[] bytes = new byte[LONG];
    java.util.Arrays.fill(bytes, (byte) 7);
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO typed (b, t) VALUES (?, ?)")) {
      statement.setBinaryStream(1, new ByteArrayInputStream(bytes), LONG);
      statement.setCharacterStream(2, new StringReader("x".repeat(LONG)), LONG);
      statement.executeUpdate();
    }
  }

  private List<Case> cases() throws SQLException {
    return cases(
        arrays.array("ARRAY['a b', NULL, '\"']"), arrays.array("ARRAY['BAD', 'GOOD']::mood[]"));
  }

  private List<Case> cases(Array texts, Array moods) throws SQLException {
    Calendar tokyo = new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo"));
    Calendar prague = new GregorianCalendar(TimeZone.getTimeZone("Europe/Prague"));
    long summer = Instant.parse("2026-07-01T23:30:15.250Z").toEpochMilli();
    List<Case> cases = new ArrayList<>();
    add(cases, "hstore", s -> s.setObject(1, Map.of("a \"b\"", "c")));
    add(cases, "hstore", s -> s.setObject(1, Map.of("a", "b"), Types.OTHER));
    add(cases, "point", s -> s.setObject(1, new PGpoint(0.1, -1e300)));
    add(cases, "money", s -> s.setObject(1, new PGmoney(12.34)));
    add(cases, "jsonb", s -> s.setObject(1, object("jsonb", "[1]"), Types.OTHER));
    add(cases, "jsonb", s -> s.setObject(1, object("jsonb", null)));
    add(cases, "xml", s -> s.setSQLXML(1, xml(s)));
    add(cases, "xml", s -> s.setObject(1, "<b/>", Types.SQLXML));
    add(cases, "mood", s -> s.setObject(1, Mood.GOOD, Types.OTHER));
    add(cases, "mood", s -> s.setObject(1, "BAD", Types.OTHER));
    add(cases, "text", s -> s.setObject(1, Mood.BAD, Types.VARCHAR));
    add(cases, "text[]", s -> s.setArray(1, texts));
    add(cases, "mood[]", s -> s.setArray(1, moods));
    add(cases, "mood[]", s -> s.setArray(1, made(s, "mood", new String[] {"GOOD", null})));
    add(cases, "uuid[]", s -> s.setArray(1, made(s, "uuid", new UUID[] {new UUID(1, 2)})));
    add(cases, "timestamptz[]", s -> s.setArray(1, made(s, "timestamptz", stamps(summer))));
    add(cases, "jsonb[]", s -> s.setArray(1, made(s, "jsonb", objects("{\"a\": 1}"))));
    add(cases, "int4[]", s -> s.setObject(1, new Integer[][] {{1, null}, {3, 4}}));
    add(cases, "bool[]", s -> s.setObject(1, new boolean[] {true, false}));
    add(cases, "bytea[]", s -> s.setObject(1, new byte[][] {{1, 2}, {}}));
    add(cases, "float8[]", s -> s.setObject(1, new double[] {0.1, 2}, Types.ARRAY));
    add(cases, "numeric", s -> s.setObject(1, new AtomicLong(5)));
    add(cases, "numeric", s -> s.setObject(1, true, Types.NUMERIC));
    add(cases, "int4", s -> s.setObject(1, (byte) 7));
    add(cases, "text", s -> s.setObject(1, 7L, Types.VARCHAR));
    add(cases, "timestamp", s -> s.setObject(1, new java.util.Date(summer), Types.TIMESTAMP));
    add(cases, "date", s -> s.setObject(1, new Timestamp(summer), Types.DATE));
    add(cases, "time", s -> s.setObject(1, new Timestamp(summer), Types.TIME));
    add(cases, "timestamptz", s -> s.setObject(1, new PGTimestamp(summer, tokyo)));
    add(cases, "timestamptz", s -> s.setTimestamp(1, new PGTimestamp(summer)));
    add(cases, "timetz", s -> s.setObject(1, new PGTime(summer, prague)));
    add(cases, "time", s -> s.setTime(1, new PGTime(summer)));
    add(cases, "timetz", s -> s.setTime(1, new Time(summer), prague));
    add(cases, "time", s -> s.setTime(1, new Time(summer), prague));
    add(cases, "date", s -> s.setDate(1, new Date(summer), tokyo));
    add(cases, "timestamptz", s -> s.setDate(1, new Date(summer), tokyo));
    add(cases, "timestamptz", s -> s.setDate(1, Date.valueOf("2026-07-01")));
    add(
        cases,
        "timestamp",
        s -> s.setTimestamp(1, Timestamp.valueOf("1799-12-31 12:00:00"), prague));
    add(
        cases,
        "timestamp",
        s -> s.setTimestamp(1, Timestamp.valueOf("1492-10-12 12:00:00"), tokyo));
    add(cases, "date", s -> s.setDate(1, Date.valueOf("1492-10-12")));
    add(cases, "date", s -> s.setDate(1, new Date(PGStatement.DATE_POSITIVE_INFINITY)));
    add(
        cases,
        "timestamptz",
        s -> s.setTimestamp(1, new Timestamp(PGStatement.DATE_POSITIVE_INFINITY)));
    add(
        cases,
        "timestamptz",
        s -> s.setTimestamp(1, new Timestamp(PGStatement.DATE_NEGATIVE_INFINITY)));
    add(cases, "timestamptz", s -> s.setObject(1, OffsetDateTime.MAX));
    add(cases, "oid", s -> s.setNull(1, Types.BLOB));
    add(cases, "xml", s -> s.setSQLXML(1, null));
    add(cases, "text", s -> s.setCharacterStream(1, null, 5));
    byte[] bytes = "blob \u010d".getBytes(StandardCharsets.UTF_8);
    large(cases, s -> s.setBlob(1, new SerialBlob(bytes)));
    large(cases, s -> s.setObject(1, new SerialBlob(bytes), Types.BLOB));
    large(cases, s -> s.setBlob(1, new ByteArrayInputStream(bytes)));
    large(cases, s -> s.setBlob(1, new ByteArrayInputStream(bytes), 3));
    large(cases, s -> s.setClob(1, new SerialClob("clob \u010d".toCharArray())));
    return cases;
  }

  private static void add(List<Case> cases, String type, Setter setter) {
    cases.add(new Case(type, "c%d::text", setter));
  }

  private static void large(List<Case> cases, Setter setter) {
    cases.add(new Case("oid", "convert_from(lo_get(c%d), 'UTF8')", setter));
  }

  private static Array made(PreparedStatement statement, String type, Object[] elements)
      throws SQLException {
    return statement.getConnection().createArrayOf(type, elements);
  }

  private static Object[] stamps(long moment) {
    return new Timestamp[] {new Timestamp(moment), null};
  }

  private static Object[] objects(String json) throws SQLException {
    return new Object[] {object("jsonb", json)};
  }

  /** Of the driver: a detached connection makes none. */
  private SQLXML xml(PreparedStatement statement) throws SQLException {
    assertThat(statement).isNotNull();
    SQLXML xml = arrays.connection().createSQLXML();
    xml.setString("<a>\u010d</a>");
    return xml;
  }

  private static PGobject object(String type, String value) throws SQLException {
    PGobject object = new PGobject();
    object.setType(type);
    object.setValue(value);
    return object;
  }

  private static void createTable(List<Case> cases) throws Exception {
    StringBuilder columns = new StringBuilder("id int, k int");
    for (int i = 0; i < cases.size(); i++) {
      columns.append(", c").append(i).append(' ').append(cases.get(i).type());
    }
    server.execute("CREATE TABLE typed (" + columns + ")");
  }

  /** Each value in a row of its own. */
  private static void insertAll(Connection connection, int id, List<Case> cases)
      throws SQLException {
    for (int i = 0; i < cases.size(); i++) {
      String sql = "INSERT INTO typed (c%d, id, k) VALUES (?, %d, %d)".formatted(i, id, i);
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        cases.get(i).setter().set(statement);
        assertThat(statement.executeUpdate()).as("case %d", i).isEqualTo(1);
      }
    }
  }

  private static List<String> values(int id, List<Case> cases) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Connection connection = server.connect()) {
      for (int i = 0; i < cases.size(); i++) {
        String value = cases.get(i).value().formatted(i);
        values.add(
            "case %d %s: %s"
                .formatted(
                    i,
                    cases.get(i).type(),
                    read(
                        connection,
                        "SELECT coalesce(%s, '-') FROM typed WHERE id = %d AND k = %d"
                            .formatted(value, id, i))));
      }
    }
    return values;
  }
}
