package io.rananeeti.testkit;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A statement of the small dialect that an {@link InMemoryDatabase} understands.
 *
 * @param kind what it is
 * @param name of the table, setting, savepoint or channel
 * @param rows the terms of each row of an {@code INSERT}; of others, one row: the new value, if
 *     there is one, and the key, if there is one
 * @param keyed whether it names one row by its key
 * @param flag {@code ON CONFLICT DO NOTHING}, {@code FOR UPDATE}, {@code LOCAL}
 */
record InMemorySql(Kind kind, String name, List<List<String>> rows, boolean keyed, boolean flag) {

  enum Kind {
    INSERT,
    UPDATE,
    /** UPDATE that adds to a number. */
    ADD,
    /** UPDATE of a row that has an expected value. */
    SWAP,
    DELETE,
    SELECT,
    VALUE,
    SET,
    SET_CONFIG,
    SAVEPOINT,
    ROLLBACK_TO,
    RELEASE,
    NOTIFY,
    NEXTVAL,
    COMMIT_AND_CHAIN,
    VACUUM
  }

  private static final String TERM = "(\\?|'(?:[^']|'')*'|-?\\d+)";
  private static final String KEY = "(?:\\s+WHERE\\s+\\w+\\s*=\\s*" + TERM + ")?";

  private static final Pattern INSERT =
      pattern(
          "INSERT\\s+INTO\\s+(\\w+)\\s*(?:\\([\\w\\s,]*\\)\\s*)?VALUES\\s*(\\(.*\\))"
              + "(\\s*ON\\s+CONFLICT\\s+DO\\s+NOTHING)?");
  private static final Pattern UPDATE =
      pattern("UPDATE\\s+(\\w+)\\s+SET\\s+\\w+\\s*=\\s*" + TERM + KEY);
  private static final Pattern ADD =
      pattern(
          "UPDATE\\s+(\\w+)\\s+SET\\s+(\\w+)\\s*=\\s*\\2\\s*\\+\\s*"
              + TERM
              + "\\s+WHERE\\s+\\w+\\s*=\\s*"
              + TERM);
  private static final Pattern SWAP =
      pattern(
          "UPDATE\\s+(\\w+)\\s+SET\\s+\\w+\\s*=\\s*"
              + TERM
              + "\\s+WHERE\\s+\\w+\\s*=\\s*"
              + TERM
              + "\\s+AND\\s+\\w+\\s*=\\s*"
              + TERM);
  private static final Pattern DELETE = pattern("DELETE\\s+FROM\\s+(\\w+)" + KEY);
  private static final Pattern SELECT =
      pattern("SELECT\\s+[\\w*,\\s]+\\s+FROM\\s+(\\w+)" + KEY + "(\\s+FOR\\s+UPDATE)?");
  private static final Pattern NEXTVAL = pattern("SELECT\\s+nextval\\('(\\w+)'\\)");
  private static final Pattern VALUE = pattern("SELECT\\s+" + TERM);
  private static final Pattern SET =
      pattern("SET\\s+(LOCAL\\s+)?([\\w.]+)\\s*(?:=|TO)\\s*('(?:[^']|'')*'|[\\w.]+)");
  private static final Pattern SET_CONFIG =
      pattern(
          "SELECT\\s+set_config\\(\\s*'([\\w.]+)'\\s*,\\s*"
              + TERM
              + "\\s*,\\s*(true|false)\\s*\\)");
  private static final Pattern NAMED =
      pattern("(SAVEPOINT|ROLLBACK\\s+TO(?:\\s+SAVEPOINT)?|RELEASE(?:\\s+SAVEPOINT)?)\\s+(\\w+)");
  private static final Pattern NOTIFY = pattern("NOTIFY\\s+(\\w+)");
  private static final Pattern COMMIT_AND_CHAIN = pattern("COMMIT\\s+AND\\s+CHAIN");
  private static final Pattern VACUUM = pattern("VACUUM\\b.*");
  private static final Pattern ROW = Pattern.compile("\\(([^()']|'(?:[^']|'')*')*\\)");
  private static final Pattern EACH = Pattern.compile(TERM);

  private static final int MOST_REMEMBERED = 1000;
  private static final Map<String, InMemorySql> READ = new ConcurrentHashMap<>();

  /** Reads a statement. */
  static InMemorySql parse(String text) throws SQLException {
    InMemorySql known = READ.get(text);
    if (known != null) {
      return known;
    }
    InMemorySql sql = read(text);
    if (READ.size() < MOST_REMEMBERED) {
      READ.put(text, sql);
    }
    return sql;
  }

