package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.jdbc.SqlLexer.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What can be said of any write by the words outside of its parentheses.
 *
 * @param table that it inserts into, as it is written, or else a WITH in it; null if there is none
 * @param columns that it lists behind the table; empty if it lists none
 * @param returns whether it says what it returns
 * @param end where its last word ends, before comments and semicolons
 */
record OuterText(@Nullable String table, List<String> columns, boolean returns, int end) {

  static OuterText of(String sql) {
    List<Token> tokens = new SqlLexer(sql).tokens();
    int last = tokens.size();
    while (last > 0 && tokens.get(last - 1).is(";")) {
      last--;
    }
    int end = last == 0 ? sql.length() : tokens.get(last - 1).end();
    int depth = 0;
    int into = -1;
    int within = -1;
    boolean returns = false;
    for (int i = 0; i < last; i++) {
      Token token = tokens.get(i);
      depth += token.is("(") ? 1 : token.is(")") ? -1 : 0;
      if (i > 0 && token.is("INTO") && tokens.get(i - 1).is("INSERT")) {
        into = depth == 0 && into < 0 ? i + 1 : into;
        within = within < 0 ? i + 1 : within;
      }
      returns |= depth == 0 && token.is("RETURNING");
    }
    int from = into < 0 ? within : into;
    return from < 0
        ? new OuterText(null, List.of(), returns, end)
        : inserting(sql, tokens.subList(from, last), returns, end);
  }

  private static OuterText inserting(String sql, List<Token> tokens, boolean returns, int end) {
    int at = 1;
    while (at + 1 < tokens.size() && tokens.get(at).is(".")) {
      at += 2;
    }
    if (tokens.size() < at) {
      return new OuterText(null, List.of(), returns, end);
    }
    String table = sql.substring(tokens.get(0).start(), tokens.get(at - 1).end());
    at += at + 1 < tokens.size() && tokens.get(at).is("AS") ? 2 : 0;
    return new OuterText(table, columns(sql, tokens.subList(at, tokens.size())), returns, end);
  }

  /** None if what stands in the parentheses is a query. */
  private static List<String> columns(String sql, List<Token> tokens) {
    List<String> columns = new ArrayList<>();
    for (int i = 0; i + 1 < tokens.size() && tokens.get(i).is(i == 0 ? "(" : ","); i += 2) {
      Token name = tokens.get(i + 1);
      String raw = sql.substring(name.start(), name.end());
      columns.add(
          name.type() == SqlLexer.Type.QUOTED
              ? raw.substring(1, raw.length() - 1).replace("\"\"", "\"")
              : raw.toLowerCase(Locale.ROOT));
    }
    int after = 2 * columns.size();
    return after < tokens.size() && tokens.get(after).is(")") ? List.copyOf(columns) : List.of();
  }
}
