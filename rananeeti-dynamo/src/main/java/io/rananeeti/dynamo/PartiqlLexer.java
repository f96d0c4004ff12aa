package io.rananeeti.dynamo;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Cuts a text into tokens, and shows it to people with its literals masked. Stateless. */
final class PartiqlLexer {

  /** What a token is. */
  enum Type {
    WORD,
    /** In double quotes: a name, and never masked. */
    QUOTED,
    STRING,
    NUMBER,
    SYMBOL,
    END
  }

  /**
   * A token.
   *
   * @param text a word as it stands, a name or string without its quotes
   * @param start where it begins in the text
   * @param end where it ends
   */
  record Token(Type type, String text, int start, int end) {

    boolean is(String word) {
      boolean may = type == Type.WORD || type == Type.SYMBOL;
      return may && text.equalsIgnoreCase(word);
    }
  }

  private static final Set<String> PAIRS = Set.of("<<", ">>", "<=", ">=", "<>", "!=");
  private static final String SINGLES = ",.()[]{}:?=<>+-*;";

  private final String text;
  private final List<Token> tokens = new ArrayList<>();

  private PartiqlLexer(String text) {
    this.text = text;
  }

  /**
   * The tokens of a text, {@link Type#END} last.
   *
   * @throws Unreadable at the first character that begins none
   */
  static List<Token> tokens(String text) throws Unreadable {
    PartiqlLexer lexer = new PartiqlLexer(text);
    lexer.run();
    return lexer.tokens;
  }

  /** The text with its strings and numbers masked; comments and what can't be read are left out. */
  static String masked(String text) {
    PartiqlLexer lexer = new PartiqlLexer(text);
    boolean whole = true;
    try {
      lexer.run();
    } catch (Unreadable e) {
      whole = false;
    }
    StringBuilder masked = new StringBuilder();
    int from = 0;
    for (Token token : lexer.tokens) {
      String between = text.substring(from, token.start());
      masked.append(between.isBlank() ? between : " ");
      boolean literal = token.type() == Type.STRING || token.type() == Type.NUMBER;
      masked.append(literal ? "?" : text.substring(token.start(), token.end()));
      from = token.end();
    }
    return masked.append(whole ? "" : " ...").toString().strip();
  }

  private void run() throws Unreadable {
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
      } else if (text.startsWith("--", at)) {
        int line = text.indexOf('\n', at);
        at = line < 0 ? text.length() : line;
      } else {
        at = token(at, c);
      }
    }
    tokens.add(new Token(Type.END, "", text.length(), text.length()));
  }

  private int token(int at, char c) throws Unreadable {
    if (c == '\'') {
      return quoted(at, c, Type.STRING);
    }
    if (c == '"') {
      return quoted(at, c, Type.QUOTED);
    }
    if (isDigit(c) || (c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
      return number(at);
    }
    if (Character.isLetter(c) || c == '_' || c == '$') {
      return word(at);
    }
    int length = at + 2 <= text.length() && PAIRS.contains(text.substring(at, at + 2)) ? 2 : 1;
    if (length == 1 && SINGLES.indexOf(c) < 0) {
      throw new Unreadable("a character that begins nothing", at);
    }
    return add(Type.SYMBOL, text.substring(at, at + length), at, at + length);
  }

  private int quoted(int start, char quote, Type type) throws Unreadable {
    StringBuilder content = new StringBuilder();
    int at = start + 1;
    while (at < text.length()) {
      char c = text.charAt(at);
      boolean doubled = c == quote && at + 1 < text.length() && text.charAt(at + 1) == quote;
      if (c == quote && !doubled) {
        return add(type, content.toString(), start, at + 1);
      }
      content.append(c);
      at += doubled ? 2 : 1;
    }
    throw new Unreadable("a quote that is never closed", start);
  }

  private int number(int start) {
    int at = start;
    boolean exponent = false;
    while (at < text.length()) {
      char c = text.charAt(at);
      boolean sign = (c == '+' || c == '-') && exponent && "eE".indexOf(text.charAt(at - 1)) >= 0;
      boolean begins = (c == 'e' || c == 'E') && !exponent;
      if (!isDigit(c) && c != '.' && !sign && !begins) {
        break;
      }
      exponent |= begins;
      at++;
    }
    return add(Type.NUMBER, text.substring(start, at), start, at);
  }

  private int word(int start) {
    int at = start;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || "_$".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    return add(Type.WORD, text.substring(start, at), start, at);
  }

  private int add(Type type, String content, int start, int end) {
    tokens.add(new Token(type, content, start, end));
    return end;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** A text that is no statement, and where it ceases to be one. */
  static final class Unreadable extends Exception {

    private static final long serialVersionUID = 1;

    private final int at;

    Unreadable(String what, int at) {
      super(what);
      this.at = at;
    }

    int at() {
      return at;
    }

    /** In words, with the statement and the place; without any literal of it. */
    String in(String text) {
      int line = 1;
      int column = 1;
      for (int i = 0; i < at && i < text.length(); i++) {
        boolean ends = text.charAt(i) == '\n';
        line += ends ? 1 : 0;
        column = ends ? 1 : column + 1;
      }
      String before = masked(text.substring(0, Math.min(at, text.length())));
      String after = masked(text.substring(Math.min(at, text.length())));
      return "%s, at line %d, column %d, in: %s <HERE> %s"
          .formatted(getMessage(), line, column, before, after)
          .strip();
    }
  }
}
