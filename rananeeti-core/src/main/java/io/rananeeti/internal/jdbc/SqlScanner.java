package io.rananeeti.internal.jdbc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.rananeeti.internal.jdbc.SqlLexer.Token;
import io.rananeeti.internal.jdbc.SqlVerdict.Kind;
import io.rananeeti.store.StatementReader;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what a statement's text may do, so that the platform knows what it may promise. A veto,
 * never a rewrite: whatever it does not know counts as a write that may not be deferred.
 * Thread-safe.
 */
public final class SqlScanner {

  /** Characters of all texts that are remembered. */
  private static final long REMEMBERED = 4_000_000;

  private static final int LONGEST_REMEMBERED = 10_000;

  private static final Set<String> WRITES = Set.of("INSERT", "UPDATE", "DELETE", "MERGE");

  /** Words that stand before a parenthesis without being functions. */
  private static final Set<String> KEYWORDS =
      Set.of(
          "ALL",
          "AND",
          "ANY",
          "AS",
          "BETWEEN",
          "BY",
          "CASE",
          "CONFLICT",
          "CUBE",
          "DISTINCT",
          "DO",
          "ELSE",
          "EXCEPT",
          "EXISTS",
          "FETCH",
          "FILTER",
          "FIRST",
          "FROM",
          "GROUP",
          "HAVING",
          "ILIKE",
          "IN",
          "INTERSECT",
          "INTO",
          "IS",
          "JOIN",
          "KEY",
          "LATERAL",
          "LIKE",
          "LIMIT",
          "MATERIALIZED",
          "NEXT",
          "NOT",
          "OFFSET",
          "ON",
          "OR",
          "ORDER",
          "OVER",
          "PARTITION",
          "RETURNING",
          "ROLLUP",
          "ROW",
          "ROWS",
          "SELECT",
          "SET",
          "SETS",
          "SOME",
          "THEN",
          "UNION",
          "UPDATE",
          "USING",
          "VALUES",
          "WHEN",
          "WHERE",
          "WITH",
          "WITHIN");

  /** Functions that give the same answer whenever they run, and do nothing else. */
  private static final Set<String> HARMLESS =
      Set.of(
          "ABS",
          "ARRAY",
          "ARRAY_AGG",
          "ARRAY_APPEND",
          "ARRAY_CAT",
          "ARRAY_LENGTH",
          "ARRAY_POSITION",
          "ARRAY_REMOVE",
          "ARRAY_TO_STRING",
          "AVG",
          "BOOL_AND",
          "BOOL_OR",
          "BTRIM",
          "CARDINALITY",
          "CAST",
          "CEIL",
          "CEILING",
          "CHAR_LENGTH",
          "COALESCE",
          "CONCAT",
          "CONCAT_WS",
          "COUNT",
          "DATE_TRUNC",
          "DECODE",
          "DENSE_RANK",
          "DIV",
          "ENCODE",
          "EXTRACT",
          "FLOOR",
          "FORMAT",
          "GREATEST",
          "INITCAP",
          "JSONB_AGG",
          "JSONB_BUILD_ARRAY",
          "JSONB_BUILD_OBJECT",
          "JSONB_SET",
          "JSON_AGG",
          "JSON_BUILD_ARRAY",
          "JSON_BUILD_OBJECT",
          "LAG",
          "LEAD",
          "LEAST",
          "LEFT",
          "LENGTH",
          "LOWER",
          "LPAD",
          "LTRIM",
          "MAKE_DATE",
          "MAX",
          "MD5",
          "MIN",
          "MOD",
          "NULLIF",
          "OVERLAY",
          "POSITION",
          "POWER",
          "RANK",
          "REGEXP_REPLACE",
          "REPEAT",
          "REPLACE",
          "REVERSE",
          "RIGHT",
          "ROUND",
          "ROW_NUMBER",
          "RPAD",
          "RTRIM",
          "SHA256",
          "SIGN",
          "SPLIT_PART",
          "SQRT",
          "STRING_AGG",
          "STRPOS",
          "SUBSTR",
          "SUBSTRING",
          "SUM",
          "TO_JSON",
          "TO_JSONB",
          "TO_NUMBER",
          "TRANSLATE",
          "TRIM",
          "TRUNC",
          "UNNEST",
          "UPPER");

