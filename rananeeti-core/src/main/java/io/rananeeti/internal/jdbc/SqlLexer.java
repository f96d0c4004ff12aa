package io.rananeeti.internal.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Cuts an SQL text into tokens, as PostgreSQL's lexer does with {@code standard_conforming_strings}
 * on: nested comments, quoted identifiers, strings, E-strings and dollar quotes.
 */
final class SqlLexer {

  /** What a token is. */
  enum Type {
    WORD,
    QUOTED,
    STRING,
    NUMBER,
    SYMBOL
  }

  /**
   * One token.
   *
   * @param text of a word in upper case, of a symbol the character, of a string its content; for
   *     others empty
   * @param start where it begins in the SQL text
   * @param end where it ends, exclusive
   */
  record Token(Type type, String text, int start, int end) {

    boolean is(String word) {
      return (type == Type.WORD || type == Type.SYMBOL) && text.equals(word);
    }
  }

  private final String sql;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private boolean broken;

  SqlLexer(String sql) {
    this.sql = sql;
  }

  /** The tokens; comments are left out. */
  List<Token> tokens() {
    while (at < sql.length()) {
      next();
    }
    return tokens;
  }

  /** Whether a comment, a string or an identifier does not end. */
  boolean broken() {
    return broken;
  }

  private void next() {
    char c = sql.charAt(at);
    if (Character.isWhitespace(c)) {
      at++;
    } else if (sql.startsWith("--", at)) {
      lineComment();
    } else if (sql.startsWith("/*", at)) {
      comment();
    } else if (c == '\'') {
      string(at, at + 1, false);
    } else if (c == '"') {
      quoted();
    } else if (c == '$' && dollarTag() != null) {
      dollarQuoted();
    } else if (Character.isDigit(c)) {
      number();
    } else if (Character.isLetter(c) || c == '_' || c > 127) {
      word();
    } else {
      add(Type.SYMBOL, String.valueOf(c), at, at + 1);
    }
  }

  private void lineComment() {
    while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
      at++;
    }
  }

  private void comment() {
    int depth = 0;
    while (at < sql.length()) {
      if (sql.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (sql.startsWith("*/", at)) {
        depth--;
        at += 2;
        if (depth == 0) {
          return;
        }
      } else {
        at++;
      }
    }
    broken = true;
  }

  private void string(int start, int from, boolean escapes) {
    StringBuilder content = new StringBuilder();
    int i = from;
    while (i < sql.length()) {
      char c = sql.charAt(i);
      if (c == '\\' && escapes && i + 1 < sql.length()) {
        content.append(sql.charAt(i + 1));
        i += 2;
      } else if (c != '\'') {
        content.append(c);
        i++;
      } else if (i + 1 < sql.length() && sql.charAt(i + 1) == '\'') {
        content.append('\'');
        i += 2;
      } else {
        add(Type.STRING, content.toString(), start, i + 1);
        return;
      }
    }
    unfinished(Type.STRING, start);
  }

  private void quoted() {
    int end = at + 1;
    while (end < sql.length()) {
      if (sql.charAt(end) == '"') {
        if (end + 1 < sql.length() && sql.charAt(end + 1) == '"') {
          end++;
        } else {
          add(Type.QUOTED, "", at, end + 1);
          return;
        }
      }
      end++;
    }
    unfinished(Type.QUOTED, at);
  }

  private @Nullable String dollarTag() {
    int end = at + 1;
    while (end < sql.length() && sql.charAt(end) != '$') {
      char c = sql.charAt(end);
      if (!(Character.isLetter(c) || c == '_' || (Character.isDigit(c) && end > at + 1))) {
        return null;
      }
      end++;
    }
    return end < sql.length() ? sql.substring(at, end + 1) : null;
  }

  private void dollarQuoted() {
    String tag = String.valueOf(dollarTag());
    int end = sql.indexOf(tag, at + tag.length());
    if (end < 0) {
      unfinished(Type.STRING, at);
    } else {
      add(Type.STRING, sql.substring(at + tag.length(), end), at, end + tag.length());
    }
  }

  private void number() {
    int end = at;
    while (end < sql.length() && isNumeric(sql.charAt(end))) {
      end++;
    }
    add(Type.NUMBER, "", at, end);
  }

  private static boolean isNumeric(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.';
  }

  private void word() {
    int end = at;
    while (end < sql.length() && isPart(sql.charAt(end))) {
      end++;
    }
    String text = sql.substring(at, end).toUpperCase(Locale.ROOT);
    boolean quoteFollows = end < sql.length() && sql.charAt(end) == '\'';
    if (quoteFollows
        && (text.equals("E") || text.equals("B") || text.equals("X") || text.equals("N"))) {
      string(at, end + 1, text.equals("E"));
    } else {
      add(Type.WORD, text, at, end);
    }
  }

  private static boolean isPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c > 127;
  }

  private void unfinished(Type type, int start) {
    broken = true;
    add(type, "", start, sql.length());
  }

  private void add(Type type, String text, int start, int end) {
    tokens.add(new Token(type, text, start, end));
    at = end;
  }
}
