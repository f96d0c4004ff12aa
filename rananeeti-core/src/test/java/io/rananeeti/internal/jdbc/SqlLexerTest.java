package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.internal.jdbc.SqlLexer.Token;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SqlLexerTest {

  @Test
  void wordsAreUpperCaseAndKeepTheirPlace() {
    List<Token> tokens = tokens("select  a_1");

    assertThat(tokens)
        .containsExactly(
            new Token(SqlLexer.Type.WORD, "SELECT", 0, 6),
            new Token(SqlLexer.Type.WORD, "A_1", 8, 11));
  }

  @Test
  void commentsAreLeftOutHoweverDeepTheyNest() {
    assertThat(texts("a /* x /* y */ ' */ b -- ; '\n c")).containsExactly("A", "B", "C");
    assertThat(texts("a -- to the end")).containsExactly("A");
    assertThat(texts("/**/a")).containsExactly("A");
  }

  @Test
  void aStringIsOneTokenWithItsContent() {
    assertThat(tokens("'it''s; -- no /* comment'"))
        .containsExactly(new Token(SqlLexer.Type.STRING, "it's; -- no /* comment", 0, 25));
    assertThat(texts("''")).containsExactly("");
  }

  @Test
  void aBackslashEscapesInAnEStringOnly() {
    assertThat(texts("E'a\\'b' c")).containsExactly("a'b", "C");
    assertThat(texts("e'a\\\\' c")).containsExactly("a\\", "C");
    assertThat(texts("'a\\' c")).containsExactly("a\\", "C");
    assertThat(types("E'x' B'01' X'ff' N'n'"))
        .containsExactly(
            SqlLexer.Type.STRING, SqlLexer.Type.STRING, SqlLexer.Type.STRING, SqlLexer.Type.STRING);
  }

  @Test
  void aUnicodeStringIsAWordAndAString() {
    assertThat(types("U&'d\\0061t'")).contains(SqlLexer.Type.STRING);
  }

  @Test
  void dollarQuotesEndAtTheirOwnTagOnly() {
    assertThat(texts("$$a;'b$$ c")).containsExactly("a;'b", "C");
    assertThat(texts("$x$a $$ $y$ b$x$ c")).containsExactly("a $$ $y$ b", "C");
    assertThat(types("$1 $2")).doesNotContain(SqlLexer.Type.STRING);
  }

  @Test
  void aDollarWithinAWordDoesNotBeginAQuote() {
    assertThat(texts("a$b$c")).containsExactly("A$B$C");
  }

  @Test
  void quotedNamesAreNoWords() {
    assertThat(types("\"Select\" \"a\"\"b; '\" x"))
        .containsExactly(SqlLexer.Type.QUOTED, SqlLexer.Type.QUOTED, SqlLexer.Type.WORD);
    assertThat(new Token(SqlLexer.Type.QUOTED, "SELECT", 0, 1).is("SELECT")).isFalse();
  }

  @Test
  void aStringThatReadsLikeAWordIsNone() {
    assertThat(tokens("'COMMIT'").get(0).is("COMMIT")).isFalse();
  }

  @Test
  void numbersAreOneToken() {
    assertThat(types("1 1.5 1e10 0xFF 1_000"))
        .containsExactly(
            SqlLexer.Type.NUMBER,
            SqlLexer.Type.NUMBER,
            SqlLexer.Type.NUMBER,
            SqlLexer.Type.NUMBER,
            SqlLexer.Type.NUMBER);
  }

  @Test
  void lettersOfAllLanguagesMakeWords() {
    assertThat(types("größe 名前 é"))
        .containsExactly(SqlLexer.Type.WORD, SqlLexer.Type.WORD, SqlLexer.Type.WORD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"'", "'a''", "\"", "\"a\"\"", "/*", "/* /* */", "$$", "$a$ $$", "E'a\\'", "a '"})
  void whatDoesNotEndIsBroken(String sql) {
    SqlLexer lexer = new SqlLexer(sql);

    lexer.tokens();

    assertThat(lexer.broken()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "--", "a", "'a'", "$1", "$", "a$", "1$", "/* */", "*/", "E''"})
  void whatEndsIsNotBroken(String sql) {
    SqlLexer lexer = new SqlLexer(sql);

    lexer.tokens();

    assertThat(lexer.broken()).isFalse();
  }

  private static List<Token> tokens(String sql) {
    return new SqlLexer(sql).tokens();
  }

  private static List<String> texts(String sql) {
    return tokens(sql).stream().map(Token::text).toList();
  }

  private static List<SqlLexer.Type> types(String sql) {
    return tokens(sql).stream().map(Token::type).toList();
  }
}
