package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.jdbc.SqlLexer.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an {@code INSERT ... VALUES} with a list of columns, or of {@code DEFAULT VALUES},
 * and where they stand in its text: so that a key can be written into it, which the application was
 * promised.
 *
 * @param table as it is written
 * @param columns their names, as the catalog has them
 * @param columnsAt where the first column begins
 * @param values from where the values come, {@code OVERRIDING} left out
 * @param overrides whether it says {@code OVERRIDING SYSTEM VALUE}
 * @param rows what it lists
 * @param returning what it returns; null if it returns nothing
 * @param end where the insert ends, without what it returns
 */
record InsertText(
    String table,
    List<String> columns,
    int columnsAt,
    Span values,
    boolean overrides,
    List<Row> rows,
    @Nullable List<Returned> returning,
    int end) {

  private static final Set<String> CONSTANTS = Set.of("NULL", "TRUE", "FALSE");

  /** A piece of the text. */
  record Span(int start, int end) {}

  /**
   * A row that it lists.
   *
   * @param at where its first value begins
   * @param parametersBefore how many parameters stand before it
   */
  record Row(int at, int parametersBefore, List<Value> values) {}

  /**
   * A value in a row.
   *
   * @param parametersBefore how many parameters stand before it
   * @param parameters how many stand in it
   * @param only the one token that it is; null if it is an expression
   */
  record Value(Span span, int parametersBefore, int parameters, @Nullable Token only) {

    boolean isParameter() {
      return only != null && only.is("?");
    }

    boolean isDefault() {
      return only != null && only.is("DEFAULT");
    }

    /** Whether it is an expression that takes no parameter, or a word such as CURRENT_USER. */
    boolean isComputed() {
      return parameters == 0 && !isDefault() && !isLiteral();
    }

    private boolean isLiteral() {
      return only != null && (only.type() != SqlLexer.Type.WORD || CONSTANTS.contains(only.text()));
    }
  }

  /**
   * A column that it returns.
   *
   * @param column its name, {@code *} for all
   */
  record Returned(String column, String label) {}

  /** The parts of this text; null if it is of another form. */
  static @Nullable InsertText of(String sql) {
    return new Reader(sql).insert();
  }

  /** Whether it says {@code DEFAULT VALUES}. */
  boolean isOfDefaults() {
    return columns.isEmpty();
  }

  /** The text without what it returns. */
  String silent(String sql) {
    return sql.substring(0, end);
  }

  /** Reads it from left to right. */
  private static final class Reader {

    private final String sql;
    private final List<Token> tokens;
    private final boolean broken;
    private int at;
    private int parameters;

    Reader(String sql) {
      this.sql = sql;
      SqlLexer lexer = new SqlLexer(sql);
      tokens = lexer.tokens();
      broken = lexer.broken();
      while (!tokens.isEmpty() && tokens.get(tokens.size() - 1).is(";")) {
        tokens.remove(tokens.size() - 1);
      }
    }

    @Nullable InsertText insert() {
      if (broken || !takes("INSERT") || !takes("INTO")) {
        return null;
      }
      String table = table();
      if (table == null) {
        return null;
      }
      if (is("DEFAULT")) {
        return ofDefaults(table);
      }
      if (!takes("(")) {
        return null;
      }
      int columnsAt = start();
      List<String> columns = columns();
      int valuesAt = start();
      boolean overrides = takes("OVERRIDING");
      if (overrides && (!takes("SYSTEM") || !takes("VALUE"))) {
        return null;
      }
      Span values = new Span(valuesAt, start());
      List<Row> rows = columns != null && takes("VALUES") ? rows(columns.size()) : null;
      return rows == null || columns == null
          ? null
          : rest(table, columns, columnsAt, values, overrides, rows);
    }

    private @Nullable InsertText ofDefaults(String table) {
      Span values = new Span(start(), at + 1 < tokens.size() ? tokens.get(at + 1).end() : 0);
      if (!takes("DEFAULT") || !takes("VALUES")) {
        return null;
      }
      Row row = new Row(values.start(), 0, List.of());
      return rest(table, List.of(), values.start(), values, false, List.of(row));
    }

    private @Nullable InsertText rest(
        String table,
        List<String> columns,
        int columnsAt,
        Span values,
        boolean overrides,
        List<Row> rows) {
      int end = tokens.get(at - 1).end();
      List<Returned> returning = takes("RETURNING") ? returning() : null;
      boolean unread = at < tokens.size();
      return unread
          ? null
          : new InsertText(table, columns, columnsAt, values, overrides, rows, returning, end);
    }

    private @Nullable String table() {
      int from = start();
      int to;
      do {
        if (!isName()) {
          return null;
        }
        to = tokens.get(at++).end();
      } while (takes("."));
      return sql.substring(from, to);
    }

    private @Nullable List<String> columns() {
      List<String> columns = new ArrayList<>();
      do {
        if (!isName()) {
          return null;
        }
        columns.add(name(tokens.get(at++)));
      } while (takes(","));
      return takes(")") ? List.copyOf(columns) : null;
    }

    private @Nullable List<Row> rows(int width) {
      List<Row> rows = new ArrayList<>();
      do {
        if (!takes("(")) {
          return null;
        }
        int from = start();
        int before = parameters;
        List<Value> values = values();
        if (values == null || values.size() != width) {
          return null;
        }
        rows.add(new Row(from, before, values));
      } while (takes(","));
      return List.copyOf(rows);
    }

    /** Up to the parenthesis that closes the row. */
    private @Nullable List<Value> values() {
      List<Value> values = new ArrayList<>();
      int depth = 0;
      int first = at;
      int before = parameters;
      for (; at < tokens.size(); at++) {
        Token token = tokens.get(at);
        boolean closes = depth == 0 && token.is(")");
        if (closes || (depth == 0 && token.is(","))) {
          if (first == at) {
            return null;
          }
          Span span = new Span(tokens.get(first).start(), tokens.get(at - 1).end());
          Token only = first == at - 1 ? tokens.get(first) : null;
          values.add(new Value(span, before, parameters - before, only));
          first = at + 1;
          before = parameters;
        }
        if (closes) {
          at++;
          return List.copyOf(values);
        }
        depth += token.is("(") || token.is("[") ? 1 : 0;
        depth -= token.is(")") || token.is("]") ? 1 : 0;
        countParameter();
      }
      return null;
    }

    /** As the driver counts them: {@code ??} is an operator. */
    private void countParameter() {
      if (!tokens.get(at).is("?")) {
        return;
      }
      boolean escaped =
          at + 1 < tokens.size()
              && tokens.get(at + 1).is("?")
              && tokens.get(at).end() == tokens.get(at + 1).start();
      parameters += escaped ? 0 : 1;
      at += escaped ? 1 : 0;
    }

    private List<Returned> returning() {
      List<Returned> returned = new ArrayList<>();
      do {
        Returned each = returned();
        if (each == null) {
          at = 0;
          return List.of();
        }
        returned.add(each);
      } while (takes(","));
      return List.copyOf(returned);
    }

    private @Nullable Returned returned() {
      String column;
      do {
        if (takes("*")) {
          return new Returned("*", "*");
        }
        if (!isName()) {
          return null;
        }
        column = name(tokens.get(at++));
      } while (takes("."));
      boolean as = takes("AS");
      if (isName()) {
        return new Returned(column, name(tokens.get(at++)));
      }
      return as ? null : new Returned(column, column);
    }

    private boolean isName() {
      return at < tokens.size()
          && (tokens.get(at).type() == SqlLexer.Type.WORD
              || tokens.get(at).type() == SqlLexer.Type.QUOTED);
    }

    private String name(Token token) {
      String raw = sql.substring(token.start(), token.end());
      return token.type() == SqlLexer.Type.QUOTED
          ? raw.substring(1, raw.length() - 1).replace("\"\"", "\"")
          : raw.toLowerCase(Locale.ROOT);
    }

    private int start() {
      return at < tokens.size() ? tokens.get(at).start() : sql.length();
    }

    private boolean is(String word) {
      return at < tokens.size() && tokens.get(at).is(word);
    }

    private boolean takes(String word) {
      boolean is = is(word);
      at += is ? 1 : 0;
      return is;
    }
  }
}
