package io.rananeeti.testkit.simulation;

import io.rananeeti.testkit.InMemoryDatabase.Row;
import io.rananeeti.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tables of the workload on a real server, so that its SQL means what it means in memory.
 *
 * <p><b>Order of application.</b> {@code events} is a view of {@code event_rows} in the order of
 * commit: a deferred trigger takes a lock, which the server gives back only once the transaction
 * can be seen, and numbers the row under it. So the numbers are the order in which transactions
 * became visible, and whoever reads the view sees a beginning of them.
 *
 * <p><b>Poison.</b> One kind is refused by the statement, one by the deferred trigger. The third is
 * refused by COMMIT alone: the deferred trigger defers another, which {@code SET CONSTRAINTS ALL
 * IMMEDIATE} does not reach. All look into {@code poisons}, so that emptying that table lifts them.
 */
final class RealTables {

  private static final List<String> SCHEMA =
      List.of(
          "DROP SCHEMA IF EXISTS rananeeti CASCADE",
          "DROP VIEW IF EXISTS events",
          "DROP TABLE IF EXISTS orders, accounts, versions, event_rows, last_checks, poisons",
          "DROP SEQUENCE IF EXISTS places",
          "CREATE TABLE orders (name text PRIMARY KEY, item text NOT NULL)",
          "CREATE TABLE accounts (k text PRIMARY KEY, v bigint NOT NULL)",
          "CREATE TABLE versions (k text PRIMARY KEY, v text NOT NULL)",
          "CREATE TABLE poisons (kind text PRIMARY KEY, step text NOT NULL)",
          "CREATE TABLE last_checks (kind text NOT NULL)",
          "CREATE SEQUENCE places",
          "CREATE TABLE event_rows (name text NOT NULL, lane text NOT NULL, kind text NOT NULL,"
              + " detail text NOT NULL, visitor text NOT NULL DEFAULT coalesce(current_setting('"
              + Work.CONTEXT
              + "', true), ''),"
              + " id bigserial PRIMARY KEY, place bigint)",
          "CREATE VIEW events AS SELECT name, lane, kind, detail FROM event_rows ORDER BY place",
          """
          CREATE OR REPLACE FUNCTION refuse(what text, at text) RETURNS void LANGUAGE plpgsql AS $$
          BEGIN
            IF EXISTS (SELECT FROM poisons WHERE kind = what AND step = at) THEN
              RAISE check_violation USING MESSAGE = 'nobody takes ' || what;
            END IF;
          END $$
          """,
          """
          CREATE OR REPLACE FUNCTION event_comes() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            PERFORM refuse(NEW.detail, 'statement');
            RETURN NEW;
          END $$
          """,
          """
          CREATE OR REPLACE FUNCTION event_commits() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            PERFORM refuse(NEW.detail, 'check');
            IF EXISTS (SELECT FROM poisons WHERE kind = NEW.detail AND step = 'commit') THEN
              SET CONSTRAINTS at_commit_alone DEFERRED;
              INSERT INTO last_checks VALUES (NEW.detail);
            END IF;
            PERFORM pg_advisory_xact_lock(1);
            UPDATE event_rows SET place = nextval('places') WHERE id = NEW.id;
            RETURN NULL;
          END $$
          """,
          """
          CREATE OR REPLACE FUNCTION last_check() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            PERFORM refuse(NEW.kind, 'commit');
            RETURN NULL;
          END $$
          """,
          "CREATE TRIGGER at_once BEFORE INSERT ON event_rows"
              + " FOR EACH ROW EXECUTE FUNCTION event_comes()",
          "CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT ON event_rows"
              + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION event_commits()",
          "CREATE CONSTRAINT TRIGGER at_commit_alone AFTER INSERT ON last_checks"
              + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION last_check()");

  private static final Map<String, String> READS =
      Map.of(
          "events",
          "SELECT name, lane, kind, detail, visitor FROM event_rows ORDER BY place, id",
          "orders",
          "SELECT name, item FROM orders",
          "accounts",
          "SELECT k, v FROM accounts");

  private static final String VISITOR = "visitor";

  private final PostgresServer server;

  RealTables(PostgresServer server) {
    this.server = server;
  }

  /** Makes them anew; whatever log knew the database knows it no more. */
  void create() throws SQLException {
    List<String> all = new ArrayList<>(SCHEMA);
    all.add(poison(Work.POISON, "statement"));
    all.add(poison(Work.SLOW_POISON, "check"));
    all.add(poison(Work.LAST_POISON, "commit"));
    long each = Work.TOTAL / Work.ACCOUNTS.size();
    Work.ACCOUNTS.forEach(
        account -> all.add("INSERT INTO accounts VALUES ('%s', %d)".formatted(account, each)));
    Work.RECORDS.forEach(
        entry -> all.add("INSERT INTO versions VALUES ('%s', '0')".formatted(entry)));
    server.execute(all.toArray(String[]::new));
  }

  private static String poison(String kind, String step) {
    return "INSERT INTO poisons VALUES ('%s', '%s')".formatted(kind, step);
  }

  /** Everything is taken from here on. */
  void liftConstraints() throws SQLException {
    server.execute("DELETE FROM poisons");
  }

  /** The committed rows of a table, those of {@code events} in the order of commit. */
  List<Row> rows(String table) {
    try (Connection connection = server.connect();
        PreparedStatement statement = connection.prepareStatement(read(table));
        ResultSet result = statement.executeQuery()) {
      List<Row> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(row(result));
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String read(String table) {
    String sql = READS.get(table);
    if (sql == null) {
      throw new IllegalArgumentException("nobody reads " + table);
    }
    return sql;
  }

  private static Row row(ResultSet result) throws SQLException {
    List<String> values = new ArrayList<>();
    Map<String, String> settings = new HashMap<>();
    for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
      if (result.getMetaData().getColumnName(i).equals(VISITOR)) {
        settings.put(Work.CONTEXT, result.getString(i));
      } else {
        values.add(result.getString(i));
      }
    }
    return new Row(values, settings);
  }

  /** How many connections others have. */
  int sessions() throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity"
                    + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")) {
      result.next();
      return result.getInt(1);
    }
  }
}
