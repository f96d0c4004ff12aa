package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NextvalQueryTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          select nextval('s')                                  | s              | nextval
          SELECT nextval ( 's' ) AS Id ;                       | s              | id
          select nextval('s') as "An Id"                       | s              | An Id
          select nextval('s') id                               | s              | id
          select nextval('"public"."x y"')                     | "public"."x y" | nextval
          select nextval('s'::regclass)                        | s              | nextval
          select nextval('s'::pg_catalog.regclass)             | s              | nextval
          select nextval(cast('s' as regclass)) as x           | s              | x
          select pg_catalog.nextval('a.s') -- why              | a.s            | nextval
          /* by X */ select nextval('s') from generate_series(1,1) | s          | nextval
          """)
  void understandsWhatFrameworksSend(String sql, String sequence, String label) {
    NextvalQuery query = read(sql);

    assertThat(query.items()).containsExactly(new NextvalQuery.Item(sequence, 0, label));
    assertThat(query.rows(List.of())).isEqualTo(1);
  }

  @Test
  void understandsSeveralAndParametersAndRows() {
    NextvalQuery several = read("select nextval('a') as x, nextval(?::regclass) y");
    NextvalQuery rows = read("select nextval('a') from generate_series(1, 50) as g(i)");
    NextvalQuery given = read("select nextval(?) from generate_series(1, ?)");

    assertThat(several.items())
        .containsExactly(new NextvalQuery.Item("a", 0, "x"), new NextvalQuery.Item(null, 1, "y"));
    assertThat(rows.rows(List.of())).isEqualTo(50);
    assertThat(given.rowsParameter()).isEqualTo(2);
    assertThat(given.rows(List.of())).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select nextval('s') + 1",
        "select nextval('s'), 1",
        "select nextval('s') from t",
        "select nextval('s') from generate_series(1, 0)",
        "select nextval('s') from generate_series(0, 5)",
        "select nextval('s') from generate_series(1, 10001)",
        "select nextval('s') where false",
        "select distinct nextval('s')",
        "select nextval('s') union select nextval('s')",
        "select nextval('s'); select 1",
        "select mine.nextval('s')",
        "select nextval(s) from t",
        "select nextval(e's\\x41')",
        "select nextval('s'::text)",
        "select nextval('s') as",
        "select nextval('s') for update",
        "select nextval('s",
        "select nextval",
        "insert into t values (nextval('s'))",
        ""
      })
  void leavesAnythingElseToTheStore(String sql) {
    assertThat(NextvalQuery.of(sql)).isNull();
  }

  private static NextvalQuery read(String sql) {
    return Objects.requireNonNull(NextvalQuery.of(sql), sql);
  }
}