  /** Words that call a volatile function without a parenthesis. */
  private static final Set<String> VOLATILE_WORDS =
      Set.of(
          "CURRENT_DATE",
          "CURRENT_TIME",
          "CURRENT_TIMESTAMP",
          "LOCALTIME",
          "LOCALTIMESTAMP",
          "CURRENT_USER",
          "CURRENT_ROLE",
          "SESSION_USER",
          "USER",
          "CURRENT_SCHEMA",
          "CURRENT_CATALOG");

  /** Settings with which a connection may not live on. */
  private static final Set<String> BREAKING =
      Set.of("client_encoding", "datestyle", "exit_on_error");

  /** Commands that PostgreSQL runs outside transaction blocks only, or that may commit inside. */
  private static final Set<String> OUTSIDE = Set.of("VACUUM", "CALL", "DO");

  /** Functions whose effect outlives the transaction in the session. */
  private static final Set<String> SESSION_FUNCTIONS =
      Set.of(
          "SET_CONFIG",
          "PG_ADVISORY_LOCK",
          "PG_ADVISORY_LOCK_SHARED",
          "PG_TRY_ADVISORY_LOCK",
          "PG_TRY_ADVISORY_LOCK_SHARED");

  /** Functions that do nothing besides their answer, which may be another each time. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "AGE",
          "CLOCK_TIMESTAMP",
          "CURRENT_DATABASE",
          "CURRENT_SCHEMA",
          "CURRENT_SCHEMAS",
          "CURRENT_SETTING",
          "DATE_PART",
          "GENERATE_SERIES",
          "GEN_RANDOM_UUID",
          "HASHTEXT",
          "JSON_OBJECT_AGG",
          "JSONB_OBJECT_AGG",
          "JSONB_PATH_QUERY",
          "NOW",
          "PERCENTILE_CONT",
          "PERCENTILE_DISC",
          "PG_ADVISORY_LOCK",
          "PG_ADVISORY_LOCK_SHARED",
          "PG_ADVISORY_UNLOCK",
          "PG_ADVISORY_UNLOCK_ALL",
          "PG_ADVISORY_UNLOCK_SHARED",
          "PG_ADVISORY_XACT_LOCK",
          "PG_ADVISORY_XACT_LOCK_SHARED",
          "PG_BACKEND_PID",
          "PG_CURRENT_XACT_ID",
          "PG_GET_SERIAL_SEQUENCE",
          "PG_IS_IN_RECOVERY",
          "PG_SLEEP",
          "PG_TRY_ADVISORY_LOCK",
          "PG_TRY_ADVISORY_LOCK_SHARED",
          "PG_TRY_ADVISORY_XACT_LOCK",
          "PG_TRY_ADVISORY_XACT_LOCK_SHARED",
          "RANDOM",
          "REGEXP_MATCHES",
          "ROW_TO_JSON",
          "STATEMENT_TIMESTAMP",
          "TIMEOFDAY",
          "TO_CHAR",
          "TO_DATE",
          "TO_REGCLASS",
          "TO_TIMESTAMP",
          "TO_TSQUERY",
          "TO_TSVECTOR",
          "TRANSACTION_TIMESTAMP",
          "TS_RANK",
          "TXID_CURRENT",
          "VERSION",
          "WIDTH_BUCKET");

  /** Functions that say what the session has drawn. */
  private static final Set<String> OF_SESSION = Set.of("CURRVAL", "LASTVAL");

  private final Cache<String, SqlVerdict> verdicts =
      Caffeine.newBuilder()
          .maximumWeight(REMEMBERED)
          .weigher((String sql, SqlVerdict verdict) -> 200 + sql.length())
          .executor(Runnable::run)
          .build();

