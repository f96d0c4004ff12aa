package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalServerTest {

  private static final String VARIABLE = DynamoServer.ENDPOINT;

  @Test
  void leavesTheEndpointOfTheEnvironmentAlone() {
    ExternalServer external =
        ExternalServer.from(VARIABLE, Map.of(VARIABLE, "https://dynamodb.eu-west-1.example"));

    assertThat(external.endpoint()).hasToString("https://dynamodb.eu-west-1.example");
    assertThat(external.canBeKilled()).isFalse();
    assertThatThrownBy(external::kill)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("canBeKilled()");
    external.close();
  }

  @Test
  void saysThatNothingAnswersThere() {
    ExternalServer external =
        ExternalServer.from(VARIABLE, Map.of(VARIABLE, "http://127.0.0.1:" + LoopbackPort.free()));

    assertThatThrownBy(external::start)
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining(VARIABLE)
        .hasMessageContaining("unset the variable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:8000", "ftp://host", "http://", "%%"})
  void saysWhatAnAddressLooksLike(String text) {
    assertThatThrownBy(() -> ExternalServer.from(VARIABLE, Map.of(VARIABLE, text)))
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining("use http://host:port");
  }
}
