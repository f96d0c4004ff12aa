package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class OrderNumberTest {

  @Test
  void isWhatAnotherImplementationOfBlake2bSays() {
    // Python: hashlib.blake2b(digest_size=10) over each part behind its length, four bytes.
    assertThat(OrderNumber.of("token", "Ann", "2", "2030-05-17T19:30", "grüße", "false"))
        .isEqualTo("67b16867b6caef9e9969");
  }

  @Test
  void partsDoNotRunTogether() {
    assertThat(OrderNumber.of("ab", "c")).isNotEqualTo(OrderNumber.of("a", "bc"));
    assertThat(OrderNumber.of("", "a")).isNotEqualTo(OrderNumber.of("a", ""));
  }

  @Test
  void tokensAreNeverTheSame() {
    assertThat(OrderNumber.newToken()).isNotEqualTo(OrderNumber.newToken());
  }

  @Test
  void nothingElseIsANumber() {
    assertThat(OrderNumber.isNumber("0123456789abcdef0123")).isTrue();
    assertThat(OrderNumber.isNumber("0123456789ABCDEF0123")).isFalse();
    assertThat(OrderNumber.isNumber("0123456789abcdef012")).isFalse();
    assertThat(OrderNumber.isNumber("0123456789abcdef0123\n")).isFalse();
    assertThat(OrderNumber.isNumber("")).isFalse();
  }
}
