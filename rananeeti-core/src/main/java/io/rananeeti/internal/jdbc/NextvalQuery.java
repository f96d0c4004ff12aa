package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.jdbc.SqlLexer.Token;
import io.rananeeti.store.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A query that asks sequences for values and for nothing else, in the forms that frameworks send:
 * {@code select nextval('s') as id, nextval(?) from generate_series(1, 50)}. Such a query is
 * answered out of what is leased where no store can be asked.
 *
 * @param items what each row holds
 * @param rows how many rows; null if a parameter says that
 * @param rowsParameter the number of that parameter, from 1; 0 for none
 */
record NextvalQuery(List<Item> items, @Nullable Integer rows, int rowsParameter) {

  /** The most rows that are answered at a time. */
  static final int MOST_ROWS = 10_000;

  /**
   * One {@code nextval}.
   *
   * @param sequence as it is written; null if a parameter says it
   * @param parameter the number of that parameter, from 1; 0 for none
   * @param label of the column
   */
  record Item(@Nullable String sequence, int parameter, String label) {}

  /** What the text asks; null if it is anything else. */
  static @Nullable NextvalQuery of(String sql) {
    return new Reader(sql).query();
  }

  /** How many rows this run of it has; 0 if that can't be said. */
  int rows(List<Given> parameters) {
    if (rows != null) {
      return rows;
    }
    Object value = value(parameters, rowsParameter);
    long count = value instanceof Number number ? number.longValue() : 0;
    return count < 0 || count > MOST_ROWS ? 0 : (int) count;
  }

  /** The sequence that an item names in this run; null if that can't be said. */
  static @Nullable String sequence(Item item, List<Given> parameters) {
    if (item.sequence() != null) {
      return item.sequence();
    }
    return value(parameters, item.parameter()) instanceof String text ? text : null;
  }

  private static @Nullable Object value(List<Given> parameters, int number) {
    Parameter kept = number > parameters.size() ? null : parameters.get(number - 1).kept();
    return kept == null ? null : kept.value();
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
    }

    @Nullable NextvalQuery query() {
      if (broken || !takes("SELECT")) {
        return null;
      }
      List<Item> items = new ArrayList<>();
      do {
        Item item = item();
        if (item == null) {
          return null;
        }
        items.add(item);
      } while (takes(","));
      int before = parameters;
      Integer rows = takes("FROM") ? series() : Integer.valueOf(1);
      while (takes(";")) {
        // An empty statement behind it.
      }
      if (rows == null || at < tokens.size()) {
        return null;
      }
      return parameters > before
          ? new NextvalQuery(List.copyOf(items), null, parameters)
          : new NextvalQuery(List.copyOf(items), rows, 0);
    }

    private @Nullable Item item() {
      if (isWord(at, "PG_CATALOG") && isWord(at + 1, ".")) {
        at += 2;
      }
      if (!takes("NEXTVAL") || !takes("(")) {
        return null;
      }
      boolean cast = takes("CAST") && takes("(");
      String sequence = null;
      int parameter = 0;
      if (takes("?")) {
        parameter = ++parameters;
      } else {
        sequence = string();
      }
      boolean typed = cast ? takes("AS") && takesRegclass() && takes(")") : takesColons();
      if ((sequence == null && parameter == 0) || !typed || !takes(")")) {
        return null;
      }
      String label = label();
      return label == null ? null : new Item(sequence, parameter, label);
    }

    /** {@code ::regclass}, or nothing. */
    private boolean takesColons() {
      return !takes(":") || (takes(":") && takesRegclass());
    }

    private boolean takesRegclass() {
      if (takes("PG_CATALOG") && !takes(".")) {
        return false;
      }
      return takes("REGCLASS");
    }

    private @Nullable String label() {
      boolean as = takes("AS");
      Token token = at < tokens.size() ? tokens.get(at) : null;
      boolean given =
          token != null
              && (token.type() == SqlLexer.Type.QUOTED
                  || (token.type() == SqlLexer.Type.WORD && (as || !token.is("FROM"))));
      if (!given || token == null) {
        return as ? null : "nextval";
      }
      at++;
      return token.type() == SqlLexer.Type.QUOTED
          ? raw(token).substring(1, raw(token).length() - 1).replace("\"\"", "\"")
          : token.text().toLowerCase(Locale.ROOT);
    }

    /** {@code generate_series(1, n)}, with a name or without. */
    private @Nullable Integer series() {
      if (!takes("GENERATE_SERIES") || !takes("(")) {
        return null;
      }
      Integer first = number();
      if (first == null || first != 1 || !takes(",")) {
        return null;
      }
      Integer last = takes("?") ? Integer.valueOf(++parameters) : number();
      if (last == null || last < 1 || last > MOST_ROWS || !takes(")")) {
        return null;
      }
      takes("AS");
      if (at < tokens.size() && tokens.get(at).type() == SqlLexer.Type.WORD) {
        at++;
        if (takes("(")) {
          at++;
          return takes(")") ? last : null;
        }
      }
      return last;
    }

    private @Nullable Integer number() {
      Token token = at < tokens.size() ? tokens.get(at) : null;
      if (token == null
          || token.type() != SqlLexer.Type.NUMBER
          || !raw(token).matches("\\d{1,6}")) {
        return null;
      }
      at++;
      return Integer.valueOf(raw(token));
    }

    private @Nullable String string() {
      Token token = at < tokens.size() ? tokens.get(at) : null;
      if (token == null || token.type() != SqlLexer.Type.STRING || raw(token).charAt(0) != '\'') {
        return null;
      }
      at++;
      return token.text();
    }

    private boolean takes(String word) {
      boolean is = isWord(at, word);
      at += is ? 1 : 0;
      return is;
    }

    private boolean isWord(int i, String word) {
      return i < tokens.size() && tokens.get(i).is(word);
    }

    private String raw(Token token) {
      return sql.substring(token.start(), token.end());
    }
  }
}