  private final @Nullable StatementReader reader;

  /** Of SQL as PostgreSQL has it. */
  SqlScanner() {
    this(null);
  }

  /**
   * Of a store's texts.
   *
   * @param reader which says what they are; null where they are SQL as PostgreSQL has it
   */
  SqlScanner(@Nullable StatementReader reader) {
    this.reader = reader;
  }

  /** The verdict on this text; remembered for texts that come again. */
  SqlVerdict scan(String sql) {
    if (sql.length() > LONGEST_REMEMBERED) {
      return judge(sql);
    }
    return verdicts.get(sql, this::judge);
  }

  private SqlVerdict judge(String sql) {
    SqlVerdict own = new Scan(sql).verdict();
    return reader == null || own.isOfPlatform() ? own : SqlVerdict.of(reader.read(sql));
  }

  /** What a query, or a write by the functions in it, may do beyond what it says. */
  enum Effects {
    NONE,
    /** It asks what the session has drawn from a sequence. */
    ASKS_SESSION,
    /** It writes, or may do so by a function. */
    WRITES
  }

  /** What such a text may do. */
  static Effects effects(String sql) {
    return new Scan(sql).effects();
  }

  /**
   * The text with its literals masked and without comments, for people: comments may say who runs
   * it, and differ each time.
   */
  public static String masked(String sql) {
    StringBuilder masked = new StringBuilder();
    int from = 0;
    for (Token token : new SqlLexer(sql).tokens()) {
      boolean isLiteral =
          token.type() == SqlLexer.Type.STRING || token.type() == SqlLexer.Type.NUMBER;
      masked.append(between(sql, from, token.start()));
      masked.append(isLiteral ? "?" : sql.substring(token.start(), token.end()));
      from = token.end();
    }
    return masked.append(between(sql, from, sql.length())).toString().strip();
  }

  /** What stands between two tokens: a comment becomes a space. */
  private static String between(String sql, int from, int to) {
    String between = sql.substring(from, to);
    return between.contains("--") || between.contains("/*") ? " " : between;
  }

  /** As an identifier stands in a list of them, quoted only where it must be. */
  static String identifier(String name) {
    return name.matches("[a-z_][a-z0-9_]*") ? name : quoted(name);
  }

  /** As an identifier stands in SQL, quoted. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static final class Scan {

    private final String sql;
    private final List<Token> tokens;
    private final boolean broken;

    Scan(String sql) {
      this.sql = sql;
      SqlLexer lexer = new SqlLexer(sql);
      tokens = lexer.tokens();
      broken = lexer.broken();
      while (!tokens.isEmpty() && tokens.get(tokens.size() - 1).is(";")) {
        tokens.remove(tokens.size() - 1);
      }
    }

    SqlVerdict verdict() {
      return kind().with(parameters(), isSeveral(), leavesState(), controls());
    }

    Effects effects() {
      Effects all = Effects.NONE;
      for (int i = 0; i < tokens.size(); i++) {
        Effects here = effects(i);
        all = here.compareTo(all) > 0 ? here : all;
      }
      return all;
    }

    private Effects effects(int i) {
      String word = tokens.get(i).type() == SqlLexer.Type.WORD ? word(i) : "";
      boolean locks = i > 0 && (tokens.get(i - 1).is("FOR") || tokens.get(i - 1).is("KEY"));
      if (WRITES.contains(word) && !locks) {
        return Effects.WRITES;
      }
      boolean own = qualified(i) && word(i - 2).equals("PG_CATALOG");
      if (function(i) == null || (own && HARMLESS.contains(word))) {
        return Effects.NONE;
      }
      boolean known = !qualified(i) || own;
      if (known && OF_SESSION.contains(word)) {
        return Effects.ASKS_SESSION;
      }
      return known && WITHOUT_EFFECT.contains(word) ? Effects.NONE : Effects.WRITES;
    }

    /** Whether it begins or ends a transaction in another way than by a text of just that. */
    private boolean controls() {
      if (broken || has("ATOMIC")) {
        return false;
      }
      boolean first = isSeveral() || has("CHAIN") || has("PREPARED") || word(0).equals("PREPARE");
      boolean any = false;
      for (int i = 0; i < tokens.size(); i++) {
        any |= first && controlsFrom(i);
        first = tokens.get(i).is(";");
      }
      return any;
    }

