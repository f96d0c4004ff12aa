package io.rananeeti.aurora;

import io.rananeeti.aurora.JdbcCall.Draws;

/** Texts of every sort, over few rows, so that they meet each other. */
final class JdbcSql {

  private JdbcSql() {}

  static String any(Draws d) {
    return switch (d.next(10)) {
      case 0, 1, 2 -> write(d);
      case 3, 4 -> query(d);
      case 5 -> inserting(d);
      case 6 -> several(d);
      case 7 -> failing(d);
      case 8 -> setting(d);
      default -> odd(d);
    };
  }

  static String write(Draws d) {
    return d.say(writeText(d));
  }

  private static String writeText(Draws d) {
    int id = d.next(12);
    return switch (d.next(8)) {
      case 0, 1 -> "INSERT INTO items VALUES (%d, 't')".formatted(id);
      case 2 -> "INSERT INTO items (id, name) VALUES (%d, 'a'), (%d, 'b')".formatted(id, id + 1);
      case 3 -> "UPDATE items SET name = 'u' WHERE id < " + id;
      case 4 -> "DELETE FROM items WHERE id = " + id;
      case 5 -> "INSERT INTO items VALUES (%d, 'c') ON CONFLICT DO NOTHING".formatted(id);
      case 6 ->
          "INSERT INTO numbered (name) SELECT 's' || id FROM items WHERE id < %d ORDER BY id"
              .formatted(id);
      default -> "UPDATE items SET name = name || 'x'";
    };
  }

  static String inserting(Draws d) {
    return d.say(insertingText(d));
  }

  private static String insertingText(Draws d) {
    int id = d.next(12);
    return switch (d.next(5)) {
      case 0 -> "INSERT INTO numbered (name) VALUES ('k')";
      case 1 -> "INSERT INTO numbered (name) VALUES ('k'), ('l')";
      case 2 -> "INSERT INTO items VALUES (%d, 'r') RETURNING id, name".formatted(id);
      case 3 -> "UPDATE items SET name = 'r' WHERE id > %d RETURNING name".formatted(id);
      default -> "INSERT INTO items VALUES (%d, 'k')".formatted(id);
    };
  }

  static String query(Draws d) {
    return d.say(queryText(d));
  }

  private static String queryText(Draws d) {
    int id = d.next(12);
    return switch (d.next(13)) {
      case 0, 1, 2 -> "SELECT id, name FROM items ORDER BY id";
      case 3, 4 -> "SELECT * FROM items WHERE id < %d ORDER BY id".formatted(id);
      case 5 -> "SELECT g AS id, 'n' || g AS name FROM generate_series(1, %d) g".formatted(id);
      case 6 -> "SELECT count(*) FROM items";
      case 7 -> "SELECT id, name FROM numbered ORDER BY id FOR UPDATE";
      case 8 -> "SELECT noisy(%d) AS id".formatted(id);
      case 9 -> "VALUES (1, 'one'), (2, NULL)";
      case 10 -> "SELECT 1.5::numeric AS id, true, now() > '2000-01-01', '{1,2}'::int[]";
      case 11 -> "SELECT 12 / (g - 3) AS id FROM generate_series(1, 9) g";
      default -> "SELECT id, name FROM items WHERE name = 'u' ORDER BY id";
    };
  }

  static String several(Draws d) {
    return d.say(severalText(d));
  }

  private static String severalText(Draws d) {
    int id = d.next(12);
    return switch (d.next(5)) {
      case 0 ->
          "INSERT INTO items VALUES (%d, 'a;b'); SELECT id FROM items ORDER BY id".formatted(id);
      case 1 -> "SELECT 1; SELECT 2; SELECT id FROM items ORDER BY id";
      case 2 -> "UPDATE items SET name = 'm'; DELETE FROM items WHERE id = " + id;
      case 3 -> "INSERT INTO items VALUES (%d, 'x'); SELECT 1 / 0".formatted(id);
      default -> "SELECT noisy(1); DELETE FROM items WHERE id > " + id;
    };
  }

