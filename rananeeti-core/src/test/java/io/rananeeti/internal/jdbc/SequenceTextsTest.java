package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which texts are looked at for values of sequences. */
final class SequenceTextsTest {

  private final SequenceTexts texts = new SequenceTexts();

  SequenceTextsTest() {}

  @ParameterizedTest
  @ValueSource(
      strings = {"select nextval('s')", "SELECT NEXTVAL('s')", "select pg_catalog.NextVal('s')"})
  void thoseThatNameIt(String sql) {
    assertThat(texts.query(sql)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nextva", "select next, val", "select nextval"})
  void noOthers(String sql) {
    assertThat(texts.query(sql)).isNull();
  }
}