    private boolean controlsFrom(int i) {
      return switch (word(i)) {
        case "BEGIN", "START", "COMMIT", "END", "ABORT" -> true;
        case "ROLLBACK" -> !word(i + 1).equals("TO") && !word(i + 2).equals("TO");
        case "PREPARE" -> word(i + 1).equals("TRANSACTION");
        default -> false;
      };
    }

    private boolean isSeveral() {
      return tokens.stream().anyMatch(token -> token.is(";"));
    }

    /** As the driver counts them: {@code ??} is an operator. */
    private int parameters() {
      int count = 0;
      for (int i = 0; i < tokens.size(); i++) {
        if (tokens.get(i).is("?")) {
          boolean escaped = i + 1 < tokens.size() && tokens.get(i + 1).is("?") && adjacent(i);
          count += escaped ? 0 : 1;
          i += escaped ? 1 : 0;
        }
      }
      return count;
    }

    private boolean adjacent(int i) {
      return tokens.get(i).end() == tokens.get(i + 1).start();
    }

    /** Whether any of its statements may leave something in the session. */
    private boolean leavesState() {
      boolean first = true;
      for (int i = 0; i < tokens.size(); i++) {
        if ((first && leavesStateFrom(i)) || locksSession(i)) {
          return true;
        }
        first = tokens.get(i).is(";");
      }
      return false;
    }

    private boolean leavesStateFrom(int i) {
      return switch (word(i)) {
        case "LISTEN", "UNLISTEN", "DEALLOCATE", "DISCARD", "LOAD" -> true;
        case "PREPARE" -> !word(i + 1).equals("TRANSACTION");
        case "CREATE", "SELECT", "WITH" ->
            (topLevel(i, "TEMP", "TEMPORARY") >= 0 && makes(i))
                || (word(i).equals("CREATE") && has("PG_TEMP"));
        case "DECLARE" -> topLevel(i, "HOLD") >= 0;
        case "SET" -> (isSeveral() || setting(i)) && !word(i + 1).equals("LOCAL");
        case "RESET" -> isSeveral() || reset().opaque() != null;
        default -> false;
      };
    }

    private boolean makes(int i) {
      return word(i).equals("CREATE") || topLevel(i, "INTO") >= 0;
    }

    /** A SET that is not recorded, but for those of the transaction. */
    private boolean setting(int i) {
      SqlVerdict set = set();
      return !Set.of("TRANSACTION", "CONSTRAINTS").contains(word(i + 1))
          && set.opaque() != null
          && set.kind() != Kind.MODES;
    }

    private boolean locksSession(int i) {
      return i + 1 < tokens.size()
          && tokens.get(i + 1).is("(")
          && (SESSION_FUNCTIONS.contains(word(i)) && !setsConfig());
    }