  private static InMemorySql read(String text) throws SQLException {
    String sql = text.strip();
    InMemorySql found = write(sql);
    found = found == null ? query(sql) : found;
    found = found == null ? other(sql) : found;
    if (found == null) {
      throw new SQLException("syntax error: the small dialect has no such statement", "42601");
    }
    return found;
  }

  private static @Nullable InMemorySql write(String sql) {
    Matcher insert = INSERT.matcher(sql);
    if (insert.matches()) {
      return new InMemorySql(
          Kind.INSERT, insert.group(1), rows(insert.group(2)), false, insert.group(3) != null);
    }
    Matcher update = UPDATE.matcher(sql);
    if (update.matches()) {
      return keyed(Kind.UPDATE, update.group(1), update.group(2), update.group(3), false);
    }
    Matcher add = ADD.matcher(sql);
    if (add.matches()) {
      return keyed(Kind.ADD, add.group(1), add.group(3), add.group(4), false);
    }
    Matcher swap = SWAP.matcher(sql);
    if (swap.matches()) {
      List<String> terms = List.of(swap.group(2), swap.group(3), swap.group(4));
      return new InMemorySql(Kind.SWAP, swap.group(1), List.of(terms), true, false);
    }
    Matcher delete = DELETE.matcher(sql);
    return delete.matches()
        ? keyed(Kind.DELETE, delete.group(1), null, delete.group(2), false)
        : null;
  }

  private static @Nullable InMemorySql query(String sql) {
    Matcher config = SET_CONFIG.matcher(sql);
    if (config.matches()) {
      boolean local = config.group(3).equalsIgnoreCase("true");
      return keyed(Kind.SET_CONFIG, config.group(1), config.group(2), null, local);
    }
    Matcher select = SELECT.matcher(sql);
    if (select.matches()) {
      return keyed(Kind.SELECT, select.group(1), null, select.group(2), select.group(3) != null);
    }
    Matcher next = NEXTVAL.matcher(sql);
    if (next.matches()) {
      return keyed(Kind.NEXTVAL, next.group(1), null, null, false);
    }
    Matcher value = VALUE.matcher(sql);
    return value.matches() ? keyed(Kind.VALUE, "", value.group(1), null, false) : null;
  }

  private static @Nullable InMemorySql other(String sql) {
    Matcher set = SET.matcher(sql);
    if (set.matches()) {
      return keyed(Kind.SET, set.group(2), set.group(3), null, set.group(1) != null);
    }
    Matcher named = NAMED.matcher(sql);
    if (named.matches()) {
      char first = Character.toUpperCase(named.group(1).charAt(0));
      Kind kind =
          first == 'S'
              ? Kind.SAVEPOINT
              : sql.length() > 1 && isRelease(sql) ? Kind.RELEASE : Kind.ROLLBACK_TO;
      return keyed(kind, named.group(2), null, null, false);
    }
    Matcher notify = NOTIFY.matcher(sql);
    if (notify.matches()) {
      return keyed(Kind.NOTIFY, notify.group(1), null, null, false);
    }
    if (COMMIT_AND_CHAIN.matcher(sql).matches()) {
      return keyed(Kind.COMMIT_AND_CHAIN, "", null, null, false);
    }
    return VACUUM.matcher(sql).matches() ? keyed(Kind.VACUUM, "", null, null, false) : null;
  }

  private static boolean isRelease(String sql) {
    return sql.regionMatches(true, 0, "RELEASE", 0, 7);
  }

  private static InMemorySql keyed(
      Kind kind, String name, @Nullable String value, @Nullable String key, boolean flag) {
    List<String> terms = new ArrayList<>();
    if (value != null) {
      terms.add(value);
    }
    if (key != null) {
      terms.add(key);
    }
    return new InMemorySql(kind, name, List.of(terms), key != null, flag);
  }

  private static List<List<String>> rows(String text) {
    List<List<String>> rows = new ArrayList<>();
    Matcher row = ROW.matcher(text);
    while (row.find()) {
      rows.add(EACH.matcher(row.group()).results().map(term -> term.group()).toList());
    }
    return rows;
  }

  private static Pattern pattern(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  }

  /** The rows with parameters and literals as texts. */
  List<List<String>> values(List<String> parameters) throws SQLException {
    List<List<String>> values = new ArrayList<>();
    int next = 0;
    for (List<String> row : rows) {
      List<String> texts = new ArrayList<>();
      for (String term : row) {
        if (term.equals("?") && next == parameters.size()) {
          throw new SQLException("no value given for parameter " + (next + 1), "07002");
        }
        texts.add(term.equals("?") ? parameters.get(next++) : literal(term));
      }
      values.add(texts);
    }
    return values;
  }

  private static String literal(String term) {
    return term.startsWith("'") ? term.substring(1, term.length() - 1).replace("''", "'") : term;
  }
}
