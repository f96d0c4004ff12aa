package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTextTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COMMIT",
        " commit ; ",
        "End",
        "commit work",
        "COMMIT TRANSACTION AND NO CHAIN",
        "insert into l values (1); COMMIT",
        "insert into l values ('it''s; here'); /* now; */ commit -- done",
        "select E'\\';', 1; commit",
        "do $x$ begin null; end $x$; commit"
      })
  void findsCommits(String sql) {
    assertThat(SqlText.commits(sql)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "select 'x; commit'",
        "select 1 as \"; commit\"",
        "select 1 /* ; commit ; */",
        "select 1 -- ; commit",
        "do $$ begin null; commit; end $$",
        "COMMIT PREPARED 'x'",
        "insert into commit values (1)",
        "rollback",
        "select case when true then 1 end"
      })
  void takesNothingElseForACommit(String sql) {
    assertThat(SqlText.commits(sql)).isFalse();
  }

  @Test
  void partsStatementsAtSemicolons() {
    assertThat(SqlText.statements("select 1; ; select ';' ;"))
        .containsExactly("select 1", "select ''");
  }
}