    private SqlVerdict kind() {
      if (tokens.isEmpty()) {
        return SqlVerdict.of(Kind.EMPTY);
      }
      if (broken) {
        return SqlVerdict.opaque("its text has a string, name or comment without end", false);
      }
      if (tokens.stream().anyMatch(token -> token.is(";"))) {
        boolean commits =
            preparesTransaction()
                || tokens.stream()
                    .anyMatch(
                        token ->
                            token.is("COMMIT")
                                || token.is("END")
                                || token.is("ROLLBACK")
                                || token.is("ABORT"));
        return SqlVerdict.opaque("it holds several statements in one text", commits);
      }
      return switch (word(0)) {
        case "SELECT", "VALUES", "TABLE", "(" -> query();
        case "SHOW" -> SqlVerdict.of(Kind.PLAIN_QUERY);
        case "WITH" -> with();
        case "INSERT" -> insert();
        case "UPDATE", "DELETE", "MERGE" -> write(Kind.COUNTED, 0);
        case "SET" -> set();
        case "RESET" -> reset();
        case "BEGIN", "START" -> begin();
        case "COMMIT", "END" -> end(Kind.COMMIT);
        case "ROLLBACK", "ABORT" -> rollback();
        case "SAVEPOINT" -> SqlVerdict.named(Kind.SAVEPOINT, last(), null);
        case "RELEASE" -> SqlVerdict.named(Kind.RELEASE, last(), null);
        default -> opaque();
      };
    }

    private SqlVerdict begin() {
      int options = word(1).equals("TRANSACTION") || word(1).equals("WORK") ? 2 : 1;
      return SqlVerdict.named(
          Kind.BEGIN,
          has("ONLY") ? "on" : has("WRITE") ? "off" : "",
          options < tokens.size() ? sql.substring(tokens.get(options).start(), end()) : null);
    }

    private int end() {
      return tokens.get(tokens.size() - 1).end();
    }

    private SqlVerdict query() {
      if (setsConfig()) {
        String name = tokens.get(tokens.size() - 6).text().toLowerCase(Locale.ROOT);
        boolean local =
            tokens.get(tokens.size() - 2).is("TRUE") || name.equals("transaction_read_only");
        Token value = tokens.get(tokens.size() - 4);
        return SqlVerdict.named(
            local ? Kind.SET_CONFIG_LOCAL : Kind.SET_CONFIG,
            name,
            value.type() == SqlLexer.Type.STRING ? value.text() : null);
      }
      String veto = veto();
      boolean effects =
          veto != null
              || has("INTO")
              || has("FOR")
              || tokens.stream().anyMatch(token -> WRITES.contains(token.text()));
      return effects
          ? SqlVerdict.other(veto == null ? "it is a query that may lock or write" : veto)
          : SqlVerdict.query(word(0).equals("SELECT") ? Literals.of(sql, tokens) : null);
    }

    /** {@code SELECT set_config('name', 'value' or ?, true or false)}: how tenants are set (D7). */
    private boolean setsConfig() {
      int from = word(1).equals("PG_CATALOG") ? 3 : 1;
      return tokens.size() == from + 8
          && word(from).equals("SET_CONFIG")
          && tokens.get(from + 2).type() == SqlLexer.Type.STRING
          && !isEscaped(tokens.get(from + 2))
          && !BREAKING.contains(tokens.get(from + 2).text().toLowerCase(Locale.ROOT))
          && !isEscaped(tokens.get(from + 4))
          && (tokens.get(from + 4).type() == SqlLexer.Type.STRING || word(from + 4).equals("?"))
          && (word(from + 6).equals("TRUE") || word(from + 6).equals("FALSE"));
    }

    /** The verb of a WITH is the first one outside all parentheses. */
    private SqlVerdict with() {
      int verb = topLevel(1, "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE");
      if (verb < 0) {
        return SqlVerdict.other("it is a WITH whose verb is not known");
      }
      return WRITES.contains(word(verb)) ? write(Kind.COUNTED, 0) : query();
    }

    private SqlVerdict insert() {
      int values = topLevel(1, "VALUES", "SELECT", "WITH", "TABLE", "DEFAULT");
      boolean counted = topLevel(1, "CONFLICT") >= 0;
      if (values >= 0 && word(values).equals("DEFAULT")) {
        return write(counted ? Kind.COUNTED : Kind.INSERT, 1);
      }
      if (counted || values < 0 || !word(values).equals("VALUES")) {
        return write(Kind.COUNTED, 0);
      }
      return write(Kind.INSERT, rows(values + 1));
    }

