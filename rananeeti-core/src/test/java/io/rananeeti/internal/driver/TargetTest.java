package io.rananeeti.internal.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Durability;
import io.rananeeti.LogStorageType;
import io.rananeeti.UpdateCounts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TargetTest {

  private static final String URL = "jdbc:rananeeti:placeholder://db:5432/orders";

  private final Properties file = new Properties();
  private final Properties system = new Properties();
  private final Properties info = new Properties();
  private Map<String, String> environment = Map.of();

  private Target target(String url) {
    return Target.of(url, info, new Surroundings(file, environment, system));
  }

  @Test
  void theDriverGetsWhatIsNotOurs() {
    info.setProperty("user", "cafe");
    info.setProperty("rananeeti.pool-size", "3");

    Target target = target(URL + "?ssl=true&rananeeti.outage-budget=500ms&options=-c%20a%3Db");

    assertThat(target.url())
        .isEqualTo("jdbc:placeholder://db:5432/orders?ssl=true&options=-c%20a%3Db");
    assertThat(target.properties()).isEqualTo(Map.of("user", "cafe"));
    assertThat(target.settings())
        .isEqualTo(Map.of("pool-size", 3, "outage-budget", Duration.ofMillis(500)));
  }

  @Test
  void aQueryOfOursOnlyLeavesNone() {
    assertThat(target(URL + "?rananeeti.deferral=none").url())
        .isEqualTo("jdbc:placeholder://db:5432/orders");
  }

  @Test
  void theNearestPlaceDecides() {
    file.setProperty("rananeeti.probe-interval", "1s");
    assertThat(target(URL).settings()).containsEntry("probe-interval", Duration.ofSeconds(1));
    environment = Map.of("RANANEETI_PROBE_INTERVAL", "2s");
    assertThat(target(URL).settings()).containsEntry("probe-interval", Duration.ofSeconds(2));
    system.setProperty("rananeeti.probe-interval", "3s");
    assertThat(target(URL).settings()).containsEntry("probe-interval", Duration.ofSeconds(3));
    info.setProperty("rananeeti.probe-interval", "4s");
    assertThat(target(URL).settings()).containsEntry("probe-interval", Duration.ofSeconds(4));
    assertThat(target(URL + "?rananeeti.probe-interval=5s").settings())
        .containsEntry("probe-interval", Duration.ofSeconds(5));
  }

  @Test
  void everySettingIsReadAsItsType() {
    Target target =
        target(
            URL
                + "?rananeeti.name=shop&rananeeti.log=/var/lib/x%20y&rananeeti.log-storage=file"
                + "&rananeeti.durability=process&rananeeti.max-log-bytes=2GiB"
                + "&rananeeti.free-disk-floor=1024&rananeeti.network-log=true"
                + "&rananeeti.in-doubt-wait=PT1M&rananeeti.update-counts=promise-one"
                + "&rananeeti.drain-width=8");

    assertThat(target.settings())
        .containsEntry("log", Path.of("/var/lib/x y"))
        .containsEntry("log-storage", LogStorageType.FILE)
        .containsEntry("durability", Durability.PROCESS)
        .containsEntry("max-log-bytes", 2L << 30)
        .containsEntry("free-disk-floor", 1024L)
        .containsEntry("network-log", true)
        .containsEntry("in-doubt-wait", Duration.ofMinutes(1))
        .containsEntry("update-counts", UpdateCounts.PROMISE_ONE)
        .containsEntry("drain-width", 8);
    assertThat(target.platform()).isEqualTo("shop");
    assertThat(target.store()).isEqualTo("orders");
  }

  @ParameterizedTest
  @CsvSource({
    "update-count, did you mean rananeeti.update-counts?",
    "outageBudget, did you mean rananeeti.outage-budget?",
    "log_storage, did you mean rananeeti.log-storage?",
    "pool.size, did you mean rananeeti.pool-size?",
    "colour, 'known are rananeeti.name, rananeeti.log, '"
  })
  void whatIsUnknownIsAnErrorThatNamesTheRightOne(String key, String advice) {
    assertThatThrownBy(() -> target(URL + "?rananeeti." + key + "=1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rananeeti." + key + " in the URL")
        .hasMessageContaining(advice);
    info.setProperty("rananeeti." + key, "1");
    assertThatThrownBy(() -> target(URL)).hasMessageContaining("in the properties");
    info.clear();
    file.setProperty("rananeeti." + key, "1");
    assertThatThrownBy(() -> target(URL)).hasMessageContaining("in rananeeti.properties");
  }

  @Test
  void theEnvironmentBelongsToOthersToo() {
    environment =
        Map.of(
            "RANANEETI_PORT", "tcp://10.0.0.1:80",
            "RANANEETI_SERVICE_HOST", "10.0.0.1",
            "RANANEETI_TEST_DYNAMODB_ENDPOINT", "http://localhost");
    system.setProperty("rananeeti.test.full", "true");
    system.setProperty("rananeeti.accept-log-loss", "3-7");
    assertThat(target(URL).settings()).isEmpty();

    environment = Map.of("RANANEETI_OUTAGE_BUGDET", "1s");
    assertThatThrownBy(() -> target(URL))
        .hasMessageContaining("RANANEETI_OUTAGE_BUGDET")
        .hasMessageContaining("RANANEETI_OUTAGE_BUDGET");
    environment = Map.of();
    system.setProperty("rananeeti.outagebudget", "1s");
    assertThatThrownBy(() -> target(URL)).hasMessageContaining("rananeeti.outage-budget?");
  }

  @ParameterizedTest
  @CsvSource({
    "outage-budget, 2, 'a time with its unit, such as 500ms'",
    "outage-budget, 2 weeks, a time with its unit",
    "max-log-bytes, 1GB, a number of bytes",
    "max-log-bytes, 999999999TiB, a number of bytes",
    "pool-size, many, a whole number",
    "network-log, yes, true or false",
    "deferral, sometimes, 'one of ALL, MARKED, NONE'",
    "log, '', a directory"
  })
  void aValueThatCannotBeIsAnErrorThatSaysWhatCan(String key, String value, String wanted) {
    info.setProperty("rananeeti." + key, value);
    assertThatThrownBy(() -> target(URL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rananeeti." + key)
        .hasMessageContaining(wanted);
  }

  @Test
  void theFileIsForOurSettingsOnly() {
    file.setProperty("password", "secret");
    assertThatThrownBy(() -> target(URL))
        .hasMessageContaining("rananeeti.properties holds password")
        .hasMessageNotContaining("secret");
  }

  @Test
  void theFileInTheWorkingDirectoryComesBeforeTheClassPath(@TempDir Path directory)
      throws Exception {
    Path there = directory.resolve("rananeeti.properties");
    ClassLoader loader = getClass().getClassLoader();
    assertThat(Surroundings.readFile(there, loader)).isEmpty();
    Files.writeString(there, "rananeeti.deferral=NONE\n");
    assertThat(Surroundings.readFile(there, loader))
        .isEqualTo(Map.of("rananeeti.deferral", "NONE"));
  }

  @ParameterizedTest
  @CsvSource({
    "//db/orders, orders",
    "//db:5432/orders?user=x, orders",
    "orders, orders",
    "//db/Orders%20%26%20more, Orders___more",
    "//db/, me",
    "'//a:1,b:2/x', x",
    "//db/abcdefghijklmnopqrstuvwxyz0123456789, abcdefghijklmnopqrstuvwxyz012345"
  })
  void theDatabaseNamesStoreAndPlatform(String rest, String name) {
    info.setProperty("user", "me");
    Target target = target("jdbc:rananeeti:placeholder:" + rest);
    assertThat(target.store()).isEqualTo(name);
    assertThat(target.platform()).isEqualTo(name);
  }

  @Test
  void theUserIsPartOfTheIdentityAndTheRestIsCompared() {
    Target one = target(URL + "?user=a&ssl=true");
    assertThat(one.identity()).isEqualTo(target(URL + "?user=a").identity());
    assertThat(one.identity()).isNotEqualTo(target(URL + "?user=b").identity());
    info.setProperty("password", "secret");
    info.setProperty("rananeeti.pool-size", "4");

    assertThat(one.differences(target(URL + "?user=a&ssl=true")))
        .containsExactly("password", "rananeeti.pool-size");
    assertThat(target(URL).toString()).doesNotContain("secret").contains("db:5432/orders");
  }

  @Test
  void aUrlOfNobodyIsAnErrorThatNamesTheModule() {
    assertThatThrownBy(() -> target("jdbc:rananeeti:mysql://db/x"))
        .hasMessageContaining("jdbc:rananeeti:mysql:")
        .hasMessageContaining("rananeeti-aurora");
  }
}
