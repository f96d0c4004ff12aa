package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseRouteTest {

  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://127.0.0.1:5999/shop, /shop",
    "jdbc:postgresql://localhost/shop?ApplicationName=x, /shop?ApplicationName=x",
    "jdbc:postgresql://127.0.0.1:5999, /",
    "jdbc:postgresql://127.0.0.1/shop?sslmode=prefer, /shop?sslmode=prefer",
    "jdbc:postgresql://192.0.2.1:5432/shop?sslmode=disable, /shop?sslmode=disable",
  })
  void aDatabaseThatMayBeReadIsReachedThroughTheProxy(String url, String rest) {
    try (DatabaseRoute route = DatabaseRoute.to(new OwnDatabase(url, null, null))) {
      assertThat(route.url()).matches("jdbc:postgresql://127\\.0\\.0\\.1:\\d+\\Q" + rest + "\\E");
      assertThat(route.url()).doesNotContain(":5999");
      assertThat(route.emulation().isPossible()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://192.0.2.1/shop",
        "jdbc:postgresql://192.0.2.1/shop?sslmode=disabled",
        "jdbc:postgresql://127.0.0.1/shop?sslmode=require",
        "jdbc:postgresql://127.0.0.1/shop?a=b&sslmode=verify-full",
        "jdbc:postgresql://127.0.0.1/shop?ssl=true",
        "jdbc:postgresql://127.0.0.1:1,127.0.0.1:2/shop",
        "jdbc:postgresql:shop"
      })
  void anyOtherIsReachedDirectly(String url) {
    try (DatabaseRoute route = DatabaseRoute.to(new OwnDatabase(url, null, null))) {
      assertThat(route.url()).isEqualTo(url);
      assertThat(route.emulation().isPossible()).isFalse();
    }
  }
}