    /** All that {@link #veto} finds but RETURNING is a function that runs when it is applied. */
    private SqlVerdict write(Kind kind, int rows) {
      String veto = veto();
      if (veto == null || has("RETURNING")) {
        return SqlVerdict.write(kind, rows, veto);
      }
      return SqlVerdict.write(kind, rows, veto + "; pass its value as a parameter").with(true);
    }

    private int rows(int from) {
      int depth = 0;
      int rows = 0;
      for (int i = from; i < tokens.size(); i++) {
        if (tokens.get(i).is("(")) {
          rows += depth++ == 0 ? 1 : 0;
        } else if (tokens.get(i).is(")")) {
          depth--;
        } else if (depth == 0 && tokens.get(i).is("RETURNING")) {
          break;
        }
      }
      return rows;
    }

    private SqlVerdict set() {
      return switch (word(1)) {
        case "TRANSACTION" -> SqlVerdict.modes(has("WRITE") ? "off" : has("ONLY") ? "on" : null);
        case "CONSTRAINTS" ->
            SqlVerdict.unrecorded(Kind.IN_TRANSACTION, "SET CONSTRAINTS can't be recorded");
        case "LOCAL" -> setting(2, Kind.LOCAL_SETTING);
        case "SCHEMA" ->
            tokens.size() == 3 && tokens.get(2).type() == SqlLexer.Type.STRING
                ? SqlVerdict.named(Kind.SETTING, "search_path", identifier(tokens.get(2).text()))
                : setting(1, Kind.SETTING);
        case "SESSION" ->
            word(2).equals("CHARACTERISTICS") || word(2).equals("AUTHORIZATION")
                ? SqlVerdict.opaque("SET SESSION " + word(2) + " can't be recorded", false)
                : setting(2, Kind.SETTING);
        default -> setting(1, Kind.SETTING);
      };
    }

    private SqlVerdict reset() {
      String name = name(1);
      boolean all = !name.isEmpty() && tokens.size() == 2 * name.split("\\.", -1).length;
      return all
          ? SqlVerdict.named(Kind.SETTING, name, null)
          : SqlVerdict.opaque("it changes the session in a way that can't be recorded", false);
    }

    /** What the driver, or the server, answers by breaking the connection. */
    private static boolean breaksTheDriver(String name, String value) {
      String said = value.toLowerCase(Locale.ROOT);
      return switch (name) {
        case "client_encoding" -> !Set.of("utf8", "utf-8", "unicode", "default").contains(said);
        case "datestyle" -> !said.startsWith("iso") && !said.equals("default");
        case "exit_on_error" -> true;
        default -> false;
      };
    }

    /** A setting's name with its parts, in lower case; empty where one of them is quoted. */
    private String name(int at) {
      StringBuilder name = new StringBuilder();
      for (int next = at; next < tokens.size() && isName(tokens.get(next)); next += 2) {
        name.append(word(next).toLowerCase(Locale.ROOT));
        if (!word(next + 1).equals(".")) {
          return name.toString();
        }
        name.append('.');
      }
      return "";
    }

    private SqlVerdict setting(int at, Kind kind) {
      String name = name(at);
      int next = at + 2 * name.split("\\.", -1).length - 1;
      if (name.equals("role")) {
        next--;
      } else if (name.equals("time") && word(next).equals("ZONE")) {
        name = "timezone";
      } else if (!word(next).equals("=") && !word(next).equals("TO")) {
        return SqlVerdict.opaque("it changes the session in a way that can't be recorded", false);
      }
      String value = value(name, next + 1);
      if (value == null || name.isEmpty()) {
        return SqlVerdict.opaque("it changes the session in a way that can't be recorded", false);
      }
      if (breaksTheDriver(name, value)) {
        return SqlVerdict.opaque("the driver ends a connection that has such a " + name, false);
      }
      String said = value.equals("default") ? null : value;
      return switch (name) {
        case "transaction_isolation", "transaction_deferrable" -> SqlVerdict.modes(null);
        case "transaction_read_only" -> SqlVerdict.named(Kind.LOCAL_SETTING, name, said);
        default -> SqlVerdict.named(kind, name, said);
      };
    }

