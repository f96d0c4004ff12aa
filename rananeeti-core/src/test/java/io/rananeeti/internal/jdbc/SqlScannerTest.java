package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.internal.jdbc.SqlVerdict.Kind;
import io.rananeeti.store.Operation;
import io.rananeeti.store.StatementReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scanner may veto too much, never too little. */
final class SqlScannerTest {

  private final SqlScanner scanner = new SqlScanner();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "select * from t where a = ?",
        "SELECT count(*), max(a) FROM t GROUP BY b HAVING sum(c) > 1",
        "SELECT a FROM t WHERE b IN (1, 2) AND EXISTS (SELECT 1 FROM u)",
        "SELECT * FROM (SELECT a FROM t) AS x",
        "(SELECT 1) UNION (SELECT 2)",
        "VALUES (1), (2)",
        "TABLE t",
        "SHOW search_path",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "WITH x (a) AS MATERIALIZED (SELECT 1) SELECT a FROM x",
        "/* INSERT */ SELECT 'DELETE FROM t' -- UPDATE",
        "SELECT \"delete\" FROM \"update\"",
        "SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM t",
        "SELECT 1;",
        "SELECT 1 ; ; "
      })
  void aQueryWithoutEffectsIsPlain(String sql) {
    SqlVerdict verdict = scanner.scan(sql);

    assertThat(verdict.kind()).as(sql).isEqualTo(Kind.PLAIN_QUERY);
    assertThat(verdict.opaque()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM t FOR UPDATE",
        "SELECT * FROM t FOR NO KEY UPDATE",
        "SELECT * FROM t FOR SHARE",
        "SELECT a INTO u FROM t",
        "SELECT nextval('s')",
        "SELECT pg_catalog.nextval('s')",
        "SELECT \"nextval\"('s')",
        "SELECT pg_notify('a', 'b')",
        "SELECT place_order(1)",
        "SELECT app.lower('x')",
        "SELECT \"lower\"('x')",
        "SELECT now()",
        "SELECT CURRENT_TIMESTAMP",
        "SELECT random()",
        "SELECT /* harmless */ place_order /* not */ (1)",
        "SELECT pg_advisory_xact_lock(1)",
        "WITH x AS (INSERT INTO t VALUES (1) RETURNING a) SELECT * FROM x",
        "WITH x AS (DELETE FROM t) SELECT 1",
        "WITH x AS (UPDATE t SET a = 1) SELECT 1",
        "WITH x AS (SELECT place_order(1)) SELECT * FROM x",
        "SELECT set_config('a', b, false) FROM t",
        "SELECT set_config('a', 'b', false), place_order(1)"
      })
  void aQueryThatMayHaveEffectsIsNotPlain(String sql) {
    SqlVerdict verdict = scanner.scan(sql);

    assertThat(verdict.kind()).as(sql).isNotEqualTo(Kind.PLAIN_QUERY);
    assertThat(verdict.veto()).as(sql).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "INSERT INTO t VALUES (1) | 1",
        "insert into t (a, b) values (?, ?) | 1",
        "INSERT INTO t VALUES (1), (2), (3) | 3",
        "INSERT INTO s.t (a) VALUES ((1 + 2)), (abs(-1)) | 2",
        "INSERT INTO \"S\".\"T\" (\"a\") VALUES (1) | 1",
        "INSERT INTO t VALUES ('(1), (2)') | 1",
        "INSERT INTO t VALUES (1) /* , (2) */ | 1",
        "INSERT INTO t DEFAULT VALUES | 1",
        "INSERT INTO t VALUES (?::numeric(10, 2)) | 1",
        "INSERT INTO t VALUES (CAST(? AS numeric(10, 2))) | 1",
        "INSERT INTO t VALUES ($$a), (b$$), ('x') | 2",
        "INSERT INTO t AS x (a) VALUES (1) | 1",
        "INSERT INTO t (a) OVERRIDING SYSTEM VALUE VALUES (1), (2) | 2"
      })
  void anInsertOfValuesIsPromisedItsRows(String sql, int rows) {
    SqlVerdict verdict = scanner.scan(sql);

    assertThat(verdict.veto()).as(sql).isNull();
    assertThat(verdict.kind()).as(sql).isEqualTo(Kind.INSERT);
    assertThat(verdict.rows()).as(sql).isEqualTo(rows);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE t SET a = ? WHERE b = ?",
        "DELETE FROM t WHERE a IN (1, 2)",
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
        "INSERT INTO t SELECT * FROM u",
        "INSERT INTO t (a) SELECT 1",
        "INSERT INTO t (SELECT 1)",
        "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
        "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
        "WITH x AS (SELECT 1) UPDATE t SET a = 1",
        "WITH x AS (DELETE FROM t) DELETE FROM u"
      })
  void aWriteWhoseCountOnlyTheStoreKnowsIsCounted(String sql) {
    SqlVerdict verdict = scanner.scan(sql);

    assertThat(verdict.kind()).as(sql).isEqualTo(Kind.COUNTED);
    assertThat(verdict.veto()).as(sql).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t (id) VALUES (nextval('s'))",
        "UPDATE t SET a = nextval('s') WHERE b = 1"
      })
  void aValueOfASequenceThatNobodySeesMayBeDrawnLater(String sql) {
    assertThat(scanner.scan(sql).veto()).as(sql).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t VALUES (1) RETURNING a",
        "INSERT INTO t VALUES (now())",
        "INSERT INTO t VALUES (CURRENT_TIMESTAMP)",
        "INSERT INTO t VALUES (currval('s'))",
        "INSERT INTO t VALUES (nextval('s')) RETURNING a",
        "INSERT INTO t VALUES (app.nextval('s'))",
        "UPDATE t SET a = 1 WHERE b = nextval('s')",
        "DELETE FROM t WHERE a = nextval('s')",
        "INSERT INTO t VALUES (gen_random_uuid())",
        "INSERT INTO t VALUES (app.lower('x'))",
        "INSERT INTO t VALUES (\"lower\"('x'))",
        "UPDATE t SET a = CURRENT_DATE",
        "UPDATE t SET a = place_order(1)",
        "UPDATE t SET a = 1 RETURNING b",
        "DELETE FROM t WHERE a < now()",
        "INSERT INTO t SELECT place_order(1)",
        "WITH x AS (INSERT INTO u VALUES (1) RETURNING a) INSERT INTO t SELECT * FROM x",
        "UPDATE t SET a = now ( )",
        "INSERT INTO t VALUES ('now'::timestamp, now/**/())"
      })
  void aWriteThatWouldMeanSomethingElseLaterIsVetoed(String sql) {
    assertThat(scanner.scan(sql).veto()).as(sql).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SET a = 1 | SETTING",
        "SET a = 'x' | SETTING",
        "SET a TO x | SETTING",
        "SET SESSION a = 'x' | SETTING",
        "SET a.b = 'x' | SETTING",
        "SET LOCAL a.b = 'x' | LOCAL_SETTING",
        "SET ROLE clerk | SETTING",
        "SET ROLE 'clerk' | SETTING",
        "SET LOCAL ROLE clerk | LOCAL_SETTING",
        "SET TIME ZONE 'UTC' | SETTING",
        "RESET a | SETTING",
        "RESET app.tenant | SETTING",
        "RESET app. | OTHER",
        "SET client_encoding = 'LATIN1' | OTHER",
        "SET client_encoding TO UTF8 | SETTING",
        "SET DateStyle TO German | OTHER",
        "SET datestyle = 'ISO, MDY' | SETTING",
        "SET exit_on_error = on | OTHER",
        "RESET app.\"tenant\" | OTHER",
        "SET app.\"tenant\" = 'q' | OTHER",
        "SET search_path = a, b | SETTING",
        "SET TRANSACTION READ ONLY | MODES",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE | MODES",
        "SET transaction_isolation = serializable | MODES",
        "SET LOCAL transaction_deferrable = on | MODES",
        "SET transaction_read_only = on | LOCAL_SETTING",
        "SET transaction_timeout = '1s' | SETTING",
        "SET CONSTRAINTS ALL DEFERRED | IN_TRANSACTION",
        "SET SESSION AUTHORIZATION x | OTHER",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY | OTHER"
      })
  void whatIsSetIsContextOrCannotBeRecorded(String sql, Kind kind) {
    SqlVerdict verdict = scanner.scan(sql);

    assertThat(verdict.kind()).as(sql).isEqualTo(kind);
    assertThat(verdict.opaque() == null).as(sql).isEqualTo(kind.name().endsWith("SETTING"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WITH x AS (SELECT 1) INSERT INTO items (id, name) SELECT 1, 'a'",
        "MERGE INTO items (i) USING v ON i.id = v.id WHEN MATCHED THEN UPDATE SET name = 'b' WHEN NOT MATCHED THEN INSERT (id, name) VALUES (1, 'a')"
      })
  void aListOfColumnsIsNoCallOfAFunction(String sql) {
    assertThat(scanner.scan(sql).veto()).as(sql).isNull();
  }

  @Test
  void textsOfAStoreAreWhatItsReaderSaysButForTheEndsOfTransactions() {
    SqlScanner own =
        new SqlScanner(
            new StatementReader() {
              @Override
              public Reading read(String text) {
                return text.startsWith("PUT")
                    ? new Reading(StatementReader.Kind.INSERT, 3, null)
                    : new Reading(StatementReader.Kind.REFUSED, 0, "no text of mine");
              }

              @Override
              public String refusal(List<Operation> recorded) {
                return "too much";
              }
            });

    assertThat(own.scan("PUT x").kind()).isEqualTo(SqlVerdict.Kind.INSERT);
    assertThat(own.scan("PUT x").rows()).isEqualTo(1);
    assertThat(own.scan("PUT x").parameters()).isEqualTo(3);
    assertThat(own.scan("SET a = 1").veto()).isEqualTo("no text of mine");
    assertThat(own.scan("VALUES (now())").veto()).isEqualTo("no text of mine");
    assertThat(own.scan("BEGIN; COMMIT").veto()).isEqualTo("no text of mine");
    assertThat(own.scan("SAVEPOINT a").kind()).isEqualTo(SqlVerdict.Kind.SAVEPOINT);
    assertThat(own.scan("ROLLBACK TO a").kind()).isEqualTo(SqlVerdict.Kind.ROLLBACK_TO);
    assertThat(own.scan("commit").kind()).isEqualTo(SqlVerdict.Kind.COMMIT);
    assertThat(own.scan("").kind()).isEqualTo(SqlVerdict.Kind.EMPTY);
  }

  @Test
  void aSettingHasItsNameAndItsValue() {
    assertThat(scanner.scan("SET App.Tenant = 'North'"))
        .isEqualTo(SqlVerdict.named(Kind.SETTING, "app.tenant", "North"));
    assertThat(scanner.scan("SET LOCAL a TO Off"))
        .isEqualTo(SqlVerdict.named(Kind.LOCAL_SETTING, "a", "off"));
    assertThat(scanner.scan("SET a TO DEFAULT"))
        .isEqualTo(SqlVerdict.named(Kind.SETTING, "a", null));
    assertThat(scanner.scan("SET TIME ZONE 'UTC'"))
        .isEqualTo(SqlVerdict.named(Kind.SETTING, "timezone", "UTC"));
    assertThat(scanner.scan("SET ROLE 'Clerk'"))
        .isEqualTo(SqlVerdict.named(Kind.SETTING, "role", "Clerk"));
    assertThat(scanner.scan("RESET ALL")).isEqualTo(SqlVerdict.named(Kind.SETTING, "all", null));
  }

  @Test
  void setConfigWithLiteralsOrAParameterIsASetting() {
    assertThat(scanner.scan("SELECT set_config('App.Tenant', 'North', false)"))
        .isEqualTo(SqlVerdict.named(Kind.SET_CONFIG, "app.tenant", "North"));
    SqlVerdict parameter = scanner.scan("select pg_catalog.set_config('a', ?, TRUE);");
    assertThat(parameter.kind()).isEqualTo(Kind.SET_CONFIG_LOCAL);
    assertThat(parameter.name()).isEqualTo("a");
    assertThat(parameter.value()).isNull();
    assertThat(parameter.parameters()).isEqualTo(1);
    assertThat(scanner.scan("SELECT set_config(?, ?, ?)").kind()).isEqualTo(Kind.OTHER);
    assertThat(scanner.scan("SELECT set_config('DateStyle', 'German', true)").kind())
        .isEqualTo(Kind.OTHER);
    assertThat(scanner.scan("SELECT set_config('a.b', E'c', true)").kind())
        .isEqualTo(Kind.SET_CONFIG_LOCAL);
    assertThat(scanner.scan("SELECT set_config('a.b', E'\\x62', true)").kind())
        .isEqualTo(Kind.OTHER);
    assertThat(scanner.scan("SELECT set_config(U&'a.\\0061', 'b', true)").kind())
        .isEqualTo(Kind.OTHER);
    assertThat(scanner.scan("SELECT app.set_config('a', 'b', true)").kind()).isEqualTo(Kind.OTHER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BEGIN | BEGIN",
        "START TRANSACTION | BEGIN",
        "COMMIT | COMMIT",
        "COMMIT WORK | COMMIT",
        "COMMIT AND NO CHAIN | COMMIT",
        "END | COMMIT",
        "ROLLBACK | ROLLBACK",
        "ABORT | ROLLBACK",
        "SAVEPOINT a | SAVEPOINT",
        "RELEASE SAVEPOINT a | RELEASE",
        "ROLLBACK TO SAVEPOINT a | ROLLBACK_TO",
        "ROLLBACK TO a | ROLLBACK_TO"
      })
  void transactionsByTextAreKnown(String sql, Kind kind) {
    SqlVerdict verdict = scanner.scan(sql);

    assertThat(verdict.kind()).isEqualTo(kind);
    assertThat(verdict.outside()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COMMIT AND CHAIN",
        "END AND CHAIN",
        "ROLLBACK AND CHAIN",
        "PREPARE TRANSACTION 'x'",
        "INSERT INTO t VALUES (1); prepare transaction 'x'",
        "COMMIT PREPARED 'x'",
        "ROLLBACK PREPARED 'x'",
        "VACUUM t",
        "CALL p()",
        "DO $$ BEGIN COMMIT; END $$",
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "CREATE DATABASE d",
        "ALTER SYSTEM SET a = 1",
        "INSERT INTO t VALUES (1); COMMIT",
        "BEGIN; INSERT INTO t VALUES (1); END"
      })
  void whatCommitsByItselfIsOutside(String sql) {
    SqlVerdict verdict = scanner.scan(sql);

    assertThat(verdict.outside()).as(sql).isTrue();
    assertThat(verdict.opaque()).as(sql).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)",
        "SELECT 1; SELECT 2",
        "CREATE TABLE t (a int)",
        "TRUNCATE t",
        "NOTIFY a",
        "LISTEN a",
        "COPY t FROM STDIN",
        "PREPARE x AS SELECT 1",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        "EXPLAIN ANALYZE DELETE FROM t",
        "INSERT INTO t VALUES ('a",
        "nonsense"
      })
  void whatIsNotKnownCanNeitherBeDeferredNorRunAgain(String sql) {
    SqlVerdict verdict = scanner.scan(sql);

    assertThat(verdict.kind()).isEqualTo(Kind.OTHER);
    assertThat(verdict.opaque()).as(sql).isNotNull();
    assertThat(verdict.veto()).as(sql).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOCK TABLE t", "DECLARE c CURSOR FOR SELECT 1"})
  void whatOnlyATransactionTakesCanNeitherBeDeferredNorRunAgain(String sql) {
    SqlVerdict verdict = scanner.scan(sql);

    assertThat(verdict.kind()).isEqualTo(Kind.IN_TRANSACTION);
    assertThat(verdict.opaque()).as(sql).isNotNull();
    assertThat(verdict.veto()).as(sql).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BEGIN; INSERT INTO t VALUES (1) | true",
        "INSERT INTO t VALUES (1); commit | true",
        "SELECT 1; ROLLBACK; SELECT 2 | true",
        "SELECT 1; ROLLBACK TO SAVEPOINT s | false",
        "SELECT 1; ROLLBACK WORK TO s | false",
        "COMMIT AND CHAIN | true",
        "PREPARE TRANSACTION 'x' | true",
        "PREPARE p AS SELECT 1 | false",
        "SELECT 'a; COMMIT' | false",
        "SELECT 1; SELECT 2 | false",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END | false",
        "BEGIN | false",
        "COMMIT | false"
      })
  void whatBeginsOrEndsTransactionsAmongOtherThingsIsKnown(String sql, boolean controls) {
    assertThat(scanner.scan(sql).controls()).isEqualTo(controls);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", ";", "-- nothing", "/* ; */"})
  void nothingIsEmpty(String sql) {
    assertThat(scanner.scan(sql).kind()).isEqualTo(Kind.EMPTY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "INSERT INTO t VALUES ('secret', 42, ?) | INSERT INTO t VALUES (?, ?, ?)",
        "SELECT E'a\\'b' FROM t1 | SELECT ? FROM t1",
        "SELECT $x$secret$x$ | SELECT ?",
        "SELECT \"Name\" FROM t WHERE a = 1.5e3 | SELECT \"Name\" FROM t WHERE a = ?",
        "SELECT 'unfinished | SELECT ?",
        "SELECT 1_000_000, -2 | SELECT ?, -?",
        "/* traceparent=00-1 */ SELECT a /* of ann */ FROM t -- 'x' | SELECT a FROM t"
      })
  void peopleSeeTextsWithoutLiterals(String sql, String masked) {
    assertThat(SqlScanner.masked(sql)).isEqualTo(masked);
  }

  @Test
  void aLineCommentThatEndsWithACarriageReturnHidesNothing() {
    assertThat(scanner.scan("SELECT 1 -- harmless\r; DELETE FROM t").kind()).isEqualTo(Kind.OTHER);
  }

  @Test
  void aFunctionBehindTheColonOfASliceIsNotTakenForAType() {
    assertThat(scanner.scan("SELECT a[1:place_order(2)] FROM t").veto()).isNotNull();
    assertThat(scanner.scan("SELECT a::numeric(10, 2) FROM t").kind()).isEqualTo(Kind.PLAIN_QUERY);
  }

  @Test
  void textsThatComeAgainAreRememberedAndLongOnesAreNot() {
    String text = "SELECT 1";
    String longText = "SELECT '" + "x".repeat(20_000) + "'";

    assertThat(scanner.scan(text)).isSameAs(scanner.scan(text));
    assertThat(scanner.scan(longText)).isEqualTo(scanner.scan(longText));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ABORT; INSERT INTO t VALUES (1)",
        "DISCARD ALL",
        "CLUSTER",
        "REINDEX SCHEMA other",
        "REINDEX (VERBOSE) DATABASE shop"
      })
  void whatEndsTransactionsOrRunsOutsideIsNobodysToSettle(String sql) {
    assertThat(scanner.scan(sql).outside()).as(sql).isTrue();
  }

  @Test
  void aSettingOfTheTransactionIsOneHoweverItIsMade() {
    assertThat(scanner.scan("SELECT set_config('transaction_read_only', 'on', false)").kind())
        .isEqualTo(Kind.SET_CONFIG_LOCAL);
  }

  @Test
  void theModesOfATransactionSayWhetherItWrites() {
    assertThat(scanner.scan("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY").value())
        .isEqualTo("on");
    assertThat(scanner.scan("SET TRANSACTION READ WRITE").value()).isEqualTo("off");
    assertThat(scanner.scan("SET TRANSACTION DEFERRABLE").value()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT id FROM t FOR UPDATE                                       | NONE
          SELECT id FROM t FOR NO KEY UPDATE OF t SKIP LOCKED               | NONE
          SELECT now(), pg_catalog.now(), pg_catalog.lower('A'), count(*) FROM t | NONE
          SELECT currval('s'), lastval()                                    | ASKS_SESSION
          SELECT currval('s'), mine(1)                                      | WRITES
          SELECT mine.now()                                                 | WRITES
          SELECT setval('s', 7)                                             | WRITES
          WITH x AS (INSERT INTO t VALUES (1) RETURNING id) SELECT id FROM x | WRITES
          WITH x AS (UPDATE t SET a = 1 RETURNING id) SELECT id FROM x      | WRITES
          """)
  void saysWhatAQueryMayDoBeyondWhatItSays(String sql, SqlScanner.Effects effects) {
    assertThat(SqlScanner.effects(sql)).isEqualTo(effects);
  }
}
