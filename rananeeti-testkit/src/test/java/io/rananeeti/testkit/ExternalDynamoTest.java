package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDynamoTest {

  @Test
  void leavesTheEndpointOfTheEnvironmentAlone() {
    ExternalDynamo external =
        ExternalDynamo.from(Map.of(ExternalDynamo.VARIABLE, "https://dynamodb.eu-west-1.example"));

    assertThat(external.endpoint()).hasToString("https://dynamodb.eu-west-1.example");
    assertThat(external.canBeKilled()).isFalse();
    assertThatThrownBy(external::kill)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("canBeKilled()");
    external.close();
  }

  @Test
  void saysThatNothingAnswersThere() {
    ExternalDynamo external =
        ExternalDynamo.from(
            Map.of(ExternalDynamo.VARIABLE, "http://127.0.0.1:" + LoopbackPort.free()));

    assertThatThrownBy(external::start)
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining(ExternalDynamo.VARIABLE)
        .hasMessageContaining("unset the variable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:8000", "ftp://host", "http://", "%%"})
  void saysWhatAnAddressLooksLike(String text) {
    assertThatThrownBy(() -> ExternalDynamo.from(Map.of(ExternalDynamo.VARIABLE, text)))
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining("use http://host:port");
  }
}
