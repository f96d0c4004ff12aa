package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalPostgresIT {

  @Test
  void usesTheServerOfTheEnvironmentAndLeavesItAlone() {
    try (PostgresServer server = PostgresServer.builder().start()) {
      ExternalPostgres external =
          ExternalPostgres.from(
              Map.of(
                  ExternalPostgres.URL_VARIABLE, server.url() + "?sslmode=prefer",
                  ExternalPostgres.USER_VARIABLE, server.user(),
                  ExternalPostgres.PASSWORD_VARIABLE, server.password()));

      external.start();
      external.close();

      assertThat(external.isRunning()).isTrue();
      assertThat(external.canBeKilled()).isFalse();
      assertThat(external.endpoint().url("x")).isEqualTo(server.url("x") + "?sslmode=prefer");
      assertThatThrownBy(external::kill)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("canBeKilled()");
    }
  }

  @Test
  void saysThatTheServerCannotBeReached() {
    String url = "jdbc:postgresql://127.0.0.1:" + LoopbackPort.free() + "/postgres";
    ExternalPostgres external = ExternalPostgres.from(Map.of(ExternalPostgres.URL_VARIABLE, url));

    assertThatThrownBy(external::start)
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining(ExternalPostgres.URL_VARIABLE);
    assertThat(external.isRunning()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:5432",
        "jdbc:mysql://host/db",
        "jdbc:postgresql://a,b/db",
        "jdbc:postgresql://host"
      })
  void saysWhatAUrlLooksLike(String url) {
    assertThatThrownBy(() -> ExternalPostgres.from(Map.of(ExternalPostgres.URL_VARIABLE, url)))
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining("jdbc:postgresql://host:port/database");
  }
}
