package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which hosts the AWS wrapper is asked to, and with what. */
class WrapperRouteTest {

  private static final String CLUSTER = "app.cluster-xyz1.us-east-1.rds.amazonaws.com";
  private static final String GLOBAL = "app.global-xyz1.global.rds.amazonaws.com";
  private static final Duration FIVE = Duration.ofSeconds(5);

  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://app.cluster-xyz1.us-east-1.rds.amazonaws.com/orders, true",
    "jdbc:postgresql://app.cluster-xyz1.rds.cn-north-1.amazonaws.com.cn/orders, true",
    "jdbc:postgresql://us1.xyz1.us-east-1.rds.amazonaws.com/orders, false",
    "jdbc:postgresql://app.proxy-xyz1.us-east-1.rds.amazonaws.com/orders, false",
    "'jdbc:postgresql://a.xyz1.us-east-1.rds.amazonaws.com,b.xyz1.us-east-1.rds.amazonaws.com/orders', false",
    "jdbc:postgresql://db/orders, false",
    "'jdbc:postgresql://a,b:5433/orders', false",
    "jdbc:aws-wrapper:postgresql://db/orders, true"
  })
  void theWrapperOpensWhatIsNoSingleServer(String url, boolean wrapped) {
    assertThat(Endpoint.of(url, null, null).isWrapped()).isEqualTo(wrapped);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "app.cluster-ro-xyz1.us-east-1.rds.amazonaws.com",
        "app.cluster-custom-xyz1.us-east-1.rds.amazonaws.com"
      })
  void anEndpointThatDoesNotLeadToTheWriterIsRefusedWithWhatDoes(String host) {
    assertThatThrownBy(() -> Endpoint.of("jdbc:postgresql://" + host + "/orders", null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(host)
        .hasMessageContaining(".cluster-<id>.");
  }

  @Test
  void aGlobalDatabaseWithoutHostPatternsIsRefusedWithWhatToWrite() {
    AuroraStore.Builder builder =
        AuroraStore.builder("orders").url("jdbc:postgresql://" + GLOBAL + "/orders");

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hostPatterns(\"?.<id>.<region>.rds.amazonaws.com\", ...)")
        .hasMessageContaining("rananeeti.host-patterns=");
    assertThatCode(
            builder.hostPatterns("?.xyz1.us-east-1.rds.amazonaws.com", "[eu-west-1]?.db:5432")
                ::build)
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "xyz1.us-east-1.rds.amazonaws.com",
        "?.?.us-east-1.rds.amazonaws.com",
        "?.db",
        "us-east-1:?.xyz1"
      })
  void aPatternThatTellsNoInstanceOrNoRegionIsRefused(String pattern) {
    assertThatThrownBy(() -> AuroraStore.builder("orders").hostPatterns(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(pattern);
  }

  @Test
  void severalHostsAreTriedWithoutWhatOnlyTheWrapperHas() {
    assertThatThrownBy(
            () ->
                AuroraStore.builder("orders")
                    .url("jdbc:postgresql://a,b/orders")
                    .blueGreen(true)
                    .build())
        .hasMessageContaining("several hosts");
  }

  @Test
  void theWrapperCountsInMillisecondsAndTheDriverInSeconds() {
    Properties ours = translated(CLUSTER, Access.PLAIN, "connectTimeout", "2");

    assertThat(ours)
        .containsEntry("connectTimeout", "2000")
        .containsEntry("socketTimeout", "2000")
        .containsEntry("failoverTimeoutMs", "5000")
        .doesNotContainKey("loginTimeout");
    assertThat(
            Endpoint.of("jdbc:aws-wrapper:postgresql://db/orders?connectTimeout=1500", null, null)
                .property(org.postgresql.PGProperty.CONNECT_TIMEOUT))
        .isEqualTo("2");
  }

  @Test
  void itLooksForTheWriterAndForNothingElse() {
    Properties ours = translated(CLUSTER, Access.PLAIN, "failoverTimeoutMs", "300000");

    assertThat(ours)
        .containsEntry("wrapperPlugins", "initialConnection,gdbFailover")
        .containsEntry("activeHomeFailoverMode", "strict-writer")
        .containsEntry("inactiveHomeFailoverMode", "strict-writer")
        .containsEntry("failoverHomeRegion", "us-east-1")
        .containsEntry("failoverTimeoutMs", "5000");
    assertThat(ours.getProperty("clusterId"))
        .isNotEqualTo(translated(CLUSTER, Access.PLAIN, "a", "b").getProperty("clusterId"));
  }

  @Test
  void blueGreenAndAuthenticationArePlugins() {
    Access access = new Access(Authentication.SECRETS_MANAGER, "orders/db", List.of(), true);

    Properties ours = translated(CLUSTER, access, "a", "b");

    assertThat(ours)
        .containsEntry("wrapperPlugins", "bg,initialConnection,gdbFailover,awsSecretsManager")
        .containsEntry("bgdId", ours.getProperty("clusterId"))
        .containsEntry("secretsManagerSecretId", "orders/db")
        .containsEntry("secretsManagerRegion", "us-east-1");
  }

  @Test
  void theRegionOfASecretIsInItsArn() {
    Access access =
        new Access(
            Authentication.SECRETS_MANAGER,
            "arn:aws:secretsmanager:eu-west-1:1:secret:db",
            List.of(),
            false);

    assertThat(translated(CLUSTER, access, "a", "b")).doesNotContainKey("secretsManagerRegion");
  }

  @ParameterizedTest
  @EnumSource(
      value = Authentication.class,
      names = {"IAM", "SECRETS_MANAGER"})
  void aMissingArtifactIsNamed(Authentication authentication) {
    assertThatThrownBy(() -> authentication.check(new WithoutAmazon()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("authentication=" + authentication)
        .hasMessageContaining("software.amazon.awssdk:");
  }

  @Test
  void aSecretAndItsAuthenticationBelongTogether() {
    AuroraStore.Builder builder =
        AuroraStore.builder("orders").url("jdbc:postgresql://db/orders").secret("db");

    assertThatThrownBy(builder::build).hasMessageContaining("SECRETS_MANAGER");
  }

  private static Properties translated(String host, Access access, String name, String value) {
    Properties given = new Properties();
    given.setProperty("connectTimeout", "2");
    given.setProperty("loginTimeout", "3.5");
    given.setProperty(name, value);
    return new WrapperProperties(AmazonHost.of(host), access).translate(given, FIVE, true);
  }

  /** A class path on which nobody has put the AWS SDK. */
  private static final class WithoutAmazon extends ClassLoader {

    WithoutAmazon() {
      super(WithoutAmazon.class.getClassLoader());
    }

    @Override
    protected @Nullable Class<?> loadClass(String name, boolean resolve)
        throws ClassNotFoundException {
      if (name.startsWith("software.amazon.awssdk")) {
        throw new ClassNotFoundException(name);
      }
      return super.loadClass(name, resolve);
    }
  }
}
