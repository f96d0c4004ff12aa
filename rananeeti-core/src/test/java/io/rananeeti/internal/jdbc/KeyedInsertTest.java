package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyedInsertTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          INSERT INTO t (a) VALUES ('x')                    | INSERT INTO t ("id", a) VALUES (7, 'x')
          insert into "S"."T" (a, b) values (f(1,2), 'x,)') ; | insert into "S"."T" ("id", a, b) values (7, f(1,2), 'x,)')
          INSERT INTO t(a) VALUES('x') RETURNING id         | INSERT INTO t("id", a) VALUES(7, 'x')
          INSERT INTO t (a, id) VALUES ('x', DEFAULT)       | INSERT INTO t (a, id) VALUES ('x', 7)
          INSERT INTO t DEFAULT VALUES RETURNING *          | INSERT INTO t ("id") VALUES (7)
          INSERT INTO t (a) VALUES ('x'), ('y')             | INSERT INTO t ("id", a) VALUES (7, 'x'), (8, 'y')
          """)
  void writesLiteralsIntoTexts(String sql, String expected) {
    assertThat(keyed(sql, false, List.of(), false, 7, 8).sql()).isEqualTo(expected);
  }

  @Test
  void overridesWhatIsAlwaysGenerated() {
    assertThat(keyed("INSERT INTO t (a) VALUES (1)", false, List.of(), true, -7).sql())
        .isEqualTo("INSERT INTO t (\"id\", a) OVERRIDING SYSTEM VALUE VALUES ((-7), 1)");
    assertThat(
            keyed("INSERT INTO t (a) OVERRIDING SYSTEM VALUE VALUES (1)", false, List.of(), true, 7)
                .sql())
        .isEqualTo("INSERT INTO t (\"id\", a) OVERRIDING SYSTEM VALUE VALUES (7, 1)");
    assertThat(keyed("INSERT INTO t DEFAULT VALUES", false, List.of(), true, 7).sql())
        .isEqualTo("INSERT INTO t (\"id\") OVERRIDING SYSTEM VALUE VALUES (7)");
  }

  @Test
  void writesParametersIntoPreparedTextsBetweenTheOthers() {
    Operation operation =
        keyed(
            "INSERT INTO t (a, b) VALUES (?, ?), (?, 'x') RETURNING id",
            true,
            List.of("p", "q", "r"),
            false,
            7,
            8);

    assertThat(operation.sql())
        .isEqualTo("INSERT INTO t (\"id\", a, b) VALUES (?, ?, ?), (?, ?, 'x')");
    assertThat(values(operation, 0)).containsExactly(7L, "p", "q", 8L, "r");
  }

  @Test
  void eachExecutionOfABatchHasItsOwn() {
    String sql = "INSERT INTO t (id, a) VALUES (DEFAULT, ?)";
    List<List<Parameter>> rows =
        Stream.of("p", "q").map(text -> List.of(Parameter.of(Kind.STRING, text))).toList();
    Operation batch = new Operation(sql, true, rows, List.of(1L, 1L));

    Operation operation =
        KeyedInsert.of(
            batch, text(sql), List.of(KeyedInsert.Column.drawn("id", List.of(7L, 8L), false)));

    assertThat(operation.sql()).isEqualTo("INSERT INTO t (id, a) VALUES (?, ?)");
    assertThat(values(operation, 0)).containsExactly(7L, "p");
    assertThat(values(operation, 1)).containsExactly(8L, "q");
  }

  @Test
  void severalKeysStandInTheOrderOfTheText() {
    String sql = "INSERT INTO t (one, a) VALUES (DEFAULT, ?)";
    Operation operation =
        KeyedInsert.of(
            new Operation(sql, true, List.of(List.of(Parameter.of(Kind.STRING, "p"))), List.of(1L)),
            text(sql),
            List.of(
                KeyedInsert.Column.drawn("one", List.of(1L), false),
                KeyedInsert.Column.drawn("two", List.of(2L), false)));

    assertThat(operation.sql()).isEqualTo("INSERT INTO t (\"two\", one, a) VALUES (?, ?, ?)");
    assertThat(values(operation, 0)).containsExactly(2L, 1L, "p");
  }

  @Test
  void valuesOfAllTypesTakeThePlaceOfDefaultsAndExpressions() {
    String sql =
        "INSERT INTO t (id, at, a) VALUES (nextval('s'), now(), 'x'), (DEFAULT, 'then', 'y')";
    KeyedInsert.Column id =
        new KeyedInsert.Column(
            "id",
            List.of(
                Parameter.of(Kind.OBJECT, new java.util.UUID(1, 2)),
                new Parameter(Kind.NULL, null, java.sql.Types.NULL, Parameter.UNTYPED, null)),
            false,
            true);
    KeyedInsert.Column at =
        new KeyedInsert.Column(
            "at",
            List.of(
                Parameter.of(Kind.OBJECT, java.time.OffsetDateTime.MAX),
                Parameter.of(Kind.STRING, "not used")),
            false,
            true);
    KeyedInsert.Column note =
        new KeyedInsert.Column(
            "note",
            List.of(
                Parameter.of(Kind.STRING, "it's a\\b"),
                Parameter.of(Kind.BYTES, new byte[] {1, -1})),
            false,
            true);

    Operation operation =
        KeyedInsert.of(
            new Operation(sql, false, List.of(List.of()), List.of(2L)),
            text(sql),
            List.of(id, at, note));

    assertThat(operation.sql())
        .isEqualTo(
            "INSERT INTO t (\"note\", id, at, a) VALUES (E'it''s a\\\\b',"
                + " '00000000-0000-0001-0000-000000000002', 'infinity', 'x'),"
                + " (E'\\\\x01ff', NULL, 'then', 'y')");
  }

  @Test
  void anExpressionWithAParameterStaysAsItIs() {
    String sql = "INSERT INTO t (id, a) VALUES (f(?), CURRENT_USER)";
    List<Parameter> seven = List.of(Parameter.of(Kind.INT64, 7L));
    Operation operation =
        KeyedInsert.of(
            new Operation(sql, true, List.of(seven), List.of(1L)),
            text(sql),
            List.of(
                new KeyedInsert.Column("id", seven, false, true),
                new KeyedInsert.Column("a", seven, false, true)));

    assertThat(operation.sql()).isEqualTo("INSERT INTO t (id, a) VALUES (f(?), ?)");
    assertThat(values(operation, 0)).containsExactly(7L, 7L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t VALUES (1)",
        "INSERT INTO t (a) SELECT 1",
        "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING",
        "INSERT INTO t (a) OVERRIDING USER VALUE VALUES (1)",
        "INSERT INTO t (a, b) VALUES (1)",
        "INSERT INTO t (a.b) VALUES (1)",
        "INSERT INTO t (a) VALUES (1",
        "INSERT INTO t (a) VALUES (1) RETURNING id + 1",
        "INSERT INTO t (a) VALUES (1) RETURNING lower(a)",
        "INSERT INTO t AS x (a) VALUES (1)",
        "WITH w AS (SELECT 1) INSERT INTO t (a) VALUES (1)",
        "UPDATE t SET a = 1 RETURNING id",
        ""
      })
  void leavesAnythingElseToTheStore(String sql) {
    assertThat(InsertText.of(sql)).isNull();
  }

  @Test
  void readsWhatIsReturned() {
    assertThat(text("INSERT INTO t (a) VALUES (??|?) RETURNING t.id, \"B\" AS \"c D\"").returning())
        .containsExactly(new InsertText.Returned("id", "id"), new InsertText.Returned("B", "c D"));
  }

  private static InsertText text(String sql) {
    return Objects.requireNonNull(InsertText.of(sql), sql);
  }

  private static Operation keyed(
      String sql, boolean prepared, List<String> parameters, boolean always, long... keys) {
    List<Parameter> row = parameters.stream().map(text -> Parameter.of(Kind.STRING, text)).toList();
    InsertText insert = text(sql);
    List<Long> each = java.util.Arrays.stream(keys).boxed().limit(insert.rows().size()).toList();
    return KeyedInsert.of(
        new Operation(sql, prepared, List.of(row), List.of((long) insert.rows().size())),
        insert,
        List.of(KeyedInsert.Column.drawn("id", each, always)));
  }

  private static List<Object> values(Operation operation, int row) {
    return operation.rows().get(row).stream().map(Parameter::value).toList();
  }
}
