package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FormBodyTest {

  @Test
  void decodesPlusAndPercentAsUtf8() throws BadRequest {
    FormBody body = parse("a=x+y&b=gr%C3%BC%c3%9fe&c=1%2B1%3D2&d&=e&&");

    assertThat(body.value("a")).isEqualTo("x y");
    assertThat(body.value("b")).isEqualTo("grüße");
    assertThat(body.value("c")).isEqualTo("1+1=2");
    assertThat(body.value("d")).isEmpty();
    assertThat(body.value("")).isEqualTo("e");
    assertThat(body.value("never")).isEmpty();
  }

  @Test
  void keepsTheFirstOfARepeatedField() throws BadRequest {
    FormBody body = parse("a=1&b=2&a=3");

    assertThat(body.value("a")).isEqualTo("1");
    assertThat(body.isRepeated("a")).isTrue();
    assertThat(body.isRepeated("b")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=%", "a=%4", "a=%zz", "a=%4&b=1", "%=1", "a=%-1", "a=\u00e9", "a=%C3"})
  void refusesWhatIsMalformed(String text) {
    BadRequest refusal = catchThrowableOfType(BadRequest.class, () -> parse(text));

    assertThat(refusal.status()).isEqualTo(400);
  }

  private static FormBody parse(String text) throws BadRequest {
    return FormBody.parse(text.getBytes(ISO_8859_1));
  }
}