    /** The value as {@code set_config} takes it, null if it is not understood. */
    private @Nullable String value(String name, int from) {
      StringBuilder value = new StringBuilder();
      boolean identifiers = name.equals("search_path") || name.equals("temp_tablespaces");
      for (int i = from; i < tokens.size(); i++) {
        Token token = tokens.get(i);
        boolean separator = (i - from) % 2 == 1;
        if (isEscaped(token)) {
          return null;
        }
        if (i == from && tokens.size() == from + 2 && isNegative(i)) {
          return "-" + raw(tokens.get(i + 1));
        }
        if (separator != token.is(",") || (token.type() == SqlLexer.Type.SYMBOL && !separator)) {
          return null;
        }
        value.append(separator ? ", " : item(token, identifiers));
      }
      String all = value.toString();
      boolean local = name.equals("timezone") && all.equals("local");
      return all.isEmpty() || all.endsWith(", ") ? null : local ? "default" : all;
    }

    private boolean isNegative(int i) {
      return tokens.get(i).is("-") && tokens.get(i + 1).type() == SqlLexer.Type.NUMBER;
    }

    /** {@code e'...'} or {@code u&'...'} with escapes, which the lexer does not decode. */
    private boolean isEscaped(Token token) {
      return token.type() == SqlLexer.Type.STRING
          && "EU".indexOf(Character.toUpperCase(sql.charAt(token.start()))) >= 0
          && raw(token).indexOf('\\') >= 0;
    }

    private String item(Token token, boolean isIdentifier) {
      return switch (token.type()) {
        case WORD -> token.text().toLowerCase(Locale.ROOT);
        case STRING -> isIdentifier ? identifier(token.text()) : token.text();
        case QUOTED -> isIdentifier ? identifier(unquoted(token)) : unquoted(token);
        default -> raw(token);
      };
    }

    private String raw(Token token) {
      return sql.substring(token.start(), token.end());
    }

    private String unquoted(Token token) {
      String raw = raw(token);
      return raw.substring(1, raw.length() - 1).replace("\"\"", "\"");
    }

    private static boolean isName(Token token) {
      return token.type() == SqlLexer.Type.WORD;
    }

    private SqlVerdict end(Kind kind) {
      return (has("CHAIN") && !has("NO")) || has("PREPARED")
          ? SqlVerdict.opaque("it is a COMMIT that the platform can't stand behind", true)
          : SqlVerdict.of(kind);
    }

    private SqlVerdict rollback() {
      return has("TO") ? SqlVerdict.named(Kind.ROLLBACK_TO, last(), null) : end(Kind.ROLLBACK);
    }

    private SqlVerdict opaque() {
      if (word(0).equals("LOCK") || (word(0).equals("DECLARE") && topLevel(1, "HOLD") < 0)) {
        return SqlVerdict.unrecorded(
            Kind.IN_TRANSACTION, word(0).toUpperCase(Locale.ROOT) + " can't be recorded");
      }
      boolean outside =
          OUTSIDE.contains(word(0))
              || preparesTransaction()
              || has("CONCURRENTLY")
              || (word(0).equals("CLUSTER") && tokens.size() == 1)
              || (word(0).equals("REINDEX") && (has("SCHEMA") || has("DATABASE") || has("SYSTEM")))
              || (Set.of("CREATE", "DROP", "ALTER").contains(word(0))
                  && Set.of("DATABASE", "TABLESPACE", "SYSTEM", "SUBSCRIPTION").contains(word(1)));
      String why = word(0).toUpperCase(Locale.ROOT) + " can't be recorded";
      return word(0).equals("DISCARD") && word(1).equals("ALL")
          ? SqlVerdict.discard(why)
          : SqlVerdict.opaque(why, outside);
    }