  static String controlling(Draws d) {
    return d.say(controllingText(d));
  }

  private static String controllingText(Draws d) {
    int id = d.next(12);
    return switch (d.next(8)) {
      case 0 -> "BEGIN; INSERT INTO items VALUES (%d, 'bi')".formatted(id);
      case 1 -> "INSERT INTO items VALUES (%d, 'ic'); COMMIT".formatted(id);
      case 2 -> "BEGIN; UPDATE items SET name = 'buc'; COMMIT";
      case 3 -> "ROLLBACK; INSERT INTO items VALUES (%d, 'ri')".formatted(id);
      case 4 -> "BEGIN; SELECT 1 / 0";
      case 5 -> "COMMIT AND CHAIN";
      case 6 -> "COMMIT; BEGIN; INSERT INTO items VALUES (%d, 'cbi')".formatted(id);
      default -> "BEGIN; INSERT INTO items VALUES (%d, 'bir'); ROLLBACK".formatted(id);
    };
  }

  private static String failing(Draws d) {
    return d.sayOneOf(
        "SELECT 1 / 0",
        "SELECT nonsense",
        "INSERT INTO nowhere VALUES (1)",
        "this is no SQL",
        "INSERT INTO items VALUES (1, 'p'), (1, 'q')",
        "INSERT INTO numbered (name) VALUES (NULL)",
        "DO $$ BEGIN RAISE NOTICE 'before'; RAISE EXCEPTION 'broken' USING ERRCODE = 'ZZ123'; END $$");
  }

  private static String setting(Draws d) {
    return d.sayOneOf(
        "SET work_mem = '3MB'",
        "SET LOCAL work_mem = '4MB'",
        "SHOW work_mem",
        "RESET work_mem",
        "SELECT set_config('app.tenant', 'seven', false)",
        "SELECT set_config('app.tenant', 'eight', true)",
        "SELECT coalesce(current_setting('app.tenant', true), '')",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SHOW transaction_isolation",
        "SHOW transaction_read_only",
        "SET search_path TO other, public",
        "SHOW search_path");
  }

  private static String odd(Draws d) {
    return d.sayOneOf(
        "",
        "-- nothing",
        ";",
        "DO $$ BEGIN RAISE NOTICE 'noticed'; END $$",
        "DO $$ BEGIN INSERT INTO items VALUES (3, 'done'); END $$",
        "NOTIFY news",
        "LOCK TABLE items",
        "DECLARE c CURSOR FOR SELECT 1",
        "SELECT {fn concat('a', 'b')}",
        "EXPLAIN SELECT 1",
        "WITH gone AS (DELETE FROM items WHERE id = 2 RETURNING id) SELECT id FROM gone",
        "TABLE items ORDER BY id");
  }

  static String prepared(Draws d) {
    return d.say(preparedText(d));
  }

  private static String preparedText(Draws d) {
    return switch (d.next(13)) {
      case 0, 1, 2, 3 -> "INSERT INTO items (id, name) VALUES (?, ?)";
      case 4 -> "UPDATE items SET id = ? WHERE name = ?";
      case 5 -> "SELECT id, name FROM items WHERE id < ? OR name = ? ORDER BY id";
      case 6 -> "INSERT INTO items (id, name) VALUES (?, ?) RETURNING id";
      case 7 -> "SELECT ? + 1 AS id, ?::text AS name";
      case 8 -> "DELETE FROM items WHERE id = ?";
      case 9 -> "SELECT id, name FROM items ORDER BY id";
      case 10 -> "INSERT INTO numbered (id, name) VALUES (? + 100, ?)";
      case 11 -> d.of("nonsense ?", "SELECT ? FROM nowhere", "BEGIN", "SELECT noisy(?)");
      default -> "SELECT g AS id, 'n' AS name FROM generate_series(1, ?) g WHERE 'x' <> ?";
    };
  }
}
