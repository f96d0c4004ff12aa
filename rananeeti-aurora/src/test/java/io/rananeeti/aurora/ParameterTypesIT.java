package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.TimeZone;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;

/** What is set while the database is dead arrives as if it had been set on the driver. */
final class ParameterTypesIT extends DropInFixture {

  private static final byte[] BYTES = {0, 1, -1, 127};

  /** One call of a setter. */
  private interface Setter {
    void set(PreparedStatement statement, Connection connection) throws SQLException;
  }

  /** A column's type, and what is set. */
  private record Case(String type, Setter setter) {}

  @Test
  void arriveAsIfTheyHadBeenSetOnTheDriver() throws Exception {
    List<Case> cases = cases();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      server.execute(
          "DROP TABLE IF EXISTS typed_" + i,
          "CREATE TABLE typed_" + i + " (v " + cases.get(i).type() + ")");
      try (Connection connection = server.connect()) {
        insert(connection, i, cases.get(i));
        expected.add(value(connection, i));
      }
      server.execute("TRUNCATE typed_" + i);
    }

    outage();
    for (int i = 0; i < cases.size(); i++) {
      try (Connection connection = dataSource.getConnection()) {
        insert(connection, i, cases.get(i));
      }
    }
    recover();

    assertThat(platform.deadLetters().list()).isEmpty();
    List<String> arrived = new ArrayList<>();
    try (Connection connection = server.connect()) {
      for (int i = 0; i < cases.size(); i++) {
        arrived.add(value(connection, i));
      }
    }
    assertThat(arrived).isEqualTo(expected);
  }

  private static void insert(Connection connection, int table, Case each) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO typed_" + table + " (v) VALUES (?)")) {
      each.setter().set(statement, connection);
      assertThat(statement.executeUpdate()).isEqualTo(1);
    }
  }

  private static String value(Connection connection, int table) throws SQLException {
    return table + ": " + read(connection, "SELECT v::text FROM typed_" + table);
  }

  private static List<Case> cases() {
    Calendar tokyo = new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo"));
    List<Case> cases = new ArrayList<>();
    cases.add(new Case("bool", (s, c) -> s.setBoolean(1, true)));
    cases.add(new Case("int2", (s, c) -> s.setByte(1, (byte) -3)));
    cases.add(new Case("int2", (s, c) -> s.setShort(1, (short) -300)));
    cases.add(new Case("int4", (s, c) -> s.setInt(1, Integer.MIN_VALUE)));
    cases.add(new Case("int8", (s, c) -> s.setLong(1, Long.MAX_VALUE)));
    cases.add(new Case("float4", (s, c) -> s.setFloat(1, 1.1f)));
    cases.add(new Case("float8", (s, c) -> s.setDouble(1, Double.NaN)));
    cases.add(new Case("numeric", (s, c) -> s.setBigDecimal(1, new BigDecimal("1.2300"))));
    cases.add(new Case("numeric", (s, c) -> s.setObject(1, BigInteger.TEN.pow(30))));
    cases.add(new Case("numeric", (s, c) -> s.setObject(1, 7, Types.NUMERIC, 2)));
    cases.add(new Case("text", (s, c) -> s.setString(1, "tea \uD83C\uDF75")));
    cases.add(new Case("text", (s, c) -> s.setNull(1, Types.VARCHAR)));
    cases.add(new Case("jsonb", (s, c) -> s.setNull(1, Types.OTHER, "jsonb")));
    cases.add(new Case("bytea", (s, c) -> s.setBytes(1, BYTES)));
    cases.add(new Case("date", (s, c) -> s.setDate(1, Date.valueOf("2026-03-29"))));
    cases.add(new Case("date", (s, c) -> s.setDate(1, new Date(0), tokyo)));
    cases.add(new Case("time", (s, c) -> s.setTime(1, Time.valueOf("02:30:00"))));
    cases.add(new Case("timetz", (s, c) -> s.setTime(1, new Time(0), tokyo)));
    cases.add(new Case("timestamp", (s, c) -> s.setTimestamp(1, new Timestamp(123_456))));
    cases.add(new Case("timestamptz", (s, c) -> s.setTimestamp(1, new Timestamp(0), tokyo)));
    cases.add(new Case("date", (s, c) -> s.setObject(1, LocalDate.of(1, 1, 1))));
    cases.add(new Case("time", (s, c) -> s.setObject(1, LocalTime.of(1, 2, 3, 4_000))));
    cases.add(new Case("timestamp", (s, c) -> s.setObject(1, LocalDateTime.of(2026, 1, 2, 3, 4))));
    cases.add(new Case("timetz", (s, c) -> s.setObject(1, OffsetTime.parse("10:15:30+01:00"))));
    cases.add(
        new Case(
            "timestamptz",
            (s, c) -> s.setObject(1, OffsetDateTime.parse("2026-01-02T03:04:05.678+05:30"))));
    cases.add(new Case("uuid", (s, c) -> s.setObject(1, new UUID(1, 2))));
    cases.add(
        new Case(
            "int4[]", (s, c) -> s.setArray(1, c.createArrayOf("int4", new Object[] {1, null}))));
    cases.add(
        new Case(
            "text[]",
            (s, c) -> s.setArray(1, c.createArrayOf("text", new Object[] {"a,b", "\"", "{}"}))));
    cases.add(new Case("int8[]", (s, c) -> s.setObject(1, new long[] {1, 2})));
    cases.add(new Case("bytea", (s, c) -> s.setBinaryStream(1, new ByteArrayInputStream(BYTES))));
    cases.add(
        new Case("bytea", (s, c) -> s.setBinaryStream(1, new ByteArrayInputStream(BYTES), 2)));
    cases.add(new Case("text", (s, c) -> s.setCharacterStream(1, new StringReader("stream"), 6)));
    cases.add(new Case("text", (s, c) -> s.setCharacterStream(1, new StringReader("stream"))));
    cases.add(
        new Case(
            "text",
            (s, c) ->
                s.setAsciiStream(
                    1, new ByteArrayInputStream("ascii".getBytes(StandardCharsets.US_ASCII)), 5)));
    cases.add(new Case("jsonb", (s, c) -> s.setObject(1, object("jsonb", "{\"a\": 1}"))));
    cases.add(new Case("inet", (s, c) -> s.setObject(1, object("inet", "10.0.0.1/8"))));
    cases.add(new Case("interval", (s, c) -> s.setObject(1, new PGInterval(1, 2, 3, 4, 5, 6.5))));
    cases.add(new Case("jsonb", (s, c) -> s.setObject(1, "{\"b\": 2}", Types.OTHER)));
    cases.add(new Case("text", (s, c) -> s.setObject(1, 'x')));
    cases.add(
        new Case("text", (s, c) -> s.setObject(1, URI.create("http://localhost/"), Types.VARCHAR)));
    cases.add(
        new Case(
            "timestamptz",
            (s, c) -> s.setObject(1, Instant.EPOCH.atOffset(java.time.ZoneOffset.UTC))));
    return cases;
  }

  private static PGobject object(String type, String value) throws SQLException {
    PGobject object = new PGobject();
    object.setType(type);
    object.setValue(value);
    return object;
  }
}
