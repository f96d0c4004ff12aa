package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.internal.SeenValues;
import io.rananeeti.internal.Unit;
import io.rananeeti.internal.jdbc.Units;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Keys that the application was answered while attached, where the platform retains: it is answered
 * what the driver answers, and a database that lacks the transaction gets the same keys, or none.
 */
@SuppressWarnings("NullAway") // the platform is opened for each test
class RecordedKeysIT extends DropInFixture {

  private static final String DUMP =
      "SELECT t FROM (SELECT 'b' || b::text AS t FROM by_default b"
          + " UNION ALL SELECT 'a' || a::text FROM always a"
          + " UNION ALL SELECT 's' || s::text FROM serially s"
          + " UNION ALL SELECT 'u' || u::text FROM unique_ids u) AS q ORDER BY t";

  private final AuroraStore other =
      AuroraStore.builder("other")
          .url(server.url())
          .user(server.user())
          .password(server.password())
          .build();

  /** What an application does to be answered keys. */
  enum Form {
    FLAG {
      @Override
      List<String> run(Connection connection) throws SQLException {
        return keys(
            connection,
            "INSERT INTO by_default (name) VALUES (?)",
            Statement.RETURN_GENERATED_KEYS);
      }
    },
    NAMES {
      @Override
      List<String> run(Connection connection) throws SQLException {
        return keys(
            connection, "INSERT INTO always (name) VALUES (?), ('b')", new String[] {"id", "name"});
      }
    },
    FLAG_OF_ALL_COLUMNS {
      @Override
      List<String> run(Connection connection) throws SQLException {
        return keys(
            connection,
            "INSERT INTO unique_ids (name) VALUES (?)",
            Statement.RETURN_GENERATED_KEYS);
      }
    },
    EXECUTED {
      @Override
      List<String> run(Connection connection) throws SQLException {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO serially (name) VALUES (?)", new String[] {"id"})) {
          statement.setString(1, "a");
          assertThat(statement.execute()).isFalse();
          List<String> told = described(statement.getGeneratedKeys());
          told.add("count " + statement.getUpdateCount());
          return told;
        }
      }
    },
    BATCH {
      @Override
      List<String> run(Connection connection) throws SQLException {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO always (name) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
          for (int i = 0; i < 5; i++) {
            statement.setString(1, "n" + i);
            statement.addBatch();
          }
          assertThat(statement.executeBatch()).containsExactly(1, 1, 1, 1, 1);
          return described(statement.getGeneratedKeys());
        }
      }
    },
    BATCH_OF_ROWS {
      @Override
      List<String> run(Connection connection) throws SQLException {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO by_default (id, name) VALUES (DEFAULT, ?), (?, 'given'), (DEFAULT, 'c')",
                new String[] {"id"})) {
          RecordedKeysIT.run(connection, "DELETE FROM by_default WHERE id >= 900000");
          for (int i = 0; i < 3; i++) {
            statement.setString(1, "n" + i);
            statement.setInt(2, 900_000 + i);
            statement.addBatch();
          }
          assertThat(statement.executeLargeBatch()).containsExactly(3, 3, 3);
          return described(statement.getGeneratedKeys());
        }
      }
    },
    TEXT_WITH_FLAG {
      @Override
      List<String> run(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
          int count =
              statement.executeUpdate(
                  "INSERT INTO unique_ids (name, made, note) VALUES ('it''s', DEFAULT, 'a\\b');",
                  Statement.RETURN_GENERATED_KEYS);
          List<String> told = described(statement.getGeneratedKeys());
          told.add("count " + count);
          return told;
        }
      }
    },
    TEXT_RETURNING {
      @Override
      List<String> run(Connection connection) throws SQLException {
        return rows(
            connection, "INSERT INTO always (name) VALUES ('x'), ('y') RETURNING id AS key, name");
      }
    },
    TEXT_OF_DEFAULTS {
      @Override
      List<String> run(Connection connection) throws SQLException {
        return rows(connection, "INSERT INTO always DEFAULT VALUES RETURNING *");
      }
    },
    RETURNING {
      @Override
      List<String> run(Connection connection) throws SQLException {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO serially (name, id) VALUES (?, nextval('serially_id_seq')) RETURNING id")) {
          statement.setString(1, "p");
          return described(statement.executeQuery());
        }
      }
    },
    RETURNING_WHAT_IT_COMPUTES {
      @Override
      List<String> run(Connection connection) throws SQLException {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "INSERT INTO unique_ids (name, made) VALUES (upper(?), clock_timestamp()) RETURNING unique_ids.*, name AS again")) {
          statement.setString(1, "p");
          assertThat(statement.execute()).isTrue();
          return described(statement.getResultSet());
        }
      }
    };

    /** Runs it in the transaction under way; what it was told. */
    abstract List<String> run(Connection connection) throws SQLException;

    private static List<String> keys(Connection connection, String sql, Object wanted)
        throws SQLException {
      try (PreparedStatement statement =
          wanted instanceof String[] names
              ? connection.prepareStatement(sql, names)
              : connection.prepareStatement(sql, (Integer) wanted)) {
        statement.setString(1, "a");
        List<String> told = new ArrayList<>(List.of("count " + statement.executeUpdate()));
        ResultSet keys = statement.getGeneratedKeys();
        told.addAll(described(keys));
        told.add("the same " + (statement.getGeneratedKeys() == keys) + keys.isAfterLast());
        return told;
      }
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        return described(statement.executeQuery(sql));
      }
    }
  }

  /** All that can be asked of it, and what it says. */
  private static List<String> described(ResultSet rows) throws SQLException {
    List<String> told = new ArrayList<>();
    ResultSetMetaData about = rows.getMetaData();
    told.add("%d %d %b".formatted(rows.getType(), rows.getConcurrency(), rows.isBeforeFirst()));
    for (int i = 1; i <= about.getColumnCount(); i++) {
      told.add(
          "%s %s %s %s %d %d %s"
              .formatted(
                  about.getColumnLabel(i),
                  about.getTableName(i),
                  about.getColumnTypeName(i),
                  about.getColumnClassName(i),
                  about.getPrecision(i),
                  about.getColumnDisplaySize(i),
                  about.isAutoIncrement(i)));
    }
    while (rows.next()) {
      for (int i = 1; i <= about.getColumnCount(); i++) {
        Object value = rows.getObject(i);
        told.add(
            "%d %b %s %s %s"
                .formatted(
                    rows.getRow(),
                    rows.isLast(),
                    value == null ? "null" : value.getClass().getName(),
                    rows.getString(about.getColumnLabel(i)),
                    rows.wasNull()));
      }
    }
    return told;
  }

  @BeforeEach
  void tables() throws Exception {
    makeTables();
    other.open(new RecordingHost());
    other.register(Set.of(), false);
  }

  @AfterEach
  void closeOther() {
    other.close();
  }

  private static void makeTables() throws SQLException {
    server.execute(
        "DROP TABLE IF EXISTS by_default, always, serially, unique_ids, doubling",
        "DROP SEQUENCE IF EXISTS falling",
        "CREATE SEQUENCE falling START -1 INCREMENT -1 CYCLE",
        "CREATE TABLE by_default (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text)",
        "CREATE TABLE always (name text, id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
        "CREATE TABLE serially (id serial PRIMARY KEY, name text)",
        "CREATE TABLE unique_ids (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, name text,"
            + " made timestamptz DEFAULT clock_timestamp(), price numeric(10, 2) DEFAULT random() * 1000,"
            + " tags jsonb DEFAULT ('{\"n\": ' || random() || '}')::jsonb, note text,"
            + " bits bytea DEFAULT decode(md5(random()::text), 'hex'))",
        "CREATE TABLE doubling (id uuid DEFAULT gen_random_uuid(), name text,"
            + " doubled text GENERATED ALWAYS AS (name || name) STORED)",
        // Nothing of them is leased, so that what they give has no gaps.
        "ALTER SEQUENCE by_default_id_seq CYCLE",
        "ALTER SEQUENCE always_id_seq CYCLE",
        "ALTER SEQUENCE serially_id_seq CYCLE");
  }

  @Override
  boolean retains() {
    return true;
  }

  @Override
  String url() {
    return server.url();
  }

  @Test
  void theApplicationIsAnsweredWhatTheDriverAnswers() throws SQLException {
    for (Form form : Form.values()) {
      List<List<String>> expected = new ArrayList<>();
      makeTables();
      try (Connection plain = server.connect()) {
        plain.setAutoCommit(false);
        for (int i = 0; i < 7; i++) { // From the fifth on, the driver asks for binary values.
          expected.add(masked(form.run(plain)));
        }
        plain.rollback();
      }
      makeTables();
      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        for (List<String> told : expected) {
          assertThat(masked(form.run(connection))).as(form.name()).isEqualTo(told);
        }
      }
      makeTables();
      try (Connection connection = dataSource.getConnection()) {
        assertThat(masked(form.run(connection)))
            .as("%s in auto-commit mode", form)
            .isEqualTo(expected.get(0));
      }
    }
  }

  /** What is another value each time. */
  private static List<String> masked(List<String> told) {
    return told.stream()
        .map(each -> each.replaceAll("[0-9a-f]{8}-[0-9a-f]{4}\\S*", "<uuid>"))
        .map(each -> each.replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\S*", "<time>"))
        .map(each -> each.replaceAll("BigDecimal \\S*", "BigDecimal <number>"))
        .map(each -> each.replaceAll("\\{.*\\}", "<json>"))
        .map(each -> each.replaceAll("\\\\x[0-9a-f]*|\\[B@[0-9a-f]*", "<bytes>"))
        .toList();
  }

  @Test
  void aDatabaseThatLacksThemGetsTheSameKeys() throws Exception {
    for (boolean known : new boolean[] {false, true}) {
      for (Form form : Form.values()) {
        lackedAndApplied("%s, its table known %s".formatted(form, known), form);
      }
      awaitKnown("by_default", "always", "serially", "unique_ids");
    }
  }

  private void lackedAndApplied(String what, Form form) throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < 7; i++) {
        form.run(connection);
      }
      List<String> rows = read(connection, DUMP);
      List<Operation> retained = List.copyOf(Units.of(connection).retained());
      assertThat(Units.of(connection).whyNotRetainable()).isNull();
      assertThat(rows).isNotEmpty();

      connection.rollback(); // The sequences stay where they are.
      apply(retained);

      assertThat(read(connection, DUMP)).as(what).isEqualTo(rows);
      connection.rollback();
    }
    server.execute("TRUNCATE by_default, always, serially, unique_ids");
  }

  /** The platform asks what a table takes once keys of it were asked for. */
  private void awaitKnown(String... tables) throws SQLException {
    for (String table : tables) {
      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        await(
            table + " is known",
            () -> {
              try {
                run(connection, "INSERT INTO " + table + " (name) VALUES ('z') RETURNING id");
                boolean known = !Units.of(connection).retained().get(0).sql().contains("RETURNING");
                connection.rollback();
                return known;
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
      }
    }
  }

  private void apply(List<Operation> operations) throws StoreException {
    try (LedgerTransaction transaction = other.begin(Isolation.DEFAULT)) {
      transaction.execute(operations, Instant.EPOCH);
      transaction.commit();
    }
  }

  @Test
  void onlyWhatIsNotKnownForSureIsCompared() throws Exception {
    awaitKnown("always", "doubling");
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      Form.TEXT_RETURNING.run(connection);
      Form.keys(
          connection, "INSERT INTO doubling (name) VALUES (?)", Statement.RETURN_GENERATED_KEYS);
      Form.NAMES.run(connection);
      List<Operation> retained = Units.of(connection).retained();

      assertThat(retained.get(0).sql())
          .matches(
              "INSERT INTO always \\(\"id\", name\\) OVERRIDING SYSTEM VALUE VALUES \\(\\d+, 'x'\\), \\(\\d+, 'y'\\)");
      assertThat(retained.get(0).answered()).isNull();
      assertThat(retained.get(1).sql())
          .isEqualTo(
              "INSERT INTO doubling (\"id\", name) VALUES (?, ?)\nRETURNING \"id\", \"name\", \"doubled\"");
      assertThat(retained.get(1).answered()).hasSize(1);
      assertThat(retained.get(2).answered()).isNull();
      assertThat(Units.of(connection).operations().get(2).sql())
          .isEqualTo("INSERT INTO always (name) VALUES (?), ('b')");
    }
  }

  @Test
  void anotherKeyThanTheOneSeenIsABrokenPromise() throws Exception {
    List<String> forms =
        List.of(
            "INSERT INTO always (name) SELECT 'secret' RETURNING id",
            "INSERT INTO by_default (name) VALUES ('secret') ON CONFLICT (id) DO NOTHING RETURNING id",
            "WITH made AS (INSERT INTO serially (name) VALUES ('secret') RETURNING id) SELECT id FROM made",
            "WITH named AS (SELECT 'secret'::text AS name) INSERT INTO always (name) SELECT name FROM named RETURNING id",
            "INSERT INTO by_default VALUES (DEFAULT, 'secret') RETURNING *");
    for (String form : forms) {
      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        List<String> seen = read(connection, form);
        List<Operation> retained = List.copyOf(Units.of(connection).retained());
        connection.rollback();

        assertThat(retained).as(form).hasSize(1);
        assertThatThrownBy(() -> apply(retained))
            .as(form)
            .isInstanceOfSatisfying(
                StoreException.class,
                e -> {
                  assertThat(e.sqlState()).isEqualTo(Refusal.BROKEN_PROMISE);
                  assertThat(e.getMessage()).doesNotContain("secret").contains("1 then and 1 now");
                });
        assertThat(read(connection, DUMP)).as(form).isEmpty();
        connection.rollback();

        // Where the sequence stands as it stood, it gives the same.
        moveBack(Long.parseLong(seen.get(0)));
        apply(retained);
        assertThat(read(connection, DUMP)).as(form).hasSize(1);
        connection.rollback();
        server.execute("TRUNCATE by_default, always, serially");
      }
    }
  }

  private static void moveBack(long to) throws SQLException {
    server.execute(
        "SELECT setval('by_default_id_seq', %d, false)".formatted(to),
        "SELECT setval('always_id_seq', %d, false)".formatted(to),
        "SELECT setval('serially_id_seq', %d, false)".formatted(to));
  }

  @Test
  void keysOfUpdatesAndDeletesHaveToBeTheSame() throws Exception {
    server.execute("INSERT INTO by_default VALUES (1, 'one'), (2, 'two'), (3, 'three')");
    List<Operation> retained = new ArrayList<>();
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      assertThat(read(connection, "DELETE FROM by_default WHERE id = 1 RETURNING name"))
          .containsExactly("one");
      try (PreparedStatement update =
          connection.prepareStatement(
              "UPDATE by_default SET name = name || '!' WHERE id > ?",
              Statement.RETURN_GENERATED_KEYS)) {
        update.setInt(1, 2);
        assertThat(update.executeUpdate()).isEqualTo(1);
        assertThat(described(update.getGeneratedKeys())).hasSize(5);
      }
      retained.addAll(Units.of(connection).retained());
      connection.rollback();
    }
    assertThat(retained.get(1).sql()).endsWith("\nRETURNING \"id\", \"name\"");
    server.execute("INSERT INTO by_default VALUES (4, 'four')");

    assertThatThrownBy(() -> apply(retained))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.getMessage()).contains("statement 2", "1 then and more now"));

    server.execute("DELETE FROM by_default WHERE id = 4");
    apply(retained);
    assertThat(items("SELECT id || name FROM by_default ORDER BY id"))
        .containsExactly("2two", "3three!");
  }

  private static List<String> items(String sql) throws SQLException {
    try (Connection connection = server.connect()) {
      return read(connection, sql);
    }
  }

  @Test
  void whatWasSeenOfSequencesIsKnownByItsName() throws Exception {
    Map<String, Long> seen;
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      Form.BATCH.run(connection);
      Form.RETURNING.run(connection);
      read(connection, "SELECT nextval('falling') FROM generate_series(1, 4)");
      read(
          connection,
          "WITH m AS (SELECT 'x') INSERT INTO by_default (name) SELECT * FROM m RETURNING id");
      seen = Map.copyOf(Units.of(connection).seen());
      connection.rollback();
    }
    assertThat(seen.values()).containsExactlyInAnyOrder(5L, 1L, -4L, 1L);
    server.execute(
        "ALTER SEQUENCE always_id_seq RESTART",
        "ALTER SEQUENCE serially_id_seq RESTART",
        "ALTER SEQUENCE by_default_id_seq RESTART",
        "ALTER SEQUENCE falling RESTART");

    assertThat(SeenValues.advance(seen, other.sequences())).isEmpty();

    assertThat(items("SELECT nextval('always_id_seq')")).containsExactly("6");
    assertThat(items("SELECT nextval('serially_id_seq')")).containsExactly("2");
    assertThat(items("SELECT nextval('by_default_id_seq')")).containsExactly("2");
    assertThat(items("SELECT nextval('falling')")).containsExactly("-5");
    assertThat(SeenValues.advance(seen, other.sequences())).as("again").isEmpty();
    assertThat(items("SELECT nextval('falling')")).containsExactly("-6");
  }

  @Test
  void aSequenceThatIsGoneIsSaidAndStopsNobody() throws Exception {
    Map<String, Long> seen;
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      read(connection, "SELECT nextval('falling')");
      Form.BATCH.run(connection);
      seen = Map.copyOf(Units.of(connection).seen());
      connection.rollback();
    }
    server.execute("DROP SEQUENCE falling", "ALTER SEQUENCE always_id_seq RESTART");

    assertThat(SeenValues.advance(seen, other.sequences()))
        .singleElement()
        .asString()
        .startsWith("sequence falling can't be moved past the values that were seen of it:");
    assertThat(items("SELECT nextval('always_id_seq')")).containsExactly("6");
  }

  @Test
  void whatCanNotBeRepeatedIsSaid() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      read(
          connection,
          "INSERT INTO always (name) SELECT 'x' FROM generate_series(1, 1001) RETURNING id");
      assertThat(whyNot(connection))
          .isEqualTo("a statement has answered more rows or bytes than are kept");
      connection.rollback();

      try (Statement statement = connection.createStatement()) {
        statement.setMaxRows(2);
        statement
            .executeQuery("INSERT INTO always (name) VALUES ('x'), ('y') RETURNING id")
            .close();
      }
      assertThat(whyNot(connection))
          .isEqualTo("a write has answered only a part of its rows or values");
      connection.rollback();

      run(connection, "INSERT INTO always (name) VALUES (currval('always_id_seq')::text)");
      assertThat(whyNot(connection))
          .isEqualTo("it writes what the session has drawn from a sequence before");
      connection.rollback();

      run(connection, "LOCK TABLE always");
      assertThat(whyNot(connection)).isNotNull();
      connection.rollback();
    }
  }

  private static String whyNot(Connection connection) {
    return Units.of(connection).whyNotRetainable();
  }

  @Test
  void aFetchSizeHidesNoRows() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.setFetchSize(2);
      try (ResultSet rows =
          statement.executeQuery(
              "INSERT INTO always (name) SELECT 'x' FROM generate_series(1, 9) RETURNING id")) {
        assertThat(rest(rows)).hasSize(9);
      }
      assertThat(statement.getFetchSize()).isEqualTo(2);
      assertThat(Units.of(connection).retained().get(0).answered()).hasSize(9);
      connection.rollback();
    }
  }

  @Test
  void aRollbackToASavepointTakesWhatIsRetainedBackToo() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      run(connection, "INSERT INTO serially (name) VALUES ('kept')");
      var savepoint = connection.setSavepoint();
      Form.BATCH.run(connection);
      read(connection, "SELECT twice(2), pg_notify('a', 'b')");
      assertThat(Units.of(connection).retained()).hasSize(3);
      connection.rollback(savepoint);
      Form.NAMES.run(connection);

      assertThat(
              Units.of(connection).retained().stream()
                  .map(Operation::sql)
                  .map(sql -> sql.substring(0, 20)))
          .containsExactly("INSERT INTO serially", "INSERT INTO always (");
      connection.rollback();
    }
  }

  @Test
  void queriesThatOnlyReadAreNotRepeated() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      read(connection, "SELECT id FROM always FOR NO KEY UPDATE");
      read(connection, "SELECT now(), pg_advisory_xact_lock(1)");
      read(connection, "SELECT count(*) FROM always");
      read(connection, "SELECT nextval('falling')");
      Unit unit = Units.of(connection);
      assertThat(unit.retained()).isEmpty();
      read(connection, "SELECT twice(21)");
      assertThat(unit.retained()).hasSize(1);
      assertThat(unit.operations()).isEmpty();
      assertThat(unit.whyNotRetainable()).isNull();
      connection.commit();
    }
  }
}
