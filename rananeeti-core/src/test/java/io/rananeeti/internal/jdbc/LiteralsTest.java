package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.internal.jdbc.Literals.Column;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LiteralsTest {

  private static Literals of(String sql) {
    Literals literals = new SqlScanner().scan(sql).literals();
    assertThat(literals).as(sql).isNotNull();
    return literals == null ? new Literals(List.of()) : literals;
  }

  @Test
  void whatPoolsAskIsARow() {
    assertThat(of("SELECT 1").columns()).containsExactly(new Column("?column?", 1));
    assertThat(of("/* ping */ select 'x' as alive ;").columns())
        .containsExactly(new Column("alive", "x"));
  }

  @Test
  void literalsOfAllTypes() {
    assertThat(
            of("SELECT -1, 2147483648, -2147483648, 99999999999999999999, 1.50, TRUE, false, NULL,"
                    + " 'it''s' AS \"The Name\"")
                .columns())
        .containsExactly(
            new Column("?column?", -1),
            new Column("?column?", 2147483648L),
            new Column("?column?", -2147483648L),
            new Column("?column?", new BigDecimal("99999999999999999999")),
            new Column("?column?", new BigDecimal("1.50")),
            new Column("?column?", true),
            new Column("?column?", false),
            new Column("?column?", null),
            new Column("The Name", "it's"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT",
        "SELECT 1,",
        "SELECT , 1",
        "SELECT 1 2",
        "SELECT 1 FROM items",
        "SELECT 1 WHERE false",
        "SELECT 1 LIMIT 0",
        "SELECT 1 UNION SELECT 2",
        "SELECT 1; SELECT 2",
        "SELECT ?",
        "SELECT now()",
        "SELECT current_user",
        "SELECT id",
        "SELECT E'\\n'",
        "SELECT B'1'",
        "SELECT -'1'",
        "SELECT - - 1",
        "SELECT 0x1F",
        "SELECT 1e3",
        "SELECT 1::text",
        "SELECT 'a' 'b'",
        "SELECT 1 AS",
        "SELECT 1 AS 1",
        "SELECT DISTINCT 1",
        "SELECT 1 FOR UPDATE",
        "VALUES (1)",
        "SELECT 'open"
      })
  void everythingElseIsTheDatabases(String sql) {
    assertThat(new SqlScanner().scan(sql).literals()).as(sql).isNull();
  }
}
