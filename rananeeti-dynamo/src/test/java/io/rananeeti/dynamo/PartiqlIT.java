package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rananeeti.Availability;
import io.rananeeti.PlatformConnection;
import java.io.File;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** PartiQL through the JDBC-like door, on a real DynamoDB. */
@SuppressWarnings("NullAway")
class PartiqlIT extends DynamoFixture {

  /** Of each type that DynamoDB has, as an application passes it. */
  private static Map<String, Object> all() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("s", "Zwiebelsuppe \"'\\ \uD83C\uDF5C");
    all.put("i", 42);
    all.put("l", Long.MIN_VALUE);
    all.put("d", new BigDecimal("12345678901234567890.123456789"));
    all.put("f", 0.25);
    all.put("b", new byte[] {0, 1, -1});
    all.put("t", true);
    all.put("n", null);
    all.put("ss", Set.of("a", "b"));
    all.put("ns", Set.of(1, new BigDecimal("2.5")));
    all.put("bs", Set.of(SdkBytes.fromUtf8String("x")));
    all.put("list", Arrays.asList("a", 1, null, List.of(), Map.of("k", false)));
    all.put("map", Map.of("deep", Map.of("deeper", List.of(1, 2))));
    all.put("av", AttributeValue.fromSs(List.of("q")));
    all.put("when", Instant.parse("2026-11-26T12:00:00Z"));
    return all;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void parametersOfAllTypesArriveAttachedAndThroughTheLog(boolean gone) throws Exception {
    openForOutage();
    if (gone) {
      front.always(FaultyFront.Fault.LOSE_REQUEST);
      dish("notices", 1);
    }
    List<String> names = new ArrayList<>(all().keySet());
    StringBuilder text = new StringBuilder("INSERT INTO \"" + dishes + "\" VALUE {'pk': ?");
    names.forEach(name -> text.append(", '").append(name).append("': ?"));
    try (PlatformConnection connection = platform.getConnection("menu");
        PreparedStatement insert = connection.prepareStatement(text + "}")) {
      insert.setString(1, "all");
      for (int i = 0; i < names.size(); i++) {
        insert.setObject(i + 2, all().get(names.get(i)));
      }
      assertThat(insert.executeUpdate()).isEqualTo(1);
    }
    front.pass();
    if (gone) {
      await(Availability.UP);
      awaitDrained();
      assertThat(letters).isEmpty();
    }

    Map<String, AttributeValue> stored = item(dishes, "all");
    for (String name : names) {
      assertThat(stored.get(name))
          .as(name)
          .isEqualTo(normal(Values.of(all().get(name)), stored.get(name)));
    }
    try (PlatformConnection connection = platform.getConnection("menu");
        PreparedStatement query =
            connection.prepareStatement("SELECT * FROM \"" + dishes + "\" WHERE pk = ?")) {
      query.setString(1, "all");
      try (ResultSet rows = query.executeQuery()) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString("s")).isEqualTo(all().get("s"));
        assertThat(rows.getInt("i")).isEqualTo(42);
        assertThat(rows.getLong("l")).isEqualTo(Long.MIN_VALUE);
        assertThat(rows.getBigDecimal("d")).isEqualByComparingTo((BigDecimal) all().get("d"));
        assertThat(rows.getDouble("f")).isEqualTo(0.25);
        assertThat(rows.getBytes("b")).containsExactly(0, 1, -1);
        assertThat(rows.getBoolean("t")).isTrue();
        assertThat(rows.getObject("n")).isNull();
        assertThat(rows.wasNull()).isTrue();
        assertThat(rows.getObject("ss")).isEqualTo(Set.of("a", "b"));
        assertThat(rows.getObject("map", Map.class).containsKey("deep")).isTrue();
        assertThat(rows.getObject("list", List.class).size()).isEqualTo(5);
        assertThat(rows.getObject("av", AttributeValue.class).ss()).containsExactly("q");
        assertThat(rows.getTimestamp("when").toInstant()).isEqualTo(all().get("when"));
        assertThat(rows.next()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void datesAndTimesOfJdbcAreTheSameAttachedAndThroughTheLog(boolean gone) throws Exception {
    openForOutage();
    if (gone) {
      front.always(FaultyFront.Fault.LOSE_REQUEST);
      dish("notices", 1);
    }
    Calendar far = Calendar.getInstance(TimeZone.getTimeZone("Pacific/Kiritimati"));
    Timestamp noon = Timestamp.from(Instant.parse("2026-11-26T12:00:00Z"));
    try (PlatformConnection connection = platform.getConnection("menu");
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO \""
                    + dishes
                    + "\" VALUE {'pk': 'times', 'd': ?, 't': ?, 'm': ?, 'far': ?, 'fart': ?, 'od': ?, 'om': ?}")) {
      insert.setDate(1, Date.valueOf("2026-11-26"));
      insert.setTime(2, Time.valueOf("10:00:00"));
      insert.setTimestamp(3, noon);
      insert.setDate(4, new Date(noon.getTime()), far);
      insert.setTime(5, new Time(noon.getTime()), far);
      insert.setObject(6, Timestamp.valueOf("2026-11-26 23:59:59"), Types.DATE);
      insert.setObject(7, new Date(noon.getTime()), Types.TIMESTAMP);
      insert.executeUpdate();
    }
    front.pass();
    await(() -> !item(dishes, "times").isEmpty());

    assertThat(Values.toJava(item(dishes, "times")))
        .containsEntry("d", "2026-11-26")
        .containsEntry("t", "10:00:00")
        .containsEntry("m", "2026-11-26T12:00:00Z")
        .containsEntry("far", "2026-11-27")
        .containsEntry("fart", "02:00:00")
        .containsEntry("od", "2026-11-26")
        .containsEntry("om", "2026-11-26T12:00:00Z");
  }

  /** Sets have no order. */
  private static AttributeValue normal(AttributeValue wanted, AttributeValue stored) {
    boolean same =
        (wanted.hasSs() && Set.copyOf(wanted.ss()).equals(Set.copyOf(stored.ss())))
            || (wanted.hasNs() && Set.copyOf(wanted.ns()).equals(Set.copyOf(stored.ns())));
    return same ? stored : wanted;
  }

  @Test
  void writesOfAllKindsAreDoneTogether() throws Exception {
    open();
    dish("soup", 5);
    dish("bread", 2);
    try (PlatformConnection connection = platform.getConnection("menu");
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      assertThat(
              statement.executeUpdate(
                  "UPDATE \""
                      + dishes
                      + "\" SET price = price + 1, tags = <<'hot','new'>>"
                      + " SET notes.x = {'a': [1, 2.5, -3, true, null]} REMOVE old"
                      + " WHERE pk = 'soup' AND price BETWEEN 1 AND 9 AND old IS MISSING"))
          .isEqualTo(1);
      assertThatThrownBy(connection::commit)
          .as("notes is no map")
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
      statement.executeUpdate(
          "UPDATE \""
              + dishes
              + "\" SET price = price + 1, tags = <<'hot','new'>>"
              + " SET notes = {'a': [1, 2.5, -3, true, null]} REMOVE old"
              + " WHERE pk = 'soup' AND price BETWEEN 1 AND 9 AND old IS MISSING"
              + " AND NOT (price IN [7, 8] OR contains(tags, 'cold')) AND size(pk) > 3");
      statement.executeUpdate("DELETE FROM \"" + dishes + "\" WHERE pk = 'bread' AND price = 2");
      statement.executeUpdate("INSERT INTO \"" + dishes + "\" VALUE {'pk': 'tea', 'list': ['x']}");
      connection.commit();
      statement.executeUpdate(
          "UPDATE " + dishes + " SET tags = set_add(tags, <<'old'>>) WHERE pk = 'soup'");
      statement.executeUpdate(
          "UPDATE " + dishes + " SET list = list_append(list, ['y']) WHERE pk = 'tea'");
      connection.commit();
    }

    Map<String, AttributeValue> soup = item(dishes, "soup");
    assertThat(soup.get("price").n()).isEqualTo("6");
    assertThat(soup.get("tags").ss()).containsExactlyInAnyOrder("hot", "new", "old");
    assertThat(soup.get("notes").m().get("a").l()).hasSize(5);
    assertThat(item(dishes, "bread")).isEmpty();
    assertThat(item(dishes, "tea").get("list").l()).hasSize(2);
  }

  @Test
  void aWriteThatMeetsNothingIsRefusedAtTheCommit() throws Exception {
    open();
    dish("soup", 5);
    for (String text :
        List.of(
            "UPDATE \"%s\" SET price = 1 WHERE pk = 'nobody'",
            "UPDATE \"%s\" SET price = 1 WHERE pk = 'soup' AND price = 4",
            "DELETE FROM \"%s\" WHERE pk = 'nobody'")) {
      try (PlatformConnection connection = platform.getConnection("menu");
          Statement statement = connection.createStatement()) {
        assertThatThrownBy(() -> statement.executeUpdate(text.formatted(dishes)))
            .isInstanceOfSatisfying(
                SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("44R01"));
      }
    }
    assertThat(number("soup", "price")).isEqualTo("5");
    assertThat(rowsOfLedger()).isEqualTo(1);
  }

  @Test
  void aQueryIsReadPageByPageWhileItsRowsAreAskedFor() throws Exception {
    String days = "days_" + suffix;
    makeTable(days, "day");
    open();
    try (PlatformConnection connection = platform.getConnection("menu");
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO \"" + days + "\" VALUE {'pk': ?, 'day': ?}")) {
      connection.setAutoCommit(false);
      for (int day = 1; day <= 60; day++) {
        insert.setString(1, "monday");
        insert.setInt(2, day);
        insert.addBatch();
      }
      assertThat(insert.executeBatch()).hasSize(60).containsOnly(1);
      connection.commit();
    }
    try (PlatformConnection connection = platform.getConnection("menu");
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT day, pk FROM \"" + days + "\" WHERE pk = ? AND day > ?")) {
      query.setFetchSize(7);
      query.setString(1, "monday");
      query.setInt(2, 10);
      List<Integer> seen = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        assertThat(rows.getMetaData().getColumnCount()).isEqualTo(2);
        assertThat(rows.getMetaData().getColumnLabel(1)).isEqualTo("day");
        while (rows.next()) {
          seen.add(rows.getInt(1));
          if (seen.size() == 9) {
            front.always(FaultyFront.Fault.LOSE_REQUEST);
          } else if (seen.size() == 14) {
            front.pass();
          }
        }
      }
      assertThat(seen).hasSize(50).isSorted().startsWith(11).endsWith(60);
      query.setMaxRows(3);
      try (ResultSet rows = query.executeQuery()) {
        int read = 0;
        while (rows.next()) {
          read++;
        }
        assertThat(read).isEqualTo(3);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE \"%s\" SETT price = 'secret' WHERE pk = 'soup'",
        "INSERT INTO \"%s\" VALUE {'pk': 'secret' 'price': 1}",
        "DELETE FROM \"%s\" WHERE pk == 'secret'",
        "SELECT * FORM \"%s\" WHERE pk = 'secret'",
        "SELECT * FROM \"%s\" WHERE pk = = 'secret'",
        "SELECT pk AS name FROM \"%s\" WHERE pk = 'secret'",
        "INSERT INTO \"%s\" VALUES ('secret', 1)"
      })
  void aWrongStatementShowsItselfAndThePlace(String text) throws Exception {
    open();
    try (PlatformConnection connection = platform.getConnection("menu");
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute(text.formatted(dishes)))
          .isInstanceOfSatisfying(
              SQLSyntaxErrorException.class, e -> assertThat(e.getSQLState()).isEqualTo("42601"))
          .hasMessageContaining("at line 1, column ")
          .hasMessageContaining("<HERE>")
          .hasMessageContaining(dishes)
          .message()
          .doesNotContain("secret");
    }
  }

  @Test
  void theOtherWrongStatementsSayWhatIsWrong() throws Exception {
    openForOutage();
    try (PlatformConnection connection = platform.getConnection("menu");
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("SELECT * FROM \"nowhere\""))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42P01"))
          .hasMessageContaining("nowhere");
      assertThatThrownBy(
              () -> statement.execute("UPDATE \"" + dishes + "\" SET a = 1 WHERE price = 1"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42601"))
          .hasMessageContaining("primary key")
          .hasMessageContaining("pk");
      assertThatThrownBy(
              () -> statement.executeUpdate("INSERT INTO \"" + dishes + "\" VALUE {'price': 1}"))
          .hasMessageContaining("needs its primary key");
    }
    front.always(FaultyFront.Fault.LOSE_REQUEST);
    dish("notices", 1);
    try (PlatformConnection connection = platform.getConnection("menu");
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("UPDATE \"" + dishes + "\" SETT a = 'secret'"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55R01"))
          .hasMessageContaining("column ")
          .message()
          .doesNotContain("secret");
      assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM \"" + dishes + "\""))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("55R01"));
    }
  }

  @Test
  void readsWithoutStatementsAreConsistentByChoice() throws Exception {
    open();
    dish("soup", 5);

    assertThat(store.reads().consistent().get(dishes, Map.of("pk", "soup")))
        .hasValueSatisfying(item -> assertThat(item).containsEntry("price", new BigDecimal(5)));
    assertThat(store.reads().eventual().get(dishes, Map.of("pk", "nobody"))).isEmpty();
    assertThat(
            store
                .reads()
                .consistent()
                .query(dishes)
                .where("#k = :k")
                .name("#k", "pk")
                .value(":k", "soup")
                .filter("price > :p")
                .value(":p", 1)
                .limit(5)
                .list())
        .hasSize(1);
    assertThatThrownBy(() -> store.reads().get("nowhere", Map.of("pk", "soup")))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42P01"));
    front.always(FaultyFront.Fault.LOSE_REQUEST);
    assertThatThrownBy(() -> store.reads().get(dishes, Map.of("pk", "soup")))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08006"))
        .hasMessageContaining("can't be reached");
  }

  @Test
  void theCommandLineOfAwsReadsTheItemsBack() throws Exception {
    assumeThat(commandLine()).as("aws-cli on the path").isTrue();
    open();
    dish("soup", 5);

    Process aws =
        aws(
            "dynamodb",
            "get-item",
            "--table-name",
            dishes,
            "--consistent-read",
            "--key",
            "{\"pk\":{\"S\":\"soup\"}}");
    String answer = new String(aws.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(aws.waitFor()).as(answer).isZero();
    assertThat(answer.replaceAll("\\s", ""))
        .contains("\"price\":{\"N\":\"5\"}")
        .contains("\"pk\":{\"S\":\"soup\"}");
  }

  private static boolean commandLine() throws Exception {
    try {
      Process version = new ProcessBuilder("aws", "--version").redirectErrorStream(true).start();
      version.getInputStream().readAllBytes();
      return version.waitFor() == 0;
    } catch (java.io.IOException e) {
      return false;
    }
  }

  private Process aws(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("aws", "--endpoint-url"));
    command.add(server().endpoint().toString());
    command.addAll(List.of("--region", server().region(), "--output", "json"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("AWS_ACCESS_KEY_ID", server().accessKey());
    builder.environment().put("AWS_SECRET_ACCESS_KEY", server().secretKey());
    builder.environment().put("AWS_CONFIG_FILE", new File(directory.toFile(), "none").getPath());
    return builder.start();
  }
}
