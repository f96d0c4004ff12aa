package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OuterTextTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          INSERT INTO t (a, "B") SELECT 1 RETURNING id;    | t        | [a, B] | true
          insert into "S"."T" as x (a) values (1) -- end   | "S"."T"  | [a]    | false
          INSERT INTO t SELECT * FROM u                    | t        | []     | false
          INSERT INTO t (SELECT a FROM u)                  | t        | []     | false
          WITH n AS (DELETE FROM u RETURNING a) INSERT INTO t (a) SELECT a FROM n | t | [a] | false
          WITH n AS (INSERT INTO t (a) VALUES (1) RETURNING id) SELECT id FROM n  | t | [a] | false
          UPDATE t SET a = 1 RETURNING id                  | -        | []     | true
          INSERT INTO                                      | -        | []     | false
          """)
  void saysWhatStandsOutsideOfParentheses(
      String sql, String table, String columns, boolean returns) {
    OuterText text = OuterText.of(sql);

    assertThat(text.table()).isEqualTo(table);
    assertThat(text.columns()).hasToString(columns);
    assertThat(text.returns()).isEqualTo(returns);
    assertThat(sql.substring(text.end())).matches(";?( -- end)?");
  }
}
