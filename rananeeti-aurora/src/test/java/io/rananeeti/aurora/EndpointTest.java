package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;

class EndpointTest {

  @Test
  void plainHostsKeepTheDriversDefaultOfTls() {
    Endpoint endpoint = Endpoint.of("jdbc:postgresql://db:5433/cafe", null, null);

    assertThat(endpoint.property(PGProperty.SSL_MODE)).isNull();
  }

  @Test
  void hostsOfAmazonAreVerified() {
    String url = "jdbc:postgresql://cafe.cluster-x.eu-west-1.rds.amazonaws.com/cafe";

    assertThat(Endpoint.of(url, null, null).property(PGProperty.SSL_MODE)).isEqualTo("verify-full");
    assertThat(Endpoint.of(url + "?sslmode=require", null, null).property(PGProperty.SSL_MODE))
        .isEqualTo("require");
  }

  @Test
  void amongSeveralHostsTheWriterIsLookedFor() {
    Endpoint endpoint = Endpoint.of("jdbc:postgresql://a,b:5433/cafe", null, null);

    assertThat(endpoint.property(PGProperty.TARGET_SERVER_TYPE)).isEqualTo("primary");
  }

  @Test
  void propertiesOfTheUrlAreKept() throws Exception {
    Endpoint endpoint =
        Endpoint.of(
            "jdbc:postgresql://db/cafe?connectTimeout=7&socketTimeout=9&reWriteBatchedInserts=true",
            "me",
            null);

    assertThat(endpoint.property(PGProperty.CONNECT_TIMEOUT)).isEqualTo("7");
    assertThat(endpoint.readTimeoutMillis()).isEqualTo(9_000);
    assertThat(endpoint.rewritesBatches()).isTrue();
    assertThat(endpoint.property(PGProperty.USER)).isEqualTo("me");
  }

  @Test
  void showsNoCredentials() {
    Endpoint endpoint =
        Endpoint.of("jdbc:postgresql://127.0.0.1:1/cafe?user=me&password=hush", null, null);

    assertThat(endpoint).hasToString("jdbc:postgresql://127.0.0.1:1/cafe");
    assertThatThrownBy(() -> endpoint.open("test", Duration.ofSeconds(1)))
        .satisfies(failure -> assertThat(failure.toString()).doesNotContain("hush"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:mysql://db/cafe?password=hush",
        "postgresql://me:hush@db/cafe",
        "jdbc:postgresql://db:port/cafe?password=hush"
      })
  void refusesAnotherUrlWithoutShowingIt(String url) {
    assertThatThrownBy(() -> Endpoint.of(url, null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("hush");
  }

  @Test
  void aStoreShowsNoCredentials() {
    AuroraStore store =
        AuroraStore.builder("orders")
            .url("jdbc:postgresql://db/cafe?password=hush")
            .user("me")
            .password("hush")
            .build();

    assertThat(store).hasToString("AuroraStore[name=orders, url=jdbc:postgresql://db/cafe]");
  }

  @Test
  void theBuilderChecksItsRanges() {
    AuroraStore.Builder builder = AuroraStore.builder("orders");

    assertThatThrownBy(() -> AuroraStore.builder("a b")).hasMessageContaining("a b");
    assertThatThrownBy(() -> builder.poolSize(0)).hasMessageContaining("poolSize");
    assertThatThrownBy(() -> builder.ledgerExpiry(Duration.ZERO))
        .hasMessageContaining("ledgerExpiry");
    assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://bob:hidden@db/orders",
        "jdbc:postgresql://db/orders;password=hidden",
        "jdbc:postgresql://db/orders?readOnly=true",
        "jdbc:postgresql://db/orders?readOnlyMode=ignore"
      })
  void whatWouldHarmIsRefusedWithoutBeingShown(String url) {
    assertThatThrownBy(() -> Endpoint.of(url, null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("hidden");
  }

  @Test
  void readsTheSettingsAmongTheOptions() {
    Endpoint endpoint =
        Endpoint.of(
            "jdbc:postgresql://db/orders?options=-c%20app.tenant=a%5C%20b%20-cRole=c%20--work-mem=4MB%20-f%20-c",
            null, null);

    assertThat(endpoint.options())
        .isEqualTo(Map.of("app.tenant", "a b", "role", "c", "work_mem", "4MB"));
    assertThat(Endpoint.of("jdbc:postgresql://db/orders", null, null).options()).isEmpty();
  }
}