    /** Its locks and its work outlive the session, and nothing fences it (C7). */
    private boolean preparesTransaction() {
      for (int i = 0; i < tokens.size(); i++) {
        if (word(i).equals("PREPARE") && word(i + 1).equals("TRANSACTION")) {
          return true;
        }
      }
      return false;
    }

    /** What speaks against deferring a write, or against calling a query plain. */
    private @Nullable String veto() {
      for (int i = 0; i < tokens.size(); i++) {
        Token token = tokens.get(i);
        if (token.is("RETURNING")) {
          return "RETURNING needs the store";
        }
        if (token.type() == SqlLexer.Type.WORD && VOLATILE_WORDS.contains(token.text())) {
          return token.text() + " would give another answer when it is applied";
        }
        String function = function(i);
        if (function != null) {
          return "the function %s is not known to be harmless".formatted(function);
        }
      }
      return null;
    }

    /** The name of an unknown function that is called here. */
    private @Nullable String function(int i) {
      Token token = tokens.get(i);
      boolean called = i + 1 < tokens.size() && tokens.get(i + 1).is("(");
      if (!called || (token.type() != SqlLexer.Type.WORD && token.type() != SqlLexer.Type.QUOTED)) {
        return null;
      }
      if (isTable(i) || isBranch(i) || isType(i) || isAlias(i)) {
        return null;
      }
      boolean known =
          token.type() == SqlLexer.Type.WORD
              && !qualified(i)
              && (KEYWORDS.contains(token.text())
                  || HARMLESS.contains(token.text())
                  || drawsUnseen(i));
      return known ? null : token.text().toLowerCase(Locale.ROOT) + "()";
    }

    /** A value of a sequence that is written and not seen: any other will do when it is applied. */
    private boolean drawsUnseen(int i) {
      int where = topLevel(0, "WHERE");
      return tokens.get(i).is("NEXTVAL")
          && (word(0).equals("INSERT") || word(0).equals("UPDATE"))
          && (where < 0 || i < where);
    }

    /** {@code INSERT INTO schema.table (}, also behind a WITH. */
    private boolean isTable(int i) {
      int first = i;
      while (qualified(first)) {
        first -= 2;
      }
      return first > 1
          && tokens.get(first - 1).is("INTO")
          && (tokens.get(first - 2).is("INSERT") || tokens.get(first - 2).is("MERGE"));
    }

    /** {@code WHEN NOT MATCHED THEN INSERT (}. */
    private boolean isBranch(int i) {
      return i > 0 && tokens.get(i).is("INSERT") && tokens.get(i - 1).is("THEN");
    }

    /** {@code ::numeric(}. */
    private boolean isType(int i) {
      return i > 1 && tokens.get(i - 1).is(":") && tokens.get(i - 2).is(":");
    }

    /** {@code WITH name (} and {@code AS name (}. */
    private boolean isAlias(int i) {
      return i > 0 && (tokens.get(i - 1).is("AS") || tokens.get(i - 1).is("WITH"));
    }

    private boolean qualified(int i) {
      return i >= 2 && tokens.get(i - 1).is(".");
    }

    private int topLevel(int from, String... words) {
      Set<String> wanted = Set.of(words);
      int depth = 0;
      for (int i = from; i < tokens.size(); i++) {
        Token token = tokens.get(i);
        if (token.is("(")) {
          depth++;
        } else if (token.is(")")) {
          depth--;
        } else if (depth == 0
            && token.type() == SqlLexer.Type.WORD
            && wanted.contains(token.text())) {
          return i;
        }
      }
      return -1;
    }

    private boolean has(String word) {
      return tokens.stream().anyMatch(token -> token.is(word));
    }

    private String word(int i) {
      return i < tokens.size() ? tokens.get(i).text() : "";
    }

    private String last() {
      Token last = tokens.get(tokens.size() - 1);
      return last.type() == SqlLexer.Type.QUOTED
          ? unquoted(last)
          : last.text().toLowerCase(Locale.ROOT);
    }
  }
}
